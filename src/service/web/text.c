/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#define CARNET_TEXT(name, en) [CARNET_TEXT_##name] = (en),
static const char *const english[CARNET_TEXT_COUNT] = {
    [CARNET_TEXT_NONE] = "",
#include "carnet/web_text.def"
};
#undef CARNET_TEXT

static const struct {
    const char *tag;
    const char *const *texts;
} languages[] = { { "en", english } };

const char *
carnet_web_language_tag(int language)
{
    return languages[language].tag;
}

const char *
carnet_web_text(int language, carnet_text text)
{
    const char *found = languages[language].texts[text];

    return found != NULL ? found : english[text];
}

/* "en-GB;q=0.8" speaks of "en". */
static bool
speaks_of(carnet_str range, const char *tag)
{
    char after;

    if (!carnet_str_starts(range, tag))
        return false;
    range.ptr += carnet_str_of(tag).len;
    range.len -= carnet_str_of(tag).len;
    after = range.len > 0 ? range.ptr[0] : ';';
    return after == '-' || after == ';' || after == ' ';
}

int
carnet_web_language(carnet_str accept)
{
    while (accept.len > 0) {
        size_t end = 0;

        while (accept.len > 0 && accept.ptr[0] == ' ') {
            accept.ptr++;
            accept.len--;
        }
        while (end < accept.len && accept.ptr[end] != ',')
            end++;
        for (size_t i = 0; i < CARNET_COUNT(languages); i++)
            if (speaks_of((carnet_str){ accept.ptr, end }, languages[i].tag))
                return (int)i;
        end += end < accept.len;
        accept.ptr += end;
        accept.len -= end;
    }
    return 0;
}
