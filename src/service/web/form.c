/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <string.h>

void
carnet_page_hidden(carnet_page *page, const char *name, carnet_str value)
{
    carnet_html *h = &page->html;

    carnet_html_open(h, "input");
    carnet_html_set_text(h, "type", "hidden");
    carnet_html_set_text(h, "name", name);
    carnet_html_set(h, "value", value);
    carnet_html_close(h);
}

void
carnet_page_form_begin(carnet_page *page, const char *path, carnet_str last, carnet_str token, bool multipart)
{
    carnet_html *h = &page->html;

    carnet_html_open(h, "form");
    carnet_html_set_text(h, "method", "post");
    carnet_page_href(page, "action", path, last);
    if (multipart)
        carnet_html_set_text(h, "enctype", "multipart/form-data");
    /* The service checks everything itself, and says beside each field what is wrong in the page's own language. */
    carnet_html_flag(h, "novalidate", true);
    carnet_page_hidden(page, "token", token);
}

void
carnet_page_form_end(carnet_page *page)
{
    carnet_html_close(&page->html);
}

void
carnet_page_button(carnet_page *page, const char *class_name, const char *name, const char *value, carnet_text text)
{
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "button", class_name);
    carnet_html_set_text(h, "type", "submit");
    if (name != NULL)
        carnet_html_set_text(h, "name", name);
    if (value != NULL)
        carnet_html_set_text(h, "value", value);
    carnet_html_say(h, carnet_page_text(page, text));
    carnet_html_close(h);
}

static bool
has_hint(const carnet_page_field *field)
{
    return field->hint != CARNET_TEXT_NONE || field->hint_value.len > 0;
}

static bool
has_error(const carnet_page_field *field)
{
    return field->error != CARNET_TEXT_NONE || field->error_value.len > 0;
}

/* "f-name", "h-name", "e-name" */
static void
set_id(carnet_page *page, const char *attribute, const char *prefix, carnet_str name)
{
    uint8_t room[256];
    carnet_buf id = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_text(&id, prefix);
    carnet_buf_add_str(&id, name);
    carnet_html_set(&page->html, attribute, carnet_buf_str(&id));
}

static void
say_either(carnet_page *page, carnet_text text, carnet_str value)
{
    if (text != CARNET_TEXT_NONE)
        carnet_page_say(page, text, &value, 1);
    else
        carnet_html_value(&page->html, value);
}

static void
add_label(carnet_page *page, const carnet_page_field *field)
{
    carnet_html *h = &page->html;

    carnet_html_open(h, "label");
    set_id(page, "for", "f-", field->name);
    say_either(page, field->label, field->label_value);
    if (field->required) {
        carnet_html_say(h, " ");
        carnet_page_element(page, "span", "required", CARNET_TEXT_REQUIRED);
    }
    carnet_html_close(h);
}

static void
add_remarks(carnet_page *page, const carnet_page_field *field)
{
    carnet_html *h = &page->html;

    if (has_hint(field)) {
        carnet_html_open_class(h, "p", "hint");
        set_id(page, "id", "h-", field->name);
        say_either(page, field->hint, field->hint_value);
        carnet_html_close(h);
    }
    if (has_error(field)) {
        carnet_html_open_class(h, "p", "error");
        set_id(page, "id", "e-", field->name);
        say_either(page, field->error, field->error_value);
        carnet_html_close(h);
    }
}

/* What every control carries, whatever its element is. */
static void
set_common(carnet_page *page, const carnet_page_field *field)
{
    carnet_html *h = &page->html;
    uint8_t room[512];
    carnet_buf ids = carnet_buf_of(room, sizeof(room));

    set_id(page, "id", "f-", field->name);
    carnet_html_set(h, "name", field->name);
    if (has_hint(field)) {
        carnet_buf_add_text(&ids, "h-");
        carnet_buf_add_str(&ids, field->name);
    }
    if (has_error(field)) {
        carnet_buf_add_text(&ids, ids.len > 0 ? " e-" : "e-");
        carnet_buf_add_str(&ids, field->name);
        carnet_html_set_text(h, "aria-invalid", "true");
    }
    if (ids.len > 0)
        carnet_html_set(h, "aria-describedby", carnet_buf_str(&ids));
    if (field->autocomplete != NULL)
        carnet_html_set_text(h, "autocomplete", field->autocomplete);
    if (field->max > 0)
        carnet_html_set_int(h, "maxlength", field->max);
    carnet_html_flag(h, "required", field->required);
    carnet_html_flag(h, "autofocus", field->autofocus);
}

