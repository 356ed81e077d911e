/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader's side of a session.  The first byte says whether the rest is an
 * engagement, a message, or a DeviceResponse that the target encrypts as the
 * mdoc would and the reader judges.
 */
#include "carnet/policy.h"
#include "talk_world.h"

enum { ENGAGEMENT, MESSAGE, RESPONSE, MODES };
#define ROOM    (1 << 17)
#define ENTRIES 3000

static talk_world t;
static uint8_t message[ROOM], request_room[1024];
static carnet_report_entry entries[ENTRIES];
static carnet_span request;

static void
set_up(void)
{
    static const carnet_requested_element elements[] = {
        { { "org.iso.18013.5.1", 17 }, { "family_name", 11 }, false },
        { { "org.iso.18013.5.1", 17 }, { "age_over_18", 11 }, true },
    };
    carnet_doc_request_draft doc = { .elements = elements, .count = CARNET_COUNT(elements) };
    carnet_cbor_builder b = carnet_cbor_build(request_room, sizeof(request_room));
    static bool done;

    if (done)
        return;
    talk_world_init(&t);
    doc.doc_type = carnet_str_of(WORLD_DOC_TYPE);
    MUST(carnet_device_request_build(&(carnet_device_request_draft){ .documents = &doc, .count = 1 }, &t.w.crypto, &b,
                                     NULL) == CARNET_OK);
    request = talk_built(&b);
    done = true;
}

static void
engage(carnet_span engagement)
{
    static uint8_t room[8192];
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_reader reader;
    carnet_session_transcript view;
    carnet_rc rc = carnet_reader_engage(&reader, &t.w.crypto, engagement, NULL, &storage, NULL);

    if (rc == CARNET_OK) {
        MUST(reader.session.open && storage.len <= CARNET_READER_STORAGE + engagement.len);
        MUST(carnet_session_transcript_open(reader.session_transcript, &view, NULL) == CARNET_OK);
        MUST(carnet_span_equal(view.device_engagement, engagement));
    } else {
        MUST(storage.len == 0 && reader.key.ops == NULL);
        talk_check_wiped(&reader.session);
    }
    carnet_reader_done(&reader);
    talk_check_wiped(&reader.session);
}

/* A report on anything: well-formed, and valid only with what makes it so. */
static void
judge(carnet_reader *reader, carnet_span response)
{
    carnet_verification with = { .struct_size = sizeof(with), .anchors = &t.w.source, .allow = CARNET_CBOR_LENIENT };
    carnet_report report;
    const carnet_report_entry *entry;

    carnet_report_init(&report, entries, ENTRIES, WORLD_NOW, 0);
    if (carnet_reader_judge(reader, &with, response, request, &report, NULL) != CARNET_OK)
        return;
    MUST(report.count > 0);
    for (size_t i = 0; i < report.count; i++) {
        MUST(report.entries[i].check < CARNET_CHECK_COUNT && report.entries[i].outcome <= CARNET_UNDETERMINED);
        MUST(memchr(report.entries[i].path, 0, sizeof(report.entries[i].path)) != NULL);
        MUST(memchr(report.entries[i].detail, 0, sizeof(report.entries[i].detail)) != NULL);
    }
    if (carnet_policy_judge(NULL, &report, CARNET_NO_DOCUMENT) == CARNET_VERDICT_VALID) {
        entry = carnet_report_find(&report, CARNET_CHECK_DEVICE_AUTHENTICATION, 0);
        MUST(entry != NULL && entry->outcome == CARNET_PASS);
        entry = carnet_report_find(&report, CARNET_CHECK_ISSUER_SIGNATURE, 0);
        MUST(entry != NULL && entry->outcome == CARNET_PASS);
    }
}

static void
receive(carnet_span input, bool seal, carnet_session_status with)
{
    carnet_reader reader = { .crypto = &t.w.crypto,
                             .session = t.reader,
                             .reader_key_bytes = t.reader_key_bytes,
                             .session_transcript = t.transcript,
                             .established = true };
    carnet_session mdoc = t.mdoc;
    carnet_span response;
    uint64_t status;
    size_t len = input.len;
    carnet_rc rc;

    if (seal)
        len = talk_seal(&t, &mdoc, input, with, message, sizeof(message));
    else if (len != 0)
        memcpy(message, input.ptr, len);
    world_key(&t.w, &reader.key, 0x66);
    rc = carnet_reader_receive(&reader, message, len, &response, &status, NULL);
    if (seal) {
        MUST(rc == CARNET_OK && carnet_span_equal(response, input) && status == (uint64_t)with);
        judge(&reader, response);
    } else {
        MUST(response.ptr == NULL); /* nobody sealed anything */
    }
    MUST(reader.session.open == (rc == CARNET_OK && status == 0 && (seal || reader.session.open)));
    if (rc != CARNET_OK || status != 0)
        talk_check_wiped(&reader.session);
    carnet_reader_done(&reader);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_span input;

    set_up();
    if (size < 1 || size > 8192)
        return 0;
    input = carnet_span_of(data + 1, size - 1);
    if (data[0] % MODES == ENGAGEMENT)
        engage(input);
    else
        receive(input, data[0] % MODES == RESPONSE,
                data[0] & 0x80 ? CARNET_SESSION_TERMINATION : CARNET_SESSION_NO_STATUS);
    return 0;
}
