/* SPDX-License-Identifier: Apache-2.0 */
/* Messages put together from parts (GATT) or from a stream (L2CAP); 18013-5 11.1. */
#include "internal.h"

#include <string.h>

#define PART_LAST 0x00
#define PART_MORE 0x01

static const char too_long[] = "the message is longer than this side takes";

void
carnet_ble_inbox_drop(carnet_ble_inbox *in)
{
    size_t gone;

    if (!in->taken) {
        return;
    }
    gone = in->length[0];
    if (gone != 0) {
        memmove(in->ptr, in->ptr + gone, in->used - gone);
        carnet_wipe(in->ptr + in->used - gone, gone);
    }
    in->used -= gone;
    in->whole--;
    memmove(in->length, in->length + 1, in->whole * sizeof(in->length[0]));
    in->taken = false;
}

void
carnet_ble_inbox_abandon(carnet_ble_inbox *in)
{
    if (in->current != 0) {
        carnet_wipe(in->ptr + in->used - in->current, in->current);
    }
    in->used -= in->current;
    in->current = in->expected = 0;
    in->head_len = 0;
    in->open = false;
}

/** Add octets to the message under way; false if they do not fit. */
static bool
add(carnet_ble_inbox *in, carnet_span octets)
{
    if (octets.len > in->cap - in->used) {
        return false;
    }
    if (octets.len != 0) {
        memcpy(in->ptr + in->used, octets.ptr, octets.len);
    }
    in->used += octets.len;
    in->current += octets.len;
    in->open = true;
    return true;
}

static const char *
complete(carnet_ble_inbox *in, carnet_rc *rc)
{
    if (in->whole == CARNET_BLE_WAITING) {
        *rc = CARNET_E_LINK_PROTOCOL;
        return "more messages came than the protocol has a use for";
    }
    in->length[in->whole++] = in->current;
    in->current = in->expected = 0;
    in->head_len = 0;
    in->open = false;
    return NULL;
}

const char *
carnet_ble_inbox_part(carnet_ble_inbox *in, carnet_span part, carnet_rc *rc)
{
    *rc = CARNET_E_LINK_PROTOCOL;
    if (part.len == 0 || part.len > CARNET_BLE_PART_MAX) {
        return part.len == 0 ? "a part of a message has no first octet" : "a part of a message has over 512 octets";
    }
    if (part.ptr[0] != PART_LAST && part.ptr[0] != PART_MORE) {
        return "a part of a message begins with neither 00 nor 01";
    }
    if (!add(in, carnet_span_of(part.ptr + 1, part.len - 1))) {
        *rc = CARNET_E_LINK_TOO_LONG;
        return too_long;
    }
    return part.ptr[0] == PART_LAST ? complete(in, rc) : NULL;
}

/** Take octets of the length that stands before a message; false if that message would not fit. */
static bool
take_head(carnet_ble_inbox *in, carnet_span *octets)
{
    while (in->head_len < sizeof(in->head) && octets->len != 0) {
        in->head[in->head_len++] = octets->ptr[0];
        in->open = true;
        *octets = carnet_span_of(octets->ptr + 1, octets->len - 1);
    }
    if (in->head_len == sizeof(in->head)) {
        in->expected = (size_t)in->head[0] << 24 | (size_t)in->head[1] << 16 | (size_t)in->head[2] << 8 | in->head[3];
        return in->expected - in->current <= in->cap - in->used;
    }
    return true;
}

const char *
carnet_ble_inbox_octets(carnet_ble_inbox *in, carnet_span octets, carnet_rc *rc)
{
    const char *wrong = NULL;

    *rc = CARNET_E_LINK_PROTOCOL;
    while (wrong == NULL && octets.len != 0) {
        size_t n;

        if (!take_head(in, &octets)) {
            *rc = CARNET_E_LINK_TOO_LONG;
            return too_long;
        }
        if (in->head_len < sizeof(in->head)) {
            break;
        }
        n = in->expected - in->current;
        n = n < octets.len ? n : octets.len;
        (void)add(in, carnet_span_of(octets.ptr, n)); /* it fits: take_head() has seen to that */
        octets = carnet_span_of(octets.ptr + n, octets.len - n);
        if (in->current == in->expected) {
            wrong = complete(in, rc);
        }
    }
    return wrong;
}
