/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of floor 0 share with each other. */
#ifndef CARNET_BASE_INTERNAL_H
#define CARNET_BASE_INTERNAL_H
#include "carnet/base.h"

/* Copy text, zero-terminated, cut on the right to fit, never inside a UTF-8 sequence.  NULL counts as empty. */
void carnet_text_copy(char *out, size_t cap, const char *text);
/* The same cut on the left, with "..." where something was cut away. */
void carnet_text_copy_tail(char *out, size_t cap, const char *text);
/* Base64 between begin and end, white space skipped, appended to *out; offsets in *err count from text.ptr. */
carnet_rc carnet_base64_decode_at(carnet_str text, size_t begin, carnet_buf *out, carnet_err *err);

#endif
