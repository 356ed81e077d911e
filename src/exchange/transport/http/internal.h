/* SPDX-License-Identifier: Apache-2.0 */
/* Reading in two files: octets into lines and bodies (read.c), and what the lines say (head.c). */
#ifndef CARNET_HTTP_INTERNAL_H
#define CARNET_HTTP_INTERNAL_H
#include "carnet/http.h"

#define MDOC_CLAUSE "18013-5 11.3"

/** Fail at the octet `offset` of the message; a request is to be answered with `status`. */
carnet_rc carnet_http_refuse(carnet_http_reader *reader, unsigned status, const char *clause, const char *reason,
                             size_t offset, carnet_err *err);
/** Take the first line, without its end, which begins at `offset`. */
carnet_rc carnet_http_start_line(carnet_http_reader *reader, carnet_str line, size_t offset, carnet_err *err);
/** Take a field line. */
carnet_rc carnet_http_field_line(carnet_http_reader *reader, carnet_str line, size_t offset, carnet_err *err);
/** The head is over: whether it says all that it must; `offset` is behind it. */
carnet_rc carnet_http_head_over(carnet_http_reader *reader, size_t offset, carnet_err *err);
/** A line of field form whose content does not matter (a trailer's). */
bool carnet_http_is_field(carnet_str line);
/** The length that opens a chunk; false if it is none. */
bool carnet_http_chunk_length(carnet_str line, uint64_t *length);

#endif
