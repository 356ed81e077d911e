/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carnet's side of the OAuth messages, for a script that holds the other:
 *   carnet_side make ISSUER                                              what a wallet sends, as JSON
 *   carnet_side metadata ISSUER                                          what a server says of itself
 *   carnet_side push ISSUER ATTESTER ATTESTATION POP DPOP FORM           an answer to a pushed request
 *   carnet_side token ISSUER ATTESTER ATTESTATION POP DPOP FORM CHALLENGE  an answer to a token request
 *   carnet_side keys ATTESTER KEY-ATTESTATION NONCE                      how many keys are attested
 *   carnet_side read-token|read-pushed|read-metadata ISSUER TEXT         nothing, if it can be read
 * Refusals go to standard error as the OAuth error and a reason; the exit status is then 1.
 */
#include "carnet/authorization_server_metadata.h"
#include "carnet/client_attestation.h"
#include "carnet/dpop.h"
#include "carnet/key_attestation.h"
#include "carnet/pkce.h"
#include "carnet/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static carnet_crypto crypto;
static carnet_key attester, instance, device;
static uint8_t out_room[65536], storage_room[65536], form_room[65536];
static carnet_buf out, storage;
static char **arguments;
static int argument_count;

static carnet_str
argument(int i)
{
    return carnet_str_of(i < argument_count ? arguments[i] : "");
}

/* End with what was refused. */
static void
expect(const char *what, carnet_rc rc, const carnet_err *err)
{
    if (rc == CARNET_OK)
        return;
    fprintf(stderr, "%s: %s: %s at %s: %s\n", carnet_oauth_error_name(carnet_oauth_error_of(rc)), what,
            carnet_rc_name(rc), err->path, err->reason);
    exit(1);
}

static carnet_str
endpoint(const char *path)
{
    static char urls[4][256];
    static size_t next;
    char *url = urls[next++ % 4];

    (void)snprintf(url, sizeof(urls[0]), "%s%s", arguments[2], path);
    return carnet_str_of(url);
}

/* --- a wallet --- */

/* Begin a text of its own in the room that the JSON does not use. */
static carnet_buf
text_room(void)
{
    return carnet_buf_of(storage_room, sizeof(storage_room));
}

static void
add_key(carnet_json_builder *b, const char *name, const carnet_key *key)
{
    carnet_jwk_add(b, name, &(carnet_jwk){ .key = key->public_key, .algorithm = carnet_str_of("ES256") });
}

static void
add_attestation(carnet_json_builder *b, carnet_time now)
{
    const carnet_client_attestation_spec spec = { .struct_size = sizeof(spec),
                                                  .issuer = carnet_str_of("https://provider.example"),
                                                  .client_id = carnet_str_of("wallet-1"),
                                                  .key = &instance.public_key,
                                                  .issued_at = now,
                                                  .expires = now + 3600,
                                                  .wallet_name = carnet_str_of("Carnet"),
                                                  .key_id = carnet_str_of("a1") };
    const carnet_client_attestation_pop_spec pop = { .struct_size = sizeof(pop),
                                                     .client_id = carnet_str_of("wallet-1"),
                                                     .audience = argument(2),
                                                     .challenge = carnet_str_of("c-1"),
                                                     .issued_at = now };
    carnet_buf text = text_room();
    carnet_err err = { 0 };

    expect("attestation", carnet_client_attestation_build(&spec, &attester, &crypto, &text, &err), &err);
    carnet_json_add_string(b, "attestation", carnet_buf_str(&text));
    text = text_room();
    expect("pop", carnet_client_attestation_pop_build(&pop, &instance, &crypto, &text, &err), &err);
    carnet_json_add_string(b, "pop", carnet_buf_str(&text));
}

