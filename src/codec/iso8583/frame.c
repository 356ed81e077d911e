/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of byte streams: a length, perhaps zeros and a header, the message, perhaps an octet behind it. */
#include "carnet/iso8583.h"
#include "carnet/iso8583_frame.h"

#include <string.h>

typedef struct named {
    const char *name;
    carnet_framing framing;
} named;

static const named framings[] = {
    { "post", { .length = CARNET_FRAME_BINARY, .width = 2 } },
    { "nac", { .length = CARNET_FRAME_BINARY, .width = 2, .header = CARNET_TPDU_SIZE } },
    { "nac-inclusive", { .length = CARNET_FRAME_BINARY, .width = 2, .header = CARNET_TPDU_SIZE, .inclusive = true } },
    { "bcd", { .length = CARNET_FRAME_BCD, .width = 2, .header = CARNET_TPDU_SIZE } },
    { "bcd-plain", { .length = CARNET_FRAME_BCD, .width = 2 } },
    { "ascii4", { .length = CARNET_FRAME_ASCII, .width = 4 } },
    { "hex4", { .length = CARNET_FRAME_HEX, .width = 4 } },
    { "vap", { .length = CARNET_FRAME_BINARY, .width = 2, .zeros = 2 } },
    { "visa", { .length = CARNET_FRAME_BINARY, .width = 2, .zeros = 2, .header = 22 } },
    { "base24", { .length = CARNET_FRAME_BINARY, .width = 2, .trailer_size = 1, .trailer = 3 } },
    { "binary4", { .length = CARNET_FRAME_BINARY, .width = 4 } },
    { "post-inclusive", { .length = CARNET_FRAME_BINARY, .width = 2, .inclusive = true } },
    { "ascii4-inclusive", { .length = CARNET_FRAME_ASCII, .width = 4, .inclusive = true } },
    { "binary4-inclusive", { .length = CARNET_FRAME_BINARY, .width = 4, .inclusive = true } },
};

bool
carnet_framing_named(carnet_str name, carnet_framing *framing)
{
    *framing = (carnet_framing){ 0 };
    for (size_t i = 0; i < CARNET_COUNT(framings); i++) {
        if (!carnet_str_is(name, framings[i].name))
            continue;
        *framing = framings[i].framing;
        return true;
    }
    return false;
}

const char *
carnet_framing_name(size_t i)
{
    return i < CARNET_COUNT(framings) ? framings[i].name : NULL;
}

bool
carnet_framing_valid(const carnet_framing *f)
{
    bool binary = f->length == CARNET_FRAME_BINARY || f->length == CARNET_FRAME_BCD;

    if (f->length > CARNET_FRAME_HEX || f->width < (binary ? 1 : 2) || f->width > (binary ? 4 : 6))
        return false;
    return f->zeros <= 4 && f->header <= CARNET_FRAME_HEADER_MAX && f->trailer_size <= 1 &&
           f->max <= CARNET_ISO8583_MAX_LIMIT;
}

static size_t
front_size(const carnet_framing *f)
{
    return (size_t)f->width + f->zeros;
}

/* One digit or octet of a length, in the base that base_of() says; above it: none. */
static unsigned
digit_of(const carnet_framing *f, uint8_t octet)
{
    if (f->length == CARNET_FRAME_BINARY)
        return octet;
    if (f->length == CARNET_FRAME_BCD)
        return octet >> 4 < 10 && (octet & 15) < 10 ? 10u * (octet >> 4) + (octet & 15u) : 256;
    if (octet >= '0' && octet <= '9')
        return octet - (unsigned)'0';
    octet |= 0x20;
    return f->length == CARNET_FRAME_HEX && octet >= 'a' && octet <= 'f' ? octet - (unsigned)'a' + 10 : 256;
}

static size_t
base_of(const carnet_framing *f)
{
    static const size_t bases[] = { 256, 100, 10, 16 };

    return bases[f->length];
}

/* What the length at the front counts; *bad is the first octet that is none of a length. */
static bool
length_read(const carnet_framing *f, const uint8_t *at, size_t *length, size_t *bad)
{
    *length = 0;
    for (*bad = 0; *bad < f->width; ++*bad) {
        unsigned digit = digit_of(f, at[*bad]);

        if (digit > 255)
            return false;
        *length = *length * base_of(f) + digit;
    }
    return true;
}

static carnet_rc
refuse(carnet_err *err, size_t offset, const char *reason)
{
    return carnet_fail_at(err, CARNET_E_ISO8583_FRAME, NULL, reason, offset, NULL);
}

/* Octets counted, by their own framing, that stand for header, message and trailer. */
static carnet_rc
body_size(const carnet_framing *f, size_t length, size_t *size, carnet_err *err)
{
    size_t max = f->max > 0 ? f->max : CARNET_ISO8583_MAX;

    if (f->inclusive && length < f->width)
        return refuse(err, 0, "the length counts itself, and is shorter");
    *size = length - (f->inclusive ? f->width : 0);
    if (*size == 0)
        return CARNET_OK;
    if (*size < (size_t)f->header + f->trailer_size)
        return refuse(err, 0, "the length leaves no room for the header");
    return *size - f->trailer_size > max ? refuse(err, 0, "the frame is longer than the link allows") : CARNET_OK;
}

