/* SPDX-License-Identifier: Apache-2.0 */
#include "test_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A good configuration, line by line; a case puts another text in a line's place. */
static const char *const good[] = {
    /*  1 */ "base_url: https://issuer.example/tenant",
    /*  2 */ "secrets: secrets",
    /*  3 */ "listeners:",
    /*  4 */ "  - address: 127.0.0.1",
    /*  5 */ "    port: 8080",
    /*  6 */ "    serves: [public, staff]",
    /*  7 */ "  - {address: '::1', port: 8081, serves: [admin, operations]}",
    /*  8 */ "store: {place: carnet.sqlite}",
    /*  9 */ "areas:",
    /* 10 */ "  - {name: main, kind: software, file: keys.sealed, secret_file: credential:pass}",
    /* 11 */ "keys:",
    /* 12 */ "  - {name: signer, area: main, identifier: hex:0102, chain: /etc/chain.pem}",
    /* 13 */ "  - {name: bare, area: main, identifier: agree}",
    /* 14 */ "sources:",
    /* 15 */ "  - {name: people, kind: csv, file: people.csv}",
    /* 16 */ "services:",
    /* 17 */ "  authorization: {open_clients: true}",
    /* 18 */ "  issuing:",
    /* 19 */ "    encryption_key: bare",
    /* 20 */ "    configurations:",
    /* 21 */ "      - {id: mdl, doctype: mdl, signer: signer, source: people, batch_max: 10}",
    /* 22 */ "  identification: {officer: {}}",
};

/* The text with line `line` (from 1) replaced; NULL: left as it is. */
static carnet_str
with(size_t line, const char *text)
{
    static char yaml[8192];
    size_t n = 0;

    for (size_t i = 0; i < CARNET_COUNT(good); i++)
        n += (size_t)snprintf(yaml + n, sizeof(yaml) - n, "%s\n", i + 1 == line && text != NULL ? text : good[i]);
    return (carnet_str){ yaml, n };
}

static void
reads_what_is_there(void **state)
{
    carnet_config_complaint complaint;
    carnet_config *c;

    (void)state;
    if (carnet_config_read(with(0, NULL), "/etc/carnet/carnetd.yaml", &c, &complaint) != CARNET_OK)
        fail_msg("%s", complaint.text);
    assert_string_equal(c->base_url, "https://issuer.example/tenant");
    assert_string_equal(c->secrets, "/etc/carnet/secrets");
    assert_int_equal(c->listener_count, 2);
    assert_int_equal(c->listeners[0].port, 8080);
    assert_int_equal(c->listeners[0].serves, CARNET_SERVES_PUBLIC | CARNET_SERVES_STAFF);
    assert_int_equal(c->listeners[0].idle_ms, 0);
    assert_null(c->listeners[0].chain);
    assert_string_equal(c->store->place, "/etc/carnet/carnet.sqlite");
    assert_string_equal(c->areas[0].file, "/etc/carnet/keys.sealed");
    assert_string_equal(c->areas[0].secret_file, "credential:pass");
    assert_string_equal(c->keys[0].chain, "/etc/chain.pem");
    assert_string_equal(c->keys[0].identifier, "hex:0102");
    assert_int_equal(c->sources[0].kind, CARNET_CONFIG_CSV);
    assert_true(c->services->authorization->open_clients);
    assert_int_equal(c->services->issuing->configurations[0].batch_max, 10);
    assert_non_null(c->services->identification->officer);
    assert_null(c->services->identification->oidc);
    assert_null(c->services->desk);
    carnet_config_free(&c);
    assert_null(c);
}

