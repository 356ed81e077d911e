/* SPDX-License-Identifier: Apache-2.0 */
/* Characters, as URLs, forms and header fields see them: ASCII, without a locale. */
#include "internal.h"

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool
carnet_oauth_same_letters(carnet_str a, const char *b)
{
    size_t i = 0;

    while (i < a.len && b[i] != '\0' && lower(a.ptr[i]) == lower(b[i]))
        i++;
    return i == a.len && b[i] == '\0';
}

int
carnet_oauth_hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
carnet_oauth_unreserved(char c)
{
    const char l = lower(c);

    return (c >= '0' && c <= '9') || (l >= 'a' && l <= 'z') || c == '-' || c == '.' || c == '_' || c == '~';
}
