/* SPDX-License-Identifier: Apache-2.0 */
/* The words that a specification's file has for the constants of carnet/iso8583_spec.h, in their order. */
#include "internal.h"

static const char *const types[] = { "undefined", "n", "a", "an", "as", "ns", "ans", "z", "x+n", "b", NULL };
static const char *const encodings[] = { "ascii", "cp037", "cp500",     "cp1047",     "bcd",
                                         "raw",   "hex",   "hex-lower", "hex-ebcdic", NULL };
static const char *const prefixes[] = { "fixed", "ascii", "ebcdic", "bcd", "binary", "hex", "ber", NULL };
static const char *const units[] = { "characters", "octets", "nibbles", NULL };
static const char *const bitmaps[] = { "raw", "hex", "hex-lower", "hex-ebcdic", NULL };
static const char *const secondaries[] = { "needed", "always", "fixed", "never", NULL };
static const char *const tertiaries[] = { "never", "leading", "at-65", NULL };
static const char *const versions[] = { "1987", "1993", "2003", "empty", NULL };
static const char *const sides[] = { "left", "right", NULL };
static const char *const fills[] = { "0", "F", NULL };
static const char *const lengths[] = { "binary", "bcd", "ascii", "hex", NULL };
static const char *const kinds[] = { "positional", "data-set", "nested", "tlv", NULL };
static const char *const *const lists[] = {
    [WORDS_TYPE] = types,          [WORDS_ENCODING] = encodings, [WORDS_PREFIX] = prefixes,
    [WORDS_UNIT] = units,          [WORDS_BITMAP] = bitmaps,     [WORDS_SECONDARY] = secondaries,
    [WORDS_TERTIARY] = tertiaries, [WORDS_VERSION] = versions,   [WORDS_SIDE] = sides,
    [WORDS_FILL] = fills,          [WORDS_LENGTH] = lengths,     [WORDS_KIND] = kinds,
};

bool
carnet_iso8583_word(words list, carnet_str word, uint8_t *value)
{
    for (uint8_t i = 0; lists[list][i] != NULL; i++) {
        if (!carnet_str_is(word, lists[list][i]))
            continue;
        *value = i;
        return true;
    }
    return false;
}
