/* SPDX-License-Identifier: Apache-2.0 */
/* carnet atm: the connection to the switch.  Every message has its MAC, if the link has one; an answer without a right one is none. */
#include "atm.h"

#include "carnet/iso8583_codes.h"

#include <stdlib.h>
#include <string.h>

enum { CONNECT_MS = 1500, RETRY_MS = 1000, MESSAGE = 2048, MANAGEMENT_MS = 5000 };

static carnet_payment_end_config end_config;
static carnet_payment_tls tls;

/** Hexadecimal digits in a file's first line. */
static carnet_span
key_file(const char *path)
{
    const carnet_span text = cli_read(path);
    carnet_str line = { (const char *)text.ptr, 0 };
    carnet_buf out = cli_buf(text.len + 1);
    carnet_err err = { 0 };

    while (line.len < text.len && line.ptr[line.len] != '\n' && line.ptr[line.len] != '\r') {
        line.len++;
    }
    if (carnet_hex_decode(line, &out, &err) != CARNET_OK || out.len < 16) {
        cli_die_text(path, "the first line is not a key: 32 hexadecimal digits or more");
    }
    return carnet_buf_span(&out);
}

static void
read_mac(atm *t)
{
    if ((t->a->mac == NULL) != (t->a->mac_key == NULL)) {
        cli_usage("a MAC takes both of --mac and --mac-key");
    }
    if (t->a->mac == NULL) {
        return;
    }
    t->mac = (carnet_message_mac_key){ carnet_message_mac_named(carnet_str_of(t->a->mac)), key_file(t->a->mac_key),
                                       t->spec->fields[64].max };
    if (t->mac.algorithm == CARNET_MESSAGE_MAC_NONE) {
        cli_usage("--mac is retail, retail-2 or aes-cmac");
    }
}

static void
read_carrier(const atm *t, carnet_terminal_config *config)
{
    const char *carrier = t->a->carrier != NULL ? t->a->carrier : "text";

    if (strcmp(carrier, "tlv") == 0) {
        config->carrier_tag = CARNET_CARRIER_TAG;
    } else if (strcmp(carrier, "tlv-short") == 0) {
        config->carrier_tag = CARNET_CARRIER_TAG_SHORT;
    } else if (strcmp(carrier, "text") != 0) {
        cli_usage("--carrier is text, tlv or tlv-short");
    }
    config->carrier = t->a->carrier_element != 0 ? t->a->carrier_element : config->carrier_tag != 0 ? 55 : 48;
}

void
atm_switch_open(atm *t, carnet_terminal_config *config)
{
    t->spec = iso_spec_of(t->a->spec != NULL ? t->a->spec : "1987").spec;
    t->framing = iso_framing(t->a->framing != NULL ? t->a->framing : "post");
    t->code_key = key_file(t->a->code_key);
    end_config.address = cli_address(t->a->to, NULL, &end_config.port);
    end_config.framing = &t->framing;
    end_config.retry_max_ms = RETRY_MS;
    if (t->a->switch_ca != NULL) {
        tls = (carnet_payment_tls){ .chain = t->a->switch_certificate, .key = t->a->switch_key, .ca = t->a->switch_ca };
        end_config.tls = &tls;
    }
    read_mac(t);
    config->spec = t->spec;
    read_carrier(t, config);
}

void
atm_switch_close(atm *t)
{
    carnet_payment_client_close(&t->link);
}

static bool
connected(atm *t)
{
    const int64_t now = onsite_now_ms();
    carnet_err err = { 0 };

    if (t->link != NULL || (t->link_tried != 0 && now < t->link_tried + RETRY_MS)) {
        return t->link != NULL;
    }
    t->link_tried = now;
    t->signed_on = false;
    t->sign_on = 0;
    if (carnet_payment_client_open(&end_config, CONNECT_MS, &t->link, &err) != CARNET_OK) {
        if (t->a->verbose) {
            (void)cli_complain(t->a->to, &err);
        }
        return false;
    }
    t->heard = now;
    return true;
}

/* --- the MAC --- */

static unsigned
mac_element(const uint64_t elements[3])
{
    return (elements[1] | elements[2]) != 0 ? 128 : 64;
}

static bool
mac_good(const atm *t, const carnet_iso8583_message *m)
{
    const unsigned element = mac_element(m->elements);
    uint8_t octets[2 * CARNET_MESSAGE_MAC];
    carnet_buf room = carnet_buf_of(octets, sizeof octets);
    carnet_span mac, covered;

    if (t->mac.algorithm == CARNET_MESSAGE_MAC_NONE || carnet_mti_class(m->mti) == CARNET_MTI_NETWORK) {
        return true;
    }
    if (m->elements[2] != 0 || !carnet_iso8583_has(m, element)) {
        return false;
    }
    mac = carnet_iso8583_binary(m, element, &room);
    covered = carnet_span_of(m->octets.ptr + m->mti_offset, (size_t)m->place[element].offset - m->mti_offset);
    return mac.len > 0 && carnet_message_mac_check(t->crypto, &t->mac, covered, mac, NULL) == CARNET_OK;
}

