/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

/* An object that was understood, written again, is understood as the same. */
static void
round_trip(carnet_str label, carnet_span der)
{
    char name[256];
    uint8_t room[2048], again[1024];
    carnet_buf text = carnet_buf_of(room, sizeof(room)), back = carnet_buf_of(again, sizeof(again));
    carnet_buf zero_terminated = carnet_buf_of(name, sizeof(name));
    carnet_str rest, got;

    carnet_buf_add_str(&zero_terminated, label);
    carnet_buf_add_byte(&zero_terminated, 0);
    if (zero_terminated.overflow)
        return;
    carnet_pem_encode(name, der, &text);
    MUST(!text.overflow);
    rest = carnet_buf_str(&text);
    MUST(carnet_pem_next(&rest, &got, &back, NULL) == CARNET_OK);
    MUST(carnet_str_equal(got, label) && carnet_span_equal(carnet_buf_span(&back), der));
    MUST(carnet_str_is(rest, "\n"));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_span input = { data, size };
    carnet_str text = { (const char *)data, size }, label;
    carnet_err err = { 0 };
    uint8_t bytes[1024];
    carnet_rc rc;

    do {
        carnet_buf out = carnet_buf_of(bytes, sizeof(bytes));
        carnet_str before = text;

        rc = carnet_pem_next(&text, &label, &out, &err);
        MUST(fuzz_inside(carnet_str_bytes(text), input) && fuzz_inside(carnet_str_bytes(label), input));
        if (rc == CARNET_OK) {
            MUST(text.len < before.len && label.len > 0);
            round_trip(label, carnet_buf_span(&out));
        } else {
            MUST(out.len == 0 && err.rc == rc);
            MUST(rc == CARNET_E_NO_SPACE || (rc == CARNET_E_PEM && err.offset <= before.len));
            MUST(label.len > 0 || text.len == 0);
        }
    } while (rc == CARNET_OK);
    return 0;
}
