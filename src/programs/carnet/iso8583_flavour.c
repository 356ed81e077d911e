/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583: flavours with single things changed: their names, and all that may be met. */
#include "iso8583.h"

#include <stddef.h>
#include <string.h>

#define WORDS_MAX 10

static const char encodings[][WORDS_MAX + 1] = { "ascii", "cp037", "cp500",     "cp1047",    "bcd",
                                                 "raw",   "hex",   "hex-lower", "hex-ebcdic" };
static const char prefixes[][WORDS_MAX + 1] = { "fixed", "ascii", "ebcdic", "bcd", "binary", "hex", "ber" };
static const char units[][WORDS_MAX + 1] = { "characters", "octets", "nibbles" };
static const char bitmaps[][WORDS_MAX + 1] = { "raw", "hex", "hex-lower", "hex-ebcdic" };
static const char secondaries[][WORDS_MAX + 1] = { "needed", "always", "fixed", "never" };
static const char sides[][WORDS_MAX + 1] = { "left", "right" };
static const char digits[][WORDS_MAX + 1] = { "0", "1" };
static const char truths[][WORDS_MAX + 1] = { "false", "true" };
static const char fills[16][WORDS_MAX + 1] = { [0] = "0", [15] = "F" };

/** What may be changed, by the names that specification files have. */
static const struct {
    const char *name;
    size_t offset;
    const char (*words)[WORDS_MAX + 1];
    size_t count;
} members[] = {
    { "mti", offsetof(carnet_iso8583_flavour, mti), encodings, 5 },
    { "number", offsetof(carnet_iso8583_flavour, number), encodings, 5 },
    { "text", offsetof(carnet_iso8583_flavour, text), encodings, 4 },
    { "track", offsetof(carnet_iso8583_flavour, track), encodings, 5 },
    { "binary", offsetof(carnet_iso8583_flavour, binary), encodings, CARNET_COUNT(encodings) },
    { "variable_binary", offsetof(carnet_iso8583_flavour, variable_binary), encodings, CARNET_COUNT(encodings) },
    { "prefix", offsetof(carnet_iso8583_flavour, prefix), prefixes, CARNET_COUNT(prefixes) },
    { "prefix_octets", offsetof(carnet_iso8583_flavour, prefix_octets), digits, CARNET_COUNT(digits) },
    { "number_unit", offsetof(carnet_iso8583_flavour, number_unit), units, CARNET_COUNT(units) },
    { "text_unit", offsetof(carnet_iso8583_flavour, text_unit), units, CARNET_COUNT(units) },
    { "bitmap", offsetof(carnet_iso8583_flavour, bitmap), bitmaps, CARNET_COUNT(bitmaps) },
    { "secondary", offsetof(carnet_iso8583_flavour, secondary), secondaries, CARNET_COUNT(secondaries) },
    { "fixed_pad", offsetof(carnet_iso8583_flavour, fixed_right), sides, CARNET_COUNT(sides) },
    { "fixed_fill", offsetof(carnet_iso8583_flavour, fixed_fill), fills, CARNET_COUNT(fills) },
    { "variable_fill", offsetof(carnet_iso8583_flavour, variable_fill), fills, CARNET_COUNT(fills) },
    { "currency_number", offsetof(carnet_iso8583_flavour, currency_number), truths, CARNET_COUNT(truths) },
    { "variable_pad", offsetof(carnet_iso8583_flavour, variable_right), sides, CARNET_COUNT(sides) },
};

static uint8_t
member_of(const carnet_iso8583_flavour *flavour, size_t i)
{
    uint8_t value;

    memcpy(&value, (const uint8_t *)flavour + members[i].offset, 1);
    return value;
}

static unsigned
differences(const carnet_iso8583_flavour *a, const carnet_iso8583_flavour *b)
{
    unsigned count = 0;

    for (size_t i = 0; i < CARNET_COUNT(members); i++) {
        count += member_of(a, i) != member_of(b, i);
    }
    return count;
}

