/* SPDX-License-Identifier: Apache-2.0 */
/* A request matched with the documents held (18013-5 10.2, 13.4). */
#include "carnet/doctype.h"
#include "internal.h"

#define AGES_MAX 100 /* age_over_00 to age_over_99 */

/** The element that answers a request for age_over_`wanted`; false if none does. */
static bool
age_answer(const carnet_issuer_signed *held, carnet_str name_space, int wanted, carnet_issuer_signed_item *answer)
{
    carnet_age_attestation ages[AGES_MAX];
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    size_t count = 0;
    int chosen;

    while (count < AGES_MAX && carnet_issuer_signed_next(held, &cursor, &item)) {
        carnet_cbor_reader r = carnet_cbor_open(item.value);
        int age = carnet_age_over(item.identifier);

        if (age >= 0 && carnet_str_equal(item.name_space, name_space)) {
            ages[count] = (carnet_age_attestation){ age, carnet_cbor_bool(&r) };
            count += r.rc == CARNET_OK;
        }
    }
    chosen = carnet_age_over_answer(ages, count, wanted);
    cursor = (carnet_issuer_signed_cursor){ 0 };
    while (chosen >= 0 && carnet_issuer_signed_next(held, &cursor, &item)) {
        if (carnet_age_over(item.identifier) == chosen && carnet_str_equal(item.name_space, name_space)) {
            *answer = item;
            return true;
        }
    }
    return false;
}

bool
carnet_answer_find(const carnet_issuer_signed *held, carnet_str name_space, carnet_str wanted,
                   carnet_issuer_signed_item *item)
{
    int age = carnet_age_over(wanted);

    return age >= 0 ? age_answer(held, name_space, age, item)
                    : carnet_issuer_signed_find(held, name_space, wanted, item);
}

static carnet_str
answer_to(const carnet_issuer_signed *held, const carnet_requested_element *wanted)
{
    carnet_issuer_signed_item item;
    bool found = carnet_answer_find(held, wanted->name_space, wanted->identifier, &item);

    return found ? item.identifier : (carnet_str){ 0 };
}

static size_t
count_answers(const carnet_issuer_signed *held, const carnet_doc_request *doc)
{
    carnet_requested_element wanted;
    carnet_element_walk walk;
    size_t count = 0;

    carnet_element_begin(&walk, doc->name_spaces);
    while (carnet_requested_element_next(&walk, &wanted)) {
        count += answer_to(held, &wanted).len != 0;
    }
    return count;
}

/** The document of the type asked for that answers most, the first of equals; CARNET_NO_HELD_DOCUMENT if there is none that
 *  can be opened. */
static size_t
find_document(const carnet_held_document *documents, size_t count, const carnet_doc_request *doc,
              carnet_issuer_signed *view)
{
    size_t best = CARNET_NO_HELD_DOCUMENT, most = 0;

    for (size_t i = 0; i < count; i++) {
        carnet_issuer_signed held;
        size_t answers;

        if (!carnet_str_equal(documents[i].doc_type, doc->doc_type) ||
            carnet_issuer_signed_open(documents[i].issuer_signed, CARNET_CBOR_LENIENT, &held, NULL) != CARNET_OK) {
            continue;
        }
        answers = count_answers(&held, doc);
        if (best == CARNET_NO_HELD_DOCUMENT || answers > most) {
            best = i;
            most = answers;
            *view = held;
        }
    }
    return best;
}

carnet_rc
carnet_holder_match(const carnet_device_request *request, const carnet_held_document *documents, size_t count,
                    carnet_offer *offers, size_t cap, size_t *found, carnet_err *err)
{
    carnet_doc_request doc;

    *found = 0;
    for (size_t i = 0; carnet_doc_request_at(request, i, &doc); i++) {
        carnet_requested_element wanted;
        carnet_element_walk walk;
        carnet_issuer_signed held;
        size_t document = find_document(documents, count, &doc, &held);

        carnet_element_begin(&walk, doc.name_spaces);
        while (carnet_requested_element_next(&walk, &wanted)) {
            if (*found == cap) {
                *found = 0;
                return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "the request asks for too many elements");
            }
            offers[(*found)++] = (carnet_offer){
                .doc_request = i,
                .document = document,
                .name_space = wanted.name_space,
                .requested = wanted.identifier,
                .identifier = document != CARNET_NO_HELD_DOCUMENT ? answer_to(&held, &wanted) : (carnet_str){ 0 },
                .retain = wanted.retain,
            };
        }
    }
    return CARNET_OK;
}
