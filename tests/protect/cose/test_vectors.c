/* SPDX-License-Identifier: Apache-2.0 */
/* Messages made by others: the COSE working group's examples, gluecose, and 18013-5 Annex D. */
#include "carnet/cose_key.h"
#include "carnet/cose_mac0.h"
#include "carnet/cose_sign1.h"
#include "support/support.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static carnet_crypto crypto;

static int
set_up(void **state)
{
    (void)state;
    return carnet_crypto_init(&crypto, NULL) == CARNET_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    carnet_crypto_done(&crypto);
    return 0;
}

/* --- reading the files --- */

static json_t *
load(const char *path)
{
    carnet_str text = carnet_test_shared_text(path);
    json_t *json = json_loadb(text.ptr, text.len, 0, NULL);

    assert_non_null(json);
    return json;
}

static const char *
text_of(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

static carnet_span
hex_of(const json_t *object, const char *member)
{
    const char *text = text_of(object, member);

    return text == NULL ? (carnet_span){ 0 } : carnet_test_hex(text);
}

static carnet_span
base64url_of(const json_t *object, const char *member)
{
    uint8_t storage[256];
    carnet_buf out = carnet_buf_of(storage, sizeof(storage));

    if (text_of(object, member) == NULL)
        return (carnet_span){ 0 };
    assert_carnet_rc(carnet_base64url_decode(carnet_str_of(text_of(object, member)), &out, NULL), CARNET_OK);
    return carnet_test_copy(carnet_buf_span(&out));
}

/* A JWK's public part; RSA gives a key without a curve. */
static carnet_public_key
public_key(const json_t *jwk)
{
    carnet_span x = base64url_of(jwk, "x"), y = base64url_of(jwk, "y");
    const carnet_curve_info *curve;
    carnet_public_key key = { 0 };

    if (text_of(jwk, "crv") == NULL)
        return key;
    if (x.ptr == NULL)
        x = hex_of(jwk, "x_hex");
    curve = carnet_curve_named(carnet_str_of(text_of(jwk, "crv")));
    assert_non_null(curve);
    key.curve = curve->curve;
    assert_int_equal(x.len, curve->coordinate);
    memcpy(key.x, x.ptr, x.len);
    if (!curve->okp)
        memcpy(key.y, y.ptr, curve->coordinate);
    return key;
}

/* Call for every file of a group; returns how many there are. */
static size_t
each(const char *group, void (*run)(const char *name, const json_t *entry, const json_t *file))
{
    json_t *index = load("vectors/index.json"), *entry;
    size_t i, count = 0;

    json_array_foreach(json_object_get(index, "entries"), i, entry)
    {
        char path[200];
        json_t *file;

        if (strcmp(text_of(entry, "group"), group) != 0)
            continue;
        assert_in_range(snprintf(path, sizeof(path), "vectors/%s", text_of(entry, "file")), 1, sizeof(path) - 1);
        file = load(path);
        run(text_of(entry, "name"), entry, file);
        json_decref(file);
        count++;
    }
    json_decref(index);
    return count;
}

static void
check_structure(const char *name, const char *context, carnet_span protected_bytes, const carnet_cose_content *content,
                carnet_span expected)
{
    uint8_t storage[2048];
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_span out;

    carnet_cose_structure_build(&b, context, protected_bytes, content);
    assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_OK);
    if (!carnet_span_equal(out, expected))
        fail_msg("%s: the bytes signed differ", name);
}

/* --- the COSE working group's examples --- */

static carnet_rc
verify_sign1(const char *name, const json_t *file, carnet_span message, bool must)
{
    const json_t *input = json_object_get(json_object_get(file, "input"), "sign0");
    carnet_cose_verify_options options = { .content.external_aad = hex_of(input, "external"), .plain = true };
    carnet_public_key key = public_key(json_object_get(input, "key"));
    carnet_cose_sign1 view;
    carnet_rc rc = carnet_cose_sign1_open(message, 0, &view, NULL);

    if (rc != CARNET_OK)
        return rc;
    if (must) {
        carnet_cose_content content = { options.content.external_aad, &view.payload, 1 };

        check_structure(name, "Signature1", view.headers.protected_bytes, &content,
                        hex_of(json_object_get(file, "intermediates"), "ToBeSign_hex"));
    }
    return carnet_cose_sign1_verify(&view, &crypto, &key, &options, NULL);
}

