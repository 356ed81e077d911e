/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/relay.h"
#include "fuzz.h"

static void
again(carnet_relay *relay, carnet_rc (*read)(carnet_str, carnet_relay *, carnet_err *))
{
    static uint8_t room[1 << 20];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_relay second;

    MUST(carnet_relay_write(relay, &out, NULL) == CARNET_OK);
    MUST(read(carnet_buf_str(&out), &second, NULL) == CARNET_OK);
    MUST(second.field_count == relay->field_count && second.body.len == relay->body.len);
    carnet_relay_close(&second);
}

/* What is read can be written and read again; what is refused leaves nothing. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const carnet_str text = { (const char *)data, size };
    carnet_relay relay;

    if (size > 65536)
        return 0;
    if (carnet_relay_read_request(text, &relay, NULL) == CARNET_OK) {
        again(&relay, carnet_relay_read_request);
        carnet_relay_close(&relay);
    }
    MUST(relay.json == NULL && relay.field_count == 0);
    if (carnet_relay_read_answer(text, &relay, NULL) == CARNET_OK) {
        again(&relay, carnet_relay_read_answer);
        carnet_relay_close(&relay);
    }
    MUST(relay.json == NULL && relay.field_count == 0);
    return 0;
}
