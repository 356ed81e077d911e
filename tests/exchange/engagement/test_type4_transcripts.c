/* SPDX-License-Identifier: Apache-2.0 */
/* The APDU transcripts of another implementation, through both state machines byte for byte. */
#include "carnet/json.h"
#include "carnet/nfc_handover.h"
#include "carnet/type4_reader.h"
#include "carnet/type4_tag.h"
#include "support/support.h"

#include <string.h>

static uint8_t tag_storage[32767], reader_storage[4096];

static carnet_span
octets(const carnet_json *exchange, const char *name)
{
    char text[2048];
    carnet_str hex = carnet_json_string(carnet_json_get(exchange, name));

    assert_true(hex.len < sizeof text);
    memcpy(text, hex.ptr, hex.len);
    text[hex.len] = '\0';
    return carnet_test_hex(text);
}

/** A transcript, driven exchange by exchange. */
typedef struct transcript {
    carnet_json *document;
    const carnet_json *exchanges;
    carnet_span select, request;
} transcript;

static transcript
load(const char *path, const char *select, const char *request)
{
    transcript t = { 0 };

    t.select = carnet_test_shared_hex(select);
    if (request != NULL) {
        t.request = carnet_test_shared_hex(request);
    }
    assert_carnet_ok(carnet_json_parse(carnet_test_shared_text(path), &t.document, NULL), NULL);
    t.exchanges = carnet_json_get(t.document, "exchanges");
    assert_true(carnet_json_count(t.exchanges) > 5);
    return t;
}

static void
drive_tag(const transcript *t)
{
    carnet_type4_tag tag;
    carnet_err err;
    size_t count = carnet_json_count(t->exchanges);

    assert_carnet_ok(carnet_type4_tag_init(&tag,
                                           &(carnet_type4_tag_parameters){
                                               .select = t->request.len == 0 ? t->select : (carnet_span){ 0 },
                                               .storage = tag_storage,
                                               .capacity = sizeof tag_storage,
                                               .wait_extensions = 15,
                                               .message_max = 0xffff,
                                           },
                                           &err),
                     &err);
    for (size_t i = 0; i < count; i++) {
        uint8_t out[512];
        carnet_buf response = carnet_buf_of(out, sizeof out);
        const carnet_json *exchange = carnet_json_at(t->exchanges, i);
        carnet_type4_event event = carnet_type4_tag_command(&tag, octets(exchange, "cmd"), &response, &err);

        assert_span_equal(carnet_buf_span(&response), octets(exchange, "rsp"));
        if (event == CARNET_TYPE4_REQUEST) {
            assert_span_equal(carnet_type4_tag_request(&tag), t->request);
            assert_carnet_ok(carnet_type4_tag_answer(&tag, t->select, &err), &err);
        } else {
            assert_int_equal(event, i == 0           ? CARNET_TYPE4_SELECTED
                                    : i + 1 == count ? CARNET_TYPE4_READ
                                                     : CARNET_TYPE4_NOTHING);
        }
    }
}

static void
drive_reader(const transcript *t)
{
    uint8_t out[512];
    carnet_buf command = carnet_buf_of(out, sizeof out);
    carnet_type4_reader reader;
    carnet_type4_step step;
    uint32_t wait_ms;
    carnet_err err = { 0 };

    step = carnet_type4_reader_start(&reader,
                                     &(carnet_type4_reader_parameters){ .request = t->request,
                                                                        .storage = reader_storage,
                                                                        .capacity = sizeof reader_storage,
                                                                        .select_without_le = true },
                                     &command, &err);
    for (size_t i = 0; i < carnet_json_count(t->exchanges); i++) {
        const carnet_json *exchange = carnet_json_at(t->exchanges, i);

        assert_int_equal(step, CARNET_TYPE4_SEND);
        assert_span_equal(carnet_buf_span(&command), octets(exchange, "cmd"));
        step = carnet_type4_reader_take(&reader, octets(exchange, "rsp"), &command, &wait_ms, &err);
    }
    assert_int_equal(step, CARNET_TYPE4_DONE);
    assert_span_equal(reader.select, t->select);
    assert_span_equal(reader.request, t->request);
}

static void
static_handover_is_as_in_the_transcript_at_both_ends(void **state)
{
    transcript t =
        load("vectors/nfc/apdu_static_handover.json", "vectors/nfc/static_handover_handover_select.hex", NULL);

    (void)state;
    drive_tag(&t);
    drive_reader(&t);
    carnet_json_free(&t.document);
}

static void
negotiated_handover_is_as_in_the_transcript_at_both_ends(void **state)
{
    transcript t =
        load("vectors/nfc/apdu_negotiated_handover.json", "vectors/nfc/negotiated_handover_handover_select.hex",
             "vectors/nfc/negotiated_handover_handover_request.hex");

    (void)state;
    drive_tag(&t);
    drive_reader(&t);
    carnet_json_free(&t.document);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(static_handover_is_as_in_the_transcript_at_both_ends),
        cmocka_unit_test(negotiated_handover_is_as_in_the_transcript_at_both_ends),
    };

    return cmocka_run_group_tests_name("type 4 transcripts", tests, NULL, NULL);
}