static carnet_rc
verify_mac0(const char *name, const json_t *file, carnet_span message, bool must)
{
    const json_t *input = json_object_get(json_object_get(file, "input"), "mac0");
    const json_t *recipient = json_array_get(json_object_get(input, "recipients"), 0);
    carnet_span k = base64url_of(json_object_get(recipient, "key"), "k");
    carnet_cose_content content = { .external_aad = hex_of(input, "external") };
    carnet_secret key = { .len = (uint8_t)k.len };
    carnet_cose_mac0 view;
    carnet_rc rc = carnet_cose_mac0_open(message, 0, &view, NULL);

    if (rc != CARNET_OK)
        return rc;
    assert_in_range(k.len, 1, CARNET_SECRET_MAX);
    memcpy(key.bytes, k.ptr, k.len);
    if (must) {
        carnet_cose_content whole = { content.external_aad, &view.payload, 1 };

        check_structure(name, "MAC0", view.headers.protected_bytes, &whole,
                        hex_of(json_object_get(file, "intermediates"), "ToMac_hex"));
    }
    return carnet_cose_mac0_verify(&view, &crypto, &key, &content, true, NULL);
}

static size_t verified, refused, unsupported;

static void
run_example(const char *name, const json_t *entry, const json_t *file)
{
    bool must = strcmp(text_of(entry, "expected"), "must verify") == 0;
    bool aes = strcmp(name, "RFC8152__Appendix_C_6_1") == 0;
    bool mac = json_object_get(json_object_get(file, "input"), "mac0") != NULL;
    carnet_span message = carnet_test_copy(hex_of(json_object_get(file, "output"), "cbor"));
    carnet_rc rc = (mac ? verify_mac0 : verify_sign1)(name, file, message, must);

    if (aes)
        assert_int_equal(rc, CARNET_E_COSE_ALGORITHM);
    else if ((rc == CARNET_OK) != must || (rc != CARNET_OK && rc >> 8 != CARNET_E_COSE_STRUCTURE >> 8))
        fail_msg("%s: code %#x, %s", name, (unsigned)rc, text_of(entry, "expected"));
    verified += rc == CARNET_OK;
    refused += rc != CARNET_OK && !aes;
    unsupported += aes;
}

static void
the_working_groups_examples_verify_or_fail(void **state)
{
    (void)state;
    verified = refused = unsupported = 0;
    assert_int_equal(each("cose-wg-examples", run_example), 32);
    assert_int_equal(verified, 18);
    assert_int_equal(refused, 13);
    assert_int_equal(unsupported, 1);
}

/* --- gluecose --- */

static carnet_rc
verify_gluecose(const json_t *file, const json_t *part, carnet_span message)
{
    carnet_cose_verify_options options = { .content.external_aad = hex_of(part, "external"), .plain = true };
    carnet_public_key key = public_key(json_object_get(file, "key"));
    carnet_cose_sign1 view;
    carnet_err err;

    assert_carnet_ok(carnet_cose_sign1_open(message, 0, &view, &err), &err);
    return carnet_cose_sign1_verify(&view, &crypto, &key, &options, &err);
}

/* Everything after alg of a protected map that begins with it; pairs of the unprotected one. */
static carnet_span
pairs_of(carnet_span map, size_t skip)
{
    return (carnet_span){ map.ptr + skip, map.len - skip };
}

/* Sign what the file says with its key: the same bytes up to the signature, which differs each time. */
static void
sign_gluecose(const char *name, const json_t *file, const json_t *part, carnet_span expected)
{
    carnet_span d = base64url_of(json_object_get(file, "key"), "d"), payload = hex_of(part, "payload"), out;
    carnet_span p = hex_of(json_object_get(part, "protectedHeaders"), "cborHex");
    carnet_span u = hex_of(json_object_get(part, "unprotectedHeaders"), "cborHex");
    carnet_public_key public = public_key(json_object_get(file, "key"));
    carnet_cose_sign1_params params = { .content = { hex_of(part, "external"), &payload, 1 },
                                        .tagged = true,
                                        .unprotected_pairs = pairs_of(u, 1),
                                        .unprotected_count = carnet_cbor_count(u) };
    uint8_t storage[512];
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_key key;
    carnet_err err;

    params.protected_count = carnet_cbor_count(p) - 1;
    params.protected_pairs = pairs_of(p, p.ptr[2] < 0x38 ? 3 : 4);
    check_structure(name, "Signature1", p, &params.content, hex_of(json_object_get(part, "tbsHex"), "cborHex"));
    assert_carnet_ok(carnet_software_key_from_scalar(&crypto, public.curve, d, CARNET_KEY_SIGN, &key, &err), &err);
    assert_carnet_ok(carnet_cose_sign1_build(&b, &crypto, &key, &params, &err), &err);
    assert_carnet_ok(carnet_cbor_built(&b, &out, &err), &err);
    assert_int_equal(out.len, expected.len);
    out.len = expected.len -= carnet_curve_get(public.curve)->signature;
    assert_span_equal(out, expected);
    out.len += carnet_curve_get(public.curve)->signature;
    assert_carnet_ok(verify_gluecose(file, part, out), &err);
    carnet_key_done(&key);
}

