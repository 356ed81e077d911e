/* SPDX-License-Identifier: Apache-2.0 */
/* carnet ca: what its parts share.
 *
 * An authority is a directory: ca.key (PKCS#8 PEM, 0600), ca.pem, state (kind, URI of its revocation list, number of the
 * last list), issued and revoked (a line a certificate), ca.crl.  It is locked while a command uses it. */
#ifndef CARNET_CA_H
#define CARNET_CA_H
#include "carnet/certificate_builder.h"
#include "cli.h"

#define CA_REVOKE_MAX 256 /* --revoke on one command line */

typedef enum ca_action { CA_INIT = 1, CA_SIGNER = 2, CA_READER = 4, CA_LINK = 8, CA_CRL = 16 } ca_action;

typedef struct ca_arguments {
    ca_action action;
    const char *directory, *country, *state, *locality, *organisation, *name;
    const char *curve, *valid_from, *valid_until, *email, *uri, *crl_uri, *public_key, *arc, *old, *output;
    const char *revoke[CA_REVOKE_MAX];
    size_t revoke_count;
    bool reader, der, force, json;
} ca_arguments;

/** An authority in use. */
typedef struct ca_authority {
    const char *directory;
    bool reader;         /* of readers, not an IACA */
    const char *crl_uri; /* or NULL */
    uint64_t crl_number; /* of the last list; 0: none yet */
    carnet_certificate certificate;
    carnet_key key;
} ca_authority;

/** A certificate that was revoked. */
typedef struct ca_revocation {
    carnet_span serial; /* INTEGER content */
    carnet_time at;
} ca_revocation;

/** Open and lock; dies when it cannot. */
void ca_open(const char *directory, carnet_crypto *crypto, ca_authority *ca);
/** Lock a directory for as long as the process lives. */
void ca_lock(const char *directory);
/** Write kind, URI and number. */
void ca_write_state(const ca_authority *ca);
/** Add a certificate to those issued. */
void ca_note_issued(const ca_authority *ca, const carnet_certificate *certificate, const char *kind);
/** Whether a serial number (hexadecimal) was issued. */
bool ca_has_issued(const ca_authority *ca, carnet_str serial);
/** The certificates revoked; returns their number. */
size_t ca_read_revoked(const ca_authority *ca, ca_revocation *list, size_t cap);
void ca_write_revoked(const ca_authority *ca, const ca_revocation *list, size_t count);
/** Refuse to write over a file, unless `force`. */
void ca_refuse_existing(const char *path, bool force);
/** Append ending to path. */
const char *ca_path(const char *path, const char *ending);
/** A serial number's octets as hexadecimal text. */
carnet_str ca_hex(carnet_span bytes);

int ca_init(const ca_arguments *a, carnet_crypto *crypto);
int ca_end_entity(const ca_arguments *a, carnet_crypto *crypto);
int ca_link(const ca_arguments *a, carnet_crypto *crypto);
int ca_crl(const ca_arguments *a, carnet_crypto *crypto);

#endif
