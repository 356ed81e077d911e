/* SPDX-License-Identifier: Apache-2.0 */
/* A log-in at an OpenID provider identifies by an ID token that is verified, and by no other (OpenID Connect Core 3.1.3.7). */
#include "oidc_world.h"

#include <stdio.h>
#include <string.h>

static oidc_world w;

static int
begin(void **state)
{
    (void)state;
    return oidc_world_begin(&w);
}

static int
end(void **state)
{
    (void)state;
    return oidc_world_end(&w);
}

/* The configuration as it is at first, a provider with the first key. */
static int
each(void **state)
{
    (void)state;
    w.config.audiences.count = w.config.signing_algorithms.count = w.config.acr_values.count = 0;
    w.config.max_age_seconds = 0;
    oidc_world_publish(&w, 0, "a", "", NULL);
    oidc_world_restart(&w);
    return 0;
}

/* The usual claims, one of them with another value, or (empty) without it. */
static void
claims_of(const char *name, const char *value, char *out, size_t cap)
{
    char issuer[80], nonce[64], made[24], until[24];
    const char *const claims[][2] = { { "iss", issuer },  { "sub", "\"erika\"" }, { "aud", "\"carnet\"" },
                                      { "iat", made },    { "exp", until },       { "nonce", nonce },
                                      { "azp", "" },      { "nbf", "" },          { "acr", "" },
                                      { "auth_time", "" } };
    size_t len = 0;

    (void)snprintf(issuer, sizeof(issuer), "\"%s\"", w.peer.issuer);
    (void)snprintf(nonce, sizeof(nonce), "\"%.43s\"", (const char *)w.state);
    (void)snprintf(made, sizeof(made), "%lld", (long long)w.base.now);
    (void)snprintf(until, sizeof(until), "%lld", (long long)w.base.now + 300);
    for (size_t i = 0; i < CARNET_COUNT(claims); i++) {
        const char *is = strcmp(claims[i][0], name) == 0 ? value : claims[i][1];

        if (*is != '\0')
            len += (size_t)snprintf(out + len, cap - len, "%s\"%s\":%s", len == 0 ? "{" : ",", claims[i][0], is);
    }
    (void)snprintf(out + len, cap - len, "}");
}

static void
put_token(size_t key, const char *algorithm, const char *name, const char *claims)
{
    char token[2048];

    oidc_world_sign(&w, key, algorithm, name, claims, token, sizeof(token));
    (void)pthread_mutex_lock(&w.peer.lock);
    (void)snprintf(w.peer.token, sizeof(w.peer.token),
                   "{\"access_token\":\"x\",\"token_type\":\"Bearer\",\"id_token\":\"%s\"}", token);
    (void)pthread_mutex_unlock(&w.peer.lock);
}

static carnet_identification_step
come_back(void)
{
    char parameters[128];

    (void)snprintf(parameters, sizeof(parameters), "code=x&iss=%s", w.peer.issuer);
    return oidc_world_return(&w, parameters);
}

/* A log-in with a token whose claims have one other value. */
static carnet_identification_step
log_in(size_t key, const char *algorithm, const char *name, const char *claim, const char *value)
{
    char claims[1024];

    oidc_world_send(&w);
    claims_of(claim, value, claims, sizeof(claims));
    put_token(key, algorithm, name, claims);
    return come_back();
}

static bool
identified(carnet_identification_step step)
{
    assert_int_not_equal(step.outcome, CARNET_IDENTIFICATION_PENDING);
    if (step.outcome == CARNET_IDENTIFICATION_IDENTIFIED)
        assert_string_equal(w.subject, "erika");
    return step.outcome == CARNET_IDENTIFICATION_IDENTIFIED;
}

static unsigned
key_sets(void)
{
    unsigned n;

    (void)pthread_mutex_lock(&w.peer.lock);
    n = w.peer.key_sets;
    (void)pthread_mutex_unlock(&w.peer.lock);
    return n;
}

/* The provider's description or set of keys is this text. */
static void
put(char *document, size_t cap, const char *text)
{
    (void)pthread_mutex_lock(&w.peer.lock);
    (void)snprintf(document, cap, "%s", text);
    (void)pthread_mutex_unlock(&w.peer.lock);
}

