/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy may be, and where a browser may be sent. */
#include "carnet/service_trust.h"
#include "internal.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

static world w;

static int
start(void **state)
{
    (void)state;
    world_make(&w);
    world_start(&w, 1);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    world_end(&w);
    return 0;
}

static const struct {
    const char *uri;
    bool good;
} addresses[] = {
    { "https://wallet.example/cb", true },
    { "https://wallet.example:8443/cb?a=b", true },
    { "http://127.0.0.1:4711/cb", true },
    { "http://[::1]:4711/cb", true },
    { "http://localhost/cb", true },
    { "org.example.wallet:/cb", true },
    { "eudi-openid4ci://authorize", true },
    { "http://wallet.example/cb", false },
    { "http://127.0.0.1.evil.example/cb", false },
    { "http://localhost.evil.example/cb", false },
    { "http://127.0.0.1@evil.example/cb", false },
    { "https://user@wallet.example/cb", false },
    { "https://wallet.example/cb#a", false },
    { "https://wallet.example/c b", false },
    { "https://wallet.example\\@evil.example/", false },
    { "https://", false },
    { "//wallet.example/cb", false },
    { "/cb", false },
    { "", false },
    { "javascript:alert(1)", false },
    { "JavaScript:alert(1)", false },
    { "data:text/html,a", false },
    { "blob:https://wallet.example/a", false },
    { "file:///etc/passwd", false },
    { "view-source:https://wallet.example", false },
    { "intent://a#Intent;end", false },
    { "1a:/cb", false },
    { "\xc3\xa4:/cb", false },
};

static void
browsers_are_sent_to_wallets_only(void **state)
{
    char big[1200] = "https://wallet.example/";

    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        carnet_rc rc = carnet_authorization_redirect_check(carnet_str_of(addresses[i].uri), NULL);

        print_message("# %s\n", addresses[i].uri);
        assert_int_equal(rc, addresses[i].good ? CARNET_OK : CARNET_E_OAUTH_PARAMETER);
    }
    memset(big + strlen(big), 'a', sizeof(big) - strlen(big) - 1);
    assert_int_equal(carnet_authorization_redirect_check((carnet_str){ big, 1024 }, NULL), CARNET_OK);
    assert_int_equal(carnet_authorization_redirect_check((carnet_str){ big, 1025 }, NULL), CARNET_E_OAUTH_PARAMETER);
}

/* RFC 8252 7.3: the port of a loopback address is the wallet's to choose; nothing else is. */
static void
only_the_port_of_a_loopback_address_may_differ(void **state)
{
    static const struct {
        const char *uri;
        bool own;
    } cases[] = {
        { "http://127.0.0.1/cb", true },          { "http://127.0.0.1:4711/cb", true },
        { "http://127.0.0.1:4711/other", false }, { "http://localhost:4711/cb", false },
        { "https://127.0.0.1:4711/cb", false },   { "http://127.0.0.1:4711/cb?a", false },
        { "https://wallet.example/cb", true },    { "https://wallet.example:444/cb", false },
        { "https://WALLET.example/cb", false },   { "org.example.wallet:/cb", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        print_message("# %s\n", cases[i].uri);
        assert_int_equal(carnet_authorization_redirect_listed(&w.clients[0], carnet_str_of(cases[i].uri)),
                         cases[i].own);
    }
    assert_false(carnet_authorization_redirect_listed(NULL, carnet_str_of(REDIRECT)));
}

static const char *const nowhere[] = { "javascript:alert(1)" };

static void
size_of_another(carnet_authorization_policy *p)
{
    p->struct_size--;
}

static void
scope_of_two_words(carnet_authorization_policy *p)
{
    (void)p;
    w.documents[0].scope = carnet_str_of("a b");
}

static void
no_configuration(carnet_authorization_policy *p)
{
    (void)p;
    w.documents[0].configuration = carnet_str_of("");
}

static void
nobody_to_attest(carnet_authorization_policy *p)
{
    p->attesters = NULL;
    p->attestation_required = true;
}

static void
a_client_nowhere(carnet_authorization_policy *p)
{
    (void)p;
    w.clients[0].redirect_uris = nowhere;
    w.clients[0].redirect_uri_count = 1;
}

static void
policies_that_contradict_themselves_are_refused(void **state)
{
    void (*const changes[])(carnet_authorization_policy *) = { size_of_another, scope_of_two_words, no_configuration,
                                                               nobody_to_attest, a_client_nowhere };

    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        const carnet_authorization_policy policy = w.policy;
        const carnet_authorization_document document = w.documents[0];
        const carnet_authorization_client client = w.clients[0];
        carnet_authorization *as = NULL;

        changes[i](&w.policy);
        assert_int_equal(carnet_authorization_new(w.instances[0].context, &w.policy, &as, NULL), CARNET_E_USAGE);
        assert_null(as);
        w.policy = policy, w.documents[0] = document, w.clients[0] = client;
    }
}

