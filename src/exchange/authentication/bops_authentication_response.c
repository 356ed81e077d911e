/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/bops_authentication_response.h"
#include "bops_fields.h"
#include "carnet/json_canonical.h"

static const char *const matchers[] = { NULL, "LOCAL", "LOCAL_MATCH", "SPLIT_LOCAL", "SPLIT_REMOTE", "REMOTE", "" };

/* The details are signed: members in the order of RFC 8785. */
static const carnet_bops_field pad_fields[] = {
    { .name = "passed",
      .kind = BOPS_BOOL,
      .flags = BOPS_REQUIRED | BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_detail, pad_passed) },
    { .name = "performed",
      .kind = BOPS_BOOL,
      .flags = BOPS_REQUIRED | BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_detail, pad_performed) },
    { .name = "ref", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_detail, pad_ref), .max = 256 },
};

static const carnet_bops_field detail_fields[] = {
    { .name = "attempts", .kind = BOPS_INTEGER, .offset = offsetof(carnet_bops_detail, attempts), .max = 1000 },
    { .name = "matcher", .kind = BOPS_NAME, .offset = offsetof(carnet_bops_detail, matcher), .names = matchers },
    { .name = "method",
      .kind = BOPS_TEXT,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_detail, method),
      .max = 32 },
    { .name = "pad", .kind = BOPS_OBJECT, .count = offsetof(carnet_bops_detail, pad), BOPS_SUB(pad_fields) },
    { .name = "status",
      .kind = BOPS_BOOL,
      .flags = BOPS_REQUIRED | BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_detail, status) },
};

static const carnet_bops_field signature_fields[] = {
    { .name = "authenticator",
      .kind = BOPS_TEXT,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_signature, authenticator),
      .max = 64 },
    { .name = "alg",
      .kind = BOPS_TEXT,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_signature, algorithm),
      .max = 16 },
    { .name = "signature",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_signature, signature),
      .max = 176 },
};

static const carnet_bops_field otp_fields[] = {
    { .name = "type",
      .kind = BOPS_TEXT,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_authentication_response, otp_type),
      .max = 8 },
    { .name = "value",
      .kind = BOPS_TEXT,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_authentication_response, otp_value),
      .max = 16 },
};

static const carnet_bops_field fido_fields[] = {
    { .name = "credentialId",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_authentication_response, fido.credential_id),
      .max = 1400 },
    { .name = "authenticatorData",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_authentication_response, fido.authenticator_data),
      .max = 2048 },
    { .name = "clientDataJSON",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_authentication_response, fido.client_data),
      .max = 4096 },
    { .name = "signature",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_authentication_response, fido.signature),
      .max = 1024 },
};

static const carnet_bops_field pin_fields[] = {
    { .name = "verifiedBy",
      .kind = BOPS_TEXT,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_authentication_response, pin_verified_by),
      .max = 16 },
    { .name = "value",
      .kind = BOPS_TEXT,
      .offset = offsetof(carnet_bops_authentication_response, pin_value),
      .max = 64 },
};

static const carnet_bops_field mdoc_fields[] = {
    { .name = "deviceResponse",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_authentication_response, device_response),
      .max = CARNET_BOPS_MAX },
    { .name = "sessionTranscript",
      .kind = BOPS_BASE64,
      .offset = offsetof(carnet_bops_authentication_response, transcript),
      .max = CARNET_BOPS_MAX },
};

static const carnet_bops_field location_fields[] = {
    { .name = "latitude",
      .kind = BOPS_DECIMAL,
      .flags = BOPS_REQUIRED | BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_location, latitude_e7),
      .max = 10000000 },
    { .name = "longitude",
      .kind = BOPS_DECIMAL,
      .flags = BOPS_REQUIRED | BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_location, longitude_e7),
      .max = 10000000 },
    { .name = "accuracy",
      .kind = BOPS_DECIMAL,
      .flags = BOPS_REQUIRED | BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_location, accuracy_mm),
      .max = 1000 },
    { .name = "time", .kind = BOPS_INTEGER, .offset = offsetof(carnet_bops_location, time), .max = BOPS_TIME_MAX },
    { .name = "source", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_location, source), .max = 32 },
};

static const carnet_bops_field posture_fields[] = {
    { .name = "lockScreen",
      .kind = BOPS_BOOL,
      .flags = BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_posture, lock_screen) },
    { .name = "rooted",
      .kind = BOPS_BOOL,
      .flags = BOPS_REQUIRED | BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_posture, rooted) },
    { .name = "attestation", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_posture, attestation), .max = 16384 },
};

static const carnet_bops_field context_fields[] = {
    { .name = "location",
      .kind = BOPS_OBJECT,
      .offset = offsetof(carnet_bops_authentication_response, location),
      .count = offsetof(carnet_bops_authentication_response, location.present),
      BOPS_SUB(location_fields) },
    { .name = "posture",
      .kind = BOPS_OBJECT,
      .offset = offsetof(carnet_bops_authentication_response, posture),
      .count = offsetof(carnet_bops_authentication_response, posture.present),
      BOPS_SUB(posture_fields) },
};

