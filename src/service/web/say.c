/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

const char *
carnet_page_text(const carnet_page *page, carnet_text text)
{
    return carnet_web_text(page->language, text);
}

void
carnet_page_say(carnet_page *page, carnet_text text, const carnet_str *with, size_t count)
{
    const char *at = carnet_page_text(page, text);
    bool plain =
        page->html.depth > 0 && carnet_str_is(carnet_str_of(page->html.element[page->html.depth - 1]), "title");

    for (;;) {
        size_t len = 0;

        while (at[len] != '\0' && !(at[len] == '{' && at[len + 1] >= '1' && at[len + 1] <= '4' && at[len + 2] == '}'))
            len++;
        carnet_html_text(&page->html, (carnet_str){ at, len });
        if (at[len] == '\0')
            return;
        if ((size_t)(at[len + 1] - '1') < count) {
            carnet_str value = with[at[len + 1] - '1'];

            /* A title holds text only. */
            if (plain)
                carnet_html_text(&page->html, value);
            else
                carnet_html_value(&page->html, value);
        }
        at += len + 3;
    }
}

void
carnet_page_element(carnet_page *page, const char *element, const char *class_name, carnet_text text)
{
    carnet_html_element(&page->html, element, class_name, carnet_str_of(carnet_page_text(page, text)));
}

void
carnet_page_time(carnet_page *page, carnet_time time)
{
    static const char *const months[] = { "January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December" };
    char text[CARNET_TIME_TEXT_MAX];
    carnet_date date = carnet_date_of_time(time);

    carnet_time_text(time, text);
    carnet_html_open(&page->html, "time");
    carnet_html_set_text(&page->html, "datetime", text);
    carnet_html_int(&page->html, date.day);
    carnet_html_say(&page->html, " ");
    carnet_html_say(&page->html, months[date.month - 1]);
    carnet_html_say(&page->html, " ");
    carnet_html_int(&page->html, date.year);
    carnet_html_say(&page->html, ", ");
    carnet_html_text(&page->html, (carnet_str){ text + 11, 5 });
    carnet_html_say(&page->html, " UTC");
    carnet_html_close(&page->html);
}

/* What a tone is called, looks like, and is signed with. */
static const struct {
    const char *notice, *badge, *sign;
    carnet_text word;
} tones[] = {
    [CARNET_TONE_PLAIN] = { "notice plain", "badge plain", "\xe2\x97\x8b", CARNET_TEXT_INFORMATION },
    [CARNET_TONE_GOOD] = { "notice good", "badge good", "\xe2\x9c\x93", CARNET_TEXT_GOOD },
    [CARNET_TONE_CAUTION] = { "notice caution", "badge caution", "!", CARNET_TEXT_CAUTION },
    [CARNET_TONE_BAD] = { "notice bad", "badge bad", "\xc3\x97", CARNET_TEXT_BAD },
};

static void
sign(carnet_page *page, carnet_page_tone tone)
{
    carnet_html_open_class(&page->html, "span", "sign");
    carnet_html_set_text(&page->html, "aria-hidden", "true");
    carnet_html_say(&page->html, tones[tone].sign);
    carnet_html_close(&page->html);
}

void
carnet_page_notice_begin(carnet_page *page, carnet_page_tone tone)
{
    carnet_page_notice_begin_with(page, tone, tones[tone].word);
}

void
carnet_page_notice_begin_with(carnet_page *page, carnet_page_tone tone, carnet_text word)
{
    carnet_html_open_class(&page->html, "div", tones[tone].notice);
    if (tone == CARNET_TONE_BAD || tone == CARNET_TONE_CAUTION)
        carnet_html_set_text(&page->html, "role", "alert");
    sign(page, tone);
    carnet_html_open_class(&page->html, "div", "what");
    carnet_page_element(page, "p", "word", word);
}

void
carnet_page_notice_end(carnet_page *page)
{
    carnet_html_close(&page->html);
    carnet_html_close(&page->html);
}

void
carnet_page_badge(carnet_page *page, carnet_page_tone tone, carnet_text text)
{
    carnet_html_open_class(&page->html, "span", tones[tone].badge);
    sign(page, tone);
    carnet_html_say(&page->html, carnet_page_text(page, text));
    carnet_html_close(&page->html);
}