static void
run_gluecose(const char *name, const json_t *entry, const json_t *file)
{
    const json_t *made = json_object_get(file, "sign1::sign"), *given = json_object_get(file, "sign1::verify");
    const json_t *message =
        made != NULL ? json_object_get(made, "expectedOutput") : json_object_get(given, "taggedCOSESign1");
    bool rsa = strncmp(text_of(file, "alg"), "PS", 2) == 0;
    carnet_span cbor = carnet_test_copy(hex_of(message, "cborHex"));
    carnet_rc rc = verify_gluecose(file, made != NULL ? made : given, cbor);

    (void)entry;
    assert_true(made != NULL || json_is_true(json_object_get(given, "shouldVerify")));
    if (rc != (rsa ? CARNET_E_COSE_ALGORITHM : CARNET_OK))
        fail_msg("%s: code %#x", name, (unsigned)rc);
    if (made != NULL && !rsa)
        sign_gluecose(name, file, made, cbor);
    verified += !rsa;
    unsupported += rsa;
}

static void
gluecose_verifies_and_is_made_again(void **state)
{
    (void)state;
    verified = unsupported = 0;
    assert_int_equal(each("gluecose", run_gluecose), 14);
    assert_int_equal(verified, 8);
    assert_int_equal(unsupported, 6);
}

/* --- 18013-5 Annex D --- */

#define ANNEX_D "vectors/iso18013-5-annexD/"

/* The key of a certificate of Annex D: all are of P-256, and the first point in it is the subject's. */
static carnet_public_key
certificate_key(carnet_span certificate)
{
    carnet_span head = CARNET_TEST_BYTES("\x03\x42\x00\x04");
    carnet_public_key key;
    carnet_err err;

    for (size_t i = 0; i + head.len + 64 <= certificate.len; i++)
        if (memcmp(certificate.ptr + i, head.ptr, head.len) == 0) {
            carnet_span point = { certificate.ptr + i + 3, 65 };

            assert_carnet_ok(carnet_public_key_from_point(&crypto, CARNET_CURVE_P256, point, &key, &err), &err);
            return key;
        }
    fail_msg("the certificate has no point");
    return (carnet_public_key){ 0 };
}

static void
the_issuer_auth_of_annex_d_verifies(void **state)
{
    carnet_span cbor = carnet_test_copy(carnet_test_shared_hex(ANNEX_D "issuer_auth.hex")), certificate;
    carnet_cose_content content = { 0 };
    carnet_public_key key;
    carnet_cose_sign1 view;
    carnet_err err;

    (void)state;
    assert_carnet_ok(carnet_cose_sign1_open(cbor, 0, &view, &err), &err);
    assert_int_equal(view.headers.seen, 0);
    assert_int_equal(view.headers.cbor_seen, 0);
    assert_int_equal(view.headers.x5chain_count, 1);
    assert_carnet_ok(carnet_cose_x5chain_leaf(&view.headers, &certificate, &err), &err);
    assert_span_equal(certificate, carnet_test_shared_hex(ANNEX_D "ds_cert.hex"));
    key = certificate_key(certificate);
    assert_carnet_ok(carnet_cose_sign1_verify(&view, &crypto, &key, NULL, &err), &err);
    content.payload = &view.payload;
    content.payload_count = 1;
    check_structure("issuer_auth", "Signature1", view.headers.protected_bytes, &content,
                    carnet_test_shared_hex(ANNEX_D "issuer_auth_sig_structure.hex"));
}

