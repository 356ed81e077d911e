/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/recording.h"
#include "fuzz.h"

#include <string.h>

static uint8_t room[1 << 17];

/* What is in a head is in the input, and is read the same when it is built again. */
static void
check_head(const carnet_recording *view, carnet_span input)
{
    const carnet_recording_head *head = &view->head;
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_recording again;

    MUST(fuzz_inside(view->entries, input) && view->entries.ptr + view->entries.len == input.ptr + input.len);
    MUST(fuzz_inside(head->device_engagement, input) && fuzz_inside(head->ephemeral_key, input));
    MUST(fuzz_inside(head->select, input) && fuzz_inside(head->request, input));
    MUST(fuzz_inside(head->reader_engagement, input) && head->medium.len <= 32 && head->started >= 0);
    carnet_recording_build_head(&b, head);
    MUST(b.rc == CARNET_OK);
    MUST(carnet_recording_open(carnet_span_of(room, b.len), &again, NULL) == CARNET_OK);
    MUST(again.head.reader == head->reader && again.head.started == head->started);
    MUST(again.head.handover == head->handover && carnet_str_equal(again.head.medium, head->medium));
    MUST(carnet_span_equal(again.head.device_engagement, head->device_engagement));
    MUST(carnet_span_equal(again.head.ephemeral_key, head->ephemeral_key) && again.entries.len == 0);
}

/* An entry is written in one way only: built again it is what was read. */
static void
check_entry(const carnet_recording_entry *entry, carnet_span input, carnet_span read)
{
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));

    MUST(fuzz_inside(entry->message, input));
    carnet_recording_build_entry(&b, entry);
    carnet_cbor_add_raw(&b, entry->message);
    MUST(b.rc == CARNET_OK && carnet_span_equal(carnet_span_of(room, b.len), read));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_span input = { data, size };
    carnet_recording view;
    carnet_recording_cursor cursor = { 0 };
    carnet_recording_entry entry;
    carnet_err err = { 0 };
    uint64_t ms = 0;
    size_t at = 0;
    carnet_rc rc = size > sizeof(room) - 64 ? CARNET_E_LIMIT : carnet_recording_open(input, &view, &err);

    if (rc != CARNET_OK) {
        MUST(err.offset <= size);
        return 0;
    }
    check_head(&view, input);
    while (carnet_recording_next(&view, &cursor, &entry, &err)) {
        check_entry(&entry, input, carnet_span_of(view.entries.ptr + at, cursor.at - at));
        MUST(entry.ms >= ms && (entry.kind != CARNET_RECORDING_ENDED || cursor.ended));
        ms = entry.ms;
        at = cursor.at;
    }
    MUST(entry.message.ptr == NULL && cursor.at <= view.entries.len);
    MUST(cursor.rc == CARNET_OK || (err.rc == cursor.rc && err.offset <= size && !cursor.cut));
    MUST(cursor.rc != CARNET_OK || cursor.cut || cursor.at == view.entries.len);
    return 0;
}
