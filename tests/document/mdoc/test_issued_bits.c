/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing of what was issued can be changed unseen. */
#include "issuing.h"

static issuing with;

typedef struct original {
    carnet_issuer_signed view;
    carnet_span payload;
    size_t unseen; /* changes that verified */
} original;

/* One of the items as they were issued. */
static bool
was_issued(const original *o, const carnet_issuer_signed_item *item)
{
    carnet_issuer_signed_item issued;

    return carnet_issuer_signed_find(&o->view, item->name_space, item->identifier, &issued) &&
           carnet_span_equal(item->encoded, issued.encoded);
}

/* If signature and digests are right, payload and items are as they were. */
static void
check_changed(carnet_span in, void *context)
{
    original *o = context;
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    carnet_issuer_signed view;
    carnet_cose_sign1 sign1;
    carnet_mso mso;
    carnet_err err = { 0 };

    if (carnet_issuer_signed_open(in, CARNET_CBOR_LENIENT, &view, &err) != CARNET_OK) {
        assert_true(err.offset <= in.len);
        return;
    }
    if (carnet_cose_sign1_open(view.issuer_auth, CARNET_CBOR_LENIENT, &sign1, NULL) != CARNET_OK ||
        carnet_cose_sign1_verify(&sign1, &with.crypto, &with.signer_key.public_key, NULL, NULL) != CARNET_OK)
        return;
    assert_span_equal(sign1.payload, o->payload);
    assert_carnet_ok(carnet_mso_open(sign1.payload, view.origin, 0, &mso, &err), &err);
    while (carnet_issuer_signed_next(&view, &cursor, &item))
        if (carnet_issuer_signed_item_verify(&item, &mso, &with.crypto, NULL) == CARNET_OK)
            assert_true(was_issued(o, &item));
        else
            return;
    o->unseen++;
}

static void
no_bit_of_signed_data_flips_unseen(void **state)
{
    carnet_span bytes;
    carnet_cose_sign1 sign1;
    original o = { 0 };
    carnet_err err = { 0 };

    (void)state;
    issuing_begin(&with, CARNET_CURVE_P256, CARNET_CURVE_P256);
    with.issue.count = 2;
    bytes = issuing_build(&with);
    assert_carnet_ok(carnet_issuer_signed_open(bytes, 0, &o.view, &err), &err);
    assert_carnet_ok(carnet_cose_sign1_open(o.view.issuer_auth, 0, &sign1, &err), &err);
    o.payload = sign1.payload;
    carnet_test_every_prefix(bytes, check_changed, &o);
    assert_int_equal(o.unseen, 0);
    carnet_test_every_bit(bytes, check_changed, &o);
    /* What may change is the certificate, which is not looked at here, and names of members that may be absent. */
    assert_true(o.unseen > 0 && o.unseen <= 8 * (with.chain[0].len + 32));
    issuing_done(&with);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(no_bit_of_signed_data_flips_unseen) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
