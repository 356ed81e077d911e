/* SPDX-License-Identifier: Apache-2.0 */
/* What was typed turned into claims (carnet/claims.h). */
#include "carnet/json_build.h"
#include "internal.h"

#include <string.h>

static carnet_str
trimmed(carnet_str text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\r' || text.ptr[0] == '\t')) {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\r'))
        text.len--;
    return text;
}

/* Take what comes before one of the separators, trimmed; false at the end. */
static bool
next_piece(carnet_str *rest, const char *separators, carnet_str *piece)
{
    size_t n = 0;

    if (rest->len == 0)
        return false;
    while (n < rest->len && strchr(separators, rest->ptr[n]) == NULL)
        n++;
    *piece = trimmed((carnet_str){ rest->ptr, n });
    n += n < rest->len;
    rest->ptr += n;
    rest->len -= n;
    return true;
}

static bool
is_number(carnet_str text, int64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (i == 10 || text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        *number = *number * 10 + (text.ptr[i] - '0');
    }
    return text.len > 0;
}

/* "B 2020-01-31 2030-01-31": category, from, until; the dates may be missing, and "-" stands for a missing one. */
static void
add_privilege(carnet_json_builder *b, carnet_str line)
{
    static const char *const members[] = { "vehicle_category_code", "issue_date", "expiry_date" };
    carnet_str word;
    size_t i = 0;

    carnet_json_object_begin(b, NULL);
    while (next_piece(&line, " \t", &word)) {
        if (word.len == 0)
            continue;
        /* A word too many makes a member come twice, which is refused. */
        if (!carnet_str_is(word, "-"))
            carnet_json_add_string(b, i < CARNET_COUNT(members) ? members[i] : "vehicle_category_code", word);
        i++;
    }
    carnet_json_object_end(b);
}

static void
add_list(carnet_json_builder *b, const char *name, carnet_str text, bool privileges)
{
    carnet_str piece;

    carnet_json_array_begin(b, name);
    while (next_piece(&text, privileges ? "\n" : ", \n", &piece)) {
        if (piece.len == 0)
            continue;
        if (privileges)
            add_privilege(b, piece);
        else
            carnet_json_add_string(b, NULL, piece);
    }
    carnet_json_array_end(b);
}

static void
add_value(carnet_json_builder *b, const desk_element *element, carnet_str text)
{
    const char *name = element->member != NULL ? element->member : element->definition->identifier;
    carnet_element_type type = element->definition->type;
    int64_t number;

    if (type != CARNET_ELEMENT_PRIVILEGES)
        text = trimmed(text);
    if (type == CARNET_ELEMENT_PRIVILEGES || type == CARNET_ELEMENT_ALPHA2_LIST)
        add_list(b, name, text, type == CARNET_ELEMENT_PRIVILEGES);
    else if (type == CARNET_ELEMENT_BOOL && (carnet_str_is(text, "true") || carnet_str_is(text, "false")))
        carnet_json_add_bool(b, name, carnet_str_is(text, "true"));
    else if ((type == CARNET_ELEMENT_UINT || type == CARNET_ELEMENT_UINT_CHOICE) && is_number(text, &number))
        carnet_json_add_integer(b, name, number);
    else
        carnet_json_add_string(b, name, text);
}

typedef struct claims_walk {
    carnet_json_builder b;
    const desk_case *c;
    const char *name_space;                 /* whose object is open */
    const carnet_element_definition *place; /* whose object is open */
    bool any;
} claims_walk;

static void
leave(claims_walk *w, const char *name_space, const carnet_element_definition *place)
{
    if (w->place != NULL && w->place != place) {
        carnet_json_object_end(&w->b);
        w->place = NULL;
    }
    if (w->name_space != NULL && w->name_space != name_space) {
        carnet_json_object_end(&w->b);
        w->name_space = NULL;
    }
}

static bool
add_claim(void *self, const desk_element *element)
{
    claims_walk *w = self;
    uint8_t room[256];
    carnet_buf name = carnet_buf_of(room, sizeof(room));
    carnet_str value;

    carnet_desk_element_name(element, &name);
    value = carnet_desk_draft_get(&w->c->typed, carnet_buf_str(&name));
    if (value.len == 0)
        return true;
    leave(w, element->name_space, element->member != NULL ? element->definition : NULL);
    if (w->name_space == NULL)
        carnet_json_object_begin(&w->b, element->name_space);
    w->name_space = element->name_space;
    if (element->member != NULL && w->place == NULL) {
        carnet_json_object_begin(&w->b, element->definition->identifier);
        w->place = element->definition;
    }
    add_value(&w->b, element, value);
    w->any = true;
    return true;
}

carnet_rc
carnet_desk_claims(carnet_service_worker *worker, const desk_case *c, carnet_buf *claims, carnet_err *err)
{
    claims_walk w = { .b = carnet_json_build(claims), .c = c };
    carnet_rc rc;

    (void)worker;
    carnet_json_object_begin(&w.b, NULL);
    carnet_desk_elements(c, add_claim, &w);
    leave(&w, NULL, NULL);
    carnet_json_object_end(&w.b);
    if ((rc = carnet_json_built(&w.b, err)) == CARNET_OK && !w.any)
        claims->len = 0;
    return rc;
}

/* The document type that has the element. */
static const carnet_doctype *
doctype_of(const desk_case *c, const desk_element *element)
{
    for (size_t i = 0; i < c->configuration_count; i++)
        if (c->configurations[i]->doctype != NULL &&
            carnet_doctype_name_space(c->configurations[i]->doctype, carnet_str_of(element->name_space)) != NULL)
            return c->configurations[i]->doctype;
    return NULL;
}

/* {name space: {element: value}}, of one value */
static carnet_rc
write_one(const desk_element *element, carnet_str value, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_object_begin(&b, element->name_space);
    if (element->member != NULL)
        carnet_json_object_begin(&b, element->definition->identifier);
    add_value(&b, element, value);
    if (element->member != NULL)
        carnet_json_object_end(&b);
    carnet_json_object_end(&b);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

carnet_rc
carnet_desk_element_check(carnet_service_worker *worker, const desk_case *c, const desk_element *element,
                          carnet_str value, carnet_err *err)
{
    carnet_claims_options options = { .doctype = doctype_of(c, element), .incomplete = true };
    carnet_buf scratch = worker->scratch; /* given back at the end */
    carnet_buf out = carnet_service_scratch_buf(worker, 2 * value.len + 512),
               storage = carnet_service_scratch_buf(worker, value.len + 1024);
    carnet_element one[1];
    carnet_json *json = NULL;
    size_t count;
    carnet_rc rc;

    if ((rc = write_one(element, value, &out, err)) == CARNET_OK &&
        (rc = carnet_json_parse(carnet_buf_str(&out), &json, err)) == CARNET_OK)
        rc = carnet_claims_read(json, &options, &storage, one, 1, &count, err);
    carnet_json_free(&json);
    carnet_wipe(worker->scratch.ptr + scratch.len, worker->scratch.len - scratch.len);
    worker->scratch.len = scratch.len;
    return rc;
}
