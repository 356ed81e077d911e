/* SPDX-License-Identifier: Apache-2.0 */
/* The first octet chooses the framing of the stream in the others. */
#include "carnet/iso8583_frame.h"
#include "fuzz.h"

#include <string.h>

static void
check_frame(const carnet_framing *framing, carnet_span stream, const carnet_frame *frame)
{
    static uint8_t storage[16384];
    carnet_buf out = carnet_buf_of(storage, sizeof storage);
    carnet_frame again;

    MUST(frame->size <= stream.len && frame->needed == frame->size);
    MUST(fuzz_inside(frame->message, stream) && fuzz_inside(frame->header, stream));
    MUST(frame->keep_alive == (frame->header.len + frame->message.len == 0) || framing->header + framing->trailer_size);
    if (frame->keep_alive)
        MUST(carnet_frame_add_keep_alive(framing, &out, NULL) == CARNET_OK);
    else if (frame->message.len == 0)
        return;
    else
        MUST(carnet_frame_add(framing, frame->header, frame->message, &out, NULL) == CARNET_OK);
    MUST(out.len == frame->size);
    MUST(carnet_frame_next(framing, carnet_buf_span(&out), &again, NULL) == CARNET_OK);
    MUST(carnet_span_equal(again.message, frame->message) && carnet_span_equal(again.header, frame->header));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_framing framing;
    carnet_span stream = { data + 1, size - 1 };
    carnet_frame frame;
    carnet_err err = { 0 };
    const char *name = size > 0 ? carnet_framing_name(data[0] % 16) : NULL;

    if (size == 0)
        return 0;
    if (name != NULL) {
        carnet_framing_named(carnet_str_of(name), &framing);
    } else if (size >= 1 + sizeof framing) {
        uint8_t raw[8];

        memcpy(raw, data + 1, sizeof raw);
        framing = (carnet_framing){ .length = raw[0] % 4,
                                    .width = raw[1] % 8,
                                    .zeros = raw[2] % 8,
                                    .header = raw[3],
                                    .trailer_size = raw[4] % 3,
                                    .trailer = raw[5],
                                    .inclusive = raw[6] & 1,
                                    .max = raw[7] * 256u };
        stream = carnet_span_of(data + 9, size - 9);
    } else {
        return 0;
    }
    while (carnet_frame_next(&framing, stream, &frame, &err) == CARNET_OK) {
        MUST(frame.size > 0 || frame.needed > stream.len);
        if (frame.size == 0)
            return 0;
        check_frame(&framing, stream, &frame);
        stream = carnet_span_of(stream.ptr + frame.size, stream.len - frame.size);
    }
    MUST(err.rc == CARNET_E_USAGE || err.offset <= stream.len);
    MUST(frame.size == 0 && frame.message.ptr == NULL);
    return 0;
}
