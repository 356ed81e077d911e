/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tag NDEF Exchange Protocol (NFC Forum TNEP 1.0): the records by which a tag
 * names its services, a reader chooses one, and the tag says how it went.
 *
 * Views point into the message they were opened on.  Everything here may be
 * called from several threads.
 */
#ifndef CARNET_TNEP_H
#define CARNET_TNEP_H
#include "carnet/ndef.h"
CARNET_BEGIN_DECLS

/** The name of the connection handover service. */
#define CARNET_TNEP_HANDOVER "urn:nfc:sn:handover"

/** Status types (4.3). */
enum { CARNET_TNEP_SUCCESS = 0x00, CARNET_TNEP_PROTOCOL_ERROR = 0x01 };

/** A service that a tag offers: Service Parameter record (4.1). */
typedef struct carnet_tnep_service {
    carnet_str name;
    uint8_t version;            /**< 0x10: 1.0 */
    uint8_t communication_mode; /**< 0: single response */
    uint8_t wait_time;          /**< WT_INT, see carnet_tnep_wait_ms() */
    uint8_t wait_extensions;    /**< N_wait: how often the tag may ask for more time, 0 to 15 */
    uint16_t message_max;       /**< longest message the tag takes or gives, octets */
} carnet_tnep_service;

/** Minimum waiting time of WT_INT, milliseconds rounded up: 2^(WT_INT/4 - 1), 1 to 27555.  Above 63 as 63. */
CARNET_API uint32_t carnet_tnep_wait_ms(uint8_t wait_time);

/** The service of this name in a tag's initial message.  CARNET_OK with *found telling; CARNET_E_TNEP_STRUCTURE if a Service
 *  Parameter record is malformed or of another major version. */
CARNET_API carnet_rc carnet_tnep_service_find(carnet_span message, const char *name, carnet_tnep_service *service,
                                              bool *found, carnet_err *err);
/** Add a Service Parameter record.  The builder fails with CARNET_E_USAGE for a name of no or more than 255 octets, or
 *  numbers out of range. */
CARNET_API void carnet_tnep_service_add(carnet_ndef_builder *b, const carnet_tnep_service *service);
/** The name in a Service Select message; an empty one deselects. */
CARNET_API carnet_rc carnet_tnep_select_open(carnet_span message, carnet_str *name, carnet_err *err);
/** Add a Service Select record; an empty name deselects. */
CARNET_API void carnet_tnep_select_add(carnet_ndef_builder *b, carnet_str name);
/** The status in a message's Status record: 0 is success, from 0x80 the service's own.  CARNET_E_TNEP_STRUCTURE if there
 *  is none. */
CARNET_API carnet_rc carnet_tnep_status_open(carnet_span message, uint8_t *status, carnet_err *err);
/** Add a Status record. */
CARNET_API void carnet_tnep_status_add(carnet_ndef_builder *b, uint8_t status);

CARNET_END_DECLS
#endif
