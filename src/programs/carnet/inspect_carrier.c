/* SPDX-License-Identifier: Apache-2.0 */
/* What the carriers of an NFC handover come to, as retrieval methods (18013-5 9.2.2). */
#include "carnet/nfc_handover.h"
#include "inspect.h"

static void
show_ble(inspect *in, inspect_node *up, const carnet_retrieval_method *m)
{
    carnet_span uuid =
        m->ble.peripheral_server_uuid.len != 0 ? m->ble.peripheral_server_uuid : m->ble.central_client_uuid;
    bool both = m->ble.peripheral_server && m->ble.central_client;

    inspect_line(in, up, "modes", "mdoc %s%s",
                 both                       ? "central client, peripheral server"
                 : m->ble.central_client    ? "central client"
                 : m->ble.peripheral_server ? "peripheral server"
                                            : "in no mode",
                 !both                                ? ""
                 : m->ble.peripheral_server_preferred ? "; the second preferred"
                                                      : "; the first preferred");
    if (uuid.len != 0) {
        inspect_line(in, up, "UUID", "%s", inspect_bytes(in, uuid));
    }
    if (m->ble.address.len != 0) {
        inspect_line(in, up, "address", "%s", inspect_bytes(in, m->ble.address));
    }
}

static void
show_wifi_aware(inspect *in, inspect_node *up, const carnet_retrieval_method *m)
{
    inspect_line(in, up, "cipher suites", "%s", inspect_bytes(in, m->wifi_aware.cipher_suites));
    if (m->wifi_aware.dh_key.len != 0) {
        inspect_line(in, up, "key", "group %u, %zu bytes", m->wifi_aware.dh_group, m->wifi_aware.dh_key.len);
    }
    if (m->wifi_aware.passphrase.len != 0) {
        inspect_line(in, up, "passphrase", "%s", inspect_quoted(in, m->wifi_aware.passphrase));
    }
    if (m->wifi_aware.bands.len != 0) {
        inspect_line(in, up, "bands", "%s", inspect_bytes(in, m->wifi_aware.bands));
    }
}

static void
show_carrier(inspect *in, inspect_node *up, size_t n, const carnet_nfc_carrier *carrier)
{
    static const char *const powers[] = { "inactive", "active", "activating", "power state unknown" };
    static const char *const kinds[] = { "of a kind that is not known", "NFC", "BLE", "Wi-Fi Aware" };
    const carnet_retrieval_method *m = &carrier->method;
    inspect_node *node =
        inspect_line(in, up, inspect_format("[%zu]", n), "%s, %s", kinds[m->type], powers[carrier->power]);

    inspect_place(in, node, carrier->record.encoded, (carnet_span){ 0 });
    if (m->type != 0 && !m->usable) {
        inspect_odd(node, "a carrier that is not as its kind demands");
        return;
    }
    if (m->type == CARNET_METHOD_BLE) {
        show_ble(in, node, m);
    } else if (m->type == CARNET_METHOD_WIFI_AWARE) {
        show_wifi_aware(in, node, m);
    } else if (m->nfc.max_command != 0) {
        inspect_line(in, node, "lengths", "commands of %u, responses of %u bytes", (unsigned)m->nfc.max_command,
                     (unsigned)m->nfc.max_response);
    }
}

static void
show_odd(inspect_node *node, unsigned odd)
{
    static const struct {
        unsigned bit;
        const char *text;
    } known[] = {
        { CARNET_HANDOVER_MINOR_VERSION, "another minor version than 5" },
        { CARNET_HANDOVER_CARRIER_MISSING, "a carrier without its configuration" },
        { CARNET_HANDOVER_NOT_REFERRED, "a carrier that does not point to the engagement" },
        { CARNET_HANDOVER_CARRIER_TWICE, "two carriers of one kind" },
    };

    for (size_t i = 0; i < CARNET_COUNT(known); i++) {
        if (odd & known[i].bit) {
            inspect_odd(node, "%s", known[i].text);
        }
    }
}

void
inspect_carriers(inspect *in, inspect_node *node, carnet_span message)
{
    carnet_nfc_handover view;
    carnet_nfc_carrier carrier;
    inspect_node *list;
    carnet_span rest;
    carnet_err err;
    size_t n = 0;

    if (carnet_nfc_handover_open(message, &view, &err) != CARNET_OK) {
        if (err.rc != in->err.rc) {
            inspect_odd(node, "%s", err.reason[0] != '\0' ? err.reason : carnet_rc_text(err.rc));
        }
        return;
    }
    show_odd(node, view.odd);
    list = inspect_line(in, node, "carriers", "%zu", view.carrier_count);
    rest = view.carriers;
    while (carnet_nfc_handover_next(&view, &rest, &carrier)) {
        show_carrier(in, list, n++, &carrier);
    }
}
