/* SPDX-License-Identifier: Apache-2.0 */
/* Authorization server metadata (RFC 8414 2 and what adds to it). */
#include "carnet/authorization_server_metadata.h"
#include "internal.h"

#include <string.h>

#define BODY_MAX (1024 * 1024)

typedef carnet_authorization_server_metadata metadata_t;

enum kind { URL, LIST, FLAG };

/* The members, where they are kept, and in which order they are written. */
static const struct {
    const char *name;
    enum kind kind;
    size_t offset;
} members[] = {
    { "authorization_endpoint", URL, offsetof(metadata_t, authorization_endpoint) },
    { "token_endpoint", URL, offsetof(metadata_t, token_endpoint) },
    { "pushed_authorization_request_endpoint", URL, offsetof(metadata_t, pushed_authorization_request_endpoint) },
    { "challenge_endpoint", URL, offsetof(metadata_t, challenge_endpoint) },
    { "jwks_uri", URL, offsetof(metadata_t, jwks_uri) },
    { "scopes_supported", LIST, offsetof(metadata_t, scopes_supported) },
    { "response_types_supported", LIST, offsetof(metadata_t, response_types_supported) },
    { "grant_types_supported", LIST, offsetof(metadata_t, grant_types_supported) },
    { "token_endpoint_auth_methods_supported", LIST, offsetof(metadata_t, token_endpoint_auth_methods_supported) },
    { "code_challenge_methods_supported", LIST, offsetof(metadata_t, code_challenge_methods_supported) },
    { "dpop_signing_alg_values_supported", LIST, offsetof(metadata_t, dpop_signing_alg_values_supported) },
    { "authorization_details_types_supported", LIST, offsetof(metadata_t, authorization_details_types_supported) },
    { "client_attestation_signing_alg_values_supported", LIST,
      offsetof(metadata_t, client_attestation_signing_alg_values_supported) },
    { "client_attestation_pop_signing_alg_values_supported", LIST,
      offsetof(metadata_t, client_attestation_pop_signing_alg_values_supported) },
    { "require_pushed_authorization_requests", FLAG, offsetof(metadata_t, require_pushed_authorization_requests) },
    { "authorization_response_iss_parameter_supported", FLAG,
      offsetof(metadata_t, authorization_response_iss_parameter_supported) },
    { "pre-authorized_grant_anonymous_access_supported", FLAG,
      offsetof(metadata_t, pre_authorized_grant_anonymous_access_supported) },
};

static carnet_rc
refuse(carnet_err *err, const char *name, const char *why)
{
    const carnet_path path = { .name = carnet_str_of(name) };

    return carnet_fail_at(err, CARNET_E_OAUTH_METADATA, "RFC 8414 2", why, CARNET_NO_OFFSET, &path);
}

/* --- read --- */

static bool
all_texts(const carnet_json *list)
{
    for (size_t i = 0; i < carnet_json_count(list); i++) {
        if (carnet_json_type_of(carnet_json_at(list, i)) != CARNET_JSON_STRING)
            return false;
    }
    return carnet_json_type_of(list) == CARNET_JSON_ARRAY;
}

static carnet_rc
read_member(const carnet_json *value, size_t i, bool insecure_loopback, metadata_t *metadata, carnet_err *err)
{
    uint8_t *const at = (uint8_t *)metadata + members[i].offset;
    const carnet_str url = carnet_json_string(value);
    const carnet_metadata_list list = { .read = value };
    carnet_oauth_url parts;
    bool flag;

    switch (members[i].kind) {
    case URL:
        if (carnet_oauth_url_secure(url, insecure_loopback, &parts, NULL) != CARNET_OK || parts.fragment.len != 0)
            return refuse(err, members[i].name, "this is no https URL");
        memcpy(at, &url, sizeof(url));
        return CARNET_OK;
    case LIST:
        if (!all_texts(value))
            return refuse(err, members[i].name, "this is no list of texts");
        memcpy(at, &list, sizeof(list));
        return CARNET_OK;
    case FLAG:
    default:
        if (carnet_json_type_of(value) != CARNET_JSON_BOOL)
            return refuse(err, members[i].name, "this is neither true nor false");
        flag = carnet_json_bool(value);
        memcpy(at, &flag, sizeof(flag));
        return CARNET_OK;
    }
}

static carnet_rc
read_members(metadata_t *metadata, carnet_str issuer, bool insecure_loopback, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    metadata->issuer = carnet_json_string(carnet_json_get(metadata->document, "issuer"));
    if (metadata->issuer.len == 0)
        return refuse(err, "issuer", "this member is missing");
    if (!carnet_str_equal(metadata->issuer, issuer))
        return carnet_fail(err, CARNET_E_OAUTH_ISSUER, "RFC 8414 3.3", "the metadata is of another issuer");
    for (size_t i = 0; i < CARNET_COUNT(members) && rc == CARNET_OK; i++) {
        const carnet_json *value = carnet_json_get(metadata->document, members[i].name);
        const carnet_json_type type = carnet_json_type_of(value);

        if (type != CARNET_JSON_NONE && type != CARNET_JSON_NULL)
            rc = read_member(value, i, insecure_loopback, metadata, err);
    }
    if (rc == CARNET_OK && metadata->token_endpoint.len == 0)
        rc = refuse(err, "token_endpoint", "this member is missing");
    return rc;
}

