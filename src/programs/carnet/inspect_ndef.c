/* SPDX-License-Identifier: Apache-2.0 */
/* NFC handover messages: records, and the engagement in one of them (18013-5 9.2). */
#include "inspect.h"

#include <string.h>

typedef struct record {
    uint8_t flags;
    carnet_str type;
    carnet_span id, payload, encoded;
} record;

enum { FLAG_SHORT = 0x10, FLAG_ID = 0x08, FORMAT = 0x07, FLAG_BEGIN = 0x80, FLAG_CHUNK = 0x20 };

/** Read the record at the front of `rest` and step over it. */
static bool
next_record(carnet_span *rest, record *out)
{
    size_t head, length_size, type_len, id_len;
    uint64_t payload_len = 0;

    if (rest->len < 3) {
        return false;
    }
    out->flags = rest->ptr[0];
    length_size = (out->flags & FLAG_SHORT) != 0 ? 1 : 4;
    head = 2 + length_size + ((out->flags & FLAG_ID) != 0 ? 1U : 0U);
    if (rest->len < head || (out->flags & FLAG_CHUNK) != 0) {
        return false;
    }
    type_len = rest->ptr[1];
    for (size_t i = 0; i < length_size; i++) {
        payload_len = payload_len << 8 | rest->ptr[2 + i];
    }
    id_len = (out->flags & FLAG_ID) != 0 ? rest->ptr[head - 1] : 0;
    if (payload_len + type_len + id_len > rest->len - head) {
        return false;
    }
    out->type = (carnet_str){ (const char *)rest->ptr + head, type_len };
    out->id = carnet_span_of(rest->ptr + head + type_len, id_len);
    out->payload = carnet_span_of(rest->ptr + head + type_len + id_len, (size_t)payload_len);
    out->encoded = carnet_span_of(rest->ptr, head + type_len + id_len + (size_t)payload_len);
    *rest = carnet_span_of(rest->ptr + out->encoded.len, rest->len - out->encoded.len);
    return true;
}

static const char *
meaning(carnet_str type)
{
    static const struct {
        const char *type, *meaning;
    } known[] = { { "Hs", "Handover Select" },
                  { "Hr", "Handover Request" },
                  { "ac", "alternative carrier" },
                  { "cr", "collision resolution" },
                  { "iso.org:18013:deviceengagement", "device engagement" },
                  { "iso.org:18013:readerengagement", "reader engagement" },
                  { "iso.org:18013:nfc", "NFC data transfer" },
                  { "application/vnd.bluetooth.le.oob", "Bluetooth Low Energy" },
                  { "application/vnd.wfa.nan", "Wi-Fi Aware" } };

    for (size_t i = 0; i < CARNET_COUNT(known); i++) {
        if (carnet_str_is(type, known[i].type)) {
            return known[i].meaning;
        }
    }
    return NULL;
}

static void records(inspect *in, inspect_node *up, carnet_span message);

static void
show_payload(inspect *in, inspect_node *node, const record *r)
{
    inspect_node *child;
    bool device = carnet_str_is(r->type, "iso.org:18013:deviceengagement");

    if ((carnet_str_is(r->type, "Hs") || carnet_str_is(r->type, "Hr")) && r->payload.len > 0) {
        child = inspect_line(in, node, "version", "%u.%u", r->payload.ptr[0] >> 4, r->payload.ptr[0] & 15U);
        inspect_place(in, child, carnet_span_of(r->payload.ptr, 1), carnet_span_of(r->payload.ptr, 1));
        records(in, node, carnet_span_of(r->payload.ptr + 1, r->payload.len - 1));
    } else if (device || carnet_str_is(r->type, "iso.org:18013:readerengagement")) {
        child = inspect_add(in, node, device ? "DeviceEngagement" : "ReaderEngagement");
        (void)inspect_item(in, child, r->payload, device ? &inspect_device_engagement : &inspect_reader_engagement);
    } else if (r->payload.len > 0) {
        child = inspect_line(in, node, "payload", "%s", inspect_bytes(in, r->payload));
        inspect_place(in, child, r->payload, r->payload);
    }
}

static void
records(inspect *in, inspect_node *up, carnet_span message)
{
    carnet_span rest = message;
    record r;
    size_t n = 0;

    if (in->depth >= 8) {
        return;
    }
    in->depth++;
    while (rest.len > 0 && next_record(&rest, &r) && in->nodes < INSPECT_NODES_MAX) {
        inspect_node *node = inspect_add(in, up, inspect_format("[%zu]", n++));

        inspect_place(in, node, r.encoded, carnet_span_of(r.encoded.ptr, r.encoded.len - r.payload.len));
        node->type = "record";
        node->value = inspect_quoted(in, r.type);
        if (meaning(r.type) != NULL) {
            inspect_note(node, INSPECT_PLAIN, "%s", meaning(r.type));
        }
        if (r.id.len > 0) {
            inspect_line(in, node, "id", "%s", inspect_quoted(in, (carnet_str){ (const char *)r.id.ptr, r.id.len }));
        }
        show_payload(in, node, &r);
    }
    in->depth--;
    if (rest.len > 0) {
        inspect_fail(in, CARNET_E_MDOC_STRUCTURE, rest.ptr, "an NDEF record that is malformed or cut off");
    }
}

bool
inspect_ndef(inspect *in, inspect_node *node, carnet_span message)
{
    bool long_form = message.len > 0 && (message.ptr[0] & FLAG_SHORT) == 0;
    size_t at = (long_form ? 6U : 3U) + (message.len > 0 && (message.ptr[0] & FLAG_ID) != 0 ? 1U : 0U);

    if (message.len < at + 2 || (message.ptr[0] & (FLAG_BEGIN | FORMAT | FLAG_CHUNK)) != (FLAG_BEGIN | 1) ||
        message.ptr[1] != 2 || message.ptr[at] != 'H' || (message.ptr[at + 1] != 's' && message.ptr[at + 1] != 'r')) {
        return false;
    }
    node->name = message.ptr[at + 1] == 's' ? "Handover Select" : "Handover Request";
    node->value = "";
    inspect_place(in, node, message, (carnet_span){ 0 });
    records(in, node, message);
    return true;
}
