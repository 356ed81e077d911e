/* SPDX-License-Identifier: Apache-2.0 */
/* The first octet chooses the form of the data set in the others. */
#include "carnet/iso8583_data_set.h"
#include "fuzz.h"

static void
check_built_again(carnet_span octets, carnet_data_set_form form)
{
    static uint8_t storage[1 << 16];
    carnet_buf out = carnet_buf_of(storage, sizeof storage);
    carnet_data_set_reader r = carnet_data_set_open(octets, form);
    carnet_data_set_item item;
    carnet_str first = { 0 };

    carnet_buf_add(&out, r.lead);
    while (carnet_data_set_next(&r, &item)) {
        if (first.ptr == NULL)
            first = item.tag;
        carnet_data_set_add(&out, form, item.tag, item.value);
    }
    MUST(carnet_span_equal(carnet_buf_span(&out), octets));
    if (first.ptr == NULL || form.repeats)
        return;
    out.len = 0;
    MUST(carnet_data_set_replace(octets, form, first, carnet_span_of("v", 1), &out, NULL) == CARNET_OK);
    r = carnet_data_set_open(carnet_buf_span(&out), form);
    MUST(carnet_data_set_next(&r, &item) && item.value.len == 1 && item.value.ptr[0] == 'v');
    out.len = 0;
    MUST(carnet_data_set_replace(octets, form, first, (carnet_span){ 0 }, &out, NULL) == CARNET_OK);
    MUST(out.len < octets.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_data_set_form form;
    carnet_span octets;
    carnet_data_set_reader r;
    carnet_data_set_item item;
    const uint8_t *at;
    carnet_err err = { 0 };

    if (size == 0 || size > 1 << 12)
        return 0;
    form = (carnet_data_set_form){ .lead = data[0] & 1,
                                   .tag = (uint8_t)(1 + (data[0] >> 1 & 3)),
                                   .length = (uint8_t)(1 + (data[0] >> 3 & 7)),
                                   .binary = data[0] & 64,
                                   .repeats = data[0] & 128 };
    octets = carnet_span_of(data + 1, size - 1);
    r = carnet_data_set_open(octets, form);
    at = octets.ptr + form.lead;
    while (carnet_data_set_next(&r, &item)) {
        MUST(item.encoded.ptr == at && fuzz_inside(item.encoded, octets) && fuzz_inside(item.value, item.encoded));
        at += item.encoded.len;
    }
    if (carnet_data_set_done(&r, &err) != CARNET_OK) {
        MUST(err.rc == CARNET_E_USAGE || err.offset <= octets.len);
        return 0;
    }
    MUST(at == octets.ptr + octets.len);
    check_built_again(octets, form);
    return 0;
}
