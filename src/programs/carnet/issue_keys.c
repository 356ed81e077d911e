/* SPDX-License-Identifier: Apache-2.0 */
/* carnet issue: device keys, one a copy. */
#include "issue.h"

#include "carnet/json.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** Keys found so far. */
typedef struct keys {
    carnet_public_key *list;
    size_t count, cap;
} keys;

static carnet_public_key *
next_key(keys *k)
{
    if (k->count == k->cap) {
        k->cap = k->cap > 0 ? 2 * k->cap : 16;
        k->list = realloc(k->list, k->cap * sizeof *k->list);
        if (k->list == NULL) {
            cli_die_text("memory", strerror(ENOMEM));
        }
    }
    return &k->list[k->count++];
}

const char *
issue_copy_path(const char *directory, size_t copy, const char *ending)
{
    char name[48];

    snprintf(name, sizeof name, "%05zu%s", copy + 1, ending);
    return cli_join(directory, name);
}

static int
no_dot(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/** Each file of a directory, in the order of their names. */
static void
read_directory(const char *path, carnet_crypto *crypto, keys *k)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, no_dot, alphasort);

    if (count < 0) {
        cli_die_text(path, strerror(errno));
    }
    for (int i = 0; i < count; i++) {
        cli_read_public_key(cli_join(path, entries[i]->d_name), crypto, next_key(k));
        free(entries[i]);
    }
    free(entries);
}

/** Several PUBLIC KEY objects; false, and none taken, when the file is not of that kind. */
static bool
read_pem(const char *path, carnet_span file, carnet_crypto *crypto, keys *k)
{
    carnet_str text = { (const char *)file.ptr, file.len }, label;
    carnet_err err = { 0 };

    for (;;) {
        carnet_buf der = cli_buf(1024);

        if (carnet_pem_next(&text, &label, &der, NULL) != CARNET_OK) {
            break;
        }
        if (!carnet_str_is(label, "PUBLIC KEY")) {
            k->count = 0;
            break;
        }
        if (carnet_public_key_from_spki(crypto, carnet_buf_span(&der), next_key(k), &err) != CARNET_OK) {
            cli_die(path, &err);
        }
    }
    return k->count > 0;
}

static void
read_file(const char *path, carnet_crypto *crypto, keys *k)
{
    carnet_span file = cli_read(path);

    if (!read_pem(path, file, crypto, k)) {
        cli_read_public_key(path, crypto, next_key(k));
    }
}

/** Fresh keys, each written before it is used. */
static void
make_keys(const issue_arguments *a, carnet_crypto *crypto, size_t count, keys *k)
{
    carnet_curve curve = a->curve != NULL ? cli_curve(a->curve) : CARNET_CURVE_P256;
    unsigned usage = curve == CARNET_CURVE_ED25519 || curve == CARNET_CURVE_ED448 ? CARNET_KEY_SIGN
                                                                                  : CARNET_KEY_SIGN | CARNET_KEY_AGREE;

    cli_make_directory(a->make_keys, 0700);
    cli_batch_begin();
    for (size_t i = 0; i < count; i++) {
        const char *path = issue_copy_path(a->make_keys, i, ".key");
        carnet_key key = { 0 };
        carnet_err err = { 0 };

        if (access(path, F_OK) == 0) {
            cli_die_text(path, "this file exists, and no key is written over");
        }
        if (carnet_software_key_generate(crypto, curve, usage, &key, &err) != CARNET_OK) {
            cli_die("the device's key", &err);
        }
        cli_write_key(path, &key);
        *next_key(k) = key.public_key;
        carnet_key_done(&key);
        cli_progress("making keys", i + 1, count);
    }
    cli_batch_end(a->make_keys);
}

static bool
is_directory(const char *path)
{
    struct stat st;

    return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

carnet_public_key *
issue_device_keys(const issue_arguments *a, carnet_crypto *crypto, size_t *count)
{
    keys k = { 0 };
    char reason[96];

    if (a->make_keys != NULL) {
        *count = *count > 0 ? *count : 1;
        make_keys(a, crypto, *count, &k);
        return k.list;
    }
    if (is_directory(a->device_key)) {
        read_directory(a->device_key, crypto, &k);
    } else {
        read_file(a->device_key, crypto, &k);
    }
    *count = *count > 0 ? *count : k.count;
    if (k.count != *count) {
        snprintf(reason, sizeof reason, "there are %zu device keys here for %zu copies: each has its own", k.count,
                 *count);
        cli_die_text(a->device_key, reason);
    }
    for (size_t i = 0; i < k.count; i++) {
        for (size_t n = 0; n < i && k.count < 1000; n++) {
            if (carnet_public_key_equal(&k.list[i], &k.list[n])) {
                cli_die_text(a->device_key, "a device key is there twice: each copy has its own");
            }
        }
    }
    return k.list;
}