static const struct {
    const char *what;
    size_t line;
    const char *text;
    carnet_rc rc;
    const char *complaint; /* behind "FILE:" */
} refused[] = {
    { "an unknown key", 2, "secret: x", CARNET_E_CONFIG_KEY, "2: there is no such key here: secret" },
    { "an unknown key in a list", 5, "    prt: 8080", CARNET_E_CONFIG_KEY,
      "5: listeners[0]: there is no such key here: prt" },
    { "a key twice", 2, "base_url: https://other.example", CARNET_E_CONFIG_KEY, "2: the key is there twice: base_url" },
    { "a key missing", 2, "", CARNET_E_CONFIG_KEY, "1: a key is missing: secrets" },
    { "a key missing in a list", 6, "", CARNET_E_CONFIG_KEY, "4: listeners[0]: a key is missing: serves" },
    { "a list for a text", 2, "secrets: [a]", CARNET_E_CONFIG_KEY, "2: secrets: it must be a text" },
    { "a text for keys", 8, "store: carnet.sqlite", CARNET_E_CONFIG_KEY,
      "8: store: there must be keys with values here (or {} for none)" },
    { "a text for a list", 6, "    serves: public", CARNET_E_CONFIG_KEY,
      "6: listeners[0].serves: there must be a list here" },
    { "no value", 2, "secrets:", CARNET_E_CONFIG_VALUE, "2: secrets: there is no text: leave the key out" },
    { "null", 2, "secrets: ~", CARNET_E_CONFIG_VALUE, "2: secrets: there is no text: leave the key out" },
    { "an empty list", 6, "    serves: []", CARNET_E_CONFIG_VALUE, "6: listeners[0].serves: the list is empty" },
    { "a word that is none", 6, "    serves: [public, all]", CARNET_E_CONFIG_VALUE,
      "6: listeners[0].serves[1]: it must be one of: public, staff, admin, operations" },
    { "a number with letters", 5, "    port: 80z", CARNET_E_CONFIG_VALUE,
      "5: listeners[0].port: it must be a whole number from 0 to 65535" },
    { "a number too large", 5, "    port: 65536", CARNET_E_CONFIG_VALUE,
      "5: listeners[0].port: it must be a whole number from 0 to 65535" },
    { "a negative number", 5, "    port: -1", CARNET_E_CONFIG_VALUE,
      "5: listeners[0].port: it must be a whole number from 0 to 65535" },
    { "another base", 5, "    port: 0x50", CARNET_E_CONFIG_VALUE,
      "5: listeners[0].port: it must be a whole number from 0 to 65535" },
    { "a yes", 17, "  authorization: {open_clients: yes}", CARNET_E_CONFIG_VALUE,
      "17: services.authorization.open_clients: it must be true or false" },
    { "an alias", 2, "secrets: *a", CARNET_E_CONFIG_SYNTAX, "2: secrets: aliases are not taken" },
    { "an anchor", 2, "secrets: &a b", CARNET_E_CONFIG_SYNTAX, "2: secrets: anchors and tags are not taken" },
    { "a tag", 2, "secrets: !!str b", CARNET_E_CONFIG_SYNTAX, "2: secrets: anchors and tags are not taken" },
    { "control characters", 2, "secrets: \"a\\x07\"", CARNET_E_CONFIG_VALUE,
      "2: secrets: the text has control characters" },
    { "a zero", 2, "secrets: \"a\\0b\"", CARNET_E_CONFIG_VALUE, "2: secrets: the text has control characters" },
    { "two documents", 22, "---\na: b", CARNET_E_CONFIG_SYNTAX, "22: there is more than one document" },
    { "a bracket too many", 6, "    serves: [public, staff]]", CARNET_E_CONFIG_SYNTAX,
      "6: this is no YAML: did not find expected key" },
    { "a tabulator", 5, "\tport: 8080", CARNET_E_CONFIG_SYNTAX,
      "5: this is no YAML: found a tab character that violates indentation" },
    /* what keys say to each other */
    { "plain http", 1, "base_url: http://issuer.example", CARNET_E_CONFIG_VALUE,
      "1: base_url: plain http is for loopback only, and with allow_insecure_loopback" },
    { "a slash at the end", 1, "base_url: https://issuer.example/", CARNET_E_CONFIG_VALUE,
      "1: base_url: it must not end with a slash" },
    { "a query", 1, "base_url: https://issuer.example/a?b", CARNET_E_CONFIG_VALUE,
      "1: base_url: behind the host there may be a path of plain names, and nothing else" },
    { "a user", 1, "base_url: https://me@issuer.example", CARNET_E_CONFIG_VALUE,
      "1: base_url: behind the host there may be a path of plain names, and nothing else" },
    { "a host in capitals", 1, "base_url: https://Issuer.example", CARNET_E_CONFIG_VALUE,
      "1: base_url: there must be a host, in lower case" },
    { "a name for an address", 4, "  - address: localhost", CARNET_E_CONFIG_VALUE,
      "4: listeners[0].address: it must be numeric, such as 127.0.0.1 or ::" },
    { "the world without TLS", 4, "  - address: 0.0.0.0", CARNET_E_CONFIG_VALUE,
      "4: listeners[0].address: without TLS it must be a loopback address, or have trusted_proxies" },
    { "a chain without its key", 5, "    port: 1\n    chain: a.pem", CARNET_E_CONFIG_VALUE,
      "6: listeners[0].chain: a certificate chain and its key come together" },
    { "administration for everybody", 6, "    serves: [public, admin]", CARNET_E_CONFIG_VALUE,
      "6: listeners[0].serves: admin needs `clients`, or a loopback listener of its own (beside operations)" },
    { "a proxy that is no network", 6, "    serves: [public]\n    trusted_proxies: [10.0.0.0/33]",
      CARNET_E_CONFIG_VALUE,
      "7: listeners[0].trusted_proxies[0]: it is no address, and no network such as 10.0.0.0/8" },
    { "certificates from anybody", 6, "    serves: [public]\n    client_certificate_header: X-Cert",
      CARNET_E_CONFIG_VALUE,
      "7: listeners[0].client_certificate_header: only a trusted proxy may hand on a client's certificate" },
    { "an area without its file", 10, "  - {name: main, kind: software, secret_file: p}", CARNET_E_CONFIG_VALUE,
      "10: areas[0].file: a secure area of this kind needs more keys: doc/carnetd.yaml.md" },
    { "an area that is not there", 13, "  - {name: bare, area: other, identifier: a}", CARNET_E_CONFIG_VALUE,
      "13: keys[1].area: there is no secure area of this name" },
    { "two keys of one name", 13, "  - {name: signer, area: main, identifier: a}", CARNET_E_CONFIG_VALUE,
      "13: keys[1].name: another key has this name" },
    { "a source without its file", 15, "  - {name: people, kind: csv}", CARNET_E_CONFIG_VALUE,
      "15: sources[0].file: a source of this kind needs more keys: doc/carnetd.yaml.md" },
    { "issuing without authorization", 17, "  overview: {}", CARNET_E_CONFIG_VALUE,
      "18: services.issuing: issuing needs services.authorization" },
    { "a signer that is not there", 21, "      - {id: a, doctype: b, signer: c}", CARNET_E_CONFIG_VALUE,
      "21: services.issuing.configurations[0].signer: there is no key of this name" },
    { "a signer without a chain", 21, "      - {id: a, doctype: b, signer: bare}", CARNET_E_CONFIG_VALUE,
      "21: services.issuing.configurations[0].signer: this key has no chain" },
    { "a source that is not there", 21, "      - {id: a, doctype: b, signer: signer, source: c}", CARNET_E_CONFIG_VALUE,
      "21: services.issuing.configurations[0].source: there is no source of this name" },
    { "an identification that does not run", 21, "      - {id: a, doctype: b, signer: signer, identification: oidc}",
      CARNET_E_CONFIG_VALUE,
      "21: services.issuing.configurations[0].identification: services.identification has no such method" },
    { "a word of a text", 21, "      - {id: a, doctype: b, signer: signer, hash: MD5}", CARNET_E_CONFIG_VALUE,
      "21: services.issuing.configurations[0].hash: it must be one of: SHA-256, SHA-384, SHA-512" },
    { "a provider without TLS", 22,
      "  identification: {officer: {}, oidc: {issuer: 'http://127.0.0.1', client_id: b, client_secret_file: c}}",
      CARNET_E_CONFIG_VALUE, "22: services.identification.oidc.issuer: it must begin with https://" },
    { "a provider with a query", 22,
      "  identification: {oidc: {issuer: 'https://a.example/?b', client_id: b, client_secret_file: c}}",
      CARNET_E_CONFIG_VALUE, "22: services.identification.oidc.issuer: an issuer has no query and no fragment" },
    { "a scope without openid", 22,
      "  identification: {oidc: {issuer: 'https://a', client_id: b, client_secret_file: c, scope: openidx email}}",
      CARNET_E_CONFIG_VALUE, "22: services.identification.oidc.scope: openid must be among what is asked for" },
    { "a MAC for ID tokens", 22,
      "  identification: {oidc: {issuer: a, client_id: b, client_secret_file: c, signing_algorithms: [PS256, HS256]}}",
      CARNET_E_CONFIG_VALUE,
      "22: services.identification.oidc.signing_algorithms[1]: it must be one of: "
      "RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA" },
    { "a log-in that is never fresh", 22,
      "  identification: {oidc: {issuer: a, client_id: b, client_secret_file: c, max_age_seconds: 0}}",
      CARNET_E_CONFIG_VALUE,
      "22: services.identification.oidc.max_age_seconds: it must be a whole number from 1 to 86400" },
    { "a range", 21, "      - {id: a, doctype: b, signer: signer, batch_max: 101}", CARNET_E_CONFIG_VALUE,
      "21: services.issuing.configurations[0].batch_max: it must be a whole number from 1 to 100" },
};

