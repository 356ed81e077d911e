/* SPDX-License-Identifier: Apache-2.0 */
/* Carnet and OpenSSL judge the same chains, generated and mutated from fixed seeds. */
#include "oracle.h"

#include <string.h>

#define CHAINS  3000
#define SPOILED 1500
#define FLIPPED 1500

static carnet_test_seed seed;

static unsigned
below(unsigned n)
{
    return (unsigned)(carnet_test_number(&seed) % n);
}

static void
change_dates(forge *f)
{
    static const int64_t offsets[] = { -1,       0, 1, -1000 * CARNET_TIME_DAY, 1000 * CARNET_TIME_DAY,
                                       900000000 /* beyond 2050 */ };
    carnet_time time = FORGE_NOW + offsets[below(CARNET_COUNT(offsets))];

    *(below(2) ? &f->not_before : &f->not_after) = time;
}

static void
change_constraints(forge *f)
{
    f->ca = (int)below(3) - 1;
    f->path_length = (int)below(4) - 1;
}

static void
change_usage(forge *f)
{
    static const int usages[] = { -1, 0, 1, 2, 0x20, 0x40, 0x60, 0x61, 0x100 };
    static const char *const purposes[] = {
        NULL, "1.0.18013.5.1.2", "1.0.18013.5.1.6", "1.0.23220.4.1.2", "1.3.6.1.5.5.7.3.1", "2.5.29.37.0"
    };

    f->key_usage = usages[below(CARNET_COUNT(usages))];
    if (below(2))
        f->purposes[0] = purposes[below(CARNET_COUNT(purposes))];
}

static void
change_names(forge *f)
{
    static const char *const names[] = { "Root", "Authority", "Signer", "root" };
    static const char *const countries[] = { "UT", "NL", "ut", NULL };

    switch (below(4)) {
    case 0:
        f->subject = names[below(4)];
        break;
    case 1:
        f->issuer = names[below(4)];
        break;
    case 2:
        f->country = countries[below(4)];
        break;
    default:
        f->state = below(2) ? "North" : "South";
    }
}

static void
change_keys(forge *f)
{
    switch (below(4)) {
    case 0:
        f->issuer_key = (int)below(3);
        break;
    case 1:
        f->key = (int)below(3);
        break;
    case 2:
        f->authority = (forge_id)below(3);
        break;
    default:
        f->own = (forge_id)below(3);
    }
}

static void
change_extensions(forge *f)
{
    static const char *const extras[][2] = {
        { "1.3.6.1.4.1.99999.1", "0500" },   { "2.5.29.36", "3003800100" },    { "2.5.29.54", "020100" },
        { "2.5.29.32", "3006300406022a03" }, { "2.5.29.37", "3004060255 1d" }, { "1.3.6.1.5.5.7.48.1.5", "0500" },
    };
    unsigned which = below(CARNET_COUNT(extras));

    switch (below(4)) {
    case 0:
        f->critical ^= UINT32_C(1) << below(CARNET_EXTENSION_COUNT);
        break;
    case 1:
        f->usage_twice = true;
        break;
    case 2:
        f->alternative = forge_name("UT", NULL, "Root", &arena);
        break;
    default:
        f->extra = extras[which][0];
        f->extra_value = extras[which][1];
        f->extra_critical = below(2);
    }
}

static void
change_form(forge *f)
{
    switch (below(3)) {
    case 0:
        f->version = (int)below(4);
        break;
    case 1:
        f->serial_len = 1 + below(22);
        break;
    default:
        f->other_algorithm_outside = true;
    }
}

static void (*const changes[])(forge *f) = { change_dates, change_constraints, change_usage, change_names,
                                             change_keys,  change_extensions,  change_form };

/* Changes that two certificates must share to be one. */
static void
change_together(chain *c)
{
    unsigned upper = 1 + below((unsigned)c->count - 1);
    forge *issuer = &c->certificates[upper], *issued = &c->certificates[upper - 1];

    switch (below(3)) {
    case 0:
        issuer->state = issued->issuer_state = "North";
        issued->state = below(2) ? "North" : "South";
        break;
    case 1:
        issuer->country = issued->issuer_country = "NL";
        break;
    default:
        c->certificates[c->count - 1].path_length = 0;
        issuer->alternative = forge_name("UT", NULL, "Root", &arena);
    }
    if (upper == c->count - 1) { /* the root is its own issuer */
        issuer->issuer_state = issuer->state;
        issuer->issuer_country = issuer->country;
    }
}

/* A chain with up to three changes, each to any of its certificates. */
static chain
any_chain(void)
{
    chain c = below(3) ? chain_of_three() : chain_of_two();

    if (below(4) == 0)
        change_together(&c);
    for (unsigned n = below(4); n > 0; n--)
        changes[below(CARNET_COUNT(changes))](&c.certificates[below((unsigned)c.count)]);
    return c;
}