static carnet_iso8583_flavour
flavour_at(size_t i)
{
    carnet_iso8583_flavour flavour;

    (void)carnet_iso8583_flavour_named(carnet_str_of(carnet_iso8583_flavour_name(i)), &flavour);
    return flavour;
}

void
iso_choice_change(iso_choice *choice, const carnet_iso8583_flavour *as)
{
    choice->as = *as;
    choice->flavour = 0;
    choice->changes = UINT8_MAX;
    for (size_t i = 0; carnet_iso8583_flavour_name(i) != NULL; i++) {
        const carnet_iso8583_flavour named = flavour_at(i);
        const unsigned changes = differences(&named, as);

        if (changes < choice->changes) {
            choice->changes = (uint8_t)changes;
            choice->flavour = i;
        }
    }
}

void
iso_changes_write(const iso_choice *choice, carnet_buf *out)
{
    const carnet_iso8583_flavour named = flavour_at(choice->flavour);

    for (size_t i = 0; choice->changes > 0 && i < CARNET_COUNT(members); i++) {
        if (member_of(&named, i) != member_of(&choice->as, i)) {
            carnet_buf_add_byte(out, ',');
            carnet_buf_add_text(out, members[i].name);
            carnet_buf_add_byte(out, '=');
            carnet_buf_add_text(out, members[i].words[member_of(&choice->as, i)]);
        }
    }
}

bool
iso_change_take(carnet_str text, iso_choice *choice)
{
    carnet_str name, word;

    if (!iso_halves(text, &name, &word)) {
        return false;
    }
    if (choice->changes == 0) {
        choice->as = flavour_at(choice->flavour);
    }
    for (size_t i = 0; i < CARNET_COUNT(members); i++) {
        for (uint8_t value = 0; carnet_str_is(name, members[i].name) && value < members[i].count; value++) {
            if (word.len > 0 && carnet_str_is(word, members[i].words[value])) {
                memcpy((uint8_t *)&choice->as + members[i].offset, &value, 1);
                choice->changes++;
                return true;
            }
        }
    }
    return false;
}

/* --- all that may be met --- */

