/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_READER_INTERNAL_H
#define CARNET_READER_INTERNAL_H
#include "carnet/reader.h"

/** Open the mdoc's engagement and check its key. */
carnet_rc carnet_reader_open_engagement(const carnet_reader *reader, carnet_span device_engagement,
                                        carnet_engagement *engagement, carnet_err *err);
/** Append EReaderKeyBytes to the storage. */
carnet_rc carnet_reader_store_key(carnet_reader *reader, carnet_buf *storage, carnet_err *err);
/** Append EReaderKeyBytes and the SessionTranscript of this handover to the storage, and derive the session's keys. */
carnet_rc carnet_reader_derive(carnet_reader *reader, const carnet_engagement *engagement,
                               const carnet_session_transcript_parameters *how, carnet_buf *storage, carnet_err *err);

#endif