static void
claims_open_for_their_person_only(void **state)
{
    uint8_t sealed_room[256], room[256];
    carnet_buf sealed = carnet_buf_of(sealed_room, sizeof(sealed_room)), out = carnet_buf_of(room, sizeof(room));
    carnet_service_worker *worker;

    (void)state;
    assert_int_equal(carnet_service_begin(w.instances[0].context, NULL, &worker, NULL), CARNET_OK);
    assert_int_equal(carnet_authorization_claims_seal(worker, carnet_str_of("a"), carnet_str_of(CLAIMS), &sealed, NULL),
                     CARNET_OK);
    assert_int_equal(carnet_authorization_claims_open(worker, carnet_str_of("b"), carnet_buf_span(&sealed), &out, NULL),
                     CARNET_E_SERVICE_SEALED);
    assert_int_equal(out.len, 0);
    assert_int_equal(carnet_authorization_claims_open(worker, carnet_str_of("a"), carnet_buf_span(&sealed), &out, NULL),
                     CARNET_OK);
    assert_true(carnet_str_is(carnet_buf_str(&out), CLAIMS));
}

static void
transaction_codes_have_a_verifier_for_each_offer(void **state)
{
    uint8_t one[32], two[32], three[32], a[32] = { 1 }, b[32] = { 2 };
    char big[300];
    carnet_service_worker *worker;

    (void)state;
    assert_int_equal(carnet_service_begin(w.instances[0].context, NULL, &worker, NULL), CARNET_OK);
    assert_int_equal(carnet_authorization_tx_code(worker, a, carnet_str_of("1234"), one, NULL), CARNET_OK);
    assert_int_equal(carnet_authorization_tx_code(worker, b, carnet_str_of("1234"), two, NULL), CARNET_OK);
    assert_int_equal(carnet_authorization_tx_code(worker, a, carnet_str_of("1234"), three, NULL), CARNET_OK);
    assert_memory_not_equal(one, two, 32);
    assert_memory_equal(one, three, 32);
    memset(big, '1', sizeof(big));
    assert_int_equal(carnet_authorization_tx_code(worker, a, (carnet_str){ big, sizeof(big) }, one, NULL),
                     CARNET_E_LIMIT);
}

/* PEM files of a configuration. */
static void
attesters_are_read_of_files(void **state)
{
    carnet_service_trust *trust = NULL;
    static char path[128];
    char *list[] = { path };
    carnet_config_texts files = { list, 1 };
    uint8_t spki_room[200], pem_room[1024];
    carnet_buf spki = carnet_buf_of(spki_room, sizeof(spki_room)), pem = carnet_buf_of(pem_room, sizeof(pem_room));
    FILE *file;

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/attesters.pem", w.folder);
    assert_int_equal(carnet_service_trust_new(&files, &trust, NULL), CARNET_E_SERVICE_KEY);
    file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs("nothing of that kind\n", file);
    (void)fclose(file);
    assert_null(trust);
    assert_int_equal(carnet_service_trust_new(&files, &trust, NULL), CARNET_E_SERVICE_KEY);
    assert_int_equal(carnet_public_key_to_spki(&w.attester.public_key, &spki, NULL), CARNET_OK);
    carnet_pem_encode("PUBLIC KEY", carnet_buf_span(&spki), &pem);
    file = fopen(path, "w");
    assert_non_null(file);
    (void)fwrite(pem.ptr, 1, pem.len, file);
    (void)fclose(file);
    assert_null(trust);
    assert_int_equal(carnet_service_trust_new(&files, &trust, NULL), CARNET_OK);
    assert_int_equal(carnet_service_trust_get(trust)->key_count, 1);
    assert_true(carnet_public_key_equal(&carnet_service_trust_get(trust)->keys[0].key, &w.attester.public_key));
    carnet_service_trust_free(&trust);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, start, stop)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH(browsers_are_sent_to_wallets_only),
        WITH(only_the_port_of_a_loopback_address_may_differ),
        WITH(policies_that_contradict_themselves_are_refused),
        WITH(claims_open_for_their_person_only),
        WITH(transaction_codes_have_a_verifier_for_each_offer),
        WITH(attesters_are_read_of_files),
    };

    return world_run(argc, argv, tests, sizeof(tests) / sizeof(tests[0]));
}