static void
every_algorithm_of_rsa_identifies(void **state)
{
    static const char *const algorithms[] = { "RS256", "RS384", "RS512", "PS256", "PS384", "PS512" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(algorithms); i++)
        assert_true(identified(log_in(0, algorithms[i], "a", "", "")));
    assert_int_equal(key_sets(), 1);
    assert_int_equal(w.base.log_len, 0);
}

static const struct {
    const char *what, *algorithm, *name;
    size_t key;
    const char *reason;
} forged[] = {
    { "not signed", "none", "a", 0, "not signed, or by no algorithm that is taken" },
    { "a MAC", "HS256", "a", 0, "not signed, or by no algorithm that is taken" },
    { "an algorithm of another kind of key", "ES256", "a", 0, "type or curve is not known" },
    { "another key under its name", "RS256", "a", 1, "signature is not the provider's" },
    { "the same with PSS", "PS256", "a", 1, "signature is not the provider's" },
    { "a key that is not published", "RS256", "b", 1, "the set has no such key" },
    { "its key under another name", "RS256", "b", 0, "the set has no such key" },
};

static void
what_the_provider_did_not_sign_identifies_nobody(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(forged); i++)
        if (identified(log_in(forged[i].key, forged[i].algorithm, forged[i].name, "", "")) ||
            !oidc_world_told(&w, forged[i].reason))
            fail_msg("%s", forged[i].what);
    assert_true(identified(log_in(0, "RS256", "a", "", "")));
}

static void
each_bit_of_a_signature_counts(void **state)
{
    char claims[1024], token[2048];
    carnet_str subject;
    oidc_provider provider;
    size_t taken = 0;
    uint8_t octets[256], room[257];
    char *signature;

    (void)state;
    oidc_world_send(&w);
    claims_of("", "", claims, sizeof(claims));
    oidc_world_sign(&w, 0, "RS256", "a", claims, token, sizeof(token));
    signature = strrchr(token, '.') + 1;
    {
        carnet_buf decoded = carnet_buf_of(room, sizeof(room));

        assert_carnet_ok(carnet_base64url_decode(carnet_str_of(signature), &decoded, NULL), NULL);
        assert_int_equal(decoded.len, sizeof(octets));
        memcpy(octets, room, sizeof(octets));
    }
    for (size_t bit = 0; bit <= 8 * sizeof(octets); bit++) { /* the last time nothing is flipped */
        carnet_service_worker *worker = world_worker(&w.base);
        carnet_buf text = carnet_buf_of((uint8_t *)signature, sizeof(token) - 1 - (size_t)(signature - token));
        carnet_rc rc;

        memcpy(room, octets, sizeof(octets));
        room[bit / 8] ^= (uint8_t)(1u << bit % 8);
        carnet_base64url_encode(carnet_span_of(room, sizeof(octets)), &text);
        assert_carnet_ok(carnet_oidc_provider(w.o, worker, w.base.now, NULL, &provider, NULL), NULL);
        rc = carnet_oidc_token(w.o, worker, &provider, carnet_str_of(token),
                               (carnet_str){ (const char *)w.state, OIDC_NONCE }, w.base.now, &subject, NULL);
        taken += rc == CARNET_OK;
        assert_true(rc == CARNET_E_OIDC_TOKEN || bit == 8 * sizeof(octets));
    }
    assert_int_equal(taken, 1);
    assert_int_equal(key_sets(), 2);
}

