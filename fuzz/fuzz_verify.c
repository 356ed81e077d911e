/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole verification.  The first byte says what the rest is: a
 * DeviceResponse, a Document, an IssuerSigned, or a MobileSecurityObject and
 * items for which the target makes the issuer's signature, so that what lies
 * behind a good signature is reached too.
 */
#include "carnet/cose_sign1.h"
#include "carnet/issuer_signed.h"
#include "carnet/policy.h"
#include "verify_world.h"

enum { RESPONSE, DOCUMENT, ISSUER_SIGNED, SIGN, KINDS, STRICT = 4, NO_TRANSCRIPT = 8, NO_READER_KEY = 16 };
#define ENTRIES 3000

static verify_world w;
static carnet_remembered_chain slots[2];
static carnet_chain_memory memory;
static carnet_report_entry entries[2][ENTRIES];

static void
set_up(void)
{
    static bool done;

    if (done)
        return;
    verify_world_init(&w);
    carnet_chain_memory_init(&memory, slots, CARNET_COUNT(slots));
    done = true;
}

/* [length, two bytes] name spaces, MobileSecurityObject: into an IssuerSigned. */
static carnet_span
sign(carnet_span in)
{
    static uint8_t room[1 << 17], payload[1 << 16];
    carnet_cbor_builder inner = carnet_cbor_build(payload, sizeof(payload)), b = carnet_cbor_build(room, sizeof(room));
    carnet_span part = { payload, 0 };
    carnet_cose_sign1_params params = { .content = { .payload = &part, .payload_count = 1 },
                                        .x5chain = &w.signer_der,
                                        .x5chain_count = 1 };
    size_t len = in.len >= 2 ? (size_t)in.ptr[0] << 8 | in.ptr[1] : 0;

    if (in.len < 2 || len > in.len - 2 || in.len > 16384)
        return (carnet_span){ 0 };
    carnet_cbor_add_tag24(&inner, (carnet_span){ in.ptr + 2 + len, in.len - 2 - len });
    part.len = inner.len;
    carnet_cbor_add_map(&b, len != 0 ? 2 : 1);
    if (len != 0) {
        carnet_cbor_add_text(&b, "nameSpaces");
        carnet_cbor_add_raw(&b, (carnet_span){ in.ptr + 2, len });
    }
    carnet_cbor_add_text(&b, "issuerAuth");
    MUST(carnet_cose_sign1_build(&b, &w.crypto, &w.signer, &params, NULL) == CARNET_OK);
    return (carnet_span){ room, b.len };
}

static carnet_rc
verify(unsigned kind, carnet_span in, const carnet_verification *with, carnet_report *report, carnet_err *err)
{
    if (kind == RESPONSE)
        return carnet_device_response_verify(with, in, report, err);
    if (kind == DOCUMENT)
        return carnet_document_verify(with, in, report, err);
    return carnet_issuer_signed_verify(with, in, (carnet_str){ 0 }, report, err);
}

/* Entries are well-formed: known check and outcome, texts ended, a place in the input or none. */
static void
check_entries(const carnet_report *report, size_t size)
{
    for (size_t i = 0; i < report->count; i++) {
        const carnet_report_entry *entry = &report->entries[i];

        MUST(entry->check < CARNET_CHECK_COUNT && entry->outcome <= CARNET_UNDETERMINED);
        MUST(memchr(entry->path, 0, sizeof(entry->path)) != NULL);
        MUST(memchr(entry->detail, 0, sizeof(entry->detail)) != NULL);
        MUST(entry->offset == CARNET_NO_OFFSET || entry->offset <= size);
        MUST(entry->document == CARNET_NO_DOCUMENT || entry->document < CARNET_DOCUMENTS_MAX);
    }
}

static bool
passed(const carnet_report *report, carnet_check check, uint16_t document)
{
    const carnet_report_entry *entry = carnet_report_find(report, check, document);

    return entry != NULL && entry->outcome == CARNET_PASS;
}

