/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/vector_request.h"

#include <string.h>

#define CLAUSE "RFC 8485 4.1"

static carnet_rc
refuse(const char *reason, size_t offset, const carnet_path *path, carnet_err *err)
{
    return carnet_fail_at(err, CARNET_E_VECTOR_REQUEST, CLAUSE, reason, offset, path);
}

static bool
asked_before(const carnet_vector_request *request, const carnet_vector *vector)
{
    for (unsigned i = 0; i < request->count; i++)
        if (carnet_vector_equal(&request->vector[i], vector))
            return true;
    return false;
}

/* Take one more vector; `base` is where its text begins in what offsets count from. */
static carnet_rc
take(carnet_vector_request *request, carnet_str text, size_t base, const carnet_path *path, carnet_err *err)
{
    carnet_err inner = { .offset = CARNET_NO_OFFSET };
    carnet_vector vector;
    carnet_rc rc;

    if (request->count == CARNET_VECTOR_REQUEST_MAX)
        return refuse("there are more than 8 vectors in the request", base, path, err);
    rc = carnet_trustmark_read(request->trustmark, text, &vector, &inner);
    if (rc != CARNET_OK)
        return carnet_fail_at(err, rc, inner.clause, inner.reason,
                              inner.offset == CARNET_NO_OFFSET ? base : base + inner.offset, path);
    if (asked_before(request, &vector))
        return refuse("a vector comes twice in the request", base, path, err);
    request->vector[request->count++] = vector;
    return CARNET_OK;
}

carnet_rc
carnet_vector_request_read(const carnet_json *vtr, carnet_trustmark trustmark, carnet_vector_request *request,
                           carnet_err *err)
{
    const carnet_path list = { .name = carnet_str_of("vtr") };
    const size_t count = carnet_json_count(vtr);
    carnet_rc rc = CARNET_OK;

    *request = (carnet_vector_request){ .trustmark = trustmark };
    if (carnet_json_type_of(vtr) != CARNET_JSON_ARRAY)
        return refuse("vtr is no array of strings", CARNET_NO_OFFSET, &list, err);
    if (count == 0)
        return refuse("vtr is an empty array: leave it out, or ask for something", CARNET_NO_OFFSET, &list, err);
    for (size_t i = 0; i < count && rc == CARNET_OK; i++) {
        const carnet_json *one = carnet_json_at(vtr, i);
        const carnet_path at = { .up = &list, .index = i };

        if (carnet_json_type_of(one) != CARNET_JSON_STRING)
            rc = refuse("an entry of vtr is no string", CARNET_NO_OFFSET, &at, err);
        else
            rc = take(request, carnet_json_string(one), 0, &at, err);
    }
    if (rc != CARNET_OK)
        *request = (carnet_vector_request){ .trustmark = trustmark };
    return rc;
}

carnet_rc
carnet_vector_request_parse(carnet_str json, carnet_trustmark trustmark, carnet_vector_request *request,
                            carnet_err *err)
{
    carnet_json *document = NULL;
    carnet_rc rc = carnet_json_parse(json, &document, err);

    *request = (carnet_vector_request){ .trustmark = trustmark };
    if (rc == CARNET_OK)
        rc = carnet_vector_request_read(document, trustmark, request, err);
    carnet_json_free(&document);
    return rc;
}

carnet_rc
carnet_vector_request_list(carnet_str list, carnet_trustmark trustmark, carnet_vector_request *request, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    *request = (carnet_vector_request){ .trustmark = trustmark };
    for (size_t at = 0; at <= list.len && rc == CARNET_OK;) {
        const char *comma = at < list.len ? memchr(list.ptr + at, ',', list.len - at) : NULL;
        const size_t len = comma != NULL ? (size_t)(comma - list.ptr) - at : list.len - at;
        const carnet_path path = { .index = request->count };

        rc = take(request, (carnet_str){ list.ptr != NULL ? list.ptr + at : "", len }, at, &path, err);
        at += len + 1;
    }
    if (rc != CARNET_OK)
        *request = (carnet_vector_request){ .trustmark = trustmark };
    return rc;
}

void
carnet_vector_request_add(carnet_json_builder *b, const char *name, const carnet_vector_request *request)
{
    char text[26 * 36 * 3];

    carnet_json_array_begin(b, name);
    for (unsigned i = 0; i < request->count; i++) {
        carnet_buf room = carnet_buf_of(text, sizeof(text));

        carnet_vector_write(&request->vector[i], &room);
        carnet_json_add_string(b, NULL, carnet_buf_str(&room));
    }
    carnet_json_array_end(b);
}

void
carnet_vector_request_write_list(const carnet_vector_request *request, carnet_buf *out)
{
    for (unsigned i = 0; i < request->count; i++) {
        if (i != 0)
            carnet_buf_add_byte(out, ',');
        carnet_vector_write(&request->vector[i], out);
    }
}

carnet_rc
carnet_vector_request_satisfied(const carnet_vector_request *request, carnet_trustmark trustmark,
                                const carnet_vector *vector, int *index, carnet_err *err)
{
    *index = -1;
    if (request->trustmark != trustmark || trustmark == CARNET_TRUSTMARK_NONE)
        return carnet_fail(err, CARNET_E_TRUSTMARK_OTHER, "RFC 8485 5", NULL);
    for (unsigned i = 0; i < request->count && *index < 0; i++)
        if (carnet_vector_meets(vector, &request->vector[i]))
            *index = (int)i;
    return CARNET_OK;
}

/* Put a vector where it belongs: before the first that has more components. */
static void
insert(carnet_vector_request *request, const carnet_vector *vector)
{
    unsigned at = request->count++;

    for (; at > 0 && carnet_vector_count(&request->vector[at - 1]) > carnet_vector_count(vector); at--)
        request->vector[at] = request->vector[at - 1];
    request->vector[at] = *vector;
}

carnet_vector_request
carnet_vector_request_lacking(const carnet_vector_request *request, const carnet_vector *vector)
{
    const carnet_vector_request none = { .trustmark = request->trustmark };
    carnet_vector_request lacking = none;

    for (unsigned i = 0; i < request->count; i++) {
        const carnet_vector one = carnet_vector_lacking(vector, &request->vector[i]);

        if (carnet_vector_count(&one) == 0)
            return none;
        if (!asked_before(&lacking, &one))
            insert(&lacking, &one);
    }
    return lacking;
}

carnet_rc
carnet_vector_request_feasible(carnet_vector_request *request, const carnet_vector *capabilities, carnet_err *err)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < request->count; i++)
        kept += carnet_vector_meets(capabilities, &request->vector[i]) ? 1 : 0;
    if (kept == 0)
        return carnet_fail(err, CARNET_E_VECTOR_UNSATISFIABLE, CLAUSE, NULL);
    kept = 0;
    for (unsigned i = 0; i < request->count; i++)
        if (carnet_vector_meets(capabilities, &request->vector[i]))
            request->vector[kept++] = request->vector[i];
    request->count = kept;
    return CARNET_OK;
}
