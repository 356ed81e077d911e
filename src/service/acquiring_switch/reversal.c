/* SPDX-License-Identifier: Apache-2.0 */
/* The switch's own reversal: 0420 about a request that its issuer did not answer in time, or whose answer nobody took. */
#include "internal.h"

static void
add_digits(carnet_buf *out, carnet_str text, size_t width)
{
    for (size_t i = text.len; i < width; i++)
        carnet_buf_add_byte(out, '0');
    carnet_buf_add_str(out, (carnet_str){ text.ptr, text.len < width ? text.len : width });
}

static void
add_mti(const carnet_iso8583_message *m, carnet_buf *out)
{
    char mti[5];

    carnet_mti_write(carnet_mti_original(m->mti), mti);
    carnet_buf_add_text(out, mti);
}

static carnet_str
acquirer_of(const carnet_iso8583_message *m, const switch_link *from, carnet_buf *room)
{
    const carnet_str acquirer = carnet_iso8583_text(m, 32, room);

    return acquirer.ptr == NULL && from->config->acquirer != NULL ? carnet_str_of(from->config->acquirer) : acquirer;
}

/* DE 90: of the message as the issuer got it. */
static void
original_1987(const carnet_iso8583_message *m, const switch_link *from, carnet_buf *out, carnet_buf *room)
{
    add_mti(m, out);
    add_digits(out, carnet_iso8583_text(m, 11, room), 6);
    add_digits(out, carnet_iso8583_text(m, 7, room), 10);
    add_digits(out, acquirer_of(m, from, room), 11);
    add_digits(out, carnet_iso8583_text(m, 33, room), 11);
}

/* DE 56, in the widths of its version. */
static void
original_1993(const carnet_iso8583_message *m, const switch_link *from, carnet_buf *out, carnet_buf *room)
{
    const bool wide = from->spec->version == CARNET_ISO8583_2003;
    const carnet_str acquirer = acquirer_of(m, from, room);

    add_mti(m, out);
    add_digits(out, carnet_iso8583_text(m, 11, room), wide ? 12 : 6);
    add_digits(out, carnet_iso8583_text(m, 12, room), wide ? 14 : 12);
    if (!wide && acquirer.len > 0) {
        carnet_buf_add_byte(out, (uint8_t)('0' + acquirer.len / 10));
        carnet_buf_add_byte(out, (uint8_t)('0' + acquirer.len % 10));
    }
    carnet_buf_add_str(out, acquirer);
}

/* In the terminal's flavour first: the issuer's is made of it as of any message.  The trace number stays: the class differs. */
static carnet_rc
make(switch_link *from, const carnet_iso8583_message *m, carnet_buf *out, carnet_err *err)
{
    static const uint8_t kept[] = { 2,  3,  4,  7,  11, 12, 13, 18, 22,  26,  32,
                                    33, 37, 41, 42, 43, 48, 49, 55, 100, 102, 125 };
    uint8_t room_octets[256], original_octets[64];
    carnet_buf room = carnet_buf_of(room_octets, sizeof(room_octets)),
               original = carnet_buf_of(original_octets, sizeof(original_octets));
    const bool old = from->spec->version == CARNET_ISO8583_1987;
    carnet_iso8583_builder b;

    carnet_iso8583_builder_init(
        &b, from->spec, (carnet_mti)((m->mti & 0xf000) | (CARNET_MTI_REVERSAL << 8) | (CARNET_MTI_ADVICE << 4)));
    if (m->mti_offset > 0)
        carnet_iso8583_set_header(&b, carnet_span_of(m->octets.ptr, m->mti_offset));
    for (size_t i = 0; i < CARNET_COUNT(kept); i++)
        carnet_iso8583_set_from(&b, kept[i], m, kept[i]);
    if (old)
        original_1987(m, from, &original, &room);
    else
        original_1993(m, from, &original, &room);
    carnet_iso8583_set_text(&b, old ? 90 : 56, carnet_buf_str(&original));
    carnet_iso8583_set(&b, old ? 39 : 25, old ? "68" : "4021");
    if (!old)
        carnet_iso8583_set(&b, 24, "400");
    return carnet_switch_build(from, &b, out, err);
}

void
carnet_switch_reverse(acquiring_switch *s, switch_link *from, switch_link *to, const switch_origin *origin,
                      const carnet_iso8583_message *m)
{
    carnet_buf made = carnet_buf_of(s->made, sizeof(s->made)),
               out = carnet_buf_of(s->translated, sizeof(s->translated));
    carnet_iso8583_message reversal;
    carnet_err err = { 0 };
    carnet_rc rc = make(from, m, &made, &err);

    if (rc == CARNET_OK)
        rc = carnet_iso8583_parse(from->spec, carnet_buf_span(&made), &reversal, &err);
    if (rc == CARNET_OK)
        rc = carnet_switch_translate(from, to, &reversal, NULL, &out, &err);
    if (rc != CARNET_OK) {
        carnet_switch_event(s, "switch.reversal", "failed", carnet_rc_name(rc));
        return;
    }
    (void)atomic_fetch_add_explicit(&to->count.reversed, 1, memory_order_relaxed);
    carnet_switch_store_own(to, carnet_buf_span(&out), origin != NULL ? from : NULL, origin, m);
}