/* Nothing is valid without what makes it so. */
static void
check_valid(const carnet_report *report, unsigned kind)
{
    uint16_t documents = 0;

    for (size_t i = 0; i < report->count; i++)
        if (report->entries[i].document != CARNET_NO_DOCUMENT && report->entries[i].document >= documents)
            documents = (uint16_t)(report->entries[i].document + 1);
    MUST(documents > 0);
    for (uint16_t d = 0; d < documents; d++) {
        MUST(passed(report, CARNET_CHECK_DOCUMENT_STRUCTURE, d));
        MUST(passed(report, CARNET_CHECK_PATH_FOUND, d) && passed(report, CARNET_CHECK_PATH_SIGNATURE, d));
        MUST(passed(report, CARNET_CHECK_PATH_VALIDITY, d) && passed(report, CARNET_CHECK_PATH_CRITICAL, d));
        MUST(passed(report, CARNET_CHECK_SIGNER_EXTENDED_KEY_USAGE, d));
        MUST(passed(report, CARNET_CHECK_ISSUER_SIGNATURE, d) && passed(report, CARNET_CHECK_DIGESTS, d));
        MUST(passed(report, CARNET_CHECK_MSO_VALIDITY, d) && passed(report, CARNET_CHECK_ELEMENT_TWICE, d));
        MUST(kind >= ISSUER_SIGNED || passed(report, CARNET_CHECK_DEVICE_AUTHENTICATION, d));
        MUST(kind >= ISSUER_SIGNED || passed(report, CARNET_CHECK_DEVICE_AUTHORISED, d));
        MUST(kind >= ISSUER_SIGNED || passed(report, CARNET_CHECK_MSO_DOCTYPE, d));
    }
}

/* What the issuer's key did not sign here: elements of the seeds have one of three values. */
static void
check_nothing_forged(carnet_span in)
{
    carnet_issuer_signed view;
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;

    MUST(carnet_issuer_signed_open(in, CARNET_CBOR_LENIENT, &view, NULL) == CARNET_OK);
    while (carnet_issuer_signed_next(&view, &cursor, &item))
        MUST(carnet_span_equal(item.value, carnet_span_of("\x63"
                                                          "abc",
                                                          4)) ||
             carnet_span_equal(item.value, carnet_span_of("\x62UT", 3)) ||
             carnet_span_equal(item.value, carnet_span_of("\xf5", 1)));
}

static void
check_same(const carnet_report *a, const carnet_report *b)
{
    MUST(a->count == b->count && a->overflow == b->overflow);
    for (size_t i = 0; i < a->count; i++) {
        MUST(a->entries[i].check == b->entries[i].check && a->entries[i].outcome == b->entries[i].outcome);
        MUST(a->entries[i].rc == b->entries[i].rc && a->entries[i].offset == b->entries[i].offset);
        MUST(strcmp(a->entries[i].detail, b->entries[i].detail) == 0);
    }
}

/* A report is well-formed; what is valid is so for a reason; remembering changes nothing. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const carnet_policy policy = { .name = "default" };
    carnet_report report, again;
    carnet_err err = { 0 };
    carnet_span in = { data + 1, size - 1 };
    unsigned kind;
    carnet_rc rc;

    set_up();
    if (size == 0)
        return 0;
    kind = data[0] % KINDS;
    carnet_verification with = {
        .struct_size = sizeof(with),
        .crypto = &w.crypto,
        .anchors = &w.source,
        .session_transcript = { world_transcript, data[0] & NO_TRANSCRIPT ? 0 : sizeof(world_transcript) },
        .reader_keys = w.reader_keys,
        .reader_key_count = data[0] & NO_READER_KEY ? 0 : 1,
        .allow = data[0] & STRICT ? 0 : CARNET_CBOR_LENIENT,
    };
    if (kind == SIGN && (in = sign(in)).len == 0)
        return 0;
    carnet_report_init(&report, entries[0], ENTRIES, WORLD_NOW, 0);
    rc = verify(kind, in, &with, &report, &err);
    if (rc != CARNET_OK) {
        MUST(report.count == 0 && err.rc == rc && (err.offset <= in.len || err.offset == CARNET_NO_OFFSET));
        return 0;
    }
    check_entries(&report, in.len);
    if (carnet_policy_judge(&policy, &report, CARNET_NO_DOCUMENT) == CARNET_VERDICT_VALID) {
        check_valid(&report, kind);
        if (kind == ISSUER_SIGNED)
            check_nothing_forged(in);
    }
    with.memory = &memory;
    carnet_report_init(&again, entries[1], ENTRIES, WORLD_NOW, 0);
    MUST(verify(kind, in, &with, &again, &err) == CARNET_OK);
    check_same(&report, &again);
    return 0;
}
