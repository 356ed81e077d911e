/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that a configuration names: certificates, passphrases, tokens.  A name
 * "credential:NAME" is a file that systemd handed in (systemd.exec(5),
 * LoadCredential=).  What was read is wiped when it is freed.
 */
#ifndef CARNET_SERVICE_FILE_H
#define CARNET_SERVICE_FILE_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

/** All of a file, in memory of its own; a zero stands behind it. */
typedef struct carnet_service_file {
    uint8_t *ptr;
    size_t len;
} carnet_service_file;

/** Read a file of at most `max` octets.  CARNET_E_CONFIG_FILE: it cannot be read, or is longer; *err says why. */
carnet_rc carnet_service_file_read(const char *path, size_t max, carnet_service_file *file, carnet_err *err);
/** Read a secret of one line, without its line end. */
carnet_rc carnet_service_secret_file_read(const char *path, carnet_service_file *file, carnet_err *err);
/** Read a key from such a file, in hexadecimal digits; *len is 0 if it holds none, or one longer than `cap`. */
carnet_rc carnet_service_hex_file_read(const char *path, uint8_t *out, size_t cap, size_t *len, carnet_err *err);
carnet_span carnet_service_file_span(const carnet_service_file *file);
carnet_str carnet_service_file_text(const carnet_service_file *file);
/** Wipe and free; accepts a zeroed one. */
void carnet_service_file_free(carnet_service_file *file);

CARNET_END_DECLS
#endif
