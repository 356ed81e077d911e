/* SPDX-License-Identifier: Apache-2.0 */
/* The attributes' form is made from the document types' tables (18013-5 13.4 and the like). */
#include "internal.h"

#include <string.h>

static bool
ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);

    return a > b && strcmp(text + a - b, end) == 0;
}

/* What an officer cannot type: any CBOR, octets, names with a variable part. */
static bool
is_typed(const carnet_element_definition *d)
{
    return d->type != CARNET_ELEMENT_ANY && d->type != CARNET_ELEMENT_BYTES && d->type != CARNET_ELEMENT_TEMPLATE &&
           !ends_with(d->identifier, "_NN") && !ends_with(d->identifier, "xx");
}

static bool
each_of(const char *name_space, const carnet_element_definition *d, desk_element_each *each, void *self)
{
    static const char *const members[] = { "country", "region", "locality" };
    desk_element element = { .name_space = name_space, .definition = d };

    if (!is_typed(d))
        return true;
    if (d->type != CARNET_ELEMENT_PLACE)
        return each(self, &element);
    for (size_t i = 0; i < CARNET_COUNT(members); i++) {
        element.member = members[i];
        if (!each(self, &element))
            return false;
    }
    return true;
}

/* Whether an earlier configuration of the case has the name space. */
static bool
seen_before(const desk_case *c, size_t at, const char *name_space)
{
    for (size_t i = 0; i < at; i++)
        if (c->configurations[i]->doctype != NULL &&
            carnet_doctype_name_space(c->configurations[i]->doctype, carnet_str_of(name_space)) != NULL)
            return true;
    return false;
}

void
carnet_desk_elements(const desk_case *c, desk_element_each *each, void *self)
{
    for (size_t i = 0; i < c->configuration_count; i++) {
        const carnet_doctype *doctype = c->configurations[i]->doctype;

        for (size_t n = 0; doctype != NULL && n < doctype->count; n++) {
            const carnet_name_space_definition *space = &doctype->name_spaces[n];

            for (size_t e = 0; !seen_before(c, i, space->name) && e < space->count; e++)
                if (!each_of(space->name, &space->elements[e], each, self))
                    return;
        }
    }
}

void
carnet_desk_element_name(const desk_element *element, carnet_buf *out)
{
    carnet_buf_add_text(out, element->name_space);
    carnet_buf_add_text(out, "/");
    carnet_buf_add_text(out, element->definition->identifier);
    if (element->member == NULL)
        return;
    carnet_buf_add_text(out, ".");
    carnet_buf_add_text(out, element->member);
}

void
carnet_desk_element_label(const desk_element *element, carnet_buf *out)
{
    const char *name = element->definition->identifier;

    if (strcmp(name, "un_distinguishing_sign") == 0)
        name = "UN_distinguishing_sign";
    for (size_t i = 0; name[i] != '\0'; i++) {
        char c = name[i] == '_' ? ' ' : name[i];

        if (i == 0 && c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        carnet_buf_add_byte(out, (uint8_t)c);
    }
    if (element->member == NULL)
        return;
    carnet_buf_add_text(out, " (");
    carnet_buf_add_text(out, element->member);
    carnet_buf_add_text(out, ")");
}

/* Whether anything of a name space was typed. */
static bool
begun(const desk_case *c, const char *name_space)
{
    size_t len = strlen(name_space);

    for (size_t i = 0; i < c->typed.count; i++)
        if (carnet_str_starts(c->typed.list[i].name, name_space) && c->typed.list[i].name.len > len &&
            c->typed.list[i].name.ptr[len] == '/')
            return true;
    return false;
}

bool
carnet_desk_element_due(const desk_case *c, const desk_element *element)
{
    if (element->definition->presence != CARNET_MANDATORY ||
        (element->member != NULL && strcmp(element->member, "country") != 0))
        return false;
    for (size_t i = 0; i < c->configuration_count; i++) {
        const carnet_doctype *doctype = c->configurations[i]->doctype;
        const carnet_name_space_definition *space =
            doctype != NULL ? carnet_doctype_name_space(doctype, carnet_str_of(element->name_space)) : NULL;

        if (space != NULL && (space->required || begun(c, element->name_space)))
            return true;
    }
    return false;
}

typedef struct check_walk {
    carnet_service_worker *worker;
    const desk_case *c;
    size_t wrong;
} check_walk;

static bool
count_wrong(void *self, const desk_element *element)
{
    check_walk *w = self;
    uint8_t room[256];
    carnet_buf name = carnet_buf_of(room, sizeof(room));
    carnet_str value;

    carnet_desk_element_name(element, &name);
    value = carnet_desk_draft_get(&w->c->typed, carnet_buf_str(&name));
    if (value.len == 0)
        w->wrong += carnet_desk_element_due(w->c, element);
    else
        w->wrong += carnet_desk_element_check(w->worker, w->c, element, value, NULL) != CARNET_OK;
    return true;
}

size_t
carnet_desk_case_wrong(carnet_service_worker *worker, const desk_case *c)
{
    check_walk w = { worker, c, 0 };

    /* A person known to the attribute source needs nothing typed. */
    if (c->typed.count == 0 && carnet_desk_draft_named(&c->evidence, "subject").len > 0)
        return 0;
    carnet_desk_elements(c, count_wrong, &w);
    return w.wrong;
}
