/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/doctype_file.h"
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (256 * 1024) /* octets of a document type's file */

bool
carnet_desk_next_word(carnet_str *list, carnet_str *word)
{
    size_t n = 0;

    while (list->len > 0 && list->ptr[0] == ' ') {
        list->ptr++;
        list->len--;
    }
    while (n < list->len && list->ptr[n] != ' ')
        n++;
    *word = (carnet_str){ list->ptr, n };
    list->ptr += n;
    list->len -= n;
    return n > 0;
}

const desk_configuration *
carnet_desk_configuration(const carnet_desk *desk, carnet_str id)
{
    for (size_t i = 0; i < desk->configuration_count; i++)
        if (carnet_str_equal(desk->configurations[i].id, id))
            return &desk->configurations[i];
    return NULL;
}

static carnet_rc
parse_table(desk_configuration *c, carnet_str text, carnet_err *err)
{
    carnet_json *json = NULL;
    carnet_buf storage;
    carnet_rc rc = carnet_json_parse(text, &json, err);

    if (rc != CARNET_OK)
        return rc;
    c->storage = malloc(CARNET_DOCTYPE_FILE_STORAGE(text.len));
    storage = carnet_buf_of(c->storage, c->storage != NULL ? CARNET_DOCTYPE_FILE_STORAGE(text.len) : 0);
    rc = carnet_doctype_file_read(json, &storage, &c->own, err);
    carnet_json_free(&json);
    if (rc == CARNET_OK)
        c->doctype = &c->own;
    return rc;
}

static carnet_rc
read_table(desk_configuration *c, const char *name, carnet_err *err)
{
    FILE *file = fopen(name, "rb");
    char *text = malloc(FILE_MAX);
    size_t len = file != NULL && text != NULL ? fread(text, 1, FILE_MAX, file) : 0;
    carnet_rc rc;

    if (len == 0 || len == FILE_MAX)
        rc = carnet_fail(err, CARNET_E_DESK_DOCTYPE, NULL, "the document type's file cannot be read, or is too long");
    else
        rc = parse_table(c, (carnet_str){ text, len }, err);
    if (file != NULL)
        (void)fclose(file);
    free(text);
    return rc;
}

static carnet_rc
add_configuration(carnet_desk *desk, const carnet_config_credential *from, carnet_err *err)
{
    desk_configuration *c = &desk->configurations[desk->configuration_count++];

    *c = (desk_configuration){ .id = carnet_str_of(from->id),
                               .name = carnet_str_of(from->name != NULL ? from->name : from->id),
                               .doc_type = carnet_str_of(from->doctype) };
    if (from->doctype_file != NULL)
        return read_table(c, from->doctype_file, err);
    c->doctype = carnet_doctype_named(c->doc_type);
    if (c->doctype == NULL)
        return CARNET_OK;
    c->doc_type = carnet_str_of(c->doctype->doc_type);
    if (from->name == NULL)
        c->name = carnet_str_of(c->doctype->title);
    return CARNET_OK;
}

static void
read_officer(carnet_desk *desk, const carnet_config_services *services)
{
    const carnet_config_officer *officer = services->identification != NULL ? services->identification->officer : NULL;
    unsigned minutes = services->desk != NULL ? services->desk->session_minutes : 0, hours = 0;

    if (officer != NULL) {
        hours = officer->case_hours;
        desk->four_eyes = officer->four_eyes;
    }
    desk->session_s = minutes > 0 ? (int64_t)minutes * 60 : 30 * 60;
    desk->case_s = hours > 0 ? (int64_t)hours * 3600 : 24 * 3600;
}

