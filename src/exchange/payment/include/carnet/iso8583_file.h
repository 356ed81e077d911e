/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A specification of ISO 8583 messages in a file of JSON (its schema:
 * doc/iso8583.schema.json): a version and a flavour, what single data elements
 * have instead, and how messages are framed.
 *
 * What is read lies in the caller's structure, some 70 KiB with pointers into
 * itself: keep it in static storage or on the heap, do not copy it, and keep it
 * as long as its specification is used.  Read, it may be shared by threads.
 */
#ifndef CARNET_ISO8583_FILE_H
#define CARNET_ISO8583_FILE_H
#include "carnet/iso8583.h"
#include "carnet/iso8583_data_set.h"
#include "carnet/iso8583_frame.h"
CARNET_BEGIN_DECLS

#define CARNET_ISO8583_FILE_NESTED     4     /**< specifications within elements */
#define CARNET_ISO8583_FILE_COMPOSITES 32    /**< elements with a structure */
#define CARNET_ISO8583_FILE_SUBFIELDS  256   /**< subfields in positions, of all of these */
#define CARNET_ISO8583_FILE_TEXT       12288 /**< octets of all names, each with a zero */

typedef struct carnet_iso8583_file {
    const char *name; /**< what the file calls itself; "" if it does not */
    carnet_iso8583_spec spec;
    bool framed; /**< the file says how messages are framed */
    carnet_framing framing;

    /* What the above points to. */
    carnet_iso8583_spec nested[CARNET_ISO8583_FILE_NESTED];
    carnet_iso8583_composite composites[CARNET_ISO8583_FILE_COMPOSITES];
    carnet_iso8583_subfield subfields[CARNET_ISO8583_FILE_SUBFIELDS];
    char texts[CARNET_ISO8583_FILE_TEXT];
    size_t nested_count, composite_count, subfield_count, text_len;
} carnet_iso8583_file;

/** Read a file's text.  CARNET_E_ISO8583_FILE with the path of the member that is wrong, CARNET_E_LIMIT when it has more than the
 *  structure holds, CARNET_E_ISO8583_SPEC when a data element contradicts itself, or an error of JSON.  On failure `file` holds
 *  nothing that may be used. */
CARNET_API carnet_rc carnet_iso8583_file_read(carnet_str text, carnet_iso8583_file *file, carnet_err *err);

CARNET_END_DECLS
#endif