static void
add_key_attestation(carnet_json_builder *b, carnet_time now)
{
    const carnet_str level = carnet_str_of("iso_18045_high");
    const carnet_public_key keys[] = { device.public_key, instance.public_key };
    const carnet_key_attestation_spec spec = { .struct_size = sizeof(spec),
                                               .keys = keys,
                                               .key_count = 2,
                                               .issued_at = now,
                                               .expires = now + 600,
                                               .key_storage = &level,
                                               .key_storage_count = 1,
                                               .user_authentication = &level,
                                               .user_authentication_count = 1,
                                               .nonce = carnet_str_of("n-1"),
                                               .key_id = carnet_str_of("a1") };
    carnet_buf text = text_room();
    carnet_err err = { 0 };

    expect("key attestation", carnet_key_attestation_build(&spec, &attester, &crypto, &text, &err), &err);
    carnet_json_add_string(b, "key_attestation", carnet_buf_str(&text));
}

static void
add_dpop(carnet_json_builder *b, const char *name, carnet_str url, const char *token, carnet_time now)
{
    const carnet_dpop_spec spec = { .struct_size = sizeof(spec),
                                    .method = carnet_str_of("POST"),
                                    .url = url,
                                    .access_token = carnet_str_of(token),
                                    .issued_at = now };
    carnet_buf text = text_room();
    carnet_err err = { 0 };

    expect("DPoP", carnet_dpop_make(&spec, &instance, &crypto, &text, &err), &err);
    carnet_json_add_string(b, name, carnet_buf_str(&text));
}

static void
add_forms(carnet_json_builder *b)
{
    carnet_pkce pkce;
    carnet_buf text = text_room();
    carnet_form_writer writer = carnet_form_write(&text);
    carnet_authorization_request request = { .client_id = carnet_str_of("wallet-1"),
                                             .redirect_uri = carnet_str_of("https://wallet.example/cb"),
                                             .state = carnet_str_of("s 1"),
                                             .scope = carnet_str_of("mdl"),
                                             .issuer_state = carnet_str_of("i-1"),
                                             .resource = argument(2) };
    carnet_token_request token = { .grant = CARNET_GRANT_AUTHORIZATION_CODE,
                                   .client_id = request.client_id,
                                   .code = carnet_str_of("code-1"),
                                   .redirect_uri = request.redirect_uri };
    carnet_err err = { 0 };

    expect("PKCE", carnet_pkce_make(NULL, &crypto, &pkce, &err), &err);
    request.code_challenge = carnet_str_of(pkce.challenge);
    token.code_verifier = carnet_str_of(pkce.verifier);
    expect("request", carnet_authorization_request_write(&request, &writer, &err), &err);
    carnet_json_add_string(b, "pushed", carnet_buf_str(&text));
    text = text_room();
    expect("token request", carnet_token_request_write(&token, &text, &err), &err);
    carnet_json_add_string(b, "token", carnet_buf_str(&text));
    carnet_json_add_text(b, "challenge", pkce.challenge);
}

static void
make(void)
{
    const carnet_time now = (carnet_time)time(NULL);
    carnet_json_builder b = carnet_json_build(&out);
    carnet_err err = { 0 };

    carnet_json_object_begin(&b, NULL);
    add_key(&b, "attester", &attester);
    add_attestation(&b, now);
    add_key_attestation(&b, now);
    add_dpop(&b, "dpop_pushed", endpoint("/par"), "", now);
    add_dpop(&b, "dpop_token", endpoint("/token"), "", now);
    add_dpop(&b, "dpop_resource", endpoint("/credential"), "at-1", now);
    add_forms(&b);
    carnet_json_object_end(&b);
    expect("JSON", carnet_json_built(&b, &err), &err);
}

/* --- a server --- */

