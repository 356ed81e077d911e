/* SPDX-License-Identifier: Apache-2.0 */
/* A link as it is configured: what is spoken, by whom, under which keys. */
#include "carnet/iso8583_file.h"
#include "carnet/iso8583_spec.h"
#include "carnet/service_file.h"
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SPEC_FILE_MAX = 1 << 20 };

static carnet_rc
fault(const switch_link *link, const char *key, const char *reason, carnet_err *err)
{
    const carnet_rc rc = carnet_fail(err, CARNET_E_SWITCH_LINK, NULL, reason);

    if (err != NULL)
        (void)snprintf(err->path, sizeof(err->path), "%s.%s", link->config->name, key);
    return rc;
}

static carnet_rc
read_key(const switch_link *link, const char *file, const char *name, uint8_t out[SWITCH_KEY], size_t *len,
         carnet_err *err)
{
    const carnet_rc rc = carnet_service_hex_file_read(file, out, SWITCH_KEY, len, err);

    return rc == CARNET_OK && (*len < 16 || *len % 8 != 0)
               ? fault(link, name, "the file holds no key of 16, 24 or 32 octets in hexadecimal digits", err)
               : rc;
}

static carnet_rc
read_keys(switch_link *link, carnet_err *err)
{
    const carnet_config_payment_link *c = link->config;
    carnet_rc rc = CARNET_OK;
    size_t len;

    if (c->mac != NULL) {
        link->mac.algorithm = carnet_message_mac_named(carnet_str_of(c->mac));
        link->mac.size = link->spec->fields[64].max == 4 ? 4 : CARNET_MESSAGE_MAC;
        rc = read_key(link, c->mac_key_file, "mac_key_file", link->mac_octets, &len, err);
        link->mac.key = carnet_span_of(link->mac_octets, len);
    }
    if (rc == CARNET_OK && c->pin_key_file != NULL) {
        rc = read_key(link, c->pin_key_file, "pin_key_file", link->pin_octets, &len, err);
        link->pin = (carnet_pin_key){ carnet_span_of(link->pin_octets, len), (carnet_pin_format)c->pin_format };
    }
    return rc;
}

static bool
same_text(const char *a, const char *b, const char *otherwise)
{
    return strcmp(a != NULL ? a : otherwise, b != NULL ? b : otherwise) == 0;
}

static void
take_framing(switch_link *link, const carnet_iso8583_file *file)
{
    if (file->framed)
        link->framing = file->framing;
}

/* Links that are written alike share one specification: by that a message is known to need no rewriting. */
static bool
share_spec(switch_link *link)
{
    const carnet_config_payment_link *c = link->config;

    for (const switch_link *other = link->owner->links; other != link; other++) {
        if (other->spec_own == NULL || !same_text(c->version, other->config->version, "1987") ||
            !same_text(c->flavour, other->config->flavour, "ascii") ||
            !same_text(c->spec_file, other->config->spec_file, ""))
            continue;
        link->spec = other->spec;
        if (c->spec_file != NULL)
            take_framing(link, other->spec_own);
        return true;
    }
    return false;
}

static carnet_iso8583_version
version_of(const char *text)
{
    if (text == NULL || strcmp(text, "1987") == 0)
        return CARNET_ISO8583_1987;
    return strcmp(text, "1993") == 0 ? CARNET_ISO8583_1993 : CARNET_ISO8583_2003;
}

