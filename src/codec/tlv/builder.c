/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/tlv.h"

#include <string.h>

static size_t
tag_size(uint32_t tag)
{
    size_t size = 1;

    for (; tag > 0xff; tag >>= 8) {
        size++;
    }
    return size;
}

static size_t
length_size(size_t length)
{
    size_t size = 1;

    if (length < 0x80) {
        return 1;
    }
    for (; length > 0; length >>= 8) {
        size++;
    }
    return size;
}

bool
carnet_tlv_tag_valid(uint32_t tag)
{
    size_t size = tag_size(tag);
    uint8_t first = (uint8_t)(tag >> 8 * (size - 1));

    if (first == 0 || ((first & 0x1f) == 0x1f) != (size > 1)) {
        return false;
    }
    for (size_t i = 1; i < size; i++) {
        uint8_t octet = (uint8_t)(tag >> 8 * (size - 1 - i));

        if (((octet & 0x80) != 0) != (i + 1 < size) || (i == 1 && octet == 0x80)) {
            return false;
        }
    }
    return true;
}

size_t
carnet_tlv_head_size(uint32_t tag, size_t length)
{
    return carnet_tlv_tag_valid(tag) && length <= UINT32_MAX ? tag_size(tag) + length_size(length) : 0;
}

static void
add_number(carnet_buf *out, size_t number, size_t size)
{
    for (size_t i = size; i-- > 0;) {
        carnet_buf_add_byte(out, (uint8_t)(number >> 8 * i));
    }
}

void
carnet_tlv_add_head(carnet_buf *out, uint32_t tag, size_t length)
{
    size_t size = carnet_tlv_head_size(tag, length), of_length = length_size(length);

    if (size == 0 || out->overflow || size > out->cap - out->len) {
        out->overflow = true;
        return;
    }
    add_number(out, tag, tag_size(tag));
    if (of_length > 1) {
        carnet_buf_add_byte(out, (uint8_t)(0x80 | (of_length - 1)));
        add_number(out, length, of_length - 1);
    } else {
        carnet_buf_add_byte(out, (uint8_t)length);
    }
}

void
carnet_tlv_add(carnet_buf *out, uint32_t tag, carnet_span value)
{
    size_t head = carnet_tlv_head_size(tag, value.len);

    if (head == 0 || out->overflow || head > out->cap - out->len || value.len > out->cap - out->len - head) {
        out->overflow = true;
        return;
    }
    carnet_tlv_add_head(out, tag, value.len);
    carnet_buf_add(out, value);
}

carnet_tlv_mark
carnet_tlv_begin(carnet_buf *out, uint32_t tag)
{
    carnet_tlv_add_head(out, tag, 0);
    return (carnet_tlv_mark){ out->len };
}

void
carnet_tlv_end(carnet_buf *out, carnet_tlv_mark mark)
{
    size_t length, more;

    if (out->overflow) {
        return;
    }
    length = out->len - mark.start;
    more = length_size(length) - 1;
    if (more > out->cap - out->len || length > UINT32_MAX) {
        out->overflow = true;
        return;
    }
    if (more == 0) {
        out->ptr[mark.start - 1] = (uint8_t)length;
        return;
    }
    memmove(out->ptr + mark.start + more, out->ptr + mark.start, length);
    out->ptr[mark.start - 1] = (uint8_t)(0x80 | more);
    for (size_t i = 0; i < more; i++) {
        out->ptr[mark.start + i] = (uint8_t)(length >> 8 * (more - 1 - i));
    }
    out->len += more;
}
