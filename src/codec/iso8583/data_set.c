/* SPDX-License-Identifier: Apache-2.0 */
/* Data sets: items of tag, length and value in a data element. */
#include "carnet/iso8583_data_set.h"

#include <string.h>

const carnet_data_set_form carnet_data_set_ttlll = { .tag = 2, .length = 3 };
const carnet_data_set_form carnet_data_set_ttll = { .tag = 2, .length = 2 };
const carnet_data_set_form carnet_data_set_se = { .lead = 1, .tag = 2, .length = 2 };
const carnet_data_set_form carnet_data_set_2003 = { .tag = 1, .length = 2, .binary = true, .repeats = true };

static bool
form_valid(carnet_data_set_form form)
{
    return form.tag >= 1 && form.tag <= 4 && form.length >= 1 && form.length <= (form.binary ? 3 : 6);
}

static void
refuse(carnet_data_set_reader *r, size_t at, const char *reason)
{
    if (r->rc != CARNET_OK)
        return;
    r->rc = CARNET_E_ISO8583_DATA_SET;
    r->failed_at = at;
    r->reason = reason;
}

carnet_data_set_reader
carnet_data_set_open(carnet_span octets, carnet_data_set_form form)
{
    carnet_data_set_reader r = { .octets = octets, .form = form, .rc = CARNET_OK };

    if (!form_valid(form)) {
        r.rc = CARNET_E_USAGE;
        r.reason = "there is no such form of data sets";
    } else if (octets.len < form.lead) {
        refuse(&r, octets.len, "what leads the items is not all there");
    } else {
        r.lead = carnet_span_of(octets.ptr, form.lead);
        r.at = form.lead;
    }
    return r;
}

static bool
tag_valid(carnet_data_set_form form, const uint8_t *tag)
{
    for (size_t i = 0; i < form.tag && !form.binary; i++) {
        uint8_t c = tag[i];

        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
            return false;
    }
    return true;
}

static bool
length_read(carnet_data_set_form form, const uint8_t *at, size_t *length)
{
    *length = 0;
    for (size_t i = 0; i < form.length; i++) {
        if (!form.binary && (at[i] < '0' || at[i] > '9'))
            return false;
        *length = form.binary ? *length << 8 | at[i] : 10 * *length + (at[i] - (size_t)'0');
    }
    return true;
}

/* True if the items before `at`, which are sound, have this tag already. */
static bool
met_before(const carnet_data_set_reader *r, const uint8_t *tag)
{
    size_t head = (size_t)r->form.tag + r->form.length, length;

    for (size_t at = r->form.lead; at < r->at; at += head + length) {
        if (memcmp(r->octets.ptr + at, tag, r->form.tag) == 0)
            return true;
        length_read(r->form, r->octets.ptr + at + r->form.tag, &length);
    }
    return false;
}

bool
carnet_data_set_next(carnet_data_set_reader *r, carnet_data_set_item *item)
{
    size_t head = (size_t)r->form.tag + r->form.length, left = r->octets.len - r->at, length;
    const uint8_t *at = r->octets.ptr + r->at;

    *item = (carnet_data_set_item){ 0 };
    if (r->rc != CARNET_OK || left == 0)
        return false;
    if (left < head)
        refuse(r, r->at, "a tag or length is not all there");
    else if (!tag_valid(r->form, at))
        refuse(r, r->at, "a tag is of letters and digits");
    else if (!length_read(r->form, at + r->form.tag, &length))
        refuse(r, r->at + r->form.tag, "a length is of digits");
    else if (length > left - head)
        refuse(r, r->at + r->form.tag, "a value is longer than what is left");
    else if (!r->form.repeats && met_before(r, at))
        refuse(r, r->at, "a tag comes twice");
    if (r->rc != CARNET_OK)
        return false;
    item->tag = (carnet_str){ (const char *)at, r->form.tag };
    item->value = carnet_span_of(at + head, length);
    item->encoded = carnet_span_of(at, head + length);
    r->at += head + length;
    return true;
}

carnet_rc
carnet_data_set_done(const carnet_data_set_reader *r, carnet_err *err)
{
    if (r->rc == CARNET_OK && r->at < r->octets.len)
        return carnet_fail_at(err, CARNET_E_ISO8583_DATA_SET, NULL, "not all items were read", r->at, NULL);
    if (r->rc == CARNET_OK)
        return CARNET_OK;
    return carnet_fail_at(err, r->rc, NULL, r->reason, r->failed_at, NULL);
}

carnet_rc
carnet_data_set_find(carnet_span octets, carnet_data_set_form form, const char *tag, carnet_span *value,
                     carnet_err *err)
{
    carnet_data_set_reader r = carnet_data_set_open(octets, form);
    carnet_span found = { 0 };
    carnet_data_set_item item;
    carnet_rc rc;

    while (carnet_data_set_next(&r, &item))
        if (found.ptr == NULL && carnet_str_is(item.tag, tag))
            found = item.value;
    rc = carnet_data_set_done(&r, err);
    *value = rc == CARNET_OK ? found : (carnet_span){ 0 };
    return rc;
}

static bool
length_write(carnet_data_set_form form, size_t length, uint8_t *out)
{
    for (size_t i = form.length; i-- > 0; length /= form.binary ? 256 : 10)
        out[i] = (uint8_t)(form.binary ? length & 0xff : '0' + length % 10);
    return length == 0;
}

void
carnet_data_set_add(carnet_buf *out, carnet_data_set_form form, carnet_str tag, carnet_span value)
{
    uint8_t length[6];

    if (!form_valid(form) || tag.len != form.tag || !tag_valid(form, (const uint8_t *)tag.ptr) ||
        !length_write(form, value.len, length) || out->overflow ||
        out->cap - out->len < tag.len + form.length + value.len) {
        out->overflow = true;
        return;
    }
    carnet_buf_add_str(out, tag);
    carnet_buf_add(out, carnet_span_of(length, form.length));
    carnet_buf_add(out, value);
}

carnet_rc
carnet_data_set_replace(carnet_span octets, carnet_data_set_form form, carnet_str tag, carnet_span value,
                        carnet_buf *out, carnet_err *err)
{
    carnet_data_set_reader r = carnet_data_set_open(octets, form);
    carnet_data_set_item item;
    size_t start = out->len;
    bool placed = value.ptr == NULL;
    carnet_rc rc;

    carnet_buf_add(out, r.lead);
    while (carnet_data_set_next(&r, &item)) {
        if (!carnet_str_equal(item.tag, tag)) {
            carnet_buf_add(out, item.encoded);
        } else if (!placed) {
            carnet_data_set_add(out, form, tag, value);
            placed = true;
        }
    }
    rc = carnet_data_set_done(&r, err);
    if (rc == CARNET_OK && !placed)
        carnet_data_set_add(out, form, tag, value);
    if (rc == CARNET_OK && !out->overflow)
        return CARNET_OK;
    out->len = start;
    return rc != CARNET_OK ? rc : carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
}
