/* SPDX-License-Identifier: Apache-2.0 */
/* Building Handover Select and Handover Request (18013-5 9.2). */
#include "internal.h"

#define VERSION 0x15

/** What the parts of a message are built from. */
typedef struct building {
    carnet_ndef_builder *b;
    const carnet_nfc_handover_parameters *p;
    bool request;
} building;

static void
add_octets(carnet_ndef_builder *b, const uint8_t *octets, size_t len)
{
    carnet_ndef_append(b, carnet_span_of(octets, len));
}

/** An entry: length of type and data, type, data. */
static void
add_entry(carnet_ndef_builder *b, uint8_t type, carnet_span data)
{
    uint8_t head[2] = { (uint8_t)(data.len + 1), type };

    if (data.len > 254) {
        b->rc = b->rc != CARNET_OK ? b->rc : CARNET_E_USAGE;
    }
    add_octets(b, head, sizeof head);
    carnet_ndef_append(b, data);
}

static void
add_uuid(carnet_ndef_builder *b, const uint8_t *uuid)
{
    uint8_t reversed[16];

    for (size_t i = 0; i < sizeof reversed; i++) {
        reversed[i] = uuid[15 - i];
    }
    add_entry(b, 0x07, carnet_span_of(reversed, sizeof reversed));
}

/** The sender's LE role: 0 peripheral, 1 central, 2 and 3 both, the one or the other preferred. */
static uint8_t
le_role(const carnet_retrieval_method *m, bool request)
{
    bool peripheral = request ? m->ble.central_client : m->ble.peripheral_server;
    bool central = request ? m->ble.peripheral_server : m->ble.central_client;

    if (peripheral && central) {
        return m->ble.peripheral_server_preferred != request ? 2 : 3;
    }
    return central ? 1 : 0;
}

/** The UUID that the carrier's record has; NULL: none. */
static const uint8_t *
ble_uuid(const building *in, const carnet_retrieval_method *m)
{
    if (in->request) {
        return m->ble.central_client ? m->ble.central_client_uuid.ptr : NULL;
    }
    if (m->ble.peripheral_server) {
        return m->ble.peripheral_server_uuid.ptr;
    }
    return in->p->negotiated ? NULL : m->ble.central_client_uuid.ptr;
}

static void
add_ble(const building *in, const carnet_retrieval_method *m)
{
    uint8_t role = le_role(m, in->request);
    const uint8_t *uuid = ble_uuid(in, m);

    if (m->ble.address.len != 0) {
        add_entry(in->b, 0x1b, m->ble.address);
    }
    add_entry(in->b, 0x1c, carnet_span_of(&role, 1));
    if (uuid != NULL) {
        add_uuid(in->b, uuid);
    }
}

