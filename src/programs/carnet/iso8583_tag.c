/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583: data objects of payment cards (EMV Book 3, Annex A), by tag. */
#include "carnet/tlv.h"
#include "carnet/vector_carrier.h"
#include "iso8583.h"

static const struct {
    uint32_t tag;
    const char *name;
    iso_secret secret;
    bool text;
} tags[] = {
    { 0x42, "Issuer identification number", ISO_OPEN, false },
    { 0x4f, "Application identifier", ISO_OPEN, false },
    { 0x50, "Application label", ISO_OPEN, true },
    { 0x56, "Track 1 data", ISO_HIDDEN, false },
    { 0x57, "Track 2 equivalent data", ISO_TRACK, false },
    { 0x5a, "Application PAN", ISO_PAN, false },
    { 0x5f20, "Cardholder name", ISO_HIDDEN, false },
    { 0x5f24, "Application expiration date", ISO_HIDDEN, false },
    { 0x5f25, "Application effective date", ISO_OPEN, false },
    { 0x5f28, "Issuer country code", ISO_OPEN, false },
    { 0x5f2a, "Transaction currency code", ISO_OPEN, false },
    { 0x5f2d, "Language preference", ISO_OPEN, true },
    { 0x5f30, "Service code", ISO_OPEN, false },
    { 0x5f34, "PAN sequence number", ISO_OPEN, false },
    { 0x6f, "File control information template", ISO_OPEN, false },
    { 0x70, "Record template", ISO_OPEN, false },
    { 0x71, "Issuer script template 1", ISO_OPEN, false },
    { 0x72, "Issuer script template 2", ISO_OPEN, false },
    { 0x77, "Response message template 2", ISO_OPEN, false },
    { 0x80, "Response message template 1", ISO_OPEN, false },
    { 0x82, "Application interchange profile", ISO_OPEN, false },
    { 0x84, "Dedicated file name", ISO_OPEN, false },
    { 0x86, "Issuer script command", ISO_OPEN, false },
    { 0x8a, "Authorization response code", ISO_OPEN, true },
    { 0x8e, "Cardholder verification method list", ISO_OPEN, false },
    { 0x91, "Issuer authentication data", ISO_OPEN, false },
    { 0x95, "Terminal verification results", ISO_OPEN, false },
    { 0x99, "Transaction PIN data", ISO_HIDDEN, false },
    { 0x9a, "Transaction date", ISO_OPEN, false },
    { 0x9b, "Transaction status information", ISO_OPEN, false },
    { 0x9c, "Transaction type", ISO_OPEN, false },
    { 0x9f01, "Acquirer identifier", ISO_OPEN, false },
    { 0x9f02, "Amount, authorized", ISO_OPEN, false },
    { 0x9f03, "Amount, other", ISO_OPEN, false },
    { 0x9f06, "Application identifier, terminal", ISO_OPEN, false },
    { 0x9f07, "Application usage control", ISO_OPEN, false },
    { 0x9f08, "Application version number, card", ISO_OPEN, false },
    { 0x9f09, "Application version number, terminal", ISO_OPEN, false },
    { 0x9f0b, "Cardholder name, extended", ISO_HIDDEN, false },
    { 0x9f0d, "Issuer action code, default", ISO_OPEN, false },
    { 0x9f0e, "Issuer action code, denial", ISO_OPEN, false },
    { 0x9f0f, "Issuer action code, online", ISO_OPEN, false },
    { 0x9f10, "Issuer application data", ISO_OPEN, false },
    { 0x9f12, "Application preferred name", ISO_OPEN, true },
    { 0x9f15, "Merchant category code", ISO_OPEN, false },
    { 0x9f16, "Merchant identifier", ISO_OPEN, true },
    { 0x9f1a, "Terminal country code", ISO_OPEN, false },
    { 0x9f1c, "Terminal identification", ISO_OPEN, true },
    { 0x9f1e, "Interface device serial number", ISO_OPEN, true },
    { 0x9f1f, "Track 1 discretionary data", ISO_HIDDEN, false },
    { 0x9f20, "Track 2 discretionary data", ISO_HIDDEN, false },
    { 0x9f21, "Transaction time", ISO_OPEN, false },
    { 0x9f26, "Application cryptogram", ISO_OPEN, false },
    { 0x9f27, "Cryptogram information data", ISO_OPEN, false },
    { 0x9f33, "Terminal capabilities", ISO_OPEN, false },
    { 0x9f34, "Cardholder verification method results", ISO_OPEN, false },
    { 0x9f35, "Terminal type", ISO_OPEN, false },
    { 0x9f36, "Application transaction counter", ISO_OPEN, false },
    { 0x9f37, "Unpredictable number", ISO_OPEN, false },
    { 0x9f39, "Point of service entry mode", ISO_OPEN, false },
    { 0x9f40, "Additional terminal capabilities", ISO_OPEN, false },
    { 0x9f41, "Transaction sequence counter", ISO_OPEN, false },
    { 0x9f4e, "Merchant name and location", ISO_OPEN, true },
    { 0x9f53, "Transaction category code", ISO_OPEN, false },
    { 0x9f5b, "Issuer script results", ISO_OPEN, false },
    { 0x9f66, "Terminal transaction qualifiers", ISO_OPEN, false },
    { 0x9f6b, "Track 2 data, contactless", ISO_TRACK, false },
    { 0x9f6c, "Card transaction qualifiers", ISO_OPEN, false },
    { 0x9f6e, "Form factor indicator", ISO_OPEN, false },
    { 0x9f7c, "Customer exclusive data", ISO_OPEN, false },
};

/** Data objects one behind the other, of which most have names; one alone has others within. */
static bool
are_objects(carnet_span octets, size_t *objects, unsigned depth)
{
    carnet_span within = { 0 };
    carnet_tlv_reader r = carnet_tlv_open(octets);
    carnet_tlv object;
    size_t known = 0, inside;
    iso_secret secret;
    bool text;

    *objects = 0;
    while (carnet_tlv_next(&r, &object)) {
        ++*objects;
        within = carnet_tlv_constructed(object.tag) ? object.value : (carnet_span){ 0 };
        known += iso_tag(object.tag, &secret, &text) != NULL || object.tag == CARNET_CARRIER_TAG ? 1 : 0;
    }
    if (carnet_tlv_done(&r, NULL) != CARNET_OK || octets.len < 8 || 3 * known < 2 * *objects) {
        return false;
    }
    return known > 1 || (within.len > 0 && depth < 2 && are_objects(within, &inside, depth + 1));
}

const iso_octets *
iso_objects_in(const iso_octets *ways, size_t count, size_t *objects)
{
    for (size_t i = 0; i < count; i++) {
        if (are_objects(ways[i].octets, objects, 0)) {
            return &ways[i];
        }
    }
    return NULL;
}

const char *
iso_tag(uint32_t tag, iso_secret *secret, bool *text)
{
    *secret = ISO_OPEN;
    *text = false;
    for (size_t i = 0; i < CARNET_COUNT(tags); i++) {
        if (tags[i].tag == tag) {
            *secret = tags[i].secret;
            *text = tags[i].text;
            return tags[i].name;
        }
    }
    return NULL;
}
