/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_OID4VC_INTERNAL_H
#define CARNET_OID4VC_INTERNAL_H
#include "carnet/credential_encryption.h"
#include "carnet/token.h"

/* --- OAuth --- */

#define DETAILS_TEXT_MAX 6144 /* octets of authorization_details written */

/** Equal without regard to the case of letters. */
bool carnet_oauth_same_letters(carnet_str a, const char *b);
/** The value of a hexadecimal digit, or -1. */
int carnet_oauth_hex_value(char c);
/** Letters, digits, - . _ ~ (RFC 3986 2.3, RFC 7636 4.1). */
bool carnet_oauth_unreserved(char c);

/** authorization_details as read. */
typedef struct carnet_authorization_details {
    carnet_str configuration_ids[CARNET_AUTHORIZATION_DETAILS_MAX]; /**< each once */
    size_t count;
    carnet_str location;
    carnet_json *document; /**< owned by who asked; NULL: absent */
} carnet_authorization_details;

/** Read the parameter; absent (empty) is no failure. */
carnet_rc carnet_authorization_details_read(carnet_str json, carnet_authorization_details *details, carnet_err *err);
/** Add the parameter, unless there are no configurations. */
carnet_rc carnet_authorization_details_add(const carnet_str *ids, size_t count, carnet_str location,
                                           carnet_form_writer *writer, carnet_err *err);
/** End what was appended to *out from `start` on: with `rc`, or CARNET_E_NO_SPACE if it did not fit; then *out is as before. */
carnet_rc carnet_form_written(carnet_rc rc, size_t start, carnet_buf *out, carnet_err *err);

/** A step of a path that is a member. */
#define CARNET_MESSAGE_STEP(outer, text)                                                                               \
    {                                                                                                                  \
        .up = (outer), .name = {(text), sizeof(text) - 1 }                                                             \
    }

/* --- messages of OpenID4VCI: message.c --- */

/** What a failure says of itself. */
typedef struct carnet_message_place {
    carnet_rc rc;
    const char *clause;
    const carnet_path *path; /**< NULL: the message itself */
    bool insecure_loopback;  /**< URLs may be http to this machine */
} carnet_message_place;

/** A member that is text, and where a struct keeps it. */
typedef struct carnet_message_text {
    const char *name;
    size_t offset; /**< of a carnet_str */
    bool required, url;
} carnet_message_text;

carnet_rc carnet_message_refuse(const carnet_message_place *place, const char *member, const char *why,
                                carnet_err *err);
/** Parse a message, which must be an object of at most `max` octets.  What is no JSON fails with the place's code. */
carnet_rc carnet_message_parse(carnet_str json, size_t max, const carnet_message_place *place, carnet_json **document,
                               carnet_err *err);
/** Look a member up: NULL if it is absent or null; refused if it is of another type. */
carnet_rc carnet_message_get(const carnet_json *object, const char *name, carnet_json_type type,
                             const carnet_message_place *place, const carnet_json **value, carnet_err *err);
/** Read, check and write the text members of a table. */
carnet_rc carnet_message_read_texts(const carnet_json *object, const carnet_message_text *texts, size_t count,
                                    const carnet_message_place *place, void *out, carnet_err *err);
carnet_rc carnet_message_check_texts(const carnet_message_text *texts, size_t count, const carnet_message_place *place,
                                     const void *in, carnet_err *err);
void carnet_message_add_texts(carnet_json_builder *b, const carnet_message_text *texts, size_t count, const void *in);
/** Read a list of texts, at least one, at most `cap`, none empty; `once`: none twice. */
carnet_rc carnet_message_read_list(const carnet_json *list, const carnet_message_place *place, bool once,
                                   carnet_str *out, size_t cap, size_t *count, carnet_err *err);
/** Decode base64url or base64, padded or not, into `storage`. */
carnet_rc carnet_message_decode(carnet_str text, const carnet_message_place *place, carnet_buf *storage,
                                carnet_span *bytes, carnet_err *err);
/** End a message that was built; on failure `out` is as it was. */
carnet_rc carnet_message_built(const carnet_json_builder *b, carnet_buf *out, size_t start, carnet_err *err);

/* --- issuer metadata --- */

#define CARNET_ISSUER_METADATA_TEXTS 5
/** Its members that are texts. */
extern const carnet_message_text carnet_issuer_metadata_texts[CARNET_ISSUER_METADATA_TEXTS];
/** A member of a configuration's credential_metadata, or of the configuration itself, as drafts before 1.0 had it. */
const carnet_json *carnet_credential_configuration_member(const carnet_json *configuration, const char *name);

/* --- encryption: credential_encryption.c --- */

/** It agrees, and neither alg nor use says otherwise. */
bool carnet_credential_key_usable(const carnet_jwk *jwk);
const char *carnet_credential_content_name(carnet_aead content);
bool carnet_credential_content_named(carnet_str name, carnet_aead *content);
/** The member credential_response_encryption of a message. */
carnet_rc carnet_credential_response_encryption_read(const carnet_json *message, carnet_crypto *crypto,
                                                     carnet_credential_response_encryption *encryption,
                                                     carnet_err *err);
void carnet_credential_response_encryption_add(carnet_json_builder *b,
                                               const carnet_credential_response_encryption *encryption);

#endif
