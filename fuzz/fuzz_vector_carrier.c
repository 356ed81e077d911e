/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/vector_carrier.h"
#include "fuzz.h"

#include <string.h>

static uint8_t room[1 << 17];

static void
text_again(const carnet_vector_carrier *carrier, carnet_span input)
{
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_vector_carrier again;

    MUST(carnet_carrier_write_text(carrier, input, &out, NULL) == CARNET_OK);
    MUST(out.len <= input.len); /* what is unknown within P1 goes, nothing comes */
    MUST(carnet_carrier_read_text(carnet_buf_span(&out), &again, NULL) == CARNET_OK);
    MUST(again.present == carrier->present && again.request_count == carrier->request_count);
    MUST(carnet_str_equal(again.vector, carrier->vector) && again.auth_time == carrier->auth_time);
    MUST(memcmp(again.session, carrier->session, sizeof(again.session)) == 0);
}

static void
tlv_again(const carnet_vector_carrier *carrier, carnet_span input)
{
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_vector_carrier again;

    MUST(carnet_carrier_write_tlv(carrier, CARNET_CARRIER_TAG, input, 0, &out, NULL) == CARNET_OK);
    MUST(carnet_carrier_read_tlv(carnet_buf_span(&out), &again, NULL) == CARNET_OK);
    MUST(again.present == carrier->present && again.request_count == carrier->request_count);
    MUST(carnet_str_equal(again.vector, carrier->vector) && again.counter == carrier->counter);
    MUST(memcmp(again.signature, carrier->signature, sizeof(again.signature)) == 0);
}

/* Both forms of the same octets: what is read can be written and read again; what is refused leaves nothing. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const carnet_span input = carnet_span_of(data, size);
    carnet_vector_carrier carrier;
    carnet_err err = { 0 };

    if (size > 65536)
        return 0;
    if (carnet_carrier_read_text(input, &carrier, &err) == CARNET_OK) {
        MUST(fuzz_inside(carnet_str_bytes(carrier.vector), input));
        MUST(fuzz_inside(carnet_str_bytes(carrier.reference), input));
        text_again(&carrier, input);
    } else {
        MUST(carrier.present == 0 && (err.offset <= size || err.offset == CARNET_NO_OFFSET));
    }
    if (carnet_carrier_read_tlv(input, &carrier, &err) == CARNET_OK) {
        MUST(fuzz_inside(carnet_str_bytes(carrier.vector), input));
        tlv_again(&carrier, input);
    } else {
        MUST(carrier.present == 0 && (err.offset <= size || err.offset == CARNET_NO_OFFSET));
    }
    return 0;
}
