/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

carnet_rc
carnet_config_fault(carnet_err *err, const char *reason, const char *path, ...)
{
    carnet_rc rc = carnet_fail(err, CARNET_E_CONFIG_VALUE, NULL, reason);
    va_list arguments;

    va_start(arguments, path);
    if (err != NULL) {
        /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start() is two lines above */
        (void)vsnprintf(err->path, sizeof(err->path), path, arguments);
    }
    va_end(arguments);
    return rc;
}

static bool
loopback_host(const char *host)
{
    static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

    for (size_t i = 0; i < CARNET_COUNT(names); i++) {
        size_t len = strlen(names[i]);

        if (strncmp(host, names[i], len) == 0 && (host[len] == '\0' || host[len] == ':' || host[len] == '/'))
            return true;
    }
    return false;
}

/* Scheme, host, perhaps a port, perhaps a path that is no more than names. */
static carnet_rc
check_base_url(const carnet_config *config, carnet_err *err)
{
    static const char host_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-:[]";
    static const char path_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    const char *url = config->base_url, *host = url + 8;
    bool plain = strncmp(url, "http://", 7) == 0;
    size_t len;

    if (!plain && strncmp(url, "https://", 8) != 0)
        return carnet_config_fault(err, "it must begin with https://", "base_url");
    if (plain)
        host = url + 7;
    if (plain && !(config->allow_insecure_loopback && loopback_host(host)))
        return carnet_config_fault(err, "plain http is for loopback only, and with allow_insecure_loopback",
                                   "base_url");
    len = strspn(host, host_letters);
    if (len == 0 || strlen(url) > 512)
        return carnet_config_fault(err, "there must be a host, in lower case", "base_url");
    if (host[len + strspn(host + len, path_letters)] != '\0' || (host[len] != '\0' && host[len] != '/') ||
        strstr(host, "//") != NULL || strstr(host, "/.") != NULL)
        return carnet_config_fault(err, "behind the host there may be a path of plain names, and nothing else",
                                   "base_url");
    if (url[strlen(url) - 1] == '/')
        return carnet_config_fault(err, "it must not end with a slash", "base_url");
    return CARNET_OK;
}

static bool
loopback_address(const char *address)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, address, &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, address, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* "10.0.0.0/8", "::1" */
static bool
network(const char *text)
{
    char address[64];
    size_t len = strcspn(text, "/");
    struct in6_addr bits;
    unsigned long prefix;
    char *end;
    int family;

    if (len >= sizeof(address))
        return false;
    memcpy(address, text, len);
    address[len] = '\0';
    family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
    if (inet_pton(family, address, &bits) != 1)
        return false;
    if (text[len] == '\0')
        return true;
    if (text[len + 1] < '0' || text[len + 1] > '9')
        return false;
    prefix = strtoul(text + len + 1, &end, 10);
    return *end == '\0' && prefix <= (family == AF_INET6 ? 128u : 32u);
}

static carnet_rc
check_proxies(const carnet_config_listener *l, size_t i, carnet_err *err)
{
    for (size_t k = 0; k < l->trusted_proxies.count; k++)
        if (!network(l->trusted_proxies.list[k]))
            return carnet_config_fault(err, "it is no address, and no network such as 10.0.0.0/8",
                                       "listeners[%zu].trusted_proxies[%zu]", i, k);
    if (l->client_certificate_header != NULL && l->trusted_proxies.count == 0)
        return carnet_config_fault(err, "only a trusted proxy may hand on a client's certificate",
                                   "listeners[%zu].client_certificate_header", i);
    if (l->client_certificate_header != NULL && l->clients == NULL)
        return carnet_config_fault(err, "without `clients` no certificate would be trusted",
                                   "listeners[%zu].client_certificate_header", i);
    return CARNET_OK;
}

static carnet_rc
check_listener(const carnet_config_listener *l, size_t i, carnet_err *err)
{
    struct in6_addr bits;

    if (inet_pton(strchr(l->address, ':') != NULL ? AF_INET6 : AF_INET, l->address, &bits) != 1)
        return carnet_config_fault(err, "it must be numeric, such as 127.0.0.1 or ::", "listeners[%zu].address", i);
    if ((l->chain == NULL) != (l->key == NULL))
        return carnet_config_fault(err, "a certificate chain and its key come together", "listeners[%zu].%s", i,
                                   l->chain != NULL ? "chain" : "key");
    if (l->chain == NULL && l->trusted_proxies.count == 0 && !loopback_address(l->address))
        return carnet_config_fault(err, "without TLS it must be a loopback address, or have trusted_proxies",
                                   "listeners[%zu].address", i);
    if (l->clients != NULL && l->chain == NULL && l->client_certificate_header == NULL)
        return carnet_config_fault(err, "client certificates need TLS", "listeners[%zu].clients", i);
    if ((l->serves & CARNET_SERVES_ADMIN) != 0 && l->clients == NULL &&
        (!loopback_address(l->address) || l->serves != (l->serves & (CARNET_SERVES_ADMIN | CARNET_SERVES_OPERATIONS))))
        return carnet_config_fault(err, "admin needs `clients`, or a loopback listener of its own (beside operations)",
                                   "listeners[%zu].serves", i);
    return check_proxies(l, i, err);
}

static carnet_rc
check_area(const carnet_config *config, size_t i, carnet_err *err)
{
    const carnet_config_area *a = &config->areas[i];
    const char *needs = NULL;

    for (size_t k = 0; k < i; k++)
        if (strcmp(config->areas[k].name, a->name) == 0)
            return carnet_config_fault(err, "another secure area has this name", "areas[%zu].name", i);
    if (a->kind == CARNET_CONFIG_SOFTWARE)
        needs = a->file == NULL ? "file" : a->secret_file == NULL ? "secret_file" : NULL;
    else if (a->kind == CARNET_CONFIG_PKCS11)
        needs = a->module == NULL ? "module" : a->secret_file == NULL ? "secret_file" : NULL;
    else
        needs = a->file == NULL ? "file" : NULL;
    if (needs == NULL)
        return CARNET_OK;
    return carnet_config_fault(err, "a secure area of this kind needs more keys: doc/carnetd.yaml.md", "areas[%zu].%s",
                               i, needs);
}

static carnet_rc
check_key(const carnet_config *config, size_t i, carnet_err *err)
{
    const carnet_config_key *key = &config->keys[i];
    size_t k = 0;

    for (; k < i; k++)
        if (strcmp(config->keys[k].name, key->name) == 0)
            return carnet_config_fault(err, "another key has this name", "keys[%zu].name", i);
    for (k = 0; k < config->area_count; k++)
        if (strcmp(config->areas[k].name, key->area) == 0)
            break;
    if (k == config->area_count)
        return carnet_config_fault(err, "there is no secure area of this name", "keys[%zu].area", i);
    if (key->root != NULL && key->chain == NULL)
        return carnet_config_fault(err, "a root without a chain", "keys[%zu].root", i);
    return CARNET_OK;
}

carnet_rc
carnet_config_check(const carnet_config *config, carnet_err *err)
{
    carnet_rc rc = check_base_url(config, err);

    for (size_t i = 0; rc == CARNET_OK && i < config->listener_count; i++)
        rc = check_listener(&config->listeners[i], i, err);
    for (size_t i = 0; rc == CARNET_OK && i < config->area_count; i++)
        rc = check_area(config, i, err);
    for (size_t i = 0; rc == CARNET_OK && i < config->key_count; i++)
        rc = check_key(config, i, err);
    return rc == CARNET_OK ? carnet_config_check_services(config, err) : rc;
}
