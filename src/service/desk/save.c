/* SPDX-License-Identifier: Apache-2.0 */
/* POST /desk/cases/{id} -- keep what was checked and typed. */
#include "internal.h"

#include <string.h>

typedef struct save_form {
    carnet_str token, version, action;
    const char *picture; /* why one was not kept: "long", "type"; NULL: none was refused */
} save_form;

typedef struct save_walk {
    desk_call *call;
    desk_case *c;
    save_form *form;
    carnet_multipart_part *parts;
    size_t count;
    carnet_rc rc;
    carnet_err *err;
} save_walk;

static const carnet_multipart_part *
part_named(const save_walk *w, carnet_str name)
{
    for (size_t i = 0; i < w->count; i++)
        if (carnet_str_equal(w->parts[i].name, name))
            return &w->parts[i];
    return NULL;
}

/* Text as it is kept: UTF-8 without zeros, not too long, lines that end with a line feed; else nothing. */
static carnet_str
text_of(const save_walk *w, const carnet_multipart_part *part)
{
    carnet_buf text;

    if (part == NULL || part->value.len > DESK_TEXT_MAX || !carnet_utf8_valid(part->value) ||
        (part->value.len > 0 && memchr(part->value.ptr, 0, part->value.len) != NULL))
        return (carnet_str){ 0 };
    text = carnet_service_scratch_buf(w->call->worker, part->value.len);
    for (size_t i = 0; i < part->value.len; i++)
        if (part->value.ptr[i] != '\r')
            carnet_buf_add_byte(&text, part->value.ptr[i]);
    return carnet_buf_str(&text);
}

static void
set_picture(save_walk *w, carnet_str name, const carnet_multipart_part *part)
{
    carnet_image_type type = carnet_image_sniff(part->value);
    carnet_buf text;

    if (part->value.len > DESK_PICTURE_MAX) {
        w->form->picture = "long";
        return;
    }
    if (type != CARNET_IMAGE_JPEG && type != CARNET_IMAGE_JPEG2000) {
        w->form->picture = "type";
        return;
    }
    text = carnet_service_scratch_buf(w->call->worker, part->value.len / 3 * 4 + 8);
    carnet_base64_encode(part->value, &text);
    w->rc = text.overflow ? carnet_fail(w->err, CARNET_E_NO_SPACE, NULL, NULL)
                          : carnet_desk_draft_set(&w->c->typed, name, carnet_buf_str(&text), w->err);
}

static bool
take_element(void *self, const desk_element *element)
{
    save_walk *w = self;
    char *room = carnet_service_scratch(w->call->worker, 256);
    carnet_buf whole = carnet_buf_of(room, room != NULL ? 256 : 0);
    const carnet_multipart_part *part;
    carnet_str name;

    carnet_buf_add_text(&whole, "remove:");
    carnet_desk_element_name(element, &whole);
    if (whole.overflow)
        return true;
    name = (carnet_str){ room + 7, whole.len - 7 };
    part = part_named(w, name);
    if (element->definition->type != CARNET_ELEMENT_IMAGE)
        w->rc = part != NULL ? carnet_desk_draft_set(&w->c->typed, name, text_of(w, part), w->err) : CARNET_OK;
    else if (part != NULL && part->value.len > 0)
        set_picture(w, name, part);
    else if (part_named(w, carnet_buf_str(&whole)) != NULL)
        w->rc = carnet_desk_draft_set(&w->c->typed, name, (carnet_str){ 0 }, w->err);
    return w->rc == CARNET_OK;
}

static carnet_rc
take_evidence(save_walk *w)
{
    static const char *const texts[] = { "document", "digits", "subject" };
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < CARNET_COUNT(texts); i++) {
        carnet_str name = carnet_str_of(texts[i]), value = text_of(w, part_named(w, name));

        if (i == 0 && carnet_desk_code_text(value) == CARNET_TEXT_NONE)
            value.len = 0;
        if ((i == 1 && value.len > 16) || (i == 2 && value.len > 128))
            value.len = 0;
        rc = carnet_desk_draft_set(&w->c->evidence, name, value, w->err);
    }
    for (size_t i = 0; rc == CARNET_OK && i < CARNET_COUNT(carnet_desk_checks); i++) {
        carnet_str name = carnet_str_of(carnet_desk_checks[i]);

        rc = carnet_desk_draft_set(&w->c->evidence, name, carnet_str_of(part_named(w, name) != NULL ? "yes" : ""),
                                   w->err);
    }
    return rc;
}