int
iso_version_in(carnet_span octets, uint8_t encoding)
{
    unsigned digit[4];

    if (octets.len < 4) {
        return -1;
    }
    for (size_t i = 0; i < 4; i++) {
        digit[i] = encoding == CARNET_ISO8583_BCD ? octets.ptr[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15u
                                                  : octets.ptr[i] ^ (encoding == CARNET_ISO8583_ASCII ? 0x30u : 0xf0u);
    }
    if (digit[1] < 1 || digit[1] > 8 || digit[2] > 7 || digit[3] > 5) {
        return -1;
    }
    return digit[0] <= 2 ? (int)digit[0] : digit[0] == 8 || digit[0] == 9 ? (int)CARNET_ISO8583_1987 : -1;
}

/** The choices that one is made of, as digits of a number. */
static uint8_t
one_of(unsigned *number, const uint8_t *values, unsigned count)
{
    const uint8_t value = values[*number % count];

    *number /= count;
    return value;
}

#define ONE_OF(number, ...) one_of(number, (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

#define QUICK 16 /* flavours one after the other that only differ in what is met late in a message */

/** The flavour of a number, other than its indicator; false after the last.  Those that say the same as another are skipped by
 *  *same.  What elements with high numbers have varies quickest. */
static bool
flavour_of(unsigned number, carnet_iso8583_flavour *f, bool *same)
{
    bool packed, text_number;

    f->binary = ONE_OF(&number, CARNET_ISO8583_RAW, CARNET_ISO8583_HEX);
    f->currency_number = ONE_OF(&number, 0, 1) != 0;
    f->text = ONE_OF(&number, CARNET_ISO8583_ASCII, CARNET_ISO8583_CP037);
    f->track = ONE_OF(&number, CARNET_ISO8583_BCD, 0) == CARNET_ISO8583_BCD ? CARNET_ISO8583_BCD : f->text;
    f->number = ONE_OF(&number, CARNET_ISO8583_ASCII, CARNET_ISO8583_BCD, CARNET_ISO8583_CP037);
    if (f->binary == CARNET_ISO8583_HEX && f->text == CARNET_ISO8583_CP037) {
        f->binary = CARNET_ISO8583_HEX_EBCDIC;
    }
    f->variable_binary = f->binary;
    f->prefix = ONE_OF(&number, CARNET_ISO8583_PREFIX_ASCII, CARNET_ISO8583_PREFIX_BCD, CARNET_ISO8583_PREFIX_EBCDIC,
                       CARNET_ISO8583_PREFIX_BINARY, CARNET_ISO8583_PREFIX_HEX);
    f->prefix_octets = ONE_OF(&number, 0, 1);
    f->bitmap = ONE_OF(&number, CARNET_ISO8583_BITMAP_RAW, CARNET_ISO8583_BITMAP_HEX, CARNET_ISO8583_BITMAP_HEX_EBCDIC);
    f->secondary = ONE_OF(&number, CARNET_ISO8583_SECONDARY_NEEDED, CARNET_ISO8583_SECONDARY_FIXED);
    f->fixed_right = ONE_OF(&number, 0, 1);
    f->variable_right = ONE_OF(&number, 0, 1);
    f->number_unit = ONE_OF(&number, CARNET_ISO8583_CHARACTERS, CARNET_ISO8583_OCTETS);
    f->text_unit = CARNET_ISO8583_CHARACTERS;
    f->variable_fill = f->number_unit == CARNET_ISO8583_OCTETS ? 15 : 0; /* which says where digits end */
    packed = f->number == CARNET_ISO8583_BCD || f->track == CARNET_ISO8583_BCD;
    text_number = f->number == f->text;
    *same = (!packed && (f->fixed_right || f->variable_right || f->number_unit != 0)) ||
            (f->prefix_octets != 0 && f->prefix != CARNET_ISO8583_PREFIX_BINARY) || (text_number && f->currency_number);
    return number == 0;
}

/** How many of the flavours from `number` on would fail at the same element, as it stands before all that they differ in. */
static unsigned
alike(int version, unsigned number, unsigned failed)
{
    unsigned step = failed < 35 ? QUICK : failed < 49 ? QUICK / 4 : 1;

    if (failed < 2 || (version != CARNET_ISO8583_1987 && failed >= 22)) {
        step = 1;
    }
    return step - number % step;
}

/** Whether the octets behind the indicator may be a bitmap in its writing. */
static bool
bitmap_in(const carnet_iso8583_flavour *f, carnet_span octets)
{
    const size_t start = f->mti == CARNET_ISO8583_BCD ? 2 : 4;

    for (size_t i = start; f->bitmap != CARNET_ISO8583_BITMAP_RAW && i < start + 16; i++) {
        const uint8_t c = i < octets.len ? octets.ptr[i] : 0;
        const bool ascii = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
        const bool ebcdic = c >= 0xf0 ? c <= 0xf9 : (c >= 0xc1 && c <= 0xc6) || (c >= 0x81 && c <= 0x86);

        if (!(f->bitmap == CARNET_ISO8583_BITMAP_HEX_EBCDIC ? ebcdic : ascii)) {
            return false;
        }
    }
    return true;
}

void
iso_each_flavour(carnet_span octets, unsigned (*each)(void *self, const iso_choice *choice), void *self)
{
    static const uint8_t indicators[] = { CARNET_ISO8583_ASCII, CARNET_ISO8583_BCD, CARNET_ISO8583_CP037 };

    for (size_t i = 0; i < CARNET_COUNT(indicators); i++) {
        carnet_iso8583_flavour flavour = { .mti = indicators[i] };
        const int version = iso_version_in(octets, indicators[i]);
        bool same;

        for (unsigned number = 0, step = 1; version >= 0 && flavour_of(number, &flavour, &same); number += step) {
            iso_choice choice = { .version = (carnet_iso8583_version)version };

            step = 1;

            if (same || !bitmap_in(&flavour, octets)) {
                continue;
            }
            iso_choice_change(&choice, &flavour);
            if (choice.changes > 0) { /* the others were tried by their names */
                step = alike(version, number, each(self, &choice));
            }
        }
    }
}
