/* SPDX-License-Identifier: Apache-2.0 */
#include "acquiring_switch/internal.h"
#include "carnet/iso8583_spec.h"
#include "fuzz.h"

#include <string.h>

enum { LINKS = 6 };

static const struct {
    carnet_iso8583_version version;
    const char *flavour;
    switch_carrier carrier;
    unsigned element;
    bool keys;
} kinds[LINKS] = {
    { CARNET_ISO8583_1987, "ascii", SWITCH_CARRIER_TEXT, 48, false },
    { CARNET_ISO8583_1987, "bcd", SWITCH_CARRIER_TLV, 55, true },
    { CARNET_ISO8583_1993, "bcd", SWITCH_CARRIER_TLV, 55, false },
    { CARNET_ISO8583_1993, "ebcdic", SWITCH_CARRIER_TEXT, 48, true },
    { CARNET_ISO8583_2003, "ascii-binary", SWITCH_CARRIER_TLV, 125, true },
    { CARNET_ISO8583_1987, "ascii-npm", SWITCH_CARRIER_TLV_SHORT, 120, true },
};

static acquiring_switch sw;
static switch_link links[LINKS];
static carnet_iso8583_spec specs[LINKS], middle;
static carnet_config_payment_link config = { .name = (char *)(uintptr_t) "l",
                                             .acquirer = (char *)(uintptr_t) "990001" };
static carnet_crypto crypto;
static carnet_service_worker worker;

static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    (void)self;
    memset(out, 7, len);
    return CARNET_OK;
}

static void
open_link(size_t i)
{
    static const uint8_t key[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
    carnet_iso8583_flavour flavour;
    switch_link *link = &links[i];

    MUST(carnet_iso8583_flavour_named(carnet_str_of(kinds[i].flavour), &flavour));
    MUST(carnet_iso8583_spec_init(&specs[i], kinds[i].version, &flavour, NULL) == CARNET_OK);
    link->owner = &sw;
    link->config = &config;
    link->spec = &specs[i];
    link->carrier = kinds[i].carrier;
    link->carrier_element = kinds[i].element;
    if (!kinds[i].keys)
        return;
    link->mac = (carnet_message_mac_key){ CARNET_MESSAGE_MAC_AES_CMAC, carnet_span_of(key, sizeof(key)),
                                          specs[i].fields[64].max == 4 ? 4 : CARNET_MESSAGE_MAC };
    link->pin =
        (carnet_pin_key){ carnet_span_of(key, sizeof(key)), i == 1 ? CARNET_PIN_FORMAT_3 : CARNET_PIN_FORMAT_0 };
}

static void
open_once(void)
{
    static bool opened;
    const carnet_iso8583_flavour flavour = carnet_iso8583_flavour_ascii();

    if (opened)
        return;
    MUST(carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    MUST(carnet_iso8583_spec_init(&middle, CARNET_ISO8583_1993, &flavour, NULL) == CARNET_OK);
    worker.crypto = &crypto;
    worker.random = (carnet_random){ .fill = fill };
    sw.worker = &worker;
    sw.middle = &middle;
    sw.now = 1800000000;
    for (size_t i = 0; i < LINKS; i++)
        open_link(i);
    opened = true;
}

/* What comes out is a message of the other link, of the same class and function, with its MAC; and what goes back is one, too. */
static void
check(switch_link *from, switch_link *to, const carnet_iso8583_message *m, unsigned depth)
{
    static uint8_t octets[2][SWITCH_MESSAGE];
    carnet_buf out = carnet_buf_of(octets[depth], SWITCH_MESSAGE);
    carnet_iso8583_message made;

    if (carnet_switch_translate(from, to, m, NULL, &out, NULL) != CARNET_OK)
        return;
    MUST(!out.overflow);
    MUST(carnet_iso8583_parse(to->spec, carnet_buf_span(&out), &made, NULL) == CARNET_OK);
    MUST((made.mti & 0x0fff) == (m->mti & 0x0fff));
    MUST(from->spec == to->spec || carnet_mti_version(made.mti) == (unsigned)to->spec->version ||
         from->spec->version == to->spec->version);
    MUST((carnet_switch_mac_element(&made) != 0) == (to->mac.algorithm != CARNET_MESSAGE_MAC_NONE) ||
         (from->spec == to->spec));
    if (depth == 0)
        check(to, from, &made, 1);
}

/* The first octet says from which link to which. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_iso8583_message m;
    switch_link *from, *to;

    if (size == 0)
        return 0;
    open_once();
    from = &links[data[0] % LINKS];
    to = &links[data[0] / LINKS % LINKS];
    if (carnet_iso8583_parse(from->spec, (carnet_span){ data + 1, size - 1 }, &m, NULL) != CARNET_OK ||
        carnet_mti_version(m.mti) != (unsigned)from->spec->version)
        return 0;
    check(from, to, &m, 0);
    return 0;
}