/* All parts; a name that comes twice would be read in two ways. */
static carnet_rc
read_parts(save_walk *w)
{
    carnet_multipart m;
    carnet_rc rc = carnet_multipart_open(w->call->request->content_type, w->call->request->body, &m, w->err);

    w->parts = carnet_service_scratch(w->call->worker, (CARNET_MULTIPART_PARTS + 1) * sizeof(*w->parts));
    if (w->parts == NULL)
        return carnet_fail(w->err, CARNET_E_NO_SPACE, NULL, NULL);
    while (rc == CARNET_OK) {
        carnet_multipart_part part;

        if ((rc = carnet_multipart_next(&m, &part, w->err)) != CARNET_OK || m.done)
            return rc;
        if (part_named(w, part.name) != NULL)
            return carnet_fail(w->err, CARNET_E_SERVICE_PARAMETER_TWICE, NULL, NULL);
        w->parts[w->count++] = part;
    }
    return rc;
}

static carnet_str
control(const save_walk *w, const char *name)
{
    const carnet_multipart_part *part = part_named(w, carnet_str_of(name));

    return part != NULL ? (carnet_str){ (const char *)part->value.ptr, part->value.len } : (carnet_str){ 0 };
}

static carnet_rc
take_all(save_walk *w)
{
    carnet_rc rc = take_evidence(w);

    if (rc == CARNET_OK)
        carnet_desk_elements(w->c, take_element, w);
    return rc == CARNET_OK ? w->rc : rc;
}

static bool
same_version(const desk_case *c, carnet_str version)
{
    uint8_t room[24];
    carnet_buf text = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_int(&text, c->row.version);
    return carnet_str_equal(carnet_buf_str(&text), version);
}

static carnet_rc
keep(desk_call *call, desk_case *c, const save_form *form, carnet_err *err)
{
    desk_event event = { CARNET_STORE_OUTCOME_DONE, "enrolment.saved", { 0 }, call->officer.login };
    bool stale = !same_version(c, form->version), wrong;
    carnet_rc rc = CARNET_OK;

    c->row.state = CARNET_STORE_ENROLMENT_OPEN;
    c->row.officer = call->officer.login;
    c->row.subject = carnet_desk_draft_named(&c->evidence, "subject");
    if (!stale)
        rc = carnet_desk_case_save(call->worker, c, &event, &stale, err);
    if (rc != CARNET_OK)
        return rc;
    if (stale)
        return carnet_desk_message(call, 409, CARNET_TONE_CAUTION, CARNET_TEXT_STALE_TITLE, CARNET_TEXT_STALE, err);
    if (form->picture != NULL)
        return carnet_desk_redirect(call, "/desk/cases/", c->row.id,
                                    strcmp(form->picture, "long") == 0 ? "?picture=long" : "?picture=type", err);
    if (!carnet_str_is(form->action, "review"))
        return carnet_desk_redirect(call, "/desk/cases/", c->row.id, "?saved=1", err);
    wrong = carnet_desk_case_wrong(call->worker, c) > 0 || !carnet_desk_checks_done(c);
    return carnet_desk_redirect(call, "/desk/cases/", c->row.id, wrong ? "?check=1" : "?step=review", err);
}

static carnet_rc
save_case(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    save_form form = { 0 };
    desk_call call;
    desk_case c;
    save_walk w = { .call = &call, .c = &c, .form = &form, .err = err };
    carnet_rc rc = carnet_desk_enter(self, request, response, DESK_CASES, &call, err);

    if (rc != CARNET_OK || call.answered || (rc = read_parts(&w)) != CARNET_OK)
        return rc;
    form = (save_form){ control(&w, "token"), control(&w, "version"), control(&w, "action"), NULL };
    if ((rc = carnet_desk_check_token(&call, form.token, err)) != CARNET_OK || call.answered ||
        (rc = carnet_desk_case_get(&call, &c, err)) != CARNET_OK || call.answered)
        return rc;
    if (carnet_desk_case_closed(&c) || c.expired || c.row.state == CARNET_STORE_ENROLMENT_REVIEW)
        return carnet_desk_redirect(&call, "/desk/cases/", c.row.id, "", err);
    return (rc = take_all(&w)) == CARNET_OK ? keep(&call, &c, &form, err) : rc;
}

const carnet_service_route carnet_desk_case_form = {
    .method = CARNET_SERVICE_POST,
    .name = "desk_case_form",
    .path = "/desk/cases/{id}",
    .summary = "Keep what an officer checked and typed.",
    .run = save_case,
    .answers = "text/html",
    .body_max = DESK_UPLOAD_MAX,
};