static const struct {
    const char *what, *claim, *value, *reason;
} claims[] = {
    { "another issuer", "iss", "\"https://other.example\"", "of another issuer" },
    { "no issuer", "iss", "", "of another issuer" },
    { "another client", "aud", "\"other\"", "for another client" },
    { "no client", "aud", "", "for another client" },
    { "a list of none", "aud", "[]", "for another client" },
    { "a list of another", "aud", "[\"other\"]", "for another client" },
    { "others beside", "aud", "[\"carnet\",\"other\"]", "for others, too" },
    { "something beside", "aud", "[7,\"carnet\"]", "for others, too" },
    { "issued to another", "azp", "\"other\"", "issued to another client" },
    { "issued to a number", "azp", "7", "issued to another client" },
    { "no end", "exp", "", "has expired" },
    { "an end in words", "exp", "\"9999999999\"", "has expired" },
    { "over", "exp", "1799999940", "has expired" },
    { "made in the future", "iat", "1800000061", "in the future" },
    { "not made", "iat", "", "in the future, or does not say" },
    { "made in words", "iat", "\"today\"", "in the future, or does not say" },
    { "not yet valid", "nbf", "1800000061", "not valid yet" },
    { "valid in words", "nbf", "\"now\"", "not valid yet" },
    { "another flow", "nonce", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"", "for another flow" },
    { "no flow", "nonce", "", "for another flow" },
    { "nobody", "sub", "", "does not name the person" },
    { "a number", "sub", "7", "does not name the person" },
};

static void
what_is_for_others_or_another_time_identifies_nobody(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(claims); i++)
        if (identified(log_in(0, "RS256", "a", claims[i].claim, claims[i].value)) ||
            !oidc_world_told(&w, claims[i].reason))
            fail_msg("%s", claims[i].what);
    assert_true(identified(log_in(0, "RS256", "a", "exp", "1799999941")));
    assert_true(identified(log_in(0, "RS256", "a", "iat", "1800000060")));
    assert_true(identified(log_in(0, "RS256", "a", "nbf", "1800000060")));
    assert_true(identified(log_in(0, "RS256", "a", "azp", "\"carnet\"")));
    assert_true(identified(log_in(0, "RS256", "a", "aud", "[\"carnet\"]")));
}

/* Core 3.1.3.7, 3 to 5: several audiences, of which each is known, and a token issued to us. */
static void
further_audiences_are_those_of_the_configuration(void **state)
{
    static char *audiences[] = { (char *)(uintptr_t) "project" };

    (void)state;
    w.config.audiences = (carnet_config_texts){ audiences, 1 };
    assert_false(identified(log_in(0, "RS256", "a", "aud", "[\"carnet\",\"project\"]")));
    assert_true(oidc_world_told(&w, "issued to another client"));
    assert_true(identified(log_in(0, "RS256", "a", "aud", "[\"project\",\"carnet\"],\"azp\":\"carnet\"")));
    assert_false(identified(log_in(0, "RS256", "a", "aud", "[\"project\",\"carnet\",\"x\"],\"azp\":\"carnet\"")));
    assert_true(oidc_world_told(&w, "for others, too"));
    assert_false(identified(log_in(0, "RS256", "a", "aud", "\"project\"")));
    assert_true(oidc_world_told(&w, "for another client"));
}

static void
algorithms_may_be_narrowed(void **state)
{
    static char *algorithms[] = { (char *)(uintptr_t) "PS256", (char *)(uintptr_t) "ES256" };

    (void)state;
    w.config.signing_algorithms = (carnet_config_texts){ algorithms, 2 };
    assert_true(identified(log_in(0, "PS256", "a", "", "")));
    assert_false(identified(log_in(0, "RS256", "a", "", "")));
    assert_true(oidc_world_told(&w, "does not list"));
}