static void
says_file_line_and_key_of_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(refused); i++) {
        carnet_config_complaint complaint;
        carnet_config *config;

        print_message("# %s\n", refused[i].what);
        assert_carnet_rc(carnet_config_read(with(refused[i].line, refused[i].text), "a.yaml", &config, &complaint),
                         refused[i].rc);
        assert_null(config);
        assert_memory_equal(complaint.text, "a.yaml:", 7);
        assert_string_equal(complaint.text + 7, refused[i].complaint);
    }
}

static void
refuses_an_empty_file_and_one_that_is_not_there(void **state)
{
    carnet_config_complaint complaint;
    carnet_config *config;

    (void)state;
    assert_carnet_rc(carnet_config_read(carnet_str_of(""), "a", &config, &complaint), CARNET_E_CONFIG_SYNTAX);
    assert_string_equal(complaint.text, "a:1: the file is empty");
    assert_carnet_rc(carnet_config_read(carnet_str_of("- a"), "a", &config, &complaint), CARNET_E_CONFIG_KEY);
    assert_carnet_rc(carnet_config_load("/nonexistent/a.yaml", &config, &complaint), CARNET_E_CONFIG_FILE);
    assert_string_equal(complaint.text, "/nonexistent/a.yaml: No such file or directory");
    assert_carnet_rc(carnet_config_load("/nonexistent/a.yaml", &config, NULL), CARNET_E_CONFIG_FILE);
}

