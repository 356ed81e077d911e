/* SPDX-License-Identifier: Apache-2.0 */
/* The store of trusted certificates and revocation lists. */
#include "carnet/anchor_store.h"
#include "carnet/certificate_builder.h"
#include "support/support.h"

#include <string.h>

#define NOW  INT64_C(1790000000)
#define CAS  3
#define ROOM CARNET_CERTIFICATE_MAX

static carnet_crypto crypto;
static carnet_key keys[CAS];
static uint8_t room[CAS][ROOM], list_room[CAS][1024];
static carnet_span der[CAS], lists[CAS];
static carnet_certificate certificates[CAS];

/* Authorities 0 and 1 have one name and different keys; authority 2 another name. */
static int
set_up(void **state)
{
    carnet_crl_spec list = { .struct_size = sizeof(list), .this_update = NOW, .next_update = NOW + 1000, .number = 1 };

    (void)state;
    assert_carnet_rc(carnet_crypto_init(&crypto, NULL), CARNET_OK);
    for (size_t i = 0; i < CAS; i++) {
        carnet_certificate_spec spec = { .struct_size = sizeof(spec),
                                         .profile = &carnet_profile_iaca,
                                         .subject = { .country = carnet_str_of("UT"),
                                                      .common_name = carnet_str_of(i == 2 ? "Other" : "Root") },
                                         .not_before = NOW,
                                         .not_after = NOW + 100 * CARNET_TIME_DAY,
                                         .issuer_uri = carnet_str_of("https://utopia.example"),
                                         .crl_uri = carnet_str_of("https://utopia.example/crl") };
        carnet_buf out = carnet_buf_of(room[i], ROOM), crl = carnet_buf_of(list_room[i], sizeof(list_room[i]));
        carnet_err err = { 0 };

        assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &keys[i], &err),
                         &err);
        spec.public_key = keys[i].public_key;
        assert_carnet_ok(carnet_certificate_build(&spec, NULL, &keys[i], &crypto, &out, &err), &err);
        der[i] = carnet_buf_span(&out);
        assert_carnet_ok(carnet_certificate_open(der[i], &certificates[i], &err), &err);
        assert_carnet_ok(carnet_crl_build(&list, &certificates[i], &keys[i], &crypto, &crl, &err), &err);
        lists[i] = carnet_buf_span(&crl);
    }
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < CAS; i++)
        carnet_key_done(&keys[i]);
    carnet_crypto_done(&crypto);
    return 0;
}

typedef struct store {
    carnet_anchor anchors[4];
    carnet_span lists[2];
    carnet_anchor_store store;
} store;

static void
begin(store *s)
{
    carnet_anchor_store_init(&s->store, s->anchors, 4, s->lists, 2);
}

static void
add(store *s, size_t i, const char *doc_type)
{
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_anchor_store_add(&s->store, der[i], carnet_str_of(doc_type), &err), &err);
}

/* Which authorities are found, in the order found, as a number of decimal digits from 1. */
static int
found(const store *s, size_t issuer, size_t key, const char *doc_type)
{
    carnet_trust_anchors anchors = carnet_anchor_store_anchors(&s->store);
    carnet_anchor_query query = { .issuer = certificates[issuer].subject, .doc_type = carnet_str_of(doc_type) };
    const carnet_certificate *c;
    size_t cursor = 0;
    int out = 0;

    if (key < CAS)
        query.key_id = certificates[key].subject_key_id;
    while ((c = anchors.next(anchors.self, &query, &cursor)) != NULL)
        for (size_t i = 0; i < CAS; i++)
            if (carnet_span_equal(c->der, der[i]))
                out = 10 * out + (int)i + 1;
    assert_null(anchors.next(anchors.self, &query, &cursor)); /* it stays at the end */
    return out;
}

static void
anchors_are_found_by_name_those_with_the_key_first(void **state)
{
    store s;

    (void)state;
    begin(&s);
    add(&s, 0, NULL);
    add(&s, 1, NULL);
    add(&s, 2, NULL);
    assert_int_equal(found(&s, 0, CAS, "x"), 12);
    assert_int_equal(found(&s, 0, 0, "x"), 12);
    assert_int_equal(found(&s, 0, 1, "x"), 21);
    assert_int_equal(found(&s, 2, CAS, "x"), 3);
    assert_int_equal(found(&s, 2, 0, "x"), 3); /* a key identifier that is another's does not hide the name */
}

static void
an_anchor_is_good_only_for_its_document_type(void **state)
{
    store s;

    (void)state;
    begin(&s);
    add(&s, 0, "a");
    add(&s, 1, "b");
    assert_int_equal(found(&s, 0, CAS, "a"), 1);
    assert_int_equal(found(&s, 0, CAS, "b"), 2);
    assert_int_equal(found(&s, 0, CAS, "c"), 0);
    assert_int_equal(found(&s, 0, CAS, "A"), 0);
    assert_int_equal(found(&s, 0, CAS, NULL), 12); /* asked for no type in particular */
    assert_int_equal(found(&s, 2, CAS, "a"), 0);
    add(&s, 0, "b"); /* the same certificate for another type */
    assert_int_equal(found(&s, 0, CAS, "b"), 21);
}