static const carnet_bops_field behaviour_fields[] = {
    { .name = "isProcessed",
      .kind = BOPS_BOOL,
      .flags = BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_behaviour, processed) },
    { .name = "answer",
      .kind = BOPS_INTEGER,
      .flags = BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_behaviour, answer),
      .max = 100 },
    { .name = "answerConfidence",
      .kind = BOPS_DECIMAL,
      .flags = BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_behaviour, confidence_percent),
      .max = 100 },
};

static const carnet_bops_field authentication_response_fields[] = {
    { .name = "sessionId",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_authentication_response, session_id),
      .max = CARNET_BOPS_SESSION },
    { .name = "result",
      .kind = BOPS_INTEGER,
      .flags = BOPS_REQUIRED | BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_authentication_response, result),
      .max = 2 },
    { .name = "challenge",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_authentication_response, challenge),
      .max = CARNET_BOPS_CHALLENGE },
    { .name = "counter",
      .kind = BOPS_INTEGER,
      .flags = BOPS_REQUIRED | BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_authentication_response, counter),
      .max = INT64_MAX },
    { .name = "detailedResults",
      .kind = BOPS_LIST,
      .flags = BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_authentication_response, details),
      .max = CARNET_BOPS_BIOMETRICS,
      .count = offsetof(carnet_bops_authentication_response, detail_count),
      .size = sizeof(carnet_bops_detail),
      BOPS_SUB(detail_fields) },
    { .name = "signatures",
      .kind = BOPS_LIST,
      .offset = offsetof(carnet_bops_authentication_response, signatures),
      .max = CARNET_BOPS_SIGNATURES,
      .count = offsetof(carnet_bops_authentication_response, signature_count),
      .size = sizeof(carnet_bops_signature),
      BOPS_SUB(signature_fields) },
    { .name = "otp", .kind = BOPS_OBJECT, .count = BOPS_NOWHERE, BOPS_SUB(otp_fields) },
    { .name = "fido", .kind = BOPS_OBJECT, .count = BOPS_NOWHERE, BOPS_SUB(fido_fields) },
    { .name = "pin", .kind = BOPS_OBJECT, .count = BOPS_NOWHERE, BOPS_SUB(pin_fields) },
    { .name = "mdoc", .kind = BOPS_OBJECT, .count = BOPS_NOWHERE, BOPS_SUB(mdoc_fields) },
    { .name = "mcd", .kind = BOPS_BASE64, .offset = offsetof(carnet_bops_authentication_response, mcd), .max = 32768 },
    { .name = "mcdRef",
      .kind = BOPS_TEXT,
      .offset = offsetof(carnet_bops_authentication_response, mcd_ref),
      .max = 256 },
    { .name = "context", .kind = BOPS_OBJECT, .count = BOPS_NOWHERE, BOPS_SUB(context_fields) },
    { .name = "behaviourData",
      .kind = BOPS_OBJECT,
      .offset = offsetof(carnet_bops_authentication_response, behaviour),
      .count = offsetof(carnet_bops_authentication_response, behaviour.present),
      BOPS_SUB(behaviour_fields) },
    { .name = "val1",
      .kind = BOPS_BASE64,
      .offset = offsetof(carnet_bops_authentication_response, val1),
      .max = CARNET_BOPS_INTRUSION },
    { .name = "val2",
      .kind = BOPS_BASE64,
      .offset = offsetof(carnet_bops_authentication_response, val2),
      .max = CARNET_BOPS_INTRUSION },
};

static const carnet_bops_field token_fields[] = {
    { .name = "tokenId",
      .kind = BOPS_TEXT,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_answered, token_id),
      .max = 64 },
    { .name = "authenticationRequestTime",
      .kind = BOPS_INTEGER,
      .offset = offsetof(carnet_bops_answered, requested),
      .max = BOPS_TIME_MAX },
    { .name = "authenticationGrantedTime",
      .kind = BOPS_INTEGER,
      .offset = offsetof(carnet_bops_answered, granted),
      .max = BOPS_TIME_MAX },
    { .name = "expirationTime",
      .kind = BOPS_INTEGER,
      .offset = offsetof(carnet_bops_answered, expires),
      .max = BOPS_TIME_MAX },
};

static const carnet_bops_field answered_fields[] = {
    { .name = "status",
      .kind = BOPS_NAME,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_answered, status),
      .names = carnet_bops_status_names },
    { .name = "sessionID",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_answered, session_id),
      .max = CARNET_BOPS_SESSION },
    { .name = "identityToken", .kind = BOPS_OBJECT, .count = BOPS_NOWHERE, BOPS_SUB(token_fields) },
    { .name = "identityTokenSignature",
      .kind = BOPS_TEXT,
      .offset = offsetof(carnet_bops_answered, token),
      .max = 16384 },
    { .name = "retries", .kind = BOPS_INTEGER, .offset = offsetof(carnet_bops_answered, retries), .max = 1000 },
};

BOPS_MESSAGE(answered, answered_fields)

static const carnet_bops_message message = { authentication_response_fields,
                                             CARNET_COUNT(authentication_response_fields),
                                             sizeof(carnet_bops_authentication_response) };

