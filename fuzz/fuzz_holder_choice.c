/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A holder's choice: the first byte steers what the holder does, the second
 * the options, the rest is the DeviceRequest.  Whatever is asked, what leaves
 * was asked for, consented to and authorised.
 */
#include "carnet/consent.h"
#include "carnet/reader_satisfied.h"
#include "talk_world.h"

#define OFFERS 256
#define ROOM   (1 << 17)

static talk_world t;
static carnet_choice choice;
static carnet_offer offers[OFFERS];
static uint8_t scratch_room[ROOM], answer_room[ROOM], second_room[4096];
static carnet_held_document held[2];
static carnet_element device_element;

/* A second document of the type, of one element, with a name space the device may sign. */
static void
hold_another(void)
{
    const carnet_element element = { carnet_str_of("org.iso.18013.5.1"), carnet_str_of("family_name"),
                                     carnet_span_of("\x61"
                                                    "z",
                                                    2) };
    const carnet_str name_spaces[] = { carnet_str_of("org.iso.23220.5.1"), carnet_str_of("x") };
    carnet_issue issue = { .struct_size = sizeof(issue),
                           .doc_type = carnet_str_of(WORLD_DOC_TYPE),
                           .elements = &element,
                           .count = 1,
                           .signed_at = WORLD_NOW - 10,
                           .valid_from = WORLD_NOW - 10,
                           .valid_until = WORLD_NOW + 1000,
                           .device_key = &t.w.device.public_key,
                           .authorised_name_spaces = name_spaces,
                           .authorised_name_space_count = CARNET_COUNT(name_spaces) };
    carnet_issue_signer signer;
    carnet_buf buf = carnet_buf_of(second_room, sizeof(second_room));
    carnet_span out;

    MUST(carnet_issue_signer_init(&signer, &t.w.signer, &t.w.signer_der, 1, NULL) == CARNET_OK);
    MUST(carnet_issue_build(&issue, &signer, &t.w.crypto, &buf, &out, NULL) == CARNET_OK);
    device_element = (carnet_element){ name_spaces[1], carnet_str_of("y"), carnet_span_of("\x01", 1) };
    held[1] = (carnet_held_document){ .doc_type = issue.doc_type,
                                      .issuer_signed = out,
                                      .device_key = &t.w.device,
                                      .device_elements = &device_element,
                                      .device_element_count = 1 };
}

static void
set_up(void)
{
    static bool done;

    if (done)
        return;
    talk_world_init(&t);
    held[0] = (carnet_held_document){ .doc_type = carnet_str_of(WORLD_DOC_TYPE),
                                      .issuer_signed = t.issuer_signed,
                                      .device_key = &t.w.device };
    hold_another();
    done = true;
}

/* Do what the bits say, sensible or not. */
static void
go_through(uint8_t steer)
{
    for (size_t i = 0; i < choice.offer_count; i++) {
        choice.offers[i].consented = (steer >> i % 8 & 1) != 0;
        if (steer & 4)
            (void)carnet_choice_verified(&choice, i, (carnet_span){ 0 }, NULL);
        if (steer & 16)
            (void)carnet_choice_elect(&choice, i, NULL);
    }
    for (size_t i = 0; i < choice.candidate_count; i++) {
        if (steer & 8)
            (void)carnet_choice_take(&choice, i, NULL);
        if (steer & 32)
            (void)carnet_choice_leave(&choice, i, NULL);
    }
    for (size_t i = 0; i < choice.set_count; i++)
        if (steer & 64)
            (void)carnet_choice_take_set(&choice, i % 3, i, NULL);
    if (steer & 128)
        carnet_choice_take_all_use_cases(&choice);
    if (steer & 1)
        carnet_choice_consent(&choice, true);
}

static bool
consented(carnet_str name_space, carnet_str identifier, bool device_signed)
{
    carnet_offer *offer;
    size_t index = 0;

    while (carnet_choice_next(&choice, &index, &offer))
        if (offer->consented && offer->device_signed == device_signed && (!offer->verification || offer->verified) &&
            carnet_str_equal(offer->identifier, identifier) && carnet_str_equal(offer->name_space, name_space))
            return true;
    return false;
}

