/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/engagement.h"
#include "fuzz.h"

#include <string.h>

/* Methods are stepped through to their end, each in the input; what is usable has what its type demands. */
static void
check_methods(const carnet_engagement *view, carnet_span input)
{
    carnet_retrieval_method method;
    carnet_span rest = view->methods;
    size_t count = 0;

    while (carnet_engagement_next_method(view, &rest, &method)) {
        static uint8_t room[1 << 16];
        carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));

        carnet_method_build(&b, &method);
        MUST(b.rc == CARNET_E_NO_SPACE || (b.rc == CARNET_OK) == method.usable);
        MUST(++count <= 16 && fuzz_inside(method.options, input) && fuzz_inside(rest, input));
        if (!method.usable)
            continue;
        MUST(method.version == 1 && method.type >= CARNET_METHOD_NFC && method.type <= CARNET_METHOD_REST);
        if (method.type == CARNET_METHOD_NFC)
            MUST(method.nfc.max_command >= 255 && method.nfc.max_response <= 65536);
        if (method.type == CARNET_METHOD_BLE) {
            MUST(method.ble.peripheral_server || method.ble.central_client);
            MUST(method.ble.central_client == (method.ble.central_client_uuid.len == 16));
            MUST(method.ble.peripheral_server == (method.ble.peripheral_server_uuid.len == 16));
        }
        if (method.type == CARNET_METHOD_REST)
            MUST(method.uri.len != 0);
    }
    MUST(view->methods.len == 0 || count > 0);
}

/* What is taken views into the input and holds to its promises; a refusal has a place in it. */
static void
check(carnet_span input, bool reader, carnet_rc *rc)
{
    carnet_engagement view;
    carnet_err err = { 0 };
    carnet_str domain;

    *rc =
        reader ? carnet_reader_engagement_open(input, &view, &err) : carnet_device_engagement_open(input, &view, &err);
    if (*rc != CARNET_OK) {
        MUST(err.rc == *rc && err.offset <= input.len && view.encoded.ptr == NULL && !view.has_key);
        return;
    }
    MUST(carnet_span_equal(view.encoded, input));
    MUST(carnet_str_starts(view.version, "1.") && fuzz_inside(carnet_str_bytes(view.version), input));
    MUST(fuzz_inside(view.key_bytes.encoded, input) && fuzz_inside(view.origin_infos, input));
    MUST(fuzz_inside(view.server_retrieval, input) && fuzz_inside(view.capabilities.mac_keys_curves, input));
    MUST(reader || view.key_bytes.encoded.len != 0);
    MUST(!view.has_key || (view.cipher_suite == 1 && carnet_curve_get(view.key.key.curve)->agrees));
    domain = carnet_engagement_domain(&view);
    MUST(fuzz_inside(carnet_str_bytes(domain), input));
    check_methods(&view, input);
}

/* The text of the input as a URI: what it carries is written as the same text, but for the scheme's case. */
static void
check_uri(carnet_str text)
{
    static uint8_t bytes[1 << 16], again[1 << 16];
    carnet_buf out = carnet_buf_of(bytes, sizeof(bytes)), uri = carnet_buf_of(again, sizeof(again));
    carnet_uri_kind kind;
    carnet_err err = { 0 };

    if (carnet_engagement_uri_decode(text, &kind, &out, &err) != CARNET_OK) {
        MUST(out.len == 0 && (err.offset <= text.len || err.offset == CARNET_NO_OFFSET));
        return;
    }
    carnet_engagement_uri_encode(kind, carnet_buf_span(&out), &uri);
    MUST(uri.overflow || (uri.len == text.len && memcmp(uri.ptr + 5, text.ptr + 5, text.len - 5) == 0));
}

/* A link gives a reader engagement, or nothing at all; what is written is read again. */
static void
check_link(carnet_str text)
{
    static uint8_t bytes[1 << 16], again[1 << 16];
    carnet_buf out = carnet_buf_of(bytes, sizeof(bytes)), link = carnet_buf_of(again, sizeof(again));
    carnet_err err = { 0 };

    if (carnet_engagement_link_decode(text, &out, &err) != CARNET_OK) {
        MUST(out.len == 0 && (err.offset <= text.len || err.offset == CARNET_NO_OFFSET));
        return;
    }
    MUST(out.len != 0);
    carnet_engagement_link_encode(carnet_str_of("https://a?b"), carnet_buf_span(&out), &link);
    out.len = 0;
    MUST(link.overflow || carnet_engagement_link_decode(carnet_buf_str(&link), &out, &err) == CARNET_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_span input = { data, size };
    carnet_rc device, reader;

    check(input, false, &device);
    check(input, true, &reader);
    MUST(device != CARNET_OK || reader == CARNET_OK); /* a device must say more */
    check_uri((carnet_str){ (const char *)data, size });
    check_link((carnet_str){ (const char *)data, size });
    return 0;
}