/* Core 3.1.3.7, 12 and 13. */
static void
how_and_when_the_person_logs_in_is_asked_and_held_against_the_answer(void **state)
{
    static char *values[] = { (char *)(uintptr_t) "urn:eidas:high", (char *)(uintptr_t) "gold" };

    (void)state;
    w.config.acr_values = (carnet_config_texts){ values, 2 };
    assert_false(identified(log_in(0, "RS256", "a", "", "")));
    assert_non_null(strstr(w.uri, "&acr_values=urn%3Aeidas%3Ahigh"));
    assert_non_null(strstr(w.uri, "high%20gold"));
    assert_null(strstr(w.uri, "max_age"));
    assert_true(oidc_world_told(&w, "the way that was asked for"));
    assert_false(identified(log_in(0, "RS256", "a", "acr", "\"silver\"")));
    assert_false(identified(log_in(0, "RS256", "a", "acr", "[\"gold\"]")));
    assert_true(identified(log_in(0, "RS256", "a", "acr", "\"gold\"")));
    w.config.acr_values.count = 0;
    w.config.max_age_seconds = 600;
    assert_false(identified(log_in(0, "RS256", "a", "", "")));
    assert_non_null(strstr(w.uri, "&max_age=600"));
    assert_true(oidc_world_told(&w, "does not say when the person logged in"));
    assert_false(identified(log_in(0, "RS256", "a", "auth_time", "\"1800000000\"")));
    assert_false(identified(log_in(0, "RS256", "a", "auth_time", "1800000061")));
    assert_true(oidc_world_told(&w, "does not say when"));
    assert_false(identified(log_in(0, "RS256", "a", "auth_time", "1799999339")));
    assert_true(oidc_world_told(&w, "too long ago"));
    assert_true(identified(log_in(0, "RS256", "a", "auth_time", "1799999340")));
    assert_true(identified(log_in(0, "RS256", "a", "auth_time", "1800000000")));
}

static void
new_keys_are_asked_for_but_once_a_minute(void **state)
{
    (void)state;
    assert_true(identified(log_in(0, "RS256", "a", "", "")));
    oidc_world_publish(&w, 1, "b", "", NULL);
    assert_true(identified(log_in(1, "RS256", "b", "", "")));
    assert_int_equal(key_sets(), 2);
    assert_false(identified(log_in(0, "RS256", "a", "", "")));
    assert_false(identified(log_in(1, "PS256", "c", "", "")));
    assert_int_equal(key_sets(), 2);
    oidc_world_publish(&w, 0, "c", "", NULL);
    w.base.now += 59;
    assert_false(identified(log_in(0, "RS256", "c", "", "")));
    assert_int_equal(key_sets(), 2);
    w.base.now++;
    assert_true(identified(log_in(0, "RS256", "c", "", "")));
    assert_int_equal(key_sets(), 3);
    w.base.now += 3599;
    assert_true(identified(log_in(0, "RS256", "c", "", "")));
    assert_int_equal(key_sets(), 3);
    w.base.now++;
    assert_true(identified(log_in(0, "RS256", "c", "", "")));
    assert_int_equal(key_sets(), 4);
    w.base.now = 1800000000;
}

/* Another key under the same name, and a key without one. */
static void
new_keys_may_have_old_names(void **state)
{
    (void)state;
    assert_true(identified(log_in(0, "RS256", "a", "", "")));
    oidc_world_publish(&w, 1, "a", ",\"alg\":\"PS256\"", NULL);
    assert_true(identified(log_in(1, "PS256", "a", "", "")));
    assert_int_equal(key_sets(), 2);
}

static void
a_provider_that_fails_takes_no_known_key_away(void **state)
{
    (void)state;
    assert_true(identified(log_in(0, "RS256", "a", "", "")));
    put(w.peer.jwks, sizeof(w.peer.jwks), "");
    assert_false(identified(log_in(1, "RS256", "b", "", "")));
    assert_int_equal(key_sets(), 2);
    assert_true(identified(log_in(0, "RS256", "a", "", "")));
    put(w.peer.jwks, sizeof(w.peer.jwks), "{\"keys\":7}");
    w.base.now += 60;
    assert_false(identified(log_in(1, "RS256", "b", "", "")));
    assert_int_equal(key_sets(), 3);
    assert_true(identified(log_in(0, "RS256", "a", "", "")));
    w.base.now = 1800000000;
}

