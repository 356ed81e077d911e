/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The holder's side of a session.  The first byte says whether the rest is a
 * first message, a later one, or a DeviceRequest that the target encrypts as
 * the reader would, and whether it is answered by a choice; the second which
 * offers are consented to.
 */
#include "carnet/holder_choice.h"
#include "talk_world.h"

enum { FIRST, LATER, REQUEST, MODES };
#define OFFERS 64
#define ROOM   (1 << 17)

static talk_world t;
static uint8_t message[ROOM], scratch_room[ROOM], answer[ROOM];

static void
set_up(void)
{
    static bool done;

    if (!done)
        talk_world_init(&t);
    done = true;
}

/* A holder who showed the engagement; the key is made anew, for a failure wipes it. */
static carnet_holder
engaged(carnet_buf *storage)
{
    carnet_holder holder = { .crypto = &t.w.crypto, .storage = storage, .device_engagement = t.engagement };

    world_key(&t.w, &holder.key, 0x55);
    return holder;
}

static carnet_holder
established(carnet_buf *storage)
{
    carnet_holder holder = engaged(storage);

    holder.session = t.mdoc;
    holder.session_transcript = t.transcript;
    holder.established = true;
    holder.reader_key.curve = CARNET_CURVE_P256;
    return holder;
}

/* What left is what was consented to and held, once each, and no more than two ages. */
static void
check_response(carnet_span response, const carnet_offer *offers, size_t count)
{
    carnet_device_response view;
    carnet_document document;
    carnet_issuer_signed issuer_signed;
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    size_t ages = 0;

    MUST(carnet_device_response_open(response, 0, &view, NULL) == CARNET_OK && view.count <= 1);
    if (view.count == 0)
        return;
    MUST(carnet_document_open(carnet_device_response_document(&view, 0), 0, &document, NULL) == CARNET_OK);
    MUST(carnet_issuer_signed_open(document.issuer_signed, 0, &issuer_signed, NULL) == CARNET_OK);
    MUST(carnet_issuer_signed_unique(&issuer_signed, NULL) == CARNET_OK);
    while (carnet_issuer_signed_next(&issuer_signed, &cursor, &item)) {
        bool consented = false;

        for (size_t i = 0; i < count; i++)
            consented |= offers[i].consented && carnet_str_equal(offers[i].identifier, item.identifier) &&
                         carnet_str_equal(offers[i].name_space, item.name_space);
        MUST(consented);
        ages += carnet_str_starts(item.identifier, "age_over_");
    }
    MUST(ages <= 2);
}

/* Answer by a choice: what it comes to, or nothing. */
static carnet_rc
choose(carnet_holder *holder, const carnet_device_request *view, const carnet_held_document *held, carnet_offer *offers,
       size_t *found, uint8_t consent, carnet_cbor_builder *b)
{
    static carnet_choice choice;
    carnet_choice_options options = { .ages_returned = holder->ages };
    carnet_buf scratch = carnet_buf_of(scratch_room, sizeof(scratch_room));
    carnet_session_status status = consent & 1 ? CARNET_SESSION_TERMINATION : CARNET_SESSION_NO_STATUS;

    *found = 0;
    if (carnet_choice_make(&choice, view, held, 1, &options, offers, OFFERS, NULL) != CARNET_OK)
        return CARNET_E_ROLE_REQUEST;
    for (size_t i = 0; i < choice.offer_count; i++)
        offers[i].consented = consent >> i % 8 & 1;
    (void)carnet_choice_settle(&choice, consent & 2 ? CARNET_BROKEN_SMALLER : CARNET_BROKEN_NOTHING, NULL);
    (void)carnet_choice_fit(&choice, holder->crypto, &holder->reader_key, &scratch, NULL);
    *found = choice.offer_count;
    return carnet_choice_answer(holder, &choice, status, &scratch, b, NULL);
}

static void
check_answer(carnet_session *reader, const carnet_cbor_builder *b, const carnet_offer *offers, size_t found,
             const carnet_holder *holder)
{
    carnet_session_data data;
    carnet_span response;

    MUST(carnet_session_data_open(carnet_span_of(answer, b->len), &data, NULL) == CARNET_OK);
    MUST(carnet_session_unseal(reader, &t.w.crypto, data.data, answer, sizeof(answer), &response, NULL) == CARNET_OK);
    check_response(response, offers, found);
    MUST(holder->over == data.has_status);
}

static void
respond(carnet_holder *holder, carnet_session *reader, carnet_span request, uint8_t consent, bool by_choice)
{
    carnet_held_document held = { carnet_str_of(WORLD_DOC_TYPE), t.issuer_signed, &t.w.device, false };
    static carnet_offer offers[OFFERS];
    carnet_buf scratch = carnet_buf_of(scratch_room, sizeof(scratch_room));
    carnet_cbor_builder b = carnet_cbor_build(answer, sizeof(answer));
    carnet_session_status status = consent & 1 ? CARNET_SESSION_TERMINATION : CARNET_SESSION_NO_STATUS;
    carnet_device_request view;
    size_t found;

    if (carnet_device_request_open(request, CARNET_CBOR_LENIENT, &view, NULL) != CARNET_OK)
        return;
    if (by_choice) {
        if (choose(holder, &view, &held, offers, &found, consent, &b) == CARNET_OK)
            check_answer(reader, &b, offers, found, holder);
        return;
    }
    if (carnet_holder_match(&view, &held, 1, offers, OFFERS, &found, NULL) != CARNET_OK)
        return;
    for (size_t i = 0; i < found; i++) {
        MUST(!offers[i].consented && offers[i].requested.len <= request.len);
        offers[i].consented = consent >> i % 8 & 1;
    }
    MUST(carnet_holder_answer(holder, &view, &held, 1, offers, found, status, &scratch, &b, NULL) == CARNET_OK);
    check_answer(reader, &b, offers, found, holder);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t room[2048];
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_session reader;
    carnet_holder holder;
    carnet_span input, request;
    uint64_t status;
    size_t len;
    carnet_rc rc;

    set_up();
    if (size < 2 || size > 4096)
        return 0;
    input = carnet_span_of(data + 2, size - 2);
    reader = t.reader;
    holder = data[0] % MODES == LATER ? established(&storage) : engaged(&storage);
    if (data[0] % MODES == REQUEST) {
        len = talk_seal(&t, &reader, input, CARNET_SESSION_NO_STATUS, message, sizeof(message));
    } else {
        memcpy(message, input.ptr, input.len);
        len = input.len;
    }
    rc = carnet_holder_receive(&holder, message, len, NULL, &request, &status, NULL);
    MUST(data[0] % MODES != REQUEST || (rc == CARNET_OK && carnet_span_equal(request, input)));
    MUST(data[0] % MODES == REQUEST || request.ptr == NULL); /* nobody else sealed anything */
    MUST(rc == CARNET_OK || carnet_holder_failure_status(rc) != CARNET_SESSION_NO_STATUS);
    if (rc == CARNET_OK && request.len != 0)
        respond(&holder, &reader, request, data[1], (data[0] & 128) != 0);
    if (rc != CARNET_OK || status != 0) {
        MUST(holder.over && holder.key.ops == NULL);
        talk_check_wiped(&holder.session);
        MUST(carnet_holder_receive(&holder, message, len, NULL, &request, &status, NULL) == CARNET_E_SESSION_STATE);
    }
    carnet_holder_done(&holder);
    talk_check_wiped(&holder.session);
    return 0;
}
