/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/json_build.h"
#include "internal.h"

#include <string.h>

static void
add_schema(carnet_json_builder *b, const char *type)
{
    carnet_json_object_begin(b, "schema");
    carnet_json_add_text(b, "type", type);
    carnet_json_object_end(b);
}

static void
add_parameter(carnet_json_builder *b, const char *where, carnet_str name, const char *description, bool required)
{
    carnet_json_object_begin(b, NULL);
    carnet_json_add_string(b, "name", name);
    carnet_json_add_text(b, "in", where);
    carnet_json_add_bool(b, "required", required);
    if (description != NULL)
        carnet_json_add_text(b, "description", description);
    add_schema(b, "string");
    carnet_json_object_end(b);
}

static void
add_parameters(carnet_json_builder *b, const carnet_service_route *route)
{
    carnet_json_array_begin(b, "parameters");
    for (const char *p = strchr(route->path, '{'); p != NULL; p = strchr(p + 1, '{'))
        add_parameter(b, "path", (carnet_str){ p + 1, strcspn(p + 1, "}") }, NULL, true);
    for (size_t i = 0; i < route->parameter_count; i++) {
        const carnet_service_parameter_rule *rule = &route->parameters[i];

        if (!rule->in_form)
            add_parameter(b, "query", carnet_str_of(rule->name), rule->description, rule->required);
    }
    carnet_json_array_end(b);
}

/* The form's fields, as an object's. */
static void
add_form(carnet_json_builder *b, const carnet_service_route *route)
{
    carnet_json_object_begin(b, "schema");
    carnet_json_add_text(b, "type", "object");
    carnet_json_object_begin(b, "properties");
    for (size_t i = 0; i < route->parameter_count; i++) {
        if (!route->parameters[i].in_form)
            continue;
        carnet_json_object_begin(b, route->parameters[i].name);
        carnet_json_add_text(b, "type", "string");
        if (route->parameters[i].description != NULL)
            carnet_json_add_text(b, "description", route->parameters[i].description);
        carnet_json_object_end(b);
    }
    carnet_json_object_end(b);
    carnet_json_array_begin(b, "required");
    for (size_t i = 0; i < route->parameter_count; i++)
        if (route->parameters[i].in_form && route->parameters[i].required)
            carnet_json_add_text(b, NULL, route->parameters[i].name);
    carnet_json_array_end(b);
    carnet_json_object_end(b);
}

static void
add_body(carnet_json_builder *b, const carnet_service_route *route)
{
    if (route->body_max == 0)
        return;
    carnet_json_object_begin(b, "requestBody");
    carnet_json_object_begin(b, "content");
    carnet_json_object_begin(b, route->accepts != NULL ? route->accepts : "*/*");
    if (route->accepts != NULL && strcmp(route->accepts, "application/x-www-form-urlencoded") == 0)
        add_form(b, route);
    carnet_json_object_end(b);
    carnet_json_object_end(b);
    carnet_json_object_end(b);
}

static void
add_answers(carnet_json_builder *b, const carnet_service_route *route)
{
    carnet_json_object_begin(b, "responses");
    carnet_json_object_begin(b, "200");
    carnet_json_add_text(b, "description", "Done");
    carnet_json_object_begin(b, "content");
    carnet_json_object_begin(b, route->answers != NULL ? route->answers : "application/json");
    carnet_json_object_end(b);
    carnet_json_object_end(b);
    carnet_json_object_end(b);
    carnet_json_object_begin(b, "default");
    carnet_json_add_text(b, "$ref", "#/components/responses/Problem");
    carnet_json_object_end(b);
    carnet_json_object_end(b);
}

static void
add_operation(carnet_json_builder *b, const carnet_service_route *route)
{
    static const char *const names[] = { "", "get", "post", "put", "patch", "delete" };

    carnet_json_object_begin(b, names[route->method]);
    carnet_json_add_text(b, "operationId", route->name);
    if (route->summary != NULL)
        carnet_json_add_text(b, "summary", route->summary);
    add_parameters(b, route);
    add_body(b, route);
    add_answers(b, route);
    if (route->client_certificate) {
        carnet_json_array_begin(b, "security");
        carnet_json_object_begin(b, NULL);
        carnet_json_array_begin(b, "clientCertificate");
        carnet_json_array_end(b);
        carnet_json_object_end(b);
        carnet_json_array_end(b);
    }
    carnet_json_object_end(b);
}

/* One member a path, with all its methods, in the order of the table. */
static void
add_paths(carnet_json_builder *b, const carnet_service *service)
{
    const carnet_service_route *all = service->routes;

    carnet_json_object_begin(b, "paths");
    for (size_t i = 0; i < service->route_count; i++) {
        size_t first = 0;

        while (strcmp(all[first].path, all[i].path) != 0)
            first++;
        if (first < i)
            continue;
        carnet_json_object_begin(b, all[i].path);
        for (size_t k = i; k < service->route_count; k++)
            if (strcmp(all[k].path, all[i].path) == 0)
                add_operation(b, &all[k]);
        carnet_json_object_end(b);
    }
    carnet_json_object_end(b);
}

carnet_rc
carnet_service_openapi(const carnet_service *service, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "openapi", "3.1.0");
    carnet_json_object_begin(&b, "info");
    carnet_json_add_text(&b, "title", service->config.title);
    carnet_json_add_text(&b, "version", service->config.version);
    carnet_json_object_end(&b);
    add_paths(&b, service);
    carnet_json_add_raw(
        &b, "components",
        carnet_str_of("{\"responses\":{\"Problem\":{\"description\":\"Why it was not done\",\"content\":{"
                      "\"application/json\":{\"schema\":{\"type\":\"object\",\"required\":[\"error\","
                      "\"error_description\",\"request_id\"],\"properties\":{\"error\":{\"type\":"
                      "\"string\"},\"error_description\":{\"type\":\"string\"},\"request_id\":{\"type\":"
                      "\"string\"}}}}}}},\"securitySchemes\":{\"clientCertificate\":{\"type\":"
                      "\"mutualTLS\"}}}"));
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}