/** What is built last covers all before it. */
static carnet_rc
add_mac(const atm *t, carnet_span plain, carnet_buf *out, carnet_err *err)
{
    static carnet_iso8583_message m;
    const carnet_iso8583_field *field;
    uint8_t mac[CARNET_MESSAGE_MAC] = { 0 };
    carnet_iso8583_builder b;
    size_t wire;
    unsigned element;
    carnet_rc rc = carnet_iso8583_parse(t->spec, plain, &m, err);

    if (rc != CARNET_OK || t->mac.algorithm == CARNET_MESSAGE_MAC_NONE) {
        carnet_buf_add(out, plain);
        return rc;
    }
    element = mac_element(m.elements);
    field = &t->spec->fields[element];
    wire = field->encoding == CARNET_ISO8583_RAW ? field->max : 2u * field->max;
    carnet_iso8583_builder_init(&b, t->spec, m.mti);
    carnet_iso8583_set_all(&b, &m);
    carnet_iso8583_set_binary(&b, element, carnet_span_of(mac, field->max));
    if ((rc = carnet_iso8583_build(&b, out, err)) == CARNET_OK) {
        const size_t header = t->spec->flavour.header;

        rc = carnet_message_mac_make(t->crypto, &t->mac, carnet_span_of(out->ptr + header, out->len - header - wire),
                                     mac, err);
    }
    out->len = 0;
    return rc == CARNET_OK ? carnet_iso8583_build(&b, out, err) : rc;
}

/* --- network management --- */

static carnet_rc
send_octets(atm *t, carnet_span octets, carnet_err *err)
{
    const carnet_rc rc = carnet_payment_client_send(t->link, (carnet_span){ 0 }, octets, err);

    if (rc == CARNET_E_LINK_CLOSED || rc == CARNET_E_LINK_LOST) {
        carnet_payment_client_close(&t->link);
    }
    return rc;
}

static void
set_moment(const atm *t, carnet_iso8583_builder *b, char moment[15])
{
    const int64_t seconds = atm_now() / 1000;
    const carnet_date date = carnet_date_of_time(seconds);
    const unsigned within = (unsigned)(seconds % CARNET_TIME_DAY);

    snprintf(moment, 15, "%04u%02u%02u%02u%02u%02u", (unsigned)date.year % 10000u, (unsigned)date.month % 100u,
             (unsigned)date.day % 100u, within / 3600 % 24, within / 60 % 60, within % 60);
    carnet_iso8583_set_text(b, 7, (carnet_str){ moment + 4, 10 });
    if (t->spec->version != CARNET_ISO8583_1987) {
        const int skip = t->spec->version == CARNET_ISO8583_1993 ? 2 : 0;

        carnet_iso8583_set(b, 12, moment + skip);
    }
}

/** With the link's MAC, as every message. */
static void
send_management(atm *t, carnet_iso8583_builder *b)
{
    uint8_t plain[512], octets[544];
    carnet_buf room = carnet_buf_of(plain, sizeof plain), out = carnet_buf_of(octets, sizeof octets);

    if (carnet_iso8583_build(b, &room, NULL) == CARNET_OK &&
        add_mac(t, carnet_buf_span(&room), &out, NULL) == CARNET_OK) {
        (void)!send_octets(t, carnet_buf_span(&out), NULL);
    }
}

/** 0800: sign on (001) or echo (301). */
static void
manage(atm *t, bool sign_on)
{
    const bool old = t->spec->version == CARNET_ISO8583_1987;
    carnet_mti mti = (carnet_mti)((unsigned)t->spec->version << 12 | (old ? 0x0800u : 0x0804u));
    carnet_iso8583_builder b;
    const uint32_t stan = carnet_terminal_stan(&t->machine);
    char moment[15];

    t->sign_on = sign_on ? stan : t->sign_on;
    carnet_iso8583_builder_init(&b, t->spec, mti);
    set_moment(t, &b, moment);
    carnet_iso8583_set_number(&b, 11, stan);
    if (t->a->acquirer != NULL) {
        carnet_iso8583_set(&b, 32, t->a->acquirer);
    }
    carnet_iso8583_set(&b, 41, t->a->id);
    carnet_iso8583_set(&b, old ? 70 : 24, sign_on ? (old ? "001" : "801") : (old ? "301" : "831"));
    send_management(t, &b);
}