carnet_rc
carnet_bops_authentication_response_write(const carnet_bops_authentication_response *response, carnet_buf *out,
                                          carnet_err *err)
{
    return carnet_bops_write(&message, response, out, err);
}

/* P1940 6.2: what the evidence amounts to is not for the device to say. */
static bool
speaks_of_vectors(const carnet_json *value, unsigned depth)
{
    carnet_json_member m = { 0 };
    bool found = false;

    if (depth > CARNET_JSON_DEPTH)
        return true;
    if (carnet_json_type_of(value) == CARNET_JSON_ARRAY)
        for (size_t i = 0; !found && i < carnet_json_count(value); i++)
            found = speaks_of_vectors(carnet_json_at(value, i), depth + 1);
    if (carnet_json_type_of(value) == CARNET_JSON_OBJECT)
        while (!found && carnet_json_next(value, &m))
            found = carnet_str_is(m.name, "vot") || carnet_str_is(m.name, "vtr") || carnet_str_is(m.name, "vtm") ||
                    speaks_of_vectors(m.value, depth + 1);
    return found;
}

carnet_rc
carnet_bops_authentication_response_read(carnet_str text, carnet_bops_authentication_response *response,
                                         carnet_err *err)
{
    const carnet_rc rc = carnet_bops_read(text, &message, response, err);

    if (rc != CARNET_OK || !speaks_of_vectors(response->document, 0))
        return rc;
    carnet_bops_authentication_response_close(response);
    return carnet_fail(err, CARNET_E_BOPS_VECTOR, "P1940 6.2", NULL);
}

void
carnet_bops_authentication_response_close(carnet_bops_authentication_response *response)
{
    carnet_bops_close(&message, response);
}

static void
add_line(carnet_buf *out, carnet_str text)
{
    carnet_buf_add_str(out, text);
    carnet_buf_add_byte(out, '\n');
}

/* The details of a response that was read, as they came; else as they would be written, read again. */
static carnet_rc
add_details(const carnet_bops_authentication_response *response, carnet_buf *out, carnet_err *err)
{
    const size_t start = out->len;
    const carnet_json *details = carnet_json_get(response->document, "detailedResults");
    carnet_json *written = NULL;
    carnet_rc rc;

    if (details != NULL && carnet_json_type_of(details) != CARNET_JSON_NULL)
        return carnet_json_canonical(details, out, err);
    if (response->document == NULL) {
        if ((rc = carnet_bops_write(&message, response, out, err)) != CARNET_OK)
            return rc;
        rc = carnet_json_parse((carnet_str){ (const char *)out->ptr + start, out->len - start }, &written, err);
        carnet_wipe(out->ptr + start, out->len - start);
        out->len = start;
        if (rc == CARNET_OK)
            rc = carnet_json_canonical(carnet_json_get(written, "detailedResults"), out, err);
        carnet_json_free(&written);
        return rc;
    }
    carnet_buf_add_text(out, "[]");
    return CARNET_OK;
}

carnet_rc
carnet_bops_signed_payload(const carnet_bops_authentication_response *response, carnet_str transaction_text,
                           carnet_crypto *crypto, carnet_buf *out, carnet_err *err)
{
    const carnet_span text = carnet_str_bytes(transaction_text);
    uint8_t hash[32];
    carnet_rc rc = carnet_digest(crypto, CARNET_SHA256, &text, 1, hash, err);

    if (rc != CARNET_OK)
        return rc;
    add_line(out, carnet_str_of("P1940-AR1"));
    add_line(out, response->session_id);
    add_line(out, response->challenge);
    carnet_buf_add_int(out, response->counter);
    carnet_buf_add_byte(out, '\n');
    carnet_buf_add_int(out, response->result);
    carnet_buf_add_byte(out, '\n');
    carnet_base64url_encode(carnet_span_of(hash, sizeof(hash)), out);
    carnet_buf_add_byte(out, '\n');
    if ((rc = add_details(response, out, err)) != CARNET_OK)
        return rc;
    carnet_buf_add_byte(out, '\n');
    return out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
}

carnet_rc
carnet_bops_intrusion_value(carnet_span key, int64_t counter, carnet_str session_id, carnet_str challenge,
                            carnet_crypto *crypto, carnet_buf *out, carnet_err *err)
{
    uint8_t number[24], hash[32];
    carnet_buf text = carnet_buf_of(number, sizeof(number));
    const carnet_span version = carnet_span_of("v1", 2), line = carnet_span_of("\n", 1);
    carnet_rc rc;

    carnet_buf_add_int(&text, counter);
    {
        const carnet_span parts[] = {
            version, line, carnet_buf_span(&text), line, carnet_str_bytes(session_id), line, carnet_str_bytes(challenge)
        };

        rc = carnet_hmac(crypto, CARNET_SHA256, key, parts, CARNET_COUNT(parts), hash, err);
    }
    if (rc != CARNET_OK)
        return rc;
    carnet_base64url_encode(carnet_span_of(hash, sizeof(hash)), out);
    carnet_wipe(hash, sizeof(hash));
    return out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
}
