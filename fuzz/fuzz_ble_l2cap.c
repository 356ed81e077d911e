/* SPDX-License-Identifier: Apache-2.0 */
/* A channel's octets, cut in two ways, are the same messages; and the values of the PSM characteristic. */
#include "ble_world.h"

#define MESSAGES_MAX 64

typedef struct heard {
    uint8_t octets[4096];
    size_t used, length[MESSAGES_MAX], count;
    carnet_rc rc;
} heard;

static void
take(ble_world *w, heard *h)
{
    carnet_span message;

    while (carnet_ble_receive(&w->ble, &message)) {
        MUST(fuzz_inside(message, carnet_span_of(w->storage, sizeof(w->storage))));
        if (h->count < MESSAGES_MAX && message.len <= sizeof(h->octets) - h->used) {
            if (message.len != 0) {
                memcpy(h->octets + h->used, message.ptr, message.len);
            }
            h->used += message.len;
            h->length[h->count++] = message.len;
        }
    }
}

/** Feed all of it, cut every `step` octets. */
static void
hear(const uint8_t *data, size_t size, size_t step, heard *h)
{
    carnet_ble_parameters p = { .mode = CARNET_BLE_PERIPHERAL_SERVER, .mdoc = true, .server = true, .psm = 0x80 };
    ble_world w = { 0 };

    memset(h, 0, sizeof(*h));
    carnet_ble_init(&w.ble, &p, w.storage, sizeof(w.storage));
    MUST(carnet_ble_feed(&w.ble, &(carnet_ble_event){ .kind = CARNET_BLE_ON_CHANNEL, .number = 64 }, NULL) ==
         CARNET_OK);
    for (size_t at = 0; at < size; at += step) {
        carnet_ble_event event = { .kind = CARNET_BLE_ON_OCTETS };

        event.value = carnet_span_of(data + at, size - at < step ? size - at : step);
        h->rc = carnet_ble_feed(&w.ble, &event, NULL);
        ble_invariants(&w);
        take(&w, h);
    }
    carnet_ble_done(&w.ble);
    ble_zero(w.storage, sizeof(w.storage));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static heard one, other;
    uint16_t psm = carnet_ble_psm_decode(carnet_span_of(data, size < 4 ? size : 4));
    uint8_t value[CARNET_BLE_PSM_SIZE];

    carnet_ble_psm_encode(psm, value);
    MUST(psm < 256 && carnet_ble_psm_decode(carnet_span_of(value, sizeof(value))) == psm);
    if (size < 1 || size > sizeof(one.octets)) {
        return 0;
    }
    hear(data + 1, size - 1, 1, &one);
    hear(data + 1, size - 1, data[0] % 15 + 2u, &other); /* so short that no more than can wait come at once */
    /* Storage that a message still waiting takes up is not there for the next: only then may they differ. */
    MUST(one.rc == other.rc || other.rc == CARNET_E_LINK_TOO_LONG);
    MUST(other.rc == CARNET_OK ? one.count == other.count : other.count <= one.count);
    MUST(memcmp(one.length, other.length, other.count * sizeof(one.length[0])) == 0);
    MUST(other.used <= one.used && memcmp(one.octets, other.octets, other.used) == 0);
    return 0;
}
