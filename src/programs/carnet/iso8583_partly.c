/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583: what a message says before the place where it cannot be read any more. */
#include "iso8583.h"

#include <string.h>

/** No bits from `element` on in bitmaps, of which the first is at `bitmaps`. */
static void
clear_bits(const carnet_iso8583_spec *spec, uint8_t *bitmaps, size_t left, unsigned element)
{
    const bool raw = spec->flavour.bitmap == CARNET_ISO8583_BITMAP_RAW;
    const uint8_t none = spec->flavour.bitmap == CARNET_ISO8583_BITMAP_HEX_EBCDIC ? 0xf0 : '0';
    const bool second = iso_bit_at(spec, carnet_span_of(bitmaps - iso_indicator_size(spec), left), 1) ||
                        spec->flavour.secondary == CARNET_ISO8583_SECONDARY_FIXED;
    const size_t size = (raw ? 8u : 16u) * (second ? 2 : 1), per = raw ? 8 : 4;

    for (size_t at = 0; at < size && at < left; at++) {
        uint8_t kept = 0;

        if ((at + 1) * per < element) {
            continue;
        }
        for (size_t bit = at * per + 1; bit < element && bit <= (at + 1) * per; bit++) {
            kept |= iso_bit_at(spec, carnet_span_of(bitmaps - iso_indicator_size(spec), left), (unsigned)bit)
                        ? (uint8_t)(1u << (per - 1 - (bit - 1) % per))
                        : 0;
        }
        bitmaps[at] = raw ? kept : kept == 0 ? none : bitmaps[at];
        if (!raw && kept != 0) { /* digits have no order that they share: all but the bits that are kept */
            static const uint8_t digits[] = "0123456789ABCDEF",
                                 ebcdic[] = { 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7,
                                              0xf8, 0xf9, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6 };

            bitmaps[at] = none == '0' ? digits[kept] : ebcdic[kept];
        }
    }
}

/** The elements before `element`, which are all there; NULL if there are none. */
static carnet_iso8583_message *
front_of(const carnet_iso8583_spec *spec, carnet_span octets, unsigned element)
{
    carnet_iso8583_message *message = cli_alloc(sizeof *message);
    carnet_span copy = cli_keep(octets);
    const size_t bitmaps = spec->flavour.header + iso_indicator_size(spec);
    carnet_err err = { 0 };

    if (octets.len < bitmaps + 8) {
        return NULL;
    }
    clear_bits(spec, (uint8_t *)(uintptr_t)copy.ptr + bitmaps, octets.len - bitmaps, element);
    if (carnet_iso8583_parse(spec, copy, message, &err) == CARNET_OK) {
        return message;
    }
    if (err.rc != CARNET_E_ISO8583_TRAILING ||
        carnet_iso8583_parse(spec, carnet_span_of(copy.ptr, err.offset), message, NULL) != CARNET_OK) {
        return NULL;
    }
    return message;
}

/** Enough of it that it is no chance. */
static bool
is_enough(const carnet_iso8583_message *message)
{
    const unsigned first = carnet_iso8583_next(message, 0);

    return first != 0 && carnet_iso8583_next(message, first) != 0;
}

bool
iso_show_partly(const iso_spec *spec, carnet_span octets, const carnet_err *err, bool unsafe)
{
    const cli_colours *c = cli_colour();
    const unsigned element = iso_element_in(err->path);
    const bool over = err->rc == CARNET_E_ISO8583_TRAILING;
    iso_message like = { .spec = *spec };

    if ((element < 2 && !over) || spec->spec->flavour.no_mti ||
        (like.message = front_of(spec->spec, octets, over ? CARNET_ISO8583_ELEMENTS : element)) == NULL) {
        return false;
    }
    if (!is_enough(like.message)) {
        return false;
    }
    iso_print_message(&like, iso_tree(like.message, unsafe));
    if (over) {
        printf("  %s... here the message should end%s\n", c->bad, c->off);
        return true;
    }
    printf("  %s%-3u%s  %s%-42s%s  %sbyte %zu: %s%s\n", c->bold, element, c->off, c->dim,
           carnet_iso8583_element_name(spec->spec, element), c->off, c->bad, err->offset,
           err->reason[0] != '\0' ? err->reason : carnet_rc_text(err->rc), c->off);
    return true;
}
