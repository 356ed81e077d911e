/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/http_parameters.h"
#include "fuzz.h"

#include <string.h>

/* What was read lies in the room, is text, names nothing twice, and fits in as many octets as it came from. */
static void
check(const carnet_service_parameters *p, const carnet_buf *room)
{
    MUST(p->count <= CARNET_SERVICE_PARAMETERS);
    for (size_t i = 0; i < p->count; i++) {
        carnet_span value = carnet_str_bytes(p->list[i].value);

        MUST(fuzz_inside(value, carnet_buf_span(room)) && carnet_utf8_valid(value));
        MUST(value.len == 0 || memchr(value.ptr, 0, value.len) == NULL);
        for (size_t k = 0; k < i; k++)
            MUST(!carnet_str_equal(p->list[i].name, p->list[k].name));
    }
}

static void
encode(carnet_str text, carnet_buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        carnet_buf_add_text(out, "%");
        carnet_buf_add_hex(out, carnet_span_of(text.ptr + i, 1));
    }
}

/* Written again with every octet encoded, the same parameters are read. */
static void
again(const carnet_service_parameters *p)
{
    static uint8_t text[16384], room[16384];
    static carnet_service_parameters second;
    carnet_buf out = carnet_buf_of(text, sizeof(text)), storage = carnet_buf_of(room, sizeof(room));

    for (size_t i = 0; i < p->count; i++) {
        encode(p->list[i].name, &out);
        carnet_buf_add_text(&out, "=");
        encode(p->list[i].value, &out);
        carnet_buf_add_text(&out, "&");
    }
    MUST(!out.overflow);
    MUST(carnet_service_parameters_read(carnet_buf_str(&out), &storage, &second, NULL) == CARNET_OK);
    MUST(second.count == p->count);
    for (size_t i = 0; i < p->count; i++)
        MUST(carnet_str_equal(second.list[i].name, p->list[i].name) &&
             carnet_str_equal(second.list[i].value, p->list[i].value));
}

static void
try_path(const char *pattern, carnet_str path)
{
    static uint8_t room[4096];
    carnet_buf storage = carnet_buf_of(room, path.len);
    carnet_service_parameters p;

    if (!carnet_service_path_matches(pattern, path))
        return;
    if (carnet_service_path_read(pattern, path, &storage, &p, NULL) != CARNET_OK) {
        MUST(p.count == 0);
        return;
    }
    check(&p, &storage);
    for (size_t i = 0; i < p.count; i++)
        MUST(p.list[i].value.len > 0 && memchr(p.list[i].value.ptr, '/', p.list[i].value.len) == NULL &&
             !carnet_str_is(p.list[i].value, ".."));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[4096];
    carnet_str target = { (const char *)data, size }, path, query;
    carnet_buf storage = carnet_buf_of(room, size);
    carnet_service_parameters p;
    carnet_err err = { 0 };

    if (size > 4000)
        return 0;
    if (carnet_service_parameters_read(target, &storage, &p, &err) == CARNET_OK) {
        check(&p, &storage);
        again(&p);
    } else
        MUST(p.count == 0 && err.rc != CARNET_E_NO_SPACE && err.offset < size);
    if (carnet_service_target_split(target, &path, &query, NULL) != CARNET_OK)
        return 0;
    MUST(path.len > 0 && path.ptr[0] == '/' && fuzz_inside(carnet_str_bytes(path), carnet_span_of(data, size)));
    try_path("/{a}", path);
    try_path("/a/{b}/c/{d}", path);
    return 0;
}