static carnet_rc
zeros_check(const carnet_framing *f, carnet_span stream, carnet_err *err)
{
    for (size_t i = f->width; i < front_size(f) && i < stream.len; i++)
        if (stream.ptr[i] != 0)
            return refuse(err, i, "octets 00 are wanted after the length");
    return CARNET_OK;
}

carnet_rc
carnet_frame_next(const carnet_framing *f, carnet_span stream, carnet_frame *frame, carnet_err *err)
{
    size_t length, bad, body = 0, front = front_size(f);
    carnet_rc rc;

    *frame = (carnet_frame){ 0 };
    if (!carnet_framing_valid(f))
        return carnet_fail(err, CARNET_E_USAGE, NULL, "there is no such framing");
    frame->needed = front;
    if (stream.len < f->width)
        return CARNET_OK;
    if (!length_read(f, stream.ptr, &length, &bad))
        return refuse(err, bad, "this is no length of the framing's kind");
    if ((rc = body_size(f, length, &body, err)) != CARNET_OK || (rc = zeros_check(f, stream, err)) != CARNET_OK)
        return rc;
    frame->needed = front + body;
    if (stream.len < front + body)
        return CARNET_OK;
    frame->size = front + body;
    frame->keep_alive = body == 0;
    if (body == 0)
        return CARNET_OK;
    if (f->trailer_size == 1 && stream.ptr[front + body - 1] != f->trailer) {
        *frame = (carnet_frame){ 0 };
        return refuse(err, front + body - 1, "this is not the octet that ends a frame");
    }
    frame->header = carnet_span_of(stream.ptr + front, f->header);
    frame->message = carnet_span_of(stream.ptr + front + f->header, body - f->header - f->trailer_size);
    return CARNET_OK;
}

/* Write a length; false if it does not fit. */
static bool
length_write(const carnet_framing *f, size_t length, uint8_t *out)
{
    for (size_t i = f->width; i-- > 0; length /= base_of(f)) {
        size_t digit = length % base_of(f);

        if (f->length == CARNET_FRAME_BINARY)
            out[i] = (uint8_t)digit;
        else if (f->length == CARNET_FRAME_BCD)
            out[i] = (uint8_t)(digit / 10 << 4 | digit % 10);
        else
            out[i] = (uint8_t) "0123456789ABCDEF"[digit];
    }
    return length == 0;
}

carnet_rc
carnet_frame_add(const carnet_framing *f, carnet_span header, carnet_span message, carnet_buf *out, carnet_err *err)
{
    static const uint8_t zeros[CARNET_FRAME_HEADER_MAX] = { 0 };
    size_t body = f->header + message.len + f->trailer_size, max = f->max > 0 ? f->max : CARNET_ISO8583_MAX;
    uint8_t length[6];

    if (!carnet_framing_valid(f) || (header.len != 0 && header.len != f->header) || message.len == 0)
        return carnet_fail(err, CARNET_E_USAGE, NULL,
                           "there is no such framing, nothing to be framed, or the header is not of its size");
    if (message.len > max || f->header + message.len > max ||
        !length_write(f, body + (f->inclusive ? f->width : 0), length))
        return carnet_fail(err, CARNET_E_ISO8583_FRAME, NULL, "the message is too long for the frame");
    if (out->overflow || out->cap - out->len < front_size(f) + body)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    carnet_buf_add(out, carnet_span_of(length, f->width));
    carnet_buf_add(out, carnet_span_of(zeros, f->zeros));
    carnet_buf_add(out, header.len > 0 ? header : carnet_span_of(zeros, f->header));
    carnet_buf_add(out, message);
    if (f->trailer_size == 1)
        carnet_buf_add_byte(out, f->trailer);
    return CARNET_OK;
}

carnet_rc
carnet_frame_add_keep_alive(const carnet_framing *f, carnet_buf *out, carnet_err *err)
{
    static const uint8_t zeros[4] = { 0 };
    uint8_t length[6];

    if (!carnet_framing_valid(f))
        return carnet_fail(err, CARNET_E_USAGE, NULL, "there is no such framing");
    if (out->overflow || out->cap - out->len < front_size(f))
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    length_write(f, f->inclusive ? f->width : 0, length);
    carnet_buf_add(out, carnet_span_of(length, f->width));
    carnet_buf_add(out, carnet_span_of(zeros, f->zeros));
    return CARNET_OK;
}

void
carnet_tpdu_answer(const uint8_t tpdu[CARNET_TPDU_SIZE], uint8_t answer[CARNET_TPDU_SIZE])
{
    const uint8_t swapped[CARNET_TPDU_SIZE] = { tpdu[0], tpdu[3], tpdu[4], tpdu[1], tpdu[2] };

    memcpy(answer, swapped, sizeof swapped);
}
