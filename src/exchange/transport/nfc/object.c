/* SPDX-License-Identifier: Apache-2.0 */
/* DO'53' in pieces, whatever their lengths. */
#include "carnet/tlv.h"
#include "internal.h"

bool
carnet_nfc_limits_valid(carnet_nfc_limits limits)
{
    return limits.command >= 255 && limits.command <= 65535 && limits.response >= 256 && limits.response <= 65536;
}

/** Look at the head so far; `offset` is that of its last octet. */
static carnet_rc
look_at_head(carnet_nfc_object *object, const carnet_buf *message, size_t offset, const carnet_path *path,
             carnet_err *err)
{
    carnet_tlv_head head;
    carnet_rc rc = carnet_tlv_head_read(carnet_span_of(object->head, object->head_len), &head, NULL);

    if (object->head[0] != CARNET_NFC_OBJECT) {
        return carnet_fail_at(err, CARNET_E_LINK_PROTOCOL, CARNET_NFC_CLAUSE, "this is not DO'53'", offset, path);
    }
    if (rc == CARNET_E_TLV_TRUNCATED && object->head_len < sizeof object->head) {
        return CARNET_OK;
    }
    if (rc != CARNET_OK || head.length == 0) {
        return carnet_fail_at(err, CARNET_E_LINK_PROTOCOL, CARNET_NFC_CLAUSE, "the length of DO'53' is none", offset,
                              path);
    }
    if (message->overflow || head.length > message->cap - message->len) {
        return carnet_fail_at(err, CARNET_E_LINK_TOO_LONG, CARNET_NFC_CLAUSE, NULL, offset, path);
    }
    object->known = true;
    object->all = head.length;
    return CARNET_OK;
}

carnet_rc
carnet_nfc_object_take(carnet_nfc_object *object, carnet_span octets, carnet_buf *message, const carnet_path *path,
                       carnet_err *err)
{
    size_t at = 0, rest;
    carnet_rc rc = CARNET_OK;

    while (rc == CARNET_OK && !object->known && at < octets.len) {
        object->head[object->head_len++] = octets.ptr[at];
        rc = look_at_head(object, message, at++, path, err);
    }
    if (rc != CARNET_OK) {
        return rc;
    }
    rest = octets.len - at;
    if (rest > object->all - object->done) {
        return carnet_fail_at(err, CARNET_E_LINK_PROTOCOL, CARNET_NFC_CLAUSE, "octets follow the end of DO'53'",
                              at + (object->all - object->done), path);
    }
    if (rest > 0) {
        carnet_buf_add(message, carnet_span_of(octets.ptr + at, rest));
        object->done += rest;
    }
    return message->overflow ? carnet_fail(err, CARNET_E_LINK_TOO_LONG, NULL, NULL) : CARNET_OK;
}

bool
carnet_nfc_object_complete(const carnet_nfc_object *object)
{
    return object->known && object->done == object->all;
}

size_t
carnet_nfc_object_size(carnet_span message)
{
    return carnet_tlv_head_size(CARNET_NFC_OBJECT, message.len) + message.len;
}

void
carnet_nfc_object_part(carnet_span message, size_t at, size_t count, carnet_buf *out)
{
    uint8_t octets[CARNET_NFC_HEAD_SIZE];
    carnet_buf head = carnet_buf_of(octets, sizeof octets);
    size_t of_head;

    carnet_tlv_add_head(&head, CARNET_NFC_OBJECT, message.len);
    of_head = at < head.len ? head.len - at : 0;
    of_head = of_head < count ? of_head : count;
    carnet_buf_add(out, carnet_span_of(octets + (of_head > 0 ? at : 0), of_head));
    if (count > of_head) {
        carnet_buf_add(out, carnet_span_of(message.ptr + (at + of_head - head.len), count - of_head));
    }
}