static void
metadata(void)
{
    carnet_authorization_server_metadata m = { .issuer = argument(2),
                                               .authorization_endpoint = endpoint("/authorize"),
                                               .token_endpoint = endpoint("/token"),
                                               .pushed_authorization_request_endpoint = endpoint("/par"),
                                               .require_pushed_authorization_requests = true,
                                               .authorization_response_iss_parameter_supported = true };
    carnet_err err = { 0 };

    m.response_types_supported.words = carnet_str_of("code");
    m.grant_types_supported.words =
        carnet_str_of("authorization_code refresh_token " CARNET_GRANT_PRE_AUTHORIZED_CODE_NAME);
    m.token_endpoint_auth_methods_supported.words = carnet_str_of(CARNET_ATTEST_JWT_CLIENT_AUTH " none");
    m.code_challenge_methods_supported.words = carnet_str_of("S256");
    m.dpop_signing_alg_values_supported.words = carnet_str_of("ES256");
    m.client_attestation_signing_alg_values_supported.words = carnet_str_of("ES256");
    m.client_attestation_pop_signing_alg_values_supported.words = carnet_str_of("ES256");
    expect("metadata", carnet_authorization_server_metadata_write(&m, &out, &err), &err);
    expect("HAIP", carnet_authorization_server_metadata_haip(&m, &err), &err);
}

static carnet_attester_trust
trust_of(carnet_str jwk)
{
    static carnet_attester_key key;
    carnet_json *json = NULL;
    carnet_jwk read = { 0 };
    carnet_err err = { 0 };

    expect("attester", carnet_json_parse(jwk, &json, &err), &err);
    expect("attester", carnet_jwk_read(json, &crypto, &read, &err), &err);
    key = (carnet_attester_key){ .key = read.key };
    carnet_json_free(&json);
    return (carnet_attester_trust){ .struct_size = sizeof(carnet_attester_trust), .keys = &key, .key_count = 1 };
}

/* Attestation and DPoP proof of a request to ISSUER`path`. */
static void
check_sender(const char *path)
{
    const carnet_attester_trust trust = trust_of(argument(3));
    const carnet_client_attestation_expectation attestation = { .struct_size = sizeof(attestation),
                                                                .trust = &trust,
                                                                .audience = argument(2),
                                                                .client_id = carnet_str_of("wallet-1"),
                                                                .now = (carnet_time)time(NULL),
                                                                .skew = 60 };
    const carnet_dpop_expectation proof = { .struct_size = sizeof(proof),
                                            .method = carnet_str_of("POST"),
                                            .url = endpoint(path),
                                            .now = attestation.now,
                                            .skew = 60 };
    carnet_client_authentication client;
    carnet_dpop dpop;
    carnet_err err = { 0 };

    storage = carnet_buf_of(storage_room, sizeof(storage_room));
    expect("attestation",
           carnet_client_attestation_check(argument(4), argument(5), &attestation, &crypto, &storage, &client, &err),
           &err);
    expect("DPoP", carnet_dpop_check(argument(6), &proof, &crypto, &storage, &dpop, &err), &err);
    carnet_client_authentication_close(&client);
    carnet_dpop_close(&dpop);
}

static void
read_form(carnet_form *form)
{
    carnet_buf room = carnet_buf_of(form_room, sizeof(form_room));
    carnet_err err = { 0 };

    expect("form", carnet_form_read(argument(7), &room, form, &err), &err);
}

static void
push(void)
{
    const carnet_pushed_authorization pushed = { .request_uri = carnet_str_of("urn:ietf:params:oauth:request_uri:1"),
                                                 .expires_in = 90 };
    carnet_authorization_request request;
    carnet_form form;
    carnet_err err = { 0 };

    check_sender("/par");
    read_form(&form);
    expect("request", carnet_authorization_request_read(&form, &request, &err), &err);
    carnet_authorization_request_done(&request);
    expect("answer", carnet_pushed_authorization_write(&pushed, &out, &err), &err);
}