static void
judges_generated_chains_as_openssl_does(void **state)
{
    unsigned accepted = 0;

    (void)state;
    seed = (carnet_test_seed){ 1 };
    for (unsigned i = 0; i < CHAINS; i++) {
        chain c;
        subject s;

        (void)chain_empty(NULL);
        c = any_chain();
        s = oracle_encode(&c);
        accepted += oracle_compare(&s);
    }
    print_message("# %u chains, %u accepted by both\n", CHAINS, accepted);
    assert_true(accepted > CHAINS / 10 && accepted < CHAINS - CHAINS / 10);
}

/* --- differences that chance does not find often enough --- */

/* The public key's point, from 04 to the hybrid form that says the same. */
static void
make_hybrid(uint8_t *tbs, size_t len, void *context)
{
    static const uint8_t head[] = { 0x03, 0x42, 0x00, 0x04 };

    (void)context;
    for (size_t i = 0; i + 68 < len; i++)
        if (memcmp(tbs + i, head, sizeof(head)) == 0)
            tbs[i + 3] = (uint8_t)(0x06 | (tbs[i + 67] & 1));
}

static void
hybrid_issuer(chain *c)
{
    c->certificates[1].spoil = make_hybrid;
    c->certificates[1].own = c->certificates[0].authority = FORGE_NONE;
}

static void
hybrid_signer(chain *c)
{
    SIGNER(c)->spoil = make_hybrid;
}

/* Not signed by its own key, for all that its names are the same. */
static void
signer_of_the_roots_name(chain *c)
{
    SIGNER(c)->subject = "Root";
    SIGNER(c)->authority = FORGE_NONE;
}

static void (*const apart[])(chain *c) = { hybrid_issuer, hybrid_signer, signer_of_the_roots_name };

static void
differs_from_openssl_where_a_rule_says(void **state)
{
    forge signer = forge_signer("Signer", FORGE_KEYS - 1);
    subject s = { .count = 2 };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(apart); i++) {
        chain c = chain_of_two();

        apart[i](&c);
        s = oracle_encode(&c);
        assert_false(oracle_compare(&s));
    }
    s.ders[0] = s.ders[1] = forge_make(&signer, &crypto, &arena); /* trusted, and its own issuer */
    assert_false(oracle_compare(&s));
}

/* One to three octets of what is then signed: the parsers, not the signature, decide. */
static void
spoil(uint8_t *tbs, size_t len, void *context)
{
    (void)context;
    for (unsigned n = 1 + below(3); n > 0; n--) {
        size_t at = below((unsigned)len);

        tbs[at] = below(2) ? (uint8_t)(tbs[at] ^ 1U << below(8)) : (uint8_t)below(256);
    }
}

static void
judges_spoiled_certificates_as_openssl_does(void **state)
{
    unsigned accepted = 0;

    (void)state;
    seed = (carnet_test_seed){ 2 };
    for (unsigned i = 0; i < SPOILED; i++) {
        chain c = below(3) ? chain_of_three() : chain_of_two();
        subject s;

        (void)chain_empty(NULL);
        c.certificates[below((unsigned)c.count)].spoil = spoil;
        s = oracle_encode(&c);
        accepted += oracle_compare(&s);
    }
    print_message("# %u chains, %u accepted by both\n", SPOILED, accepted);
    assert_true(accepted > 0);
}

/* A bit of what has been signed, or of the signature.  Where in the signature does not depend on its length, which is
 * not the same in every run. */
static void
judges_flipped_bits_as_openssl_does(void **state)
{
    (void)state;
    seed = (carnet_test_seed){ 3 };
    for (unsigned i = 0; i < FLIPPED; i++) {
        chain c = chain_of_two();
        carnet_certificate opened;
        subject s;
        carnet_span der;
        size_t at;

        (void)chain_empty(NULL);
        s = oracle_encode(&c);
        der = s.ders[below(2)];
        assert_carnet_ok(carnet_certificate_open(der, &opened, NULL), NULL);
        at = below(4) != 0 ? below((unsigned)opened.tbs.len + 16) : der.len - 1 - below(70);
        arena.ptr[(size_t)(der.ptr - arena.ptr) + at] ^= (uint8_t)(1U << below(8));
        (void)oracle_compare(&s);
    }
}

static void
every_rule_explains_something(void **state)
{
    (void)state;
    oracle_rules_used();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_generated_chains_as_openssl_does),
        cmocka_unit_test_setup(differs_from_openssl_where_a_rule_says, chain_empty),
        cmocka_unit_test(judges_spoiled_certificates_as_openssl_does),
        cmocka_unit_test(judges_flipped_bits_as_openssl_does),
        cmocka_unit_test(every_rule_explains_something),
    };

    return cmocka_run_group_tests(tests, chain_setup, chain_teardown);
}