static void
an_empty_store_finds_nothing(void **state)
{
    store s;
    carnet_revocation_source source;
    size_t cursor = 0;

    (void)state;
    begin(&s);
    assert_int_equal(found(&s, 0, CAS, "a"), 0);
    source = carnet_anchor_store_revocation(&s.store);
    assert_null(source.next(source.self, certificates[0].subject, &cursor).ptr);
}

static void
the_same_again_adds_nothing(void **state)
{
    store s;
    uint64_t generation;

    (void)state;
    begin(&s);
    add(&s, 0, "a");
    generation = s.store.generation;
    add(&s, 0, "a");
    assert_int_equal(s.store.count, 1);
    assert_int_equal(s.store.generation, generation);
    add(&s, 0, NULL); /* for all types is more */
    assert_int_equal(s.store.count, 2);
    add(&s, 0, "b");
    assert_int_equal(s.store.count, 2);
}

static void
refuses_what_is_no_certificate_or_list_and_what_does_not_fit(void **state)
{
    carnet_span cut = { der[0].ptr, der[0].len - 1 };
    store s;
    carnet_err err = { 0 };

    (void)state;
    carnet_anchor_store_init(&s.store, s.anchors, 1, s.lists, 1);
    assert_int_not_equal(carnet_anchor_store_add(&s.store, cut, (carnet_str){ 0 }, &err), CARNET_OK);
    assert_int_not_equal(carnet_anchor_store_add(&s.store, (carnet_span){ 0 }, (carnet_str){ 0 }, &err), CARNET_OK);
    assert_int_not_equal(carnet_anchor_store_add(&s.store, lists[0], (carnet_str){ 0 }, &err), CARNET_OK);
    assert_int_not_equal(carnet_anchor_store_add_crl(&s.store, der[0], &err), CARNET_OK);
    assert_int_equal(s.store.count + s.store.list_count, 0);
    add(&s, 0, NULL);
    assert_carnet_rc(carnet_anchor_store_add(&s.store, der[1], (carnet_str){ 0 }, &err), CARNET_E_TRUST_FULL);
    assert_carnet_ok(carnet_anchor_store_add_crl(&s.store, lists[0], &err), &err);
    assert_carnet_rc(carnet_anchor_store_add_crl(&s.store, lists[1], &err), CARNET_E_TRUST_FULL);
    assert_int_equal(s.store.count, 1);
    assert_int_equal(s.store.list_count, 1);
}

static void
lists_are_found_by_their_issuer(void **state)
{
    store s;
    carnet_revocation_source source;
    size_t cursor = 0;
    carnet_err err = { 0 };

    (void)state;
    begin(&s);
    assert_carnet_ok(carnet_anchor_store_add_crl(&s.store, lists[0], &err), &err);
    assert_carnet_ok(carnet_anchor_store_add_crl(&s.store, lists[1], &err), &err);
    source = carnet_anchor_store_revocation(&s.store);
    assert_span_equal(source.next(source.self, certificates[0].subject, &cursor), lists[0]);
    assert_span_equal(source.next(source.self, certificates[0].subject, &cursor), lists[1]);
    assert_null(source.next(source.self, certificates[0].subject, &cursor).ptr);
    cursor = 0;
    assert_null(source.next(source.self, certificates[2].subject, &cursor).ptr);
}

static uint64_t
generation_of(const store *s)
{
    carnet_trust_anchors anchors = carnet_anchor_store_anchors(&s->store);
    carnet_revocation_source revocation = carnet_anchor_store_revocation(&s->store);

    assert_int_equal(anchors.generation(anchors.self), revocation.generation(revocation.self));
    return anchors.generation(anchors.self);
}

/* Every content has a generation of its own, however it came about in the same place. */
static void
the_generation_tells_contents_apart(void **state)
{
    store s;
    uint64_t seen[8];
    size_t n = 0;
    carnet_err err = { 0 };

    (void)state;
    begin(&s);
    seen[n++] = generation_of(&s);
    add(&s, 0, NULL);
    seen[n++] = generation_of(&s);
    assert_carnet_ok(carnet_anchor_store_add_crl(&s.store, lists[0], &err), &err);
    seen[n++] = generation_of(&s);
    begin(&s);
    assert_int_equal(generation_of(&s), seen[0]);
    add(&s, 1, NULL);
    seen[n++] = generation_of(&s);
    begin(&s);
    add(&s, 0, "a");
    seen[n++] = generation_of(&s);
    add(&s, 1, "a");
    seen[n++] = generation_of(&s);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            assert_true(seen[i] != seen[k]);
    carnet_anchor_store_clear(&s.store);
    assert_int_equal(generation_of(&s), seen[0]);
    assert_int_equal(found(&s, 0, CAS, "a"), 0);
    add(&s, 0, NULL);
    assert_int_equal(generation_of(&s), seen[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anchors_are_found_by_name_those_with_the_key_first),
        cmocka_unit_test(an_anchor_is_good_only_for_its_document_type),
        cmocka_unit_test(an_empty_store_finds_nothing),
        cmocka_unit_test(the_same_again_adds_nothing),
        cmocka_unit_test(refuses_what_is_no_certificate_or_list_and_what_does_not_fit),
        cmocka_unit_test(lists_are_found_by_their_issuer),
        cmocka_unit_test(the_generation_tells_contents_apart),
    };

    return cmocka_run_group_tests_name("document/trust anchor store", tests, set_up, tear_down);
}
