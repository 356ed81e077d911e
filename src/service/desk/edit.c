/* SPDX-License-Identifier: Apache-2.0 */
/* The page on which an officer says what was checked and types attributes. */
#include "internal.h"

#include <string.h>

typedef struct edit_field {
    carnet_page_field field;
    const char *name_space;
    bool due, picture;
} edit_field;

typedef struct edit {
    desk_call *call;
    desk_case *c;
    carnet_page *page;
    edit_field *list; /* DESK_VALUES of them */
    size_t count;
    bool marked;             /* what is missing is marked, too */
    carnet_text bad_picture; /* of the one just sent, which was not kept */
    carnet_buf room;         /* of names, labels and reasons */
} edit;

/* What was appended since `at`. */
static carnet_str
since(const carnet_buf *room, size_t at)
{
    return room->overflow ? (carnet_str){ 0 } : (carnet_str){ (const char *)room->ptr + at, room->len - at };
}

typedef struct control {
    const char *type, *input_mode, *choices;
    carnet_text hint;
} control;

/* How a type is typed. */
static control
control_of(const carnet_element_definition *d, const char *sexes, const char *yes_or_no)
{
    switch (d->type) {
    case CARNET_ELEMENT_CHOICE:
    case CARNET_ELEMENT_UINT_CHOICE:
        return (control){ "select", NULL, strcmp(d->identifier, "sex") == 0 ? sexes : d->choices, CARNET_TEXT_NONE };
    case CARNET_ELEMENT_BOOL:
        return (control){ "select", NULL, yes_or_no, CARNET_TEXT_NONE };
    case CARNET_ELEMENT_ALPHA2:
        return (control){ "text", NULL, NULL, CARNET_TEXT_HINT_ALPHA2 };
    case CARNET_ELEMENT_ALPHA23:
        return (control){ "text", NULL, NULL, CARNET_TEXT_HINT_ALPHA23 };
    case CARNET_ELEMENT_SUBDIVISION:
        return (control){ "text", NULL, NULL, CARNET_TEXT_HINT_SUBDIVISION };
    case CARNET_ELEMENT_ALPHA2_LIST:
        return (control){ "text", NULL, NULL, CARNET_TEXT_HINT_ALPHA2_LIST };
    case CARNET_ELEMENT_PHONE:
        return (control){ "tel", NULL, NULL, CARNET_TEXT_HINT_PHONE };
    case CARNET_ELEMENT_DIGITS:
    case CARNET_ELEMENT_UINT:
        return (control){ "text", "numeric", NULL, CARNET_TEXT_NONE };
    case CARNET_ELEMENT_FULL_DATE:
    case CARNET_ELEMENT_DATE:
    case CARNET_ELEMENT_BIRTH_DATE:
        return (control){ "date", NULL, NULL, CARNET_TEXT_NONE };
    case CARNET_ELEMENT_TDATE:
        return (control){ "text", NULL, NULL, CARNET_TEXT_HINT_TDATE };
    case CARNET_ELEMENT_PRIVILEGES:
        return (control){ "textarea", NULL, NULL, CARNET_TEXT_HINT_PRIVILEGES };
    case CARNET_ELEMENT_IMAGE:
        return (control){ "file", NULL, NULL, CARNET_TEXT_HINT_PICTURE };
    default:
        return (control){ "text", NULL, NULL, CARNET_TEXT_NONE };
    }
}

static void
judge(edit *e, const desk_element *element, edit_field *f)
{
    carnet_err err = { 0 };
    size_t at = e->room.len;

    if (f->field.value.len == 0) {
        if (f->due && e->marked)
            f->field.error = CARNET_TEXT_MISSING;
        return;
    }
    if (carnet_desk_element_check(e->call->worker, e->c, element, f->field.value, &err) == CARNET_OK)
        return;
    carnet_buf_add_text(&e->room,
                        err.reason[0] != '\0' ? err.reason : carnet_element_type_text(element->definition->type));
    f->field.error = CARNET_TEXT_NOT_SO;
    f->field.error_value = since(&e->room, at);
}

