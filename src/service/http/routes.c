/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <string.h>

static const char *const methods[] = { "", "GET", "POST", "PUT", "PATCH", "DELETE" };

const char *
carnet_service_method_name(carnet_service_method method)
{
    return methods[method];
}

static bool
is_word(const char *name)
{
    return name != NULL && name[0] != '\0' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(name);
}

/* Slashes, unreserved characters, and whole segments in braces. */
static bool
is_pattern(const char *path)
{
    bool within = false, whole = true;

    if (path == NULL || path[0] != '/')
        return false;
    for (const char *p = path; whole && *p != '\0'; p++) {
        if (*p == '{')
            whole = !within && p[-1] == '/', within = true;
        else if (*p == '}')
            whole = within && p[-1] != '{' && (p[1] == '/' || p[1] == '\0'), within = false;
        else
            whole = (*p == '/' && !within) || is_word((char[]){ *p, '\0' }) || (strchr("-.~", *p) != NULL && !within);
    }
    return whole && !within;
}

carnet_rc
carnet_service_routes_check(const carnet_service_route *routes, size_t count, carnet_err *err)
{
    for (size_t i = 0; i < count; i++) {
        const carnet_service_route *r = &routes[i];

        if (r->method < CARNET_SERVICE_GET || r->method > CARNET_SERVICE_DELETE || r->run == NULL ||
            !is_word(r->name) || !is_pattern(r->path))
            return carnet_fail(err, CARNET_E_USAGE, NULL, "a route lacks method, name, path or handler");
        for (size_t k = 0; k < i; k++)
            if (strcmp(r->name, routes[k].name) == 0 ||
                (r->method == routes[k].method && strcmp(r->path, routes[k].path) == 0))
                return carnet_fail(err, CARNET_E_USAGE, NULL, "two routes have one name, or method and path");
    }
    return CARNET_OK;
}

static bool
is_method(carnet_service_method method, const char *text)
{
    return strcmp(methods[method], text) == 0 || (method == CARNET_SERVICE_GET && strcmp(text, "HEAD") == 0);
}

/* Whether a route may be meant: of most of them the first octet tells that it is not. */
static bool
begins_alike(const char *pattern, carnet_str path)
{
    return path.len < 2 || pattern[1] == '{' || pattern[1] == path.ptr[1];
}

carnet_rc
carnet_service_route_find(const carnet_service *service, const char *method, carnet_str path,
                          const carnet_service_route **route)
{
    carnet_rc rc = CARNET_E_SERVICE_PATH;

    *route = NULL;
    for (size_t i = 0; i < service->route_count; i++) {
        const carnet_service_route *r = &service->routes[i];

        if (!begins_alike(r->path, path) || !carnet_service_path_matches(r->path, path))
            continue;
        if (is_method(r->method, method)) {
            *route = r;
            return CARNET_OK;
        }
        rc = CARNET_E_SERVICE_METHOD;
    }
    return rc;
}

void
carnet_service_allow(const carnet_service *service, carnet_str path, carnet_buf *out)
{
    for (carnet_service_method m = CARNET_SERVICE_GET; m <= CARNET_SERVICE_DELETE; m++) {
        const carnet_service_route *route;

        if (carnet_service_route_find(service, methods[m], path, &route) != CARNET_OK)
            continue;
        carnet_buf_add_text(out, out->len > 0 ? ", " : "");
        carnet_buf_add_text(out, m == CARNET_SERVICE_GET ? "GET, HEAD" : methods[m]);
    }
}