static carnet_rc
read_spec(switch_link *link, carnet_err *err)
{
    carnet_iso8583_file *file = calloc(1, sizeof(*file));
    carnet_service_file text = { 0 };
    carnet_rc rc;

    if (file == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    link->spec_own = file;
    rc = carnet_service_file_read(link->config->spec_file, SPEC_FILE_MAX, &text, err);
    if (rc == CARNET_OK)
        rc = carnet_iso8583_file_read(carnet_service_file_text(&text), file, err);
    carnet_service_file_free(&text);
    if (rc != CARNET_OK)
        return rc;
    link->spec = &file->spec;
    take_framing(link, file);
    return CARNET_OK;
}

static carnet_rc
make_spec(switch_link *link, carnet_err *err)
{
    const carnet_config_payment_link *c = link->config;
    carnet_iso8583_flavour flavour;
    carnet_iso8583_spec *spec;
    carnet_rc rc;

    if (share_spec(link))
        return CARNET_OK;
    if (c->spec_file != NULL)
        return read_spec(link, err);
    if (!carnet_iso8583_flavour_named(carnet_str_of(c->flavour != NULL ? c->flavour : "ascii"), &flavour))
        return fault(link, "flavour", "there is no flavour of this name", err);
    if ((spec = calloc(1, sizeof(*spec))) == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    link->spec_own = spec;
    rc = carnet_iso8583_spec_init(spec, version_of(c->version), &flavour, err);
    link->spec = rc == CARNET_OK ? spec : NULL;
    return rc;
}

static carnet_rc
make_framing(switch_link *link, carnet_err *err)
{
    const char *name = link->config->framing;

    if (name == NULL && link->framing.width != 0)
        return CARNET_OK; /* the specification's file says it */
    return carnet_framing_named(carnet_str_of(name != NULL ? name : "post"), &link->framing)
               ? CARNET_OK
               : fault(link, "framing", "there is no framing of this name", err);
}

static unsigned
match_bits(const carnet_config_texts *match)
{
    static const struct {
        const char *element;
        unsigned bit;
    } names[] = { { "7", CARNET_MATCH_TIME },
                  { "11", CARNET_MATCH_STAN },
                  { "32", CARNET_MATCH_ACQUIRER },
                  { "37", CARNET_MATCH_REFERENCE },
                  { "41", CARNET_MATCH_TERMINAL } };
    unsigned bits = CARNET_MATCH_STAN;

    if (match->count == 0)
        return CARNET_MATCH_DEFAULT;
    for (size_t i = 0; i < match->count; i++)
        for (size_t k = 0; k < CARNET_COUNT(names); k++)
            if (strcmp(match->list[i], names[k].element) == 0)
                bits |= names[k].bit;
    return bits;
}

static void
set_numbers(switch_link *link)
{
    const carnet_config_payment_link *c = link->config;
    const char *carrier = c->carrier != NULL ? c->carrier : "text";

    link->carrier = strcmp(carrier, "text") == 0  ? SWITCH_CARRIER_TEXT
                    : strcmp(carrier, "tlv") == 0 ? SWITCH_CARRIER_TLV
                                                  : SWITCH_CARRIER_TLV_SHORT;
    link->carrier_element = c->carrier_element != 0                ? c->carrier_element
                            : link->carrier == SWITCH_CARRIER_TEXT ? 48
                                                                   : 55;
    link->by = match_bits(&c->match);
    link->answer_ms = c->answer_ms != 0 ? c->answer_ms : 25000;
    link->repeat_ms = (c->repeat_seconds != 0 ? c->repeat_seconds : 10) * 1000;
}

static carnet_rc
make_matching(switch_link *link, carnet_err *err)
{
    const carnet_keeping_config keeping = {
        .echo_ms = link->config->echo_seconds * 1000,
        .answer_ms = link->answer_ms < 10000 ? link->answer_ms : 10000,
        .sign_on = link->config->sign_on,
    };

    link->slots = calloc(SWITCH_PENDING, sizeof(*link->slots));
    link->buckets = calloc(SWITCH_PENDING, sizeof(*link->buckets));
    if (link->slots == NULL || link->buckets == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    carnet_matching_init(&link->matching, link->slots, SWITCH_PENDING, link->buckets, SWITCH_PENDING, SWITCH_LATE_MS);
    carnet_keeping_init(&link->keeping, &keeping);
    return CARNET_OK;
}

carnet_rc
carnet_switch_link_init(acquiring_switch *s, switch_link *link, const carnet_config_payment_link *config, bool issuer,
                        carnet_err *err)
{
    carnet_rc rc;

    link->owner = s;
    link->config = config;
    link->issuer = issuer;
    link->last = &link->first;
    set_numbers(link);
    rc = make_spec(link, err);
    if (rc == CARNET_OK)
        rc = make_framing(link, err);
    if (rc == CARNET_OK)
        rc = read_keys(link, err);
    return rc == CARNET_OK && issuer ? make_matching(link, err) : rc;
}

carnet_rc
carnet_switch_middle(acquiring_switch *s, carnet_err *err)
{
    const carnet_iso8583_flavour flavour = carnet_iso8583_flavour_ascii();
    unsigned versions = 0;

    for (size_t i = 0; i < s->link_count; i++)
        versions |= 1U << s->links[i].spec->version;
    if ((versions & 1) == 0 || (versions & 4) == 0)
        return CARNET_OK;
    if ((s->middle = calloc(1, sizeof(*s->middle))) == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    return carnet_iso8583_spec_init(s->middle, CARNET_ISO8583_1993, &flavour, err);
}

void
carnet_switch_link_done(switch_link *link)
{
    while (link->first != NULL) {
        switch_stored *item = link->first;

        link->first = item->next;
        carnet_switch_stored_free(item);
    }
    carnet_wipe(link->mac_octets, sizeof(link->mac_octets));
    carnet_wipe(link->pin_octets, sizeof(link->pin_octets));
    free(link->spec_own);
    free(link->slots);
    free(link->buckets);
}

/* --- terminals come and go --- */

static void
terminal_up(void *self, carnet_payment_peer *peer)
{
    switch_link *link = self;
    acquiring_switch *s = link->owner;

    for (size_t i = 0; i < SWITCH_CONNECTIONS; i++) {
        switch_connection *c = &s->connections[i];

        if (c->peer != NULL)
            continue;
        *c = (switch_connection){ .peer = peer, .link = link, .serial = ++s->serials };
        carnet_payment_peer_set(peer, c);
        (void)atomic_fetch_add(&link->count.state, 1);
        return;
    }
    carnet_payment_end_peer(peer);
}

static void
terminal_down(void *self, carnet_payment_peer *peer, const carnet_err *why)
{
    switch_link *link = self;
    switch_connection *c = peer != NULL ? carnet_payment_peer_own(peer) : NULL;

    if (c != NULL) {
        *c = (switch_connection){ 0 };
        (void)atomic_fetch_sub(&link->count.state, 1);
    }
    if (why->rc != CARNET_E_LINK_CLOSED)
        carnet_switch_event(link->owner, "switch.terminal", "failed", carnet_rc_name(why->rc));
}

/* --- and so do issuers --- */

static void
issuer_up(void *self, carnet_payment_peer *peer)
{
    switch_link *link = self;
    const int64_t now = carnet_payment_now(link->owner->loop);

    link->peer = peer;
    link->stored_waits = link->stored_strange = false;
    link->stored_again = now;
    carnet_keeping_connected(&link->keeping, now);
    carnet_switch_event(link->owner, "switch.issuer_up", "done", NULL);
    carnet_switch_keep(link, now);
}

static void
issuer_down(void *self, carnet_payment_peer *peer, const carnet_err *why)
{
    switch_link *link = self;

    if (peer == NULL)
        return;
    link->peer = NULL;
    carnet_keeping_lost(&link->keeping);
    atomic_store(&link->count.state, CARNET_KEEPING_DOWN);
    carnet_switch_event(link->owner, "switch.issuer_down", "failed", carnet_rc_name(why->rc));
    carnet_switch_give_up(link, carnet_payment_now(link->owner->loop), true);
}

carnet_rc
carnet_switch_link_open(switch_link *link, carnet_err *err)
{
    const carnet_config_payment_link *c = link->config;
    const carnet_payment_tls tls = {
        .chain = c->tls_chain, .key = c->tls_key, .ca = c->tls_ca, .name = c->tls_name, .clients = c->tls_ca != NULL
    };
    const carnet_payment_end_config end = { .address = c->address,
                                            .port = (uint16_t)c->port,
                                            .listens = !link->issuer,
                                            .framing = &link->framing,
                                            .tls = c->tls_ca != NULL || (!link->issuer && c->tls_chain != NULL) ? &tls
                                                                                                                : NULL,
                                            .frame_max = SWITCH_MESSAGE,
                                            .connections = c->connections,
                                            .idle_ms = c->idle_seconds * 1000,
                                            .self = link,
                                            .up = link->issuer ? issuer_up : terminal_up,
                                            .down = link->issuer ? issuer_down : terminal_down };
    const carnet_rc rc = carnet_payment_add(link->owner->loop, &end, &link->end, err);

    if (rc != CARNET_OK && err != NULL)
        (void)snprintf(err->path, sizeof(err->path), "%s", c->name);
    return rc;
}