static bool
add_field(void *self, const desk_element *element)
{
    edit *e = self;
    const carnet_element_definition *d = element->definition;
    control how =
        control_of(d, carnet_page_text(e->page, CARNET_TEXT_SEXES), carnet_page_text(e->page, CARNET_TEXT_YES_OR_NO));
    edit_field *f = &e->list[e->count++];
    size_t at = e->room.len;

    *f = (edit_field){ .name_space = element->name_space,
                       .due = carnet_desk_element_due(e->c, element),
                       .picture = d->type == CARNET_ELEMENT_IMAGE };
    carnet_desk_element_name(element, &e->room);
    f->field = (carnet_page_field){ .type = how.type,
                                    .name = since(&e->room, at),
                                    .hint = how.hint,
                                    .choices = how.choices,
                                    .input_mode = how.input_mode,
                                    .autocomplete = "off",
                                    .accept = f->picture ? "image/jpeg,image/jp2" : NULL,
                                    .max = d->type == CARNET_ELEMENT_TEXT || d->type == CARNET_ELEMENT_LATIN1 ||
                                                   d->type == CARNET_ELEMENT_DIGITS
                                               ? d->max
                                               : 0,
                                    .required = f->due };
    f->field.value = carnet_desk_draft_get(&e->c->typed, f->field.name);
    at = e->room.len;
    carnet_desk_element_label(element, &e->room);
    f->field.label_value = since(&e->room, at);
    judge(e, element, f);
    if (f->picture && e->bad_picture != CARNET_TEXT_NONE)
        f->field.error = e->bad_picture;
    return e->count < DESK_VALUES;
}

/* The picture that is kept, and how it is removed. */
static void
add_picture(carnet_page *page, const edit *e, const edit_field *f)
{
    carnet_html *h = &page->html;
    uint8_t room[300], id_room[300];
    carnet_buf text = carnet_buf_of(room, sizeof(room)), id = carnet_buf_of(id_room, sizeof(id_room));

    if (f->field.value.len > 0) {
        carnet_buf_add_int(&id, e->c->row.id);
        carnet_html_open_class(h, "img", "portrait");
        carnet_html_set(h, "alt", f->field.label_value);
        carnet_buf_add_text(&id, "/picture?of=");
        carnet_buf_add_str(&id, f->field.name);
        carnet_page_href(page, "src", "/desk/cases/", carnet_buf_str(&id));
        carnet_html_close(h);
        carnet_buf_add_text(&text, "remove:");
        carnet_buf_add_str(&text, f->field.name);
        carnet_page_field_add(page, &(carnet_page_field){ .type = "checkbox",
                                                          .name = carnet_buf_str(&text),
                                                          .label = CARNET_TEXT_PICTURE_REMOVE });
    }
    carnet_page_field_add(page, &f->field);
}

/* The fields of one name space that are due, or those that are not. */
static void
add_fields(carnet_page *page, const edit *e, const char *name_space, bool due)
{
    carnet_html_open_class(&page->html, "div", "fields");
    for (size_t i = 0; i < e->count; i++) {
        const edit_field *f = &e->list[i];

        if (f->name_space != name_space || f->due != due || f->picture)
            continue;
        carnet_page_field_add(page, &f->field);
    }
    carnet_html_close(&page->html);
    for (size_t i = 0; i < e->count; i++)
        if (e->list[i].name_space == name_space && e->list[i].due == due && e->list[i].picture)
            add_picture(page, e, &e->list[i]);
}

static bool
any(const edit *e, const char *name_space, bool due, bool filled)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->list[i].name_space == name_space && e->list[i].due == due &&
            (!filled || e->list[i].field.value.len > 0 || e->list[i].field.error != CARNET_TEXT_NONE))
            return true;
    return false;
}

static void
add_name_space(carnet_page *page, const edit *e, const char *name_space)
{
    carnet_html *h = &page->html;

    carnet_html_open(h, "fieldset");
    carnet_html_open_class(h, "legend", "code");
    carnet_html_say(h, name_space);
    carnet_html_close(h);
    if (any(e, name_space, true, false))
        add_fields(page, e, name_space, true);
    if (any(e, name_space, false, false)) {
        carnet_html_open(h, "details");
        carnet_html_flag(h, "open", any(e, name_space, false, true));
        carnet_page_element(page, "summary", NULL, CARNET_TEXT_MORE_ELEMENTS);
        add_fields(page, e, name_space, false);
        carnet_html_close(h);
    }
    carnet_html_close(h);
}

