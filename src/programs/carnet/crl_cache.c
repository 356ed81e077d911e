/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists kept from before: a file for each address, in a directory of the user's.  What is read from there is
 * verified like what is fetched. */
#include "crl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LIST_MAX = 1 << 20 };

/** Make a directory and those above it. */
static bool
make_path(const char *path)
{
    char *at = (char *)(uintptr_t)cli_keep(carnet_str_bytes(carnet_str_of(path))).ptr;

    for (char *slash = at + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        (void)mkdir(at, 0700);
        *slash = '/';
    }
    return mkdir(at, 0700) == 0 || errno == EEXIST;
}

static const char *
directory(const crl_options *options)
{
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

    if (options->cache != NULL) {
        return options->cache;
    }
    if (base != NULL && base[0] == '/') {
        return cli_join(base, "carnet/crl");
    }
    return home != NULL && home[0] == '/' ? cli_join(home, ".cache/carnet/crl") : NULL;
}

/** DIRECTORY/SHA-256 of the address in hexadecimal.crl; NULL: nothing is kept. */
static const char *
path_of(const crl_options *options, carnet_crypto *crypto, carnet_str uri)
{
    const char *where = directory(options);
    carnet_span part = carnet_str_bytes(uri);
    uint8_t digest[32];
    char name[72];

    if (where == NULL || carnet_digest(crypto, CARNET_SHA256, &part, 1, digest, NULL) != CARNET_OK) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof digest; i++) {
        snprintf(name + 2 * i, 3, "%02x", digest[i]);
    }
    memcpy(name + 64, ".crl", 5);
    return cli_join(where, name);
}

carnet_span
crl_cache_read(const crl_options *options, carnet_crypto *crypto, carnet_str uri, carnet_time *fetched)
{
    const char *path = path_of(options, crypto, uri);
    carnet_span list = { 0 };
    struct stat st;

    *fetched = 0;
    if (path == NULL || stat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > LIST_MAX ||
        !cli_try_read(path, &list)) {
        return (carnet_span){ 0 };
    }
    *fetched = (carnet_time)st.st_mtime;
    return list;
}

void
crl_cache_write(const crl_options *options, carnet_crypto *crypto, carnet_str uri, carnet_span list)
{
    const char *path = path_of(options, crypto, uri), *where = directory(options);

    /* A list that cannot be kept is of use all the same. */
    if (path == NULL || !make_path(where) || access(where, W_OK) != 0) {
        fprintf(stderr, "carnet: warning: %s: revocation lists cannot be kept there\n",
                where != NULL ? where : "cache");
        return;
    }
    cli_write(path, list, 0600);
}
