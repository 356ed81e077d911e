/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_ENGAGEMENT_INTERNAL_H
#define CARNET_ENGAGEMENT_INTERNAL_H
#include "carnet/engagement.h"
#include "carnet/nfc_handover.h"

/** No device offers more ways than this; more is an attempt to keep the reader busy. */
#define CARNET_ENGAGEMENT_METHODS_MAX 16
#define CARNET_ORIGIN_INFOS_MAX       16

/** Types of the records of NFC handover (18013-5 9.2.2). */
#define CARNET_NFC_TYPE_DEVICE_ENGAGEMENT "iso.org:18013:deviceengagement"
#define CARNET_NFC_TYPE_READER_ENGAGEMENT "iso.org:18013:readerengagement"
#define CARNET_NFC_TYPE_BLE               "application/vnd.bluetooth.le.oob"
#define CARNET_NFC_TYPE_NFC               "iso.org:18013:nfc"
#define CARNET_NFC_TYPE_WIFI_AWARE        "application/vnd.wfa.nan"

/** Make the builder fail with CARNET_E_USAGE. */
void carnet_engagement_spoil(carnet_cbor_builder *b);
/** True for the types of carnet_method_type. */
bool carnet_method_known(int64_t type);
/** Check OriginInfos (18013-7 A.3), and take the domain if one is named; a failure is outer's. */
void carnet_origin_infos_read(carnet_cbor_reader *outer, carnet_span array, carnet_str *domain);
/** The method that a carrier configuration record is for; 0: none that is known. */
int64_t carnet_nfc_carrier_type(const carnet_ndef_record *record);
/** Read carrier->record into carrier->method; `request`: it is part of a Handover Request. */
void carnet_nfc_carrier_read(carnet_nfc_carrier *carrier, bool request);

#endif
