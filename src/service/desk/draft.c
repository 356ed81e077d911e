/* SPDX-License-Identifier: Apache-2.0 */
/* What was typed, as it was typed: a list of names and values, sealed in the store as [["name", "value"], ...]. */
#include "carnet/json_build.h"
#include "internal.h"

#include <string.h>

carnet_rc
carnet_desk_draft_init(carnet_service_worker *worker, desk_draft *draft, carnet_err *err)
{
    draft->count = 0;
    draft->list = carnet_service_scratch(worker, DESK_VALUES * sizeof(*draft->list));
    return draft->list != NULL ? CARNET_OK : carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
}

static desk_value *
find(const desk_draft *draft, carnet_str name)
{
    for (size_t i = 0; i < draft->count; i++)
        if (carnet_str_equal(draft->list[i].name, name))
            return &draft->list[i];
    return NULL;
}

carnet_str
carnet_desk_draft_get(const desk_draft *draft, carnet_str name)
{
    const desk_value *value = find(draft, name);

    return value != NULL ? value->value : (carnet_str){ 0 };
}

carnet_str
carnet_desk_draft_named(const desk_draft *draft, const char *name)
{
    return carnet_desk_draft_get(draft, carnet_str_of(name));
}

carnet_rc
carnet_desk_draft_set(desk_draft *draft, carnet_str name, carnet_str value, carnet_err *err)
{
    desk_value *there = find(draft, name);

    if (value.len == 0) {
        if (there != NULL)
            *there = draft->list[--draft->count];
        return CARNET_OK;
    }
    if (there == NULL) {
        if (draft->count == DESK_VALUES)
            return carnet_fail(err, CARNET_E_LIMIT, NULL, "there are too many values");
        there = &draft->list[draft->count++];
    }
    *there = (desk_value){ name, value };
    return CARNET_OK;
}

static carnet_rc
write_json(const desk_draft *draft, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_array_begin(&b, NULL);
    for (size_t i = 0; i < draft->count; i++) {
        carnet_json_array_begin(&b, NULL);
        carnet_json_add_string(&b, NULL, draft->list[i].name);
        carnet_json_add_string(&b, NULL, draft->list[i].value);
        carnet_json_array_end(&b);
    }
    carnet_json_array_end(&b);
    return carnet_json_built(&b, err);
}

carnet_rc
carnet_desk_draft_seal(carnet_service_worker *worker, const char *purpose, carnet_str number, const desk_draft *draft,
                       carnet_span *sealed, carnet_err *err)
{
    carnet_buf plain = carnet_service_scratch_buf(worker, DESK_DRAFT_MAX),
               out = carnet_service_scratch_buf(worker, DESK_DRAFT_MAX + CARNET_SERVICE_SEALING);
    carnet_rc rc;

    *sealed = (carnet_span){ 0 };
    if (draft->count == 0)
        return CARNET_OK;
    if ((rc = write_json(draft, &plain, err)) == CARNET_OK)
        rc = carnet_service_seal(worker, purpose, carnet_str_bytes(number), carnet_buf_span(&plain), &out, err);
    if (plain.ptr != NULL)
        carnet_wipe(plain.ptr, plain.len);
    if (rc == CARNET_OK)
        *sealed = carnet_buf_span(&out);
    return rc;
}

/* A text of the document, kept in the scratch. */
static carnet_str
keep(carnet_buf *room, const carnet_json *value)
{
    carnet_str text = carnet_json_string(value);
    size_t at = room->len;

    carnet_buf_add_str(room, text);
    return room->overflow ? (carnet_str){ 0 } : (carnet_str){ (const char *)room->ptr + at, text.len };
}

carnet_rc
carnet_desk_draft_open(carnet_service_worker *worker, const char *purpose, carnet_str number, carnet_span sealed,
                       desk_draft *draft, carnet_err *err)
{
    carnet_buf plain, room;
    carnet_json *json = NULL;
    carnet_rc rc = carnet_desk_draft_init(worker, draft, err);

    if (rc != CARNET_OK || sealed.len == 0)
        return rc;
    plain = carnet_service_scratch_buf(worker, sealed.len);
    room = carnet_service_scratch_buf(worker, sealed.len);
    if ((rc = carnet_service_open(worker, purpose, carnet_str_bytes(number), sealed, &plain, err)) != CARNET_OK ||
        (rc = carnet_json_parse(carnet_buf_str(&plain), &json, err)) != CARNET_OK)
        return rc;
    for (size_t i = 0; rc == CARNET_OK && i < carnet_json_count(json); i++) {
        const carnet_json *pair = carnet_json_at(json, i);
        carnet_str name = keep(&room, carnet_json_at(pair, 0));

        rc = carnet_desk_draft_set(draft, name, keep(&room, carnet_json_at(pair, 1)), err);
    }
    carnet_json_free(&json);
    return rc;
}
