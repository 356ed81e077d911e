/* SPDX-License-Identifier: Apache-2.0 */
/* NFC handover messages: records, and the engagement in one of them (18013-5 9.2). */
#include "inspect.h"

#include "carnet/ndef.h"

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

static void records(inspect *in, inspect_node *up, const carnet_ndef_reader *outer, carnet_span message);

static void
show_payload(inspect *in, inspect_node *node, const carnet_ndef_reader *reader, const carnet_ndef_record *r)
{
    inspect_node *child;
    bool device = carnet_str_is(r->type, "iso.org:18013:deviceengagement");

    if ((carnet_str_is(r->type, "Hs") || carnet_str_is(r->type, "Hr")) && r->payload.len > 0) {
        child = inspect_line(in, node, "version", "%u.%u", r->payload.ptr[0] >> 4, r->payload.ptr[0] & 15U);
        inspect_place(in, child, carnet_span_of(r->payload.ptr, 1), carnet_span_of(r->payload.ptr, 1));
        records(in, node, reader, carnet_span_of(r->payload.ptr + 1, r->payload.len - 1));
    } else if (device || carnet_str_is(r->type, "iso.org:18013:readerengagement")) {
        child = inspect_add(in, node, device ? "DeviceEngagement" : "ReaderEngagement");
        (void)inspect_item(in, child, r->payload, device ? &inspect_device_engagement : &inspect_reader_engagement);
    } else if (r->payload.len > 0) {
        child = inspect_line(in, node, "payload", "%s", inspect_bytes(in, r->payload));
        inspect_place(in, child, r->payload, r->payload);
    }
}

static void
show_record(inspect *in, inspect_node *up, size_t n, const carnet_ndef_reader *reader, const carnet_ndef_record *r)
{
    inspect_node *node = inspect_add(in, up, inspect_format("[%zu]", n));

    inspect_place(in, node, r->encoded, carnet_span_of(r->encoded.ptr, r->encoded.len - r->payload.len));
    node->type = "record";
    node->value = inspect_quoted(in, r->type);
    if (meaning(r->type) != NULL) {
        inspect_note(node, INSPECT_PLAIN, "%s", meaning(r->type));
    }
    if (r->id.len > 0) {
        inspect_line(in, node, "id", "%s", inspect_quoted(in, (carnet_str){ (const char *)r->id.ptr, r->id.len }));
    }
    show_payload(in, node, reader, r);
}

static void
records(inspect *in, inspect_node *up, const carnet_ndef_reader *outer, carnet_span message)
{
    carnet_ndef_reader reader = carnet_ndef_open_within(outer, message);
    carnet_ndef_record r;
    carnet_err err;
    size_t n = 0;

    if (in->depth >= 8 || message.len == 0) {
        return;
    }
    in->depth++;
    while (in->nodes < INSPECT_NODES_MAX && carnet_ndef_next(&reader, &r)) {
        show_record(in, up, n++, &reader, &r);
    }
    in->depth--;
    if (carnet_ndef_done(&reader, &err) != CARNET_OK && in->nodes < INSPECT_NODES_MAX) {
        inspect_fail(in, err.rc, reader.failed_at, err.reason[0] != '\0' ? err.reason : carnet_rc_text(err.rc));
    }
}

bool
inspect_ndef(inspect *in, inspect_node *node, carnet_span message)
{
    carnet_ndef_reader reader = carnet_ndef_open(message);
    carnet_ndef_record first;
    bool select;

    if (!carnet_ndef_next(&reader, &first)) {
        return false;
    }
    select = carnet_ndef_is(&first, CARNET_NDEF_WELL_KNOWN, "Hs");
    if (!select && !carnet_ndef_is(&first, CARNET_NDEF_WELL_KNOWN, "Hr")) {
        return false;
    }
    node->name = select ? "Handover Select" : "Handover Request";
    node->value = "";
    inspect_place(in, node, message, (carnet_span){ 0 });
    records(in, node, &reader, message);
    inspect_carriers(in, node, message);
    return true;
}
