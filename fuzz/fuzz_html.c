/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/html.h"
#include "fuzz.h"

#include <string.h>

/* What a text or an attribute becomes holds no markup: no angle bracket, no quote, no ampersand but of an entity, and it is UTF-8. */
static void
check(carnet_str text)
{
    static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };

    MUST(carnet_utf8_valid(carnet_str_bytes(text)));
    for (size_t i = 0; i < text.len; i++) {
        bool entity = false;

        MUST(text.ptr[i] != '<' && text.ptr[i] != '>' && text.ptr[i] != '"' && text.ptr[i] != '\'');
        MUST((unsigned char)text.ptr[i] >= ' ' || text.ptr[i] == '\n' || text.ptr[i] == '\t');
        for (size_t k = 0; k < CARNET_COUNT(entities); k++)
            entity = entity || carnet_str_starts((carnet_str){ text.ptr + i, text.len - i }, entities[k]);
        MUST(text.ptr[i] != '&' || entity);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[32768];
    carnet_str text = { (const char *)data, size };
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_html html = carnet_html_begin(&out);

    if (size > 4096)
        return 0;
    carnet_html_open(&html, "p");
    carnet_html_text(&html, text);
    carnet_html_close(&html);
    MUST(carnet_html_end(&html, NULL) == CARNET_OK && out.len >= 7);
    check((carnet_str){ (const char *)room + 3, out.len - 7 });

    out.len = 0;
    html = carnet_html_begin(&out);
    carnet_html_open(&html, "a");
    carnet_html_set(&html, "href", text);
    carnet_html_close(&html);
    MUST((carnet_html_end(&html, NULL) == CARNET_OK) == carnet_html_may_link(text));
    if (carnet_html_may_link(text)) {
        check((carnet_str){ (const char *)room + 9, out.len - 9 - 6 });
        MUST(data[0] == '/' || data[0] == '#' || data[0] == 'h' || data[0] == 'o' ||
             (size >= 7 && memcmp(data, "mdoc://", 7) == 0));
        MUST(size < 2 || data[0] != '/' || (data[1] != '/' && data[1] != '\\'));
    }
    return 0;
}