static void
add_option(carnet_page *page, carnet_str value, carnet_str label, bool selected)
{
    carnet_html *h = &page->html;

    carnet_html_open(h, "option");
    carnet_html_set(h, "value", value);
    carnet_html_flag(h, "selected", selected);
    carnet_html_text(h, label);
    carnet_html_close(h);
}

static void
add_select(carnet_page *page, const carnet_page_field *field)
{
    carnet_str rest = carnet_str_of(field->choices);

    carnet_html_open(&page->html, "select");
    set_common(page, field);
    add_option(page, (carnet_str){ 0 }, carnet_str_of(carnet_page_text(page, CARNET_TEXT_CHOOSE)),
               field->value.len == 0);
    while (rest.len > 0) {
        const char *bar = memchr(rest.ptr, '|', rest.len);
        carnet_str choice = { rest.ptr, bar != NULL ? (size_t)(bar - rest.ptr) : rest.len }, label = choice;
        const char *equals = memchr(choice.ptr, '=', choice.len);
        size_t used = choice.len + (bar != NULL);

        /* "1=Yes" */
        if (equals != NULL) {
            choice.len = (size_t)(equals - choice.ptr);
            label = (carnet_str){ equals + 1, label.len - choice.len - 1 };
        }
        add_option(page, choice, label, carnet_str_equal(choice, field->value));
        rest.ptr += used;
        rest.len -= used;
    }
    carnet_html_close(&page->html);
}

static void
add_area(carnet_page *page, const carnet_page_field *field)
{
    carnet_html_open(&page->html, "textarea");
    set_common(page, field);
    carnet_html_set_int(&page->html, "rows", 3);
    carnet_html_text(&page->html, field->value);
    carnet_html_close(&page->html);
}

static void
add_input(carnet_page *page, const carnet_page_field *field)
{
    carnet_html *h = &page->html;
    bool box = strcmp(field->type, "checkbox") == 0, secret = strcmp(field->type, "password") == 0;

    carnet_html_open(h, "input");
    carnet_html_set_text(h, "type", field->type);
    set_common(page, field);
    if (field->accept != NULL)
        carnet_html_set_text(h, "accept", field->accept);
    if (field->input_mode != NULL)
        carnet_html_set_text(h, "inputmode", field->input_mode);
    /* A secret that was typed is not sent back. */
    if (!secret && strcmp(field->type, "file") != 0 && (box || field->value.len > 0))
        carnet_html_set(h, "value", box && field->value.len == 0 ? carnet_str_of("yes") : field->value);
    carnet_html_flag(h, "checked", field->checked);
    carnet_html_close(h);
}

static const char *
class_of(const carnet_page_field *field)
{
    bool wrong = has_error(field);

    if (strcmp(field->type, "checkbox") == 0)
        return wrong ? "field box wrong" : "field box";
    if (strcmp(field->type, "textarea") == 0)
        return wrong ? "field area wrong" : "field area";
    return wrong ? "field wrong" : "field";
}

void
carnet_page_field_add(carnet_page *page, const carnet_page_field *field)
{
    bool box = strcmp(field->type, "checkbox") == 0;

    carnet_html_open_class(&page->html, "div", class_of(field));
    if (box)
        add_input(page, field);
    add_label(page, field);
    add_remarks(page, field);
    if (strcmp(field->type, "select") == 0)
        add_select(page, field);
    else if (strcmp(field->type, "textarea") == 0)
        add_area(page, field);
    else if (!box)
        add_input(page, field);
    carnet_html_close(&page->html);
}

void
carnet_page_errors(carnet_page *page, const carnet_page_field *fields, size_t count)
{
    carnet_html *h = &page->html;
    size_t errors = 0;

    for (size_t i = 0; i < count; i++)
        errors += has_error(&fields[i]);
    if (errors == 0)
        return;
    carnet_page_notice_begin_with(page, CARNET_TONE_BAD, CARNET_TEXT_ERRORS);
    carnet_html_open(h, "ul");
    for (size_t i = 0; i < count; i++) {
        if (!has_error(&fields[i]))
            continue;
        carnet_html_open(h, "li");
        carnet_html_open(h, "a");
        set_id(page, "href", "#f-", fields[i].name);
        say_either(page, fields[i].label, fields[i].label_value);
        carnet_html_close(h);
        carnet_html_close(h);
    }
    carnet_html_close(h);
    carnet_page_notice_end(page);
}