static void
a_provider_of_another_name_or_without_keys_is_none(void **state)
{
    char kept[1024], other[1024];

    (void)state;
    memcpy(kept, w.peer.discovery, sizeof(kept));
    (void)snprintf(other, sizeof(other), "{\"issuer\":\"https://other.example\",%s", strchr(kept, ',') + 1);
    put(w.peer.discovery, sizeof(w.peer.discovery), other);
    oidc_world_send(&w);
    assert_string_equal(w.uri, "");
    assert_true(oidc_world_told(&w, "the issuer has another name"));
    put(w.peer.discovery, sizeof(w.peer.discovery), kept);
    w.base.now += 4;
    oidc_world_send(&w);
    assert_string_equal(w.uri, "");
    assert_true(oidc_world_told(&w, "could not be asked a moment ago"));
    assert_int_equal(w.peer.discoveries, 1);
    w.base.now++;
    put(w.peer.jwks, sizeof(w.peer.jwks), "[]");
    oidc_world_send(&w);
    assert_string_equal(w.uri, "");
    assert_true(oidc_world_told(&w, "no set of keys"));
    w.base.now += 5;
    oidc_world_publish(&w, 0, "a", ",\"use\":\"enc\"", NULL);
    assert_false(identified(log_in(0, "RS256", "a", "", "")));
    assert_true(oidc_world_told(&w, "not for signatures"));
    w.base.now = 1800000000;
}

/* RFC 9207 2.4: an error of another server is none of this one's. */
static void
an_answer_of_another_server_is_not_taken(void **state)
{
    char parameters[128];

    (void)state;
    oidc_world_send(&w);
    assert_int_equal(oidc_world_return(&w, "code=x").outcome, CARNET_IDENTIFICATION_REFUSED);
    assert_true(oidc_world_told(&w, "of another server"));
    assert_int_equal(oidc_world_return(&w, "code=x&iss=https://other.example").outcome, CARNET_IDENTIFICATION_REFUSED);
    assert_int_equal(oidc_world_return(&w, "error=access_denied&iss=https://other.example").reason,
                     CARNET_IDENTIFICATION_FAILED);
    assert_int_equal(oidc_world_return(&w, "error=access_denied").reason, CARNET_IDENTIFICATION_FAILED);
    (void)snprintf(parameters, sizeof(parameters), "error=access_denied&iss=%s", w.peer.issuer);
    assert_int_equal(oidc_world_return(&w, parameters).reason, CARNET_IDENTIFICATION_BY_USER);
    assert_int_equal(oidc_world_return(&w, "x=y").outcome, CARNET_IDENTIFICATION_PENDING);
}

/* RFC 7636 4.3, 4.5. */
static void
the_code_is_redeemed_by_whoever_asked(void **state)
{
    uint8_t digest[32];
    char challenge[64] = "&code_challenge=", verifier[64];
    carnet_buf text = carnet_buf_of((uint8_t *)challenge + 16, 47);
    carnet_span part = { w.state + OIDC_NONCE, 43 };

    (void)state;
    assert_true(identified(log_in(0, "RS256", "a", "", "")));
    assert_carnet_ok(carnet_digest(world_worker(&w.base)->crypto, CARNET_SHA256, &part, 1, digest, NULL), NULL);
    carnet_base64url_encode(carnet_span_of(digest, 32), &text);
    challenge[16 + text.len] = '\0';
    assert_non_null(strstr(w.uri, challenge));
    assert_non_null(strstr(w.uri, "&code_challenge_method=S256"));
    (void)snprintf(verifier, sizeof(verifier), "&code_verifier=%.43s", (const char *)part.ptr);
    assert_non_null(strstr(w.peer.form, verifier));
}

#define TEST(name) cmocka_unit_test_setup(name, each)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_algorithm_of_rsa_identifies),
        TEST(what_the_provider_did_not_sign_identifies_nobody),
        TEST(each_bit_of_a_signature_counts),
        TEST(what_is_for_others_or_another_time_identifies_nobody),
        TEST(further_audiences_are_those_of_the_configuration),
        TEST(algorithms_may_be_narrowed),
        TEST(how_and_when_the_person_logs_in_is_asked_and_held_against_the_answer),
        TEST(new_keys_are_asked_for_but_once_a_minute),
        TEST(new_keys_may_have_old_names),
        TEST(a_provider_that_fails_takes_no_known_key_away),
        TEST(a_provider_of_another_name_or_without_keys_is_none),
        TEST(an_answer_of_another_server_is_not_taken),
        TEST(the_code_is_redeemed_by_whoever_asked),
    };

    return cmocka_run_group_tests_name("service/identification/oidc", tests, begin, end);
}