carnet_rc
carnet_authorization_server_metadata_read(carnet_str body, carnet_str issuer, bool insecure_loopback,
                                          carnet_authorization_server_metadata *metadata, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    *metadata = (metadata_t){ 0 };
    if (body.len > BODY_MAX || carnet_json_parse(body, &metadata->document, NULL) != CARNET_OK ||
        carnet_json_type_of(metadata->document) != CARNET_JSON_OBJECT)
        rc = carnet_fail(err, CARNET_E_OAUTH_METADATA, "RFC 8414 3.2", "the metadata is no JSON object");
    if (rc == CARNET_OK)
        rc = read_members(metadata, issuer, insecure_loopback, err);
    if (rc != CARNET_OK)
        carnet_authorization_server_metadata_done(metadata);
    return rc;
}

void
carnet_authorization_server_metadata_done(carnet_authorization_server_metadata *metadata)
{
    carnet_json_free(&metadata->document);
    *metadata = (metadata_t){ 0 };
}

bool
carnet_metadata_list_absent(const carnet_metadata_list *list)
{
    return list->read == NULL && list->words.len == 0;
}

bool
carnet_metadata_list_has(const carnet_metadata_list *list, const char *word)
{
    for (size_t i = 0; i < carnet_json_count(list->read); i++) {
        if (carnet_str_is(carnet_json_string(carnet_json_at(list->read, i)), word))
            return true;
    }
    return carnet_scope_has(list->words, carnet_str_of(word));
}

/* --- written --- */

static void
add_list(carnet_json_builder *b, const char *name, const carnet_metadata_list *list)
{
    carnet_str word;
    size_t at = 0;

    if (list->read != NULL) {
        carnet_json_add_value(b, name, list->read);
    } else if (list->words.len != 0) {
        carnet_json_array_begin(b, name);
        while (carnet_scope_next(list->words, &at, &word))
            carnet_json_add_string(b, NULL, word);
        carnet_json_array_end(b);
    }
}

static void
add_member(carnet_json_builder *b, size_t i, const metadata_t *metadata)
{
    const uint8_t *const at = (const uint8_t *)metadata + members[i].offset;
    carnet_metadata_list list;
    carnet_str text;
    bool flag;

    switch (members[i].kind) {
    case URL:
        memcpy(&text, at, sizeof(text));
        if (text.len != 0)
            carnet_json_add_string(b, members[i].name, text);
        break;
    case LIST:
        memcpy(&list, at, sizeof(list));
        add_list(b, members[i].name, &list);
        break;
    case FLAG:
    default:
        memcpy(&flag, at, sizeof(flag));
        if (flag)
            carnet_json_add_bool(b, members[i].name, true);
    }
}

carnet_rc
carnet_authorization_server_metadata_write(const carnet_authorization_server_metadata *metadata, carnet_buf *out,
                                           carnet_err *err)
{
    const size_t start = out->len;
    carnet_json_builder b = carnet_json_build(out);

    if (metadata->issuer.len == 0 || metadata->token_endpoint.len == 0)
        return carnet_fail(err, CARNET_E_USAGE, "RFC 8414 2", "issuer or token_endpoint is missing");
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "issuer", metadata->issuer);
    for (size_t i = 0; i < CARNET_COUNT(members); i++)
        add_member(&b, i, metadata);
    carnet_json_object_end(&b);
    return carnet_form_written(carnet_json_built(&b, err), start, out, err);
}

/* --- HAIP --- */

carnet_rc
carnet_authorization_server_metadata_haip(const carnet_authorization_server_metadata *metadata, carnet_err *err)
{
    const metadata_t *m = metadata;
    const struct {
        bool good;
        const char *name, *why;
    } rules[] = {
        { m->authorization_endpoint.len != 0, "authorization_endpoint", "this member is missing" },
        { m->pushed_authorization_request_endpoint.len != 0, "pushed_authorization_request_endpoint",
          "this member is missing" },
        { carnet_metadata_list_has(&m->response_types_supported, "code"), "response_types_supported",
          "there is no code" },
        { carnet_metadata_list_absent(&m->grant_types_supported) ||
              carnet_metadata_list_has(&m->grant_types_supported, "authorization_code"),
          "grant_types_supported", "there is no authorization_code" },
        { carnet_metadata_list_has(&m->code_challenge_methods_supported, "S256"), "code_challenge_methods_supported",
          "there is no S256" },
        { m->authorization_response_iss_parameter_supported, "authorization_response_iss_parameter_supported",
          "answers do not say who they are from" },
        { carnet_metadata_list_has(&m->dpop_signing_alg_values_supported, "ES256"), "dpop_signing_alg_values_supported",
          "there is no ES256" },
        { carnet_metadata_list_has(&m->token_endpoint_auth_methods_supported, CARNET_ATTEST_JWT_CLIENT_AUTH),
          "token_endpoint_auth_methods_supported", "wallets cannot show an attestation" },
    };

    for (size_t i = 0; i < CARNET_COUNT(rules); i++) {
        if (!rules[i].good)
            return refuse(err, rules[i].name, rules[i].why);
    }
    return CARNET_OK;
}
