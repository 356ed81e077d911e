/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forms with files as browsers send them, multipart/form-data (RFC 7578), read:
 * views into the body, no copy.  And what a file is, whatever its name says.
 */
#ifndef CARNET_MULTIPART_H
#define CARNET_MULTIPART_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_MULTIPART_PARTS 300

/** One part of multipart/form-data; views into the body. */
typedef struct carnet_multipart_part {
    carnet_str name, file_name; /**< as sent, quotes removed; backslashes are kept */
    carnet_span value;
} carnet_multipart_part;

typedef struct carnet_multipart {
    carnet_span rest; /**< after the delimiter of the next part */
    carnet_str boundary;
    unsigned count;
    bool done;
} carnet_multipart;

/** Begin to read a body of this content type.  CARNET_E_SERVICE_MEDIA_TYPE: it is not multipart/form-data. */
carnet_rc carnet_multipart_open(carnet_str content_type, carnet_span body, carnet_multipart *multipart,
                                carnet_err *err);
/** The next part: CARNET_OK and multipart->done: there is none left.  CARNET_E_SERVICE_REQUEST: malformed; CARNET_E_LIMIT. */
carnet_rc carnet_multipart_next(carnet_multipart *multipart, carnet_multipart_part *part, carnet_err *err);

/** What the octets of a file are, whatever its name says. */
typedef enum carnet_image_type {
    CARNET_IMAGE_NONE,
    CARNET_IMAGE_JPEG,
    CARNET_IMAGE_JPEG2000,
    CARNET_IMAGE_PNG
} carnet_image_type;
carnet_image_type carnet_image_sniff(carnet_span octets);

CARNET_END_DECLS
#endif
