/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of records, newest first. */
#include "internal.h"

void
carnet_page_head_row(carnet_page *page, const carnet_text *columns, size_t count, size_t numbers_from)
{
    carnet_html *h = &page->html;

    carnet_html_open(h, "thead");
    carnet_html_open(h, "tr");
    for (size_t i = 0; i < count; i++) {
        carnet_html_open_class(h, "th", i >= numbers_from ? "number" : NULL);
        carnet_html_set_text(h, "scope", "col");
        carnet_html_say(h, columns[i] != CARNET_TEXT_NONE ? carnet_page_text(page, columns[i]) : "");
        carnet_html_close(h);
    }
    carnet_html_close(h);
    carnet_html_close(h);
}

void
carnet_page_cell_begin(carnet_page *page, carnet_text column, const char *class_name)
{
    carnet_html_open_class(&page->html, "td", class_name);
    carnet_html_set_text(&page->html, "data-label", carnet_page_text(page, column));
}

void
carnet_page_cell(carnet_page *page, carnet_text column, const char *class_name, const char *value)
{
    carnet_page_cell_begin(page, column, class_name);
    carnet_html_value(&page->html, carnet_str_of(value[0] != '\0' ? value : "\xe2\x80\x93"));
    carnet_html_close(&page->html);
}

void
carnet_page_older(carnet_page *page, const char *path, int64_t last, carnet_text text)
{
    uint8_t octets[40];
    carnet_buf query = carnet_buf_of(octets, sizeof(octets));

    carnet_buf_add_text(&query, "?before=");
    carnet_buf_add_int(&query, last);
    carnet_html_open(&page->html, "p");
    carnet_html_open(&page->html, "a");
    carnet_page_href(page, "href", path, carnet_buf_str(&query));
    carnet_html_say(&page->html, carnet_page_text(page, text));
    carnet_html_close(&page->html);
    carnet_html_close(&page->html);
}

int64_t
carnet_page_number(const carnet_str *text)
{
    int64_t number = 0;

    for (size_t i = 0; text != NULL && i < text->len; i++) {
        if (text->ptr[i] < '0' || text->ptr[i] > '9' || number > (INT64_MAX - 9) / 10)
            return 0;
        number = 10 * number + (text->ptr[i] - '0');
    }
    return number;
}
