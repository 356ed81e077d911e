/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define WELL_KNOWN      "/.well-known/"
#define PATH_MAX_OCTETS (size_t)512

void
carnet_service_table_free(carnet_service_table *table)
{
    free(table->routes);
    free(table->text);
    *table = (carnet_service_table){ 0 };
}

/* Paths one behind the other, each with its zero. */
static const char *
path_text(carnet_buf *text, carnet_str first, const char *path, carnet_str last)
{
    size_t at = text->len;

    carnet_buf_add_str(text, first);
    carnet_buf_add_text(text, path);
    carnet_buf_add_str(text, last);
    carnet_buf_add_byte(text, 0);
    return (const char *)text->ptr + at;
}

/* With a base path, what is well known has it behind its name (RFC 8414 3.1, OpenID4VCI 12.2.2), and also, for those who
 * look there, before. */
static void
add_route(carnet_service_table *table, carnet_buf *text, const carnet_service_route *route, void *self, carnet_str base,
          bool certified)
{
    carnet_service_route *at = &table->routes[table->count++];

    *at = *route;
    if (at->self == NULL)
        at->self = self;
    if (certified)
        at->client_certificate = true;
    at->path = path_text(text, base, route->path, (carnet_str){ 0 });
    if (base.len == 0 || strncmp(route->path, WELL_KNOWN, sizeof(WELL_KNOWN) - 1) != 0)
        return;
    at = &table->routes[table->count++];
    *at = at[-1];
    at->path = path_text(text, (carnet_str){ 0 }, route->path, base);
    at[-1].name = path_text(text, carnet_str_of(route->name), "_below", (carnet_str){ 0 });
}

static void
fill(const carnet_service_parts *parts, unsigned serves, bool certified, carnet_service_table *table, carnet_buf *text)
{
    carnet_str base = carnet_service_base_path(parts->context);

    for (size_t i = 0; i < parts->count; i++) {
        const carnet_service_part *part = parts->list[i].part;

        for (size_t k = 0; k < part->route_count; k++)
            if ((part->routes[k].serves & serves) != 0)
                add_route(table, text, part->routes[k].route, parts->list[i].self,
                          part->routes[k].serves == CARNET_SERVES_OPERATIONS ? (carnet_str){ 0 } : base,
                          certified && part->routes[k].serves == CARNET_SERVES_ADMIN);
    }
}

carnet_rc
carnet_service_parts_routes(carnet_service_parts *parts, unsigned serves, bool certified,
                            const carnet_service_route **routes, size_t *count, carnet_err *err)
{
    carnet_service_table *table = &parts->tables[parts->table_count];
    size_t most = 0;
    carnet_buf text;

    *routes = NULL;
    *count = 0;
    if (parts->table_count == CARNET_SERVICE_TABLES)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "there are too many listeners");
    for (size_t i = 0; i < parts->count; i++)
        most += 2 * parts->list[i].part->route_count;
    table->routes = calloc(most + 1, sizeof(*table->routes));
    table->text = calloc(most + 1, PATH_MAX_OCTETS);
    if (table->routes == NULL || table->text == NULL) {
        carnet_service_table_free(table);
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    text = carnet_buf_of(table->text, most * PATH_MAX_OCTETS);
    fill(parts, serves, certified, table, &text);
    if (text.overflow) {
        carnet_service_table_free(table);
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    parts->table_count++;
    *routes = table->routes;
    *count = table->count;
    return CARNET_OK;
}