static void
add_number(carnet_ndef_builder *b, uint8_t type, uint64_t value)
{
    uint8_t octets[3] = { (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value };
    size_t skip = value > 0xffff ? 0 : value > 0xff ? 1 : 2;

    add_entry(b, type, carnet_span_of(octets + skip, sizeof octets - skip));
}

static void
add_nfc(const building *in, const carnet_retrieval_method *m)
{
    add_octets(in->b, (const uint8_t[]){ 1 }, 1);
    if (m->nfc.max_command != 0) {
        add_number(in->b, 1, m->nfc.max_command);
        add_number(in->b, 2, m->nfc.max_response);
    }
}

static void
add_wifi(const building *in, const carnet_retrieval_method *m)
{
    uint8_t group[2] = { (uint8_t)(m->wifi_aware.dh_group >> 8), (uint8_t)m->wifi_aware.dh_group };

    add_entry(in->b, 1, m->wifi_aware.cipher_suites);
    if (m->wifi_aware.dh_key.len != 0) {
        uint8_t head[2] = { (uint8_t)(m->wifi_aware.dh_key.len + 3), 2 };

        add_octets(in->b, head, sizeof head);
        add_octets(in->b, group, sizeof group);
        carnet_ndef_append(in->b, m->wifi_aware.dh_key);
    }
    if (m->wifi_aware.passphrase.len != 0) {
        add_entry(in->b, 3, carnet_str_bytes(m->wifi_aware.passphrase));
    }
    if (m->wifi_aware.bands.len != 0) {
        add_entry(in->b, 4, m->wifi_aware.bands);
    }
}

/** Whether this can be written as a BLE carrier. */
static bool
ble_good(const building *in, const carnet_retrieval_method *m)
{
    bool own = !in->request && m->ble.peripheral_server;
    bool shared = m->ble.central_client && (in->request || (!own && !in->p->negotiated));
    carnet_span uuid = own ? m->ble.peripheral_server_uuid : m->ble.central_client_uuid;

    return (m->ble.peripheral_server || m->ble.central_client) && (uuid.len == 16 || (!own && !shared)) &&
           (m->ble.address.len == 0 || m->ble.address.len == 7);
}

static bool
method_good(const building *in, const carnet_retrieval_method *m)
{
    switch (m->type) {
    case CARNET_METHOD_BLE:
        return ble_good(in, m);
    case CARNET_METHOD_NFC:
        return (in->request && m->nfc.max_command == 0 && m->nfc.max_response == 0) ||
               (m->nfc.max_command >= 255 && m->nfc.max_command <= 65535 && m->nfc.max_response >= 256 &&
                m->nfc.max_response <= 65536);
    case CARNET_METHOD_WIFI_AWARE:
        return m->wifi_aware.cipher_suites.len != 0 && m->wifi_aware.dh_key.len <= 252;
    default:
        return false;
    }
}

/** Identifier of a carrier's configuration record. */
static carnet_span
carrier_id(const carnet_retrieval_method *m)
{
    const char *id = m->type == CARNET_METHOD_BLE ? "0" : m->type == CARNET_METHOD_NFC ? "nfc" : "W";

    return carnet_str_bytes(carnet_str_of(id));
}

static void
add_configuration(const building *in, const carnet_retrieval_method *m)
{
    static const char *const types[] = { [CARNET_METHOD_NFC] = CARNET_NFC_TYPE_NFC,
                                         [CARNET_METHOD_BLE] = CARNET_NFC_TYPE_BLE,
                                         [CARNET_METHOD_WIFI_AWARE] = CARNET_NFC_TYPE_WIFI_AWARE };
    carnet_ndef_record record = { .format = m->type == CARNET_METHOD_NFC ? CARNET_NDEF_EXTERNAL : CARNET_NDEF_MEDIA,
                                  .type = carnet_str_of(types[m->type]),
                                  .id = carrier_id(m) };
    carnet_ndef_mark mark = carnet_ndef_begin(in->b, &record);

    if (m->type == CARNET_METHOD_BLE) {
        add_ble(in, m);
    } else if (m->type == CARNET_METHOD_NFC) {
        add_nfc(in, m);
    } else {
        add_wifi(in, m);
    }
    carnet_ndef_end(in->b, mark);
}

static void
add_alternative(const building *in, const carnet_retrieval_method *m)
{
    static const uint8_t none[] = { 0 }, engagement[] = { 1, 4, 'm', 'd', 'o', 'c' };
    carnet_span id = carrier_id(m);
    uint8_t head[2] = { CARNET_CARRIER_ACTIVE, (uint8_t)id.len };
    carnet_ndef_mark mark = carnet_ndef_begin(
        in->b, &(carnet_ndef_record){ .format = CARNET_NDEF_WELL_KNOWN, .type = carnet_str_of("ac") });

    add_octets(in->b, head, sizeof head);
    carnet_ndef_append(in->b, id);
    carnet_ndef_append(in->b,
                       in->request ? carnet_span_of(none, sizeof none) : carnet_span_of(engagement, sizeof engagement));
    carnet_ndef_end(in->b, mark);
}

/** Hs or Hr with what is in it. */
static void
add_first(const building *in)
{
    uint8_t random[2] = { (uint8_t)(in->p->collision >> 8), (uint8_t)in->p->collision };
    carnet_ndef_mark mark =
        carnet_ndef_begin(in->b, &(carnet_ndef_record){ .format = CARNET_NDEF_WELL_KNOWN,
                                                        .type = carnet_str_of(in->request ? "Hr" : "Hs") });

    add_octets(in->b, (const uint8_t[]){ VERSION }, 1);
    if (in->request && in->p->has_collision) {
        carnet_ndef_add(in->b, &(carnet_ndef_record){ .format = CARNET_NDEF_WELL_KNOWN,
                                                      .type = carnet_str_of("cr"),
                                                      .payload = carnet_span_of(random, sizeof random) });
    }
    for (size_t i = 0; i < in->p->method_count; i++) {
        add_alternative(in, &in->p->methods[i]);
    }
    carnet_ndef_end(in->b, mark);
}

static void
add_engagement(const building *in)
{
    carnet_ndef_record record = {
        .format = CARNET_NDEF_EXTERNAL,
        .type = carnet_str_of(in->request ? CARNET_NFC_TYPE_READER_ENGAGEMENT : CARNET_NFC_TYPE_DEVICE_ENGAGEMENT),
        .id = carnet_str_bytes(carnet_str_of(in->request ? "mdocreader" : "mdoc")),
        .payload = in->p->engagement,
    };

    if (in->p->engagement.len != 0) {
        carnet_ndef_add(in->b, &record);
    }
}

/** Whether the message can be written. */
static bool
all_good(const building *in)
{
    unsigned kinds = 0;

    if ((!in->request && in->p->engagement.len == 0) || in->p->method_count > CARNET_NFC_CARRIERS_MAX) {
        return false;
    }
    for (size_t i = 0; i < in->p->method_count; i++) {
        if (!method_good(in, &in->p->methods[i]) || (kinds & 1u << in->p->methods[i].type) != 0) {
            return false;
        }
        kinds |= 1u << in->p->methods[i].type;
    }
    return true;
}

static carnet_rc
build(const carnet_nfc_handover_parameters *parameters, bool request, void *out, size_t cap, carnet_span *message,
      carnet_err *err)
{
    carnet_ndef_builder b = carnet_ndef_build(out, cap);
    building in = { &b, parameters, request };

    *message = (carnet_span){ 0 };
    if (!all_good(&in)) {
        return carnet_fail(err, CARNET_E_USAGE, "18013-5 9.2",
                           "the engagement is missing or a carrier is not as it must be");
    }
    add_first(&in);
    if (parameters->engagement_first) {
        add_engagement(&in);
    }
    for (size_t i = 0; i < parameters->method_count; i++) {
        add_configuration(&in, &parameters->methods[i]);
    }
    if (!parameters->engagement_first) {
        add_engagement(&in);
    }
    return carnet_ndef_built(&b, message, err);
}

carnet_rc
carnet_nfc_handover_select_build(const carnet_nfc_handover_parameters *parameters, void *out, size_t cap,
                                 carnet_span *message, carnet_err *err)
{
    return build(parameters, false, out, cap, message, err);
}

carnet_rc
carnet_nfc_handover_request_build(const carnet_nfc_handover_parameters *parameters, void *out, size_t cap,
                                  carnet_span *message, carnet_err *err)
{
    return build(parameters, true, out, cap, message, err);
}