static void
add_attributes(carnet_page *page, const edit *e)
{
    const char *last = NULL;
    carnet_page_field subject = { .type = "text",
                                  .name = carnet_str_of("subject"),
                                  .label = CARNET_TEXT_SUBJECT,
                                  .hint = CARNET_TEXT_SUBJECT_HINT,
                                  .value = carnet_desk_draft_named(&e->c->evidence, "subject"),
                                  .max = 128,
                                  .autocomplete = "off" };

    carnet_html_open_class(&page->html, "section", "card");
    carnet_page_element(page, "h2", NULL, CARNET_TEXT_STEP_ATTRIBUTES);
    carnet_page_field_add(page, &subject);
    for (size_t i = 0; i < e->count; i++) {
        if (e->list[i].name_space != last)
            add_name_space(page, e, e->list[i].name_space);
        last = e->list[i].name_space;
    }
    carnet_html_close(&page->html);
}

static void
add_errors(carnet_page *page, edit *e)
{
    carnet_page_field *fields = carnet_service_scratch(e->call->worker, (e->count + 4) * sizeof(*fields));
    size_t count;

    if (fields == NULL)
        return;
    count = e->marked ? carnet_desk_checks_errors(e->c, fields) : 0;
    for (size_t i = 0; i < e->count; i++)
        fields[count++] = e->list[i].field;
    carnet_page_errors(page, fields, count);
}

static void
add_facts(carnet_page *page, const desk_case *c)
{
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "p", "lead");
    for (size_t i = 0; i < c->configuration_count; i++) {
        if (i > 0)
            carnet_html_say(h, ", ");
        carnet_html_value(h, c->configurations[i]->name);
    }
    carnet_html_close(h);
}

static void
add_form(carnet_page *page, edit *e)
{
    uint8_t room[24];
    carnet_buf id = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_int(&id, e->c->row.id);
    carnet_page_form_begin(page, "/desk/cases/", carnet_buf_str(&id), carnet_str_of(e->call->token), true);
    id.len = 0;
    carnet_buf_add_int(&id, e->c->row.version);
    carnet_page_hidden(page, "version", carnet_buf_str(&id));
    carnet_html_open_class(&page->html, "div", "steps");
    carnet_html_open_class(&page->html, "section", "card");
    carnet_page_element(page, "h2", NULL, CARNET_TEXT_STEP_DOCUMENTS);
    carnet_desk_checks_fields(page, e->c, e->marked);
    carnet_html_close(&page->html);
    add_attributes(page, e);
    carnet_html_close(&page->html);
    carnet_html_open_class(&page->html, "div", "actions");
    carnet_page_button(page, "primary", "action", "review", CARNET_TEXT_GO_ON);
    carnet_page_button(page, NULL, "action", "save", CARNET_TEXT_SAVE);
    carnet_html_close(&page->html);
    carnet_page_form_end(page);
}

static carnet_text
bad_picture(const carnet_service_request *request)
{
    const carnet_str *problem = carnet_service_parameter_get(&request->query, "picture");

    if (problem == NULL)
        return CARNET_TEXT_NONE;
    return carnet_str_is(*problem, "long") ? CARNET_TEXT_PICTURE_LONG : CARNET_TEXT_PICTURE_TYPE;
}

carnet_rc
carnet_desk_show_edit(desk_call *call, desk_case *c, carnet_err *err)
{
    edit e = { .call = call,
               .c = c,
               .list = carnet_service_scratch(call->worker, (DESK_VALUES + 1) * sizeof(edit_field)),
               .marked = carnet_service_parameter_get(&call->request->query, "check") != NULL,
               .bad_picture = bad_picture(call->request),
               .room = carnet_service_scratch_buf(call->worker, 64 * 1024) };
    carnet_page_head head = {
        .title = CARNET_TEXT_CASE_TITLE, .subject = c->row.number, .wide = true, .script = "desk.js", .current = "/desk"
    };
    carnet_page page;
    carnet_rc rc;

    if (e.list == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if ((rc = carnet_desk_page(call, &head, &page, err)) != CARNET_OK)
        return rc;
    e.page = &page;
    carnet_desk_elements(c, add_field, &e);
    add_facts(&page, c);
    if (carnet_service_parameter_get(&call->request->query, "saved") != NULL) {
        carnet_page_notice_begin(&page, CARNET_TONE_GOOD);
        carnet_page_element(&page, "p", NULL, CARNET_TEXT_SAVED);
        carnet_page_notice_end(&page);
    }
    add_errors(&page, &e);
    add_form(&page, &e);
    carnet_desk_refusal_form(&page, call, c);
    return carnet_page_end(&page, err);
}