carnet_rc
carnet_desk_init(const carnet_service_context *context, const carnet_service_parts *parts, void **self, carnet_err *err)
{
    const carnet_config_services *services = carnet_service_configuration(context)->services;
    size_t count = services->issuing != NULL ? services->issuing->configuration_count : 0;
    carnet_desk *desk = calloc(1, sizeof(*desk));
    carnet_rc rc = CARNET_OK;

    *self = desk;
    if (desk == NULL || (desk->configurations = calloc(count + 1, sizeof(*desk->configurations))) == NULL) {
        carnet_desk_done(desk);
        *self = NULL;
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    desk->plug = (carnet_identification){ .size = sizeof(desk->plug),
                                          .name = "officer",
                                          .self = desk,
                                          .begin = carnet_desk_begin,
                                          .resume = carnet_desk_resume };
    desk->context = context;
    desk->web = carnet_service_part_find(parts, "web");
    desk->issuing = carnet_service_part_find(parts, "issuing");
    if (desk->web == NULL)
        rc = carnet_fail(err, CARNET_E_USAGE, NULL, "the part \"web\" does not run");
    read_officer(desk, services);
    for (size_t i = 0; rc == CARNET_OK && i < count; i++)
        rc = add_configuration(desk, &services->issuing->configurations[i], err);
    if (rc == CARNET_OK)
        return CARNET_OK;
    carnet_desk_done(desk);
    *self = NULL;
    return rc;
}

void
carnet_desk_done(void *self)
{
    carnet_desk *desk = self;

    if (desk == NULL)
        return;
    for (size_t i = 0; i < desk->configuration_count; i++)
        free(desk->configurations[i].storage);
    free(desk->configurations);
    free(desk);
}

static bool
officer_wanted(const carnet_config *config)
{
    return config->services->identification != NULL && config->services->identification->officer != NULL;
}

static bool
desk_wanted(const carnet_config *config)
{
    return config->services->desk != NULL;
}

static const carnet_service_part_route officer_routes[] = {
    { &carnet_desk_wait, CARNET_SERVES_PUBLIC },
    { &carnet_desk_wait_state, CARNET_SERVES_PUBLIC },
    { &carnet_desk_wait_cancel, CARNET_SERVES_PUBLIC },
};

const carnet_service_part carnet_officer_part = {
    .name = "officer",
    .wanted = officer_wanted,
    .init = carnet_desk_init,
    .done = carnet_desk_done,
    .routes = officer_routes,
    .route_count = CARNET_COUNT(officer_routes),
};

static const carnet_service_part_route desk_routes[] = {
    { &carnet_desk_list, CARNET_SERVES_STAFF },        { &carnet_desk_list_state, CARNET_SERVES_STAFF },
    { &carnet_desk_log_in, CARNET_SERVES_STAFF },      { &carnet_desk_log_in_form, CARNET_SERVES_STAFF },
    { &carnet_desk_log_out, CARNET_SERVES_STAFF },     { &carnet_desk_new, CARNET_SERVES_STAFF },
    { &carnet_desk_new_form, CARNET_SERVES_STAFF },    { &carnet_desk_find_form, CARNET_SERVES_STAFF },
    { &carnet_desk_case, CARNET_SERVES_STAFF },        { &carnet_desk_case_form, CARNET_SERVES_STAFF },
    { &carnet_desk_decide_form, CARNET_SERVES_STAFF }, { &carnet_desk_offer_form, CARNET_SERVES_STAFF },
    { &carnet_desk_picture, CARNET_SERVES_STAFF },
};

const carnet_service_part carnet_desk_part = {
    .name = "desk",
    .wanted = desk_wanted,
    .init = carnet_desk_init,
    .done = carnet_desk_done,
    .routes = desk_routes,
    .route_count = CARNET_COUNT(desk_routes),
};

static bool
overview_wanted(const carnet_config *config)
{
    return config->services->overview != NULL;
}

static const carnet_service_part_route overview_routes[] = {
    { &carnet_desk_overview, CARNET_SERVES_STAFF },
    { &carnet_desk_record, CARNET_SERVES_STAFF },
};

const carnet_service_part carnet_overview_part = {
    .name = "overview",
    .wanted = overview_wanted,
    .init = carnet_desk_init,
    .done = carnet_desk_done,
    .routes = overview_routes,
    .route_count = CARNET_COUNT(overview_routes),
};