static void
answer_management(atm *t, const carnet_iso8583_message *m)
{
    static const unsigned same[] = { 7, 11, 12, 24, 32, 33, 41, 70 };
    carnet_iso8583_builder b;

    carnet_iso8583_builder_init(&b, t->spec, carnet_mti_response(m->mti));
    for (size_t i = 0; i < CARNET_COUNT(same); i++) {
        carnet_iso8583_set_from(&b, same[i], m, same[i]);
    }
    carnet_iso8583_set(&b, 39,
                       t->spec->version == CARNET_ISO8583_1987   ? "00"
                       : t->spec->version == CARNET_ISO8583_1993 ? "800"
                                                                 : "8000");
    send_management(t, &b);
}

/** An 0810 that accepts the sign-on, and not an echo. */
static void
note_sign_on(atm *t, const carnet_iso8583_message *m)
{
    uint8_t octets[16];
    carnet_buf room = carnet_buf_of(octets, sizeof octets);
    uint64_t stan = 0;

    if (t->sign_on != 0 && carnet_iso8583_number(m, 11, &stan) && stan == t->sign_on) {
        t->sign_on = 0;
        t->signed_on = carnet_iso8583_approved(t->spec->version, carnet_iso8583_text(m, 39, &room));
    }
}

/* --- messages --- */

static void
take(atm *t, carnet_span octets)
{
    static carnet_iso8583_message m;
    carnet_err err = { 0 };

    if (carnet_iso8583_parse(t->spec, octets, &m, &err) != CARNET_OK) {
        (void)cli_complain("a message from the switch", &err);
    } else if (carnet_mti_class(m.mti) == CARNET_MTI_NETWORK) {
        if (carnet_mti_asks(m.mti)) {
            answer_management(t, &m);
        } else {
            note_sign_on(t, &m);
        }
    } else if (!mac_good(t, &m)) {
        atm_tell_text(t, "refused", "reason", carnet_str_of("mac"));
    } else {
        atm_tell_message(t, &m, false);
        if (carnet_terminal_received(&t->machine, &m, atm_now(), &err) != CARNET_OK) {
            atm_tell_text(t, "unmatched", "reason", carnet_str_of(err.reason));
        }
    }
}

void
atm_switch_wait(atm *t, int64_t ms)
{
    static uint8_t octets[16384];
    carnet_buf room = carnet_buf_of(octets, sizeof octets);
    carnet_span header, message;
    carnet_err err = { 0 };
    carnet_rc rc;

    if (!connected(t)) {
        struct timespec pause = { .tv_nsec = (ms < 200 ? ms : 200) * 1000000 };

        nanosleep(&pause, NULL);
        return;
    }
    if (t->a->echo_s != 0 && onsite_now_ms() - t->heard > 1000 * (int64_t)t->a->echo_s) {
        t->heard = onsite_now_ms();
        manage(t, false);
        if (t->link == NULL) {
            return;
        }
    }
    rc = carnet_payment_client_receive(t->link, (int)ms, &room, &header, &message, &err);
    if (rc == CARNET_OK) {
        t->heard = onsite_now_ms();
        take(t, message);
    } else if (rc != CARNET_E_LINK_TIMEOUT) {
        carnet_payment_client_close(&t->link);
    }
}

/** Nothing else goes out before sign-on was answered. */
static bool
sign_on(atm *t)
{
    const int64_t until = onsite_now_ms() + MANAGEMENT_MS;

    if (!t->a->sign_on || t->signed_on) {
        return true;
    }
    manage(t, true);
    while (t->link != NULL && !t->signed_on && onsite_now_ms() < until) {
        atm_switch_wait(t, 100);
    }
    return t->signed_on && t->link != NULL;
}

bool
atm_switch_send(atm *t)
{
    static uint8_t plain[MESSAGE], octets[MESSAGE];
    static carnet_iso8583_message m;
    carnet_buf room = carnet_buf_of(plain, sizeof plain), out = carnet_buf_of(octets, sizeof octets);
    carnet_err err = { 0 };
    carnet_rc rc;

    if (!connected(t) || !sign_on(t)) {
        atm_tell_text(t, "unreachable", "peer", carnet_str_of("switch"));
        return false;
    }
    rc = carnet_terminal_message(&t->machine, &room, &err);
    rc = rc == CARNET_OK ? add_mac(t, carnet_buf_span(&room), &out, &err) : rc;
    if (rc != CARNET_OK) {
        (void)cli_complain("a message", &err);
        return false;
    }
    if (carnet_iso8583_parse(t->spec, carnet_buf_span(&out), &m, NULL) == CARNET_OK) {
        atm_tell_message(t, &m, true);
    }
    rc = send_octets(t, carnet_buf_span(&out), &err);
    t->link_tried = 0;
    if (rc == CARNET_E_LINK_CLOSED && connected(t) && sign_on(t)) { /* it had ended while nothing was to be said */
        rc = send_octets(t, carnet_buf_span(&out), &err);
    }
    carnet_wipe(plain, sizeof plain);
    /* Only what was refused at once cannot have left. */
    return rc != CARNET_E_LINK_CLOSED && rc != CARNET_E_LINK_TOO_LONG;
}