static void
the_reader_auth_of_annex_d_verifies(void **state)
{
    carnet_span cbor = carnet_test_copy(carnet_test_shared_hex(ANNEX_D "reader_auth.hex")), certificate;
    carnet_span signed_bytes = carnet_test_shared_hex(ANNEX_D "reader_authentication_bytes.hex");
    carnet_span halves[] = { { signed_bytes.ptr, 100 }, { signed_bytes.ptr + 100, signed_bytes.len - 100 } };
    carnet_cose_verify_options options = { .content = { .payload = halves, .payload_count = 2 } };
    carnet_public_key key;
    carnet_cose_sign1 view;
    carnet_err err;

    (void)state;
    assert_carnet_ok(carnet_cose_sign1_open(cbor, 0, &view, &err), &err);
    assert_true(view.detached);
    assert_carnet_ok(carnet_cose_x5chain_leaf(&view.headers, &certificate, &err), &err);
    key = certificate_key(certificate);
    assert_carnet_ok(carnet_cose_sign1_verify(&view, &crypto, &key, &options, &err), &err);
    check_structure("reader_auth", "Signature1", view.headers.protected_bytes, &options.content,
                    carnet_test_shared_hex(ANNEX_D "reader_auth_sig_structure.hex"));
    halves[1].len--;
    assert_carnet_rc(carnet_cose_sign1_verify(&view, &crypto, &key, &options, &err), CARNET_E_COSE_SIGNATURE);
}

static void
the_device_mac_of_annex_d_verifies_and_is_made_again(void **state)
{
    carnet_span map = carnet_test_shared_hex(ANNEX_D "device_auth.hex"), out;
    carnet_span mac = { map.ptr + 11, map.len - 11 }; /* {"deviceMac": ... } */
    carnet_span signed_bytes = carnet_test_shared_hex(ANNEX_D "device_authentication_bytes.hex");
    carnet_cose_mac0_params params = { .content = { .payload = &signed_bytes, .payload_count = 1 }, .detached = true };
    json_t *keys = load(ANNEX_D "keys.json");
    carnet_span k = hex_of(keys, "EMacKey");
    carnet_secret key = { .len = 32 };
    uint8_t storage[64];
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_cose_mac0 view;
    carnet_err err;

    (void)state;
    memcpy(key.bytes, k.ptr, 32);
    assert_carnet_ok(carnet_cose_mac0_open(mac, 0, &view, &err), &err);
    assert_carnet_ok(carnet_cose_mac0_verify(&view, &crypto, &key, &params.content, false, &err), &err);
    check_structure("device_auth", "MAC0", view.headers.protected_bytes, &params.content,
                    carnet_test_shared_hex(ANNEX_D "mac_structure.hex"));
    assert_carnet_ok(carnet_cose_mac0_build(&b, &crypto, &key, &params, &err), &err);
    assert_carnet_ok(carnet_cbor_built(&b, &out, &err), &err);
    assert_span_equal(out, mac);
    key.bytes[0] ^= 1;
    assert_carnet_rc(carnet_cose_mac0_verify(&view, &crypto, &key, &params.content, false, &err), CARNET_E_COSE_MAC);
    json_decref(keys);
}

static void
the_session_keys_of_annex_d_open(void **state)
{
    carnet_span bytes = carnet_test_shared_hex(ANNEX_D "e_device_key_bytes.hex");
    json_t *keys = load(ANNEX_D "keys.json");
    carnet_cbor_reader r = carnet_cbor_open(bytes);
    carnet_span cbor = carnet_cbor_tag24(&r).content, out;
    uint8_t storage[CARNET_COSE_KEY_MAX];
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_cose_key key;
    carnet_err err;

    (void)state;
    assert_carnet_ok(carnet_cose_key_open(cbor, 0, &crypto, &key, &err), &err);
    assert_int_equal(key.seen, 0);
    assert_span_equal(carnet_span_of(key.key.x, 32), hex_of(json_object_get(keys, "eDeviceKey"), "x"));
    carnet_cose_key_build(&b, &key.key);
    assert_carnet_ok(carnet_cbor_built(&b, &out, &err), &err);
    assert_span_equal(out, cbor);
    json_decref(keys);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_working_groups_examples_verify_or_fail),
        cmocka_unit_test(gluecose_verifies_and_is_made_again),
        cmocka_unit_test(the_issuer_auth_of_annex_d_verifies),
        cmocka_unit_test(the_reader_auth_of_annex_d_verifies),
        cmocka_unit_test(the_device_mac_of_annex_d_verifies_and_is_made_again),
        cmocka_unit_test(the_session_keys_of_annex_d_open),
    };

    return cmocka_run_group_tests_name("protect/cose vectors", tests, set_up, tear_down);
}