static void
check_document(carnet_span encoded, size_t *ages)
{
    carnet_document document;
    carnet_issuer_signed view;
    carnet_issuer_signed_item item;
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_device_signed device_signed;
    carnet_element_walk walk;
    carnet_element element;

    MUST(carnet_document_open(encoded, 0, &document, NULL) == CARNET_OK);
    MUST(carnet_issuer_signed_open(document.issuer_signed, 0, &view, NULL) == CARNET_OK);
    MUST(carnet_issuer_signed_unique(&view, NULL) == CARNET_OK);
    MUST(carnet_device_signed_open(document.device_signed, 0, &device_signed, NULL) == CARNET_OK);
    while (carnet_issuer_signed_next(&view, &cursor, &item)) {
        MUST(consented(item.name_space, item.identifier, false));
        *ages += carnet_str_starts(item.identifier, "age_over_");
    }
    carnet_element_begin(&walk, device_signed.name_spaces.content);
    while (carnet_element_next(&walk, &element))
        MUST(consented(element.name_space, element.identifier, true));
}

static void
check_response(carnet_span response, carnet_span request, carnet_rc settled, carnet_broken broken)
{
    carnet_report_entry entries[16];
    carnet_report report;
    carnet_device_response view;
    carnet_satisfaction s;
    size_t ages = 0;

    MUST(carnet_device_response_open(response, 0, &view, NULL) == CARNET_OK);
    MUST((view.count + carnet_cbor_count(view.encrypted_documents) != 0) == (settled == CARNET_OK));
    for (size_t i = 0; i < view.count; i++)
        check_document(carnet_device_response_document(&view, i), &ages);
    MUST(ages <= 2);
    MUST(response.len <= carnet_choice_maximum_size(&choice));
    carnet_report_init(&report, entries, CARNET_COUNT(entries), WORLD_NOW, 0);
    carnet_reader_check_answers(response, request, &report);
    for (size_t i = 0; i < report.count; i++)
        MUST(report.entries[i].outcome == CARNET_PASS);
    MUST(carnet_reader_satisfaction(response, request, &s, NULL) == CARNET_OK);
    if (settled == CARNET_OK && broken == CARNET_BROKEN_NOTHING && choice.use_case_count != 0 && ages < 2 &&
        choice.options.partial == CARNET_PARTIAL_WITHOUT_USE_CASES && choice.options.ages_returned == 0)
        MUST(s.satisfied);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_choice_options options = { 0 };
    carnet_broken broken;
    carnet_buf scratch = carnet_buf_of(scratch_room, sizeof(scratch_room));
    carnet_cbor_builder b = carnet_cbor_build(answer_room, sizeof(answer_room));
    carnet_device_request view;
    carnet_span request, response;
    carnet_rc rc, settled;

    set_up();
    if (size < 2 || size > 4096)
        return 0;
    request = carnet_span_of(data + 2, size - 2);
    options.partial = data[1] & 3 ? (carnet_partial)((data[1] & 3) - 1) : CARNET_PARTIAL_ALWAYS;
    options.now = data[1] & 4 ? WORLD_NOW : 0;
    options.ages_returned = data[1] >> 3 & 3;
    broken = data[1] & 32 ? CARNET_BROKEN_SMALLER : CARNET_BROKEN_NOTHING;
    held[0].mac = (data[1] & 64) != 0;
    if (carnet_device_request_open(request, CARNET_CBOR_LENIENT, &view, NULL) != CARNET_OK ||
        carnet_choice_make(&choice, &view, held, 2, &options, offers, OFFERS, NULL) != CARNET_OK)
        return 0;
    go_through(data[0]);
    settled = carnet_choice_settle(&choice, broken, NULL);
    MUST(settled == CARNET_OK || settled == CARNET_E_ROLE_CONSENT || settled == CARNET_E_ROLE_UNSATISFIED);
    if (settled == CARNET_OK)
        settled = carnet_choice_fit(&choice, &t.w.crypto, &t.w.device.public_key, &scratch, NULL);
    MUST(scratch.len == 0);
    rc = carnet_choice_respond(&choice, &t.w.crypto, t.transcript, &t.w.device.public_key, &scratch, &b, NULL);
    /* What is encrypted is longer than it was measured, and a recipient's key may be no key. */
    MUST(rc == CARNET_OK || (choice.encrypted != 0 && b.len == 0));
    if (rc == CARNET_OK) {
        MUST(carnet_cbor_built(&b, &response, NULL) == CARNET_OK);
        check_response(response, request, settled, broken);
    }
    return 0;
}
