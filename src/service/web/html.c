/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/html.h"

#include <string.h>

carnet_html
carnet_html_begin(carnet_buf *out)
{
    return (carnet_html){ .out = out };
}

static void
fail(carnet_html *html, carnet_rc rc)
{
    if (html->rc == CARNET_OK)
        html->rc = rc;
}

carnet_rc
carnet_html_end(carnet_html *html, carnet_err *err)
{
    if (html->depth > 0)
        fail(html, CARNET_E_USAGE);
    if (html->rc != CARNET_OK)
        return carnet_fail(err, html->rc, NULL, "the page is not well made");
    if (html->out->overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "the page is longer than allowed");
    return CARNET_OK;
}

static bool
listed(const char *const *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}

/* A name that could not end the tag it stands in. */
static bool
is_name(const char *name)
{
    size_t i = 0;

    for (; name[i] != '\0'; i++) {
        char c = name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-' || c == ':')))
            return false;
    }
    return i > 0;
}

static bool
is_void(const char *element)
{
    static const char *const elements[] = { "br", "hr", "img", "input", "link", "meta" };

    return listed(elements, CARNET_COUNT(elements), element);
}

/* Elements whose content is no text, but a program. */
static bool
is_program(const char *element)
{
    static const char *const elements[] = { "script", "style", "iframe", "object", "embed", "template" };

    return listed(elements, CARNET_COUNT(elements), element);
}

static void
finish_tag(carnet_html *html)
{
    if (html->in_tag)
        carnet_buf_add_byte(html->out, '>');
    html->in_tag = false;
}

void
carnet_html_open(carnet_html *html, const char *element)
{
    if (!is_name(element) || html->depth == CARNET_HTML_DEPTH ||
        (html->depth > 0 && is_program(html->element[html->depth - 1])))
        fail(html, CARNET_E_USAGE);
    if (html->rc != CARNET_OK)
        return;
    finish_tag(html);
    carnet_buf_add_byte(html->out, '<');
    carnet_buf_add_text(html->out, element);
    html->element[html->depth++] = element;
    html->in_tag = true;
}

void
carnet_html_close(carnet_html *html)
{
    const char *element;

    if (html->depth == 0)
        fail(html, CARNET_E_USAGE);
    if (html->rc != CARNET_OK)
        return;
    element = html->element[--html->depth];
    finish_tag(html);
    if (is_void(element))
        return;
    carnet_buf_add_text(html->out, "</");
    carnet_buf_add_text(html->out, element);
    carnet_buf_add_byte(html->out, '>');
}

/* U+FFFD */
static void
add_replacement(carnet_buf *out)
{
    carnet_buf_add_text(out, "\xef\xbf\xbd");
}

static void
escape(carnet_buf *out, carnet_str text)
{
    if (!carnet_utf8_valid(carnet_str_bytes(text))) {
        add_replacement(out);
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        switch (c) {
        case '&':
            carnet_buf_add_text(out, "&amp;");
            break;
        case '<':
            carnet_buf_add_text(out, "&lt;");
            break;
        case '>':
            carnet_buf_add_text(out, "&gt;");
            break;
        case '"':
            carnet_buf_add_text(out, "&quot;");
            break;
        case '\'':
            carnet_buf_add_text(out, "&#39;");
            break;
        default:
            if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
                add_replacement(out);
            else
                carnet_buf_add_byte(out, c);
        }
    }
}

bool
carnet_html_may_link(carnet_str href)
{
    static const char *const schemes[] = { "https://", "http://", "openid-credential-offer://", "haip-vci://",
                                           "mdoc://" };

    if (href.len > 0 && href.ptr[0] == '#')
        return true;
    /* "//host" and "/\host" would leave this site. */
    if (href.len > 0 && href.ptr[0] == '/')
        return href.len == 1 || (href.ptr[1] != '/' && href.ptr[1] != '\\');
    for (size_t i = 0; i < CARNET_COUNT(schemes); i++)
        if (carnet_str_starts(href, schemes[i]))
            return true;
    return false;
}

/* What an attribute may be: none that runs or styles, no address but a listed one. */
static bool
may_set(const carnet_html *html, const char *name, carnet_str value)
{
    static const char *const forbidden[] = { "style", "srcdoc", "srcset", "xlink:href", "http-equiv" };
    static const char *const addresses[] = { "href", "src", "action", "formaction" };

    if (!is_name(name) || listed(forbidden, CARNET_COUNT(forbidden), name))
        return false;
    if ((name[0] == 'o' || name[0] == 'O') && (name[1] == 'n' || name[1] == 'N'))
        return false;
    if (!listed(addresses, CARNET_COUNT(addresses), name))
        return true;
    return carnet_html_may_link(value) ||
           (strcmp(name, "src") == 0 && html->depth > 0 && strcmp(html->element[html->depth - 1], "img") == 0 &&
            (carnet_str_starts(value, "data:image/jpeg;base64,") ||
             carnet_str_starts(value, "data:image/png;base64,")));
}

void
carnet_html_set(carnet_html *html, const char *name, carnet_str value)
{
    if (!html->in_tag || !may_set(html, name, value))
        fail(html, CARNET_E_USAGE);
    if (html->rc != CARNET_OK)
        return;
    carnet_buf_add_byte(html->out, ' ');
    carnet_buf_add_text(html->out, name);
    carnet_buf_add_text(html->out, "=\"");
    escape(html->out, value);
    carnet_buf_add_byte(html->out, '"');
}

void
carnet_html_set_text(carnet_html *html, const char *name, const char *value)
{
    carnet_html_set(html, name, carnet_str_of(value));
}

void
carnet_html_set_int(carnet_html *html, const char *name, int64_t value)
{
    uint8_t room[24];
    carnet_buf digits = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_int(&digits, value);
    carnet_html_set(html, name, carnet_buf_str(&digits));
}

void
carnet_html_flag(carnet_html *html, const char *name, bool on)
{
    if (on)
        carnet_html_set(html, name, (carnet_str){ 0 });
}

void
carnet_html_text(carnet_html *html, carnet_str text)
{
    const char *element = html->depth > 0 ? html->element[html->depth - 1] : "";

    if (is_void(element) || is_program(element))
        fail(html, CARNET_E_USAGE);
    if (html->rc != CARNET_OK)
        return;
    finish_tag(html);
    escape(html->out, text);
}

void
carnet_html_say(carnet_html *html, const char *text)
{
    carnet_html_text(html, carnet_str_of(text));
}

void
carnet_html_int(carnet_html *html, int64_t number)
{
    uint8_t room[24];
    carnet_buf digits = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_int(&digits, number);
    carnet_html_text(html, carnet_buf_str(&digits));
}

void
carnet_html_open_class(carnet_html *html, const char *element, const char *class_name)
{
    carnet_html_open(html, element);
    if (class_name != NULL)
        carnet_html_set_text(html, "class", class_name);
}

void
carnet_html_element(carnet_html *html, const char *element, const char *class_name, carnet_str text)
{
    carnet_html_open_class(html, element, class_name);
    carnet_html_text(html, text);
    carnet_html_close(html);
}

void
carnet_html_value(carnet_html *html, carnet_str text)
{
    carnet_html_element(html, "bdi", NULL, text);
}

void
carnet_html_link(carnet_html *html, const char *class_name, carnet_str href, carnet_str text)
{
    carnet_html_open_class(html, "a", class_name);
    carnet_html_set(html, "href", href);
    carnet_html_text(html, text);
    carnet_html_close(html);
}
