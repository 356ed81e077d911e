/* SPDX-License-Identifier: Apache-2.0 */
/* Documents made by others, from the shared test data: what each is, and its quirks by name. */
#include "carnet/cose_sign1.h"
#include "carnet/issuer_signed.h"

#include "support/support.h"

#include <stdio.h>

enum { LONG_HEADS = CARNET_CBOR_NOT_PREFERRED };

static const struct {
    const char *name;
    uint8_t allow;        /**< what must be let pass to open it */
    uint32_t items, fits; /**< items, and those whose digest is right */
    unsigned odd, mso_odd;
    const char *doc_type;
} documents[] = {
    { "animo_issuersigned_01", 0, 2, 1, CARNET_ISSUER_SIGNED_DIGEST_ID_LARGE, CARNET_MSO_DIGEST_ID_LARGE,
      "org.iso.18013.5.1" },
    { "animo_issuersigned_02", 0, 4, 2, CARNET_ISSUER_SIGNED_DIGEST_ID_LARGE, CARNET_MSO_DIGEST_ID_LARGE,
      "org.iso.18013.5.1" },
    { "animo_issuersigned_03", LONG_HEADS, 18, 18, CARNET_ISSUER_SIGNED_DIGEST_ID_LARGE, CARNET_MSO_DIGEST_ID_LARGE,
      "org.iso.18013.5.1.mDL" },
    { "eudi_lib_android_wallet_core_issuersigned_01", 0, 33, 33, 0, 0, "eu.europa.ec.eudi.pid.1" },
    { "eudi_srv_verifier_endpoint_issuersigned_01", 0, 8, 8, 0, 0, "org.iso.18013.5.1.mDL" },
    { "isomdl_issuersigned_02", 0, 6, 6, 0, 0, "org.iso.18013.5.1.mDL" },
    { "mdocts_issuersigned_01", 0, 2, 1, 0, 0, "org.iso.18013.5.1" },
    { "mdocts_issuersigned_02", 0, 4, 2, 0, 0, "org.iso.18013.5.1" },
    { "pagopa_issuersigned_01", LONG_HEADS, 10, 10, 0, CARNET_MSO_VALIDITY_EMPTY, "org.iso.18013.5.1.mDL" },
    { "pagopa_issuersigned_02", 0, 16, 16, 0, 0, "org.iso.18013.5.1.mDL" },
    { "pagopaios_issuersigned_01", 0, 8, 8, 0, 0, "eu.europa.ec.eudi.pid.1" },
    { "pagopaios_issuersigned_03", 0, 12, 12, 0, CARNET_MSO_IDENTIFIER_TEXT, "org.iso.18013.5.1.mDL" },
    { "sphereon_issuersigned_02", LONG_HEADS, 22, 0, 0, CARNET_MSO_TIME_UNTAGGED, "eu.europa.ec.eudi.pid.1" },
};

/* How many items' digests are right. */
static uint32_t
fitting(const carnet_issuer_signed *view, const carnet_mso *mso)
{
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    carnet_crypto crypto;
    carnet_err err = { 0 };
    uint32_t fits = 0;
    carnet_rc rc;

    assert_carnet_ok(carnet_crypto_init(&crypto, &err), &err);
    while (carnet_issuer_signed_next(view, &cursor, &item)) {
        rc = carnet_issuer_signed_item_verify(&item, mso, &crypto, &err);
        assert_true(rc == CARNET_OK || rc == CARNET_E_MDOC_DIGEST_MISMATCH);
        fits += rc == CARNET_OK;
    }
    carnet_crypto_done(&crypto);
    return fits;
}

static void
open_all(carnet_span bytes, unsigned allow, carnet_issuer_signed *view, carnet_mso *mso)
{
    carnet_cose_sign1 sign1;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_issuer_signed_open(bytes, allow, view, &err), &err);
    assert_carnet_ok(carnet_cose_sign1_open(view->issuer_auth, allow, &sign1, &err), &err);
    assert_carnet_ok(carnet_mso_open(sign1.payload, view->origin, allow, mso, &err), &err);
    assert_carnet_ok(carnet_issuer_signed_unique(view, &err), &err);
}

static void
reads_what_others_issued_and_names_its_quirks(void **state)
{
    char path[128];
    size_t i;

    (void)state;
    for (i = 0; i < CARNET_COUNT(documents); i++) {
        carnet_issuer_signed view;
        carnet_mso mso;
        carnet_span bytes;
        uint32_t fits;

        (void)snprintf(path, sizeof(path), "vectors/captured/%s.hex", documents[i].name);
        bytes = carnet_test_shared_hex(path);
        open_all(bytes, documents[i].allow, &view, &mso);
        fits = fitting(&view, &mso);
        if (view.item_count != documents[i].items || fits != documents[i].fits || view.odd != documents[i].odd ||
            mso.odd != documents[i].mso_odd || !carnet_str_is(mso.doc_type, documents[i].doc_type))
            fail_msg("%s: %u items, %u fit, odd %u, MSO odd %u", documents[i].name, view.item_count, fits, view.odd,
                     mso.odd);
        if (documents[i].allow != 0)
            assert_carnet_rc(carnet_issuer_signed_open(bytes, 0, &view, NULL), CARNET_E_CBOR_NOT_PREFERRED);
    }
}

static void
reads_the_documents_of_the_bench(void **state)
{
    static const struct {
        const char *path;
        uint32_t items;
    } inputs[] = { { "bench/inputs/issuer-signed-11.cbor", 11 }, { "bench/inputs/issuer-signed-30.cbor", 30 } };
    size_t i;

    (void)state;
    for (i = 0; i < CARNET_COUNT(inputs); i++) {
        carnet_issuer_signed view;
        carnet_mso mso;

        open_all(carnet_test_shared(inputs[i].path), 0, &view, &mso);
        assert_int_equal(view.item_count, inputs[i].items);
        assert_int_equal(mso.odd | view.odd, 0);
        assert_int_equal(fitting(&view, &mso), inputs[i].items);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_others_issued_and_names_its_quirks),
        cmocka_unit_test(reads_the_documents_of_the_bench),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
