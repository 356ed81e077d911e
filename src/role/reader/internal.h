/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_READER_INTERNAL_H
#define CARNET_READER_INTERNAL_H
#include "carnet/reader.h"

/** Append EReaderKeyBytes to the storage. */
carnet_rc carnet_reader_store_key(carnet_reader *reader, carnet_buf *storage, carnet_err *err);
/** Append the SessionTranscript of this handover to the storage. */
carnet_rc carnet_reader_store_transcript(carnet_reader *reader, carnet_span device_engagement,
                                         const carnet_session_transcript_parameters *how, carnet_buf *storage,
                                         carnet_err *err);

#endif