static void
token(void)
{
    const carnet_str identifier = carnet_str_of("mdl-1");
    const carnet_token_detail detail = { .configuration_id = carnet_str_of("mdl"),
                                         .identifiers = &identifier,
                                         .identifier_count = 1 };
    const carnet_token_response response = { .access_token = carnet_str_of("at-1"),
                                             .dpop = true,
                                             .expires_in = 300,
                                             .refresh_token = carnet_str_of("rt-1"),
                                             .details = &detail,
                                             .detail_count = 1 };
    carnet_token_request request;
    carnet_form form;
    carnet_err err = { 0 };

    check_sender("/token");
    read_form(&form);
    expect("request", carnet_token_request_read(&form, &request, &err), &err);
    if (request.grant == CARNET_GRANT_AUTHORIZATION_CODE)
        expect("PKCE", carnet_pkce_check(request.code_verifier, argument(8), &crypto, &err), &err);
    carnet_token_request_done(&request);
    expect("answer", carnet_token_response_write(&response, &out, &err), &err);
}

static void
keys(void)
{
    const carnet_attester_trust trust = trust_of(argument(2));
    const carnet_str level = carnet_str_of("iso_18045_moderate");
    const carnet_key_attestation_expectation expectation = { .struct_size = sizeof(expectation),
                                                             .trust = &trust,
                                                             .key_storage = { &level, 1, false },
                                                             .now = (carnet_time)time(NULL),
                                                             .skew = 60,
                                                             .nonce = argument(4),
                                                             .expires_required = true };
    carnet_public_key attested[8];
    carnet_key_attestation view;
    carnet_err err = { 0 };

    storage = carnet_buf_of(storage_room, sizeof(storage_room));
    expect("open", carnet_key_attestation_open(argument(3), &crypto, &storage, attested, 8, &view, &err), &err);
    expect("check", carnet_key_attestation_check(&view, &expectation, &crypto, &err), &err);
    carnet_buf_add_uint(&out, view.key_count);
    carnet_key_attestation_close(&view);
}

static void
read_answer(void)
{
    carnet_token_response response;
    carnet_pushed_authorization pushed;
    carnet_authorization_server_metadata m;
    carnet_err err = { 0 };

    if (strcmp(arguments[1], "read-token") == 0) {
        expect("token answer", carnet_token_response_read(argument(3), &response, &err), &err);
        carnet_token_response_done(&response);
    } else if (strcmp(arguments[1], "read-pushed") == 0) {
        expect("pushed", carnet_pushed_authorization_read(argument(3), &pushed, &err), &err);
        carnet_pushed_authorization_done(&pushed);
    } else {
        expect("metadata", carnet_authorization_server_metadata_read(argument(3), argument(2), true, &m, &err), &err);
        carnet_authorization_server_metadata_done(&m);
    }
}

static const struct {
    const char *name;
    void (*run)(void);
    int arguments;
} commands[] = {
    { "make", make, 3 },
    { "metadata", metadata, 3 },
    { "push", push, 8 },
    { "token", token, 9 },
    { "keys", keys, 5 },
    { "read-token", read_answer, 4 },
    { "read-pushed", read_answer, 4 },
    { "read-metadata", read_answer, 4 },
};

static void
begin(void)
{
    carnet_key *const made[] = { &attester, &instance, &device };
    carnet_err err = { 0 };

    out = carnet_buf_of(out_room, sizeof(out_room));
    expect("crypto", carnet_crypto_init(&crypto, &err), &err);
    for (size_t i = 0; i < CARNET_COUNT(made); i++)
        expect("key", carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, made[i], &err), &err);
}

int
main(int count, char **list)
{
    arguments = list;
    argument_count = count;
    begin();
    for (size_t i = 0; i < CARNET_COUNT(commands); i++) {
        if (count != commands[i].arguments || strcmp(list[1], commands[i].name) != 0)
            continue;
        commands[i].run();
        (void)fwrite(out.ptr, 1, out.len, stdout);
        return 0;
    }
    fprintf(stderr, "what is to be done is not understood\n");
    return 2;
}