static void
visit(carnet_span mutated, void *context)
{
    carnet_config_complaint complaint;
    carnet_config *config;
    carnet_rc rc = carnet_config_read((carnet_str){ (const char *)mutated.ptr, mutated.len }, "a", &config, &complaint);

    (void)context;
    assert_true((rc == CARNET_OK) == (config != NULL));
    assert_true(rc == CARNET_OK || complaint.text[0] != '\0');
    carnet_config_free(&config);
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    carnet_str text = with(0, NULL);

    (void)state;
    carnet_test_every_prefix(carnet_str_bytes(text), visit, NULL);
    carnet_test_every_bit(carnet_str_bytes(text), visit, NULL);
}

static void
finds_the_line_of_a_key_or_of_its_nearest_ancestor(void **state)
{
    static const struct {
        const char *path, *start;
    } cases[] = {
        { "keys[1]", "a.yaml:13: keys[1]: no" },
        { "keys[1].chain", "a.yaml:13: keys[1].chain: no" },
        { "services.issuing.configurations[0].name", "a.yaml:21: services.issuing.configurations[0].name: no" },
        { "store", "a.yaml:8: store: no" },
        { "", "a.yaml:1: no" },
    };
    carnet_config_complaint complaint;
    carnet_config *config;

    (void)state;
    assert_carnet_ok(carnet_config_read(with(0, NULL), "a.yaml", &config, &complaint), NULL);
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_err err = { .rc = CARNET_E_SERVICE_KEY, .reason = "no" };

        (void)snprintf(err.path, sizeof(err.path), "%s", cases[i].path);
        carnet_config_complain(config, &err, &complaint);
        assert_string_equal(complaint.text, cases[i].start);
    }
    carnet_config_free(&config);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_there),
        cmocka_unit_test(says_file_line_and_key_of_what_is_wrong),
        cmocka_unit_test(refuses_an_empty_file_and_one_that_is_not_there),
        cmocka_unit_test(survives_every_prefix_and_every_bit),
        cmocka_unit_test(finds_the_line_of_a_key_or_of_its_nearest_ancestor),
        cmocka_unit_test(the_page_names_each_key_and_no_other),
        cmocka_unit_test(the_examples_are_good),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
