/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates, revocation lists and transcripts in files and directories. */
#include "carnet/crl.h"
#include "carnet/session_transcript.h"
#include "cli.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ANCHORS_MAX 4096

size_t
cli_read_certificates(const char *path, carnet_span *certificates, size_t cap)
{
    carnet_span file = cli_read(path);
    carnet_str text = { (const char *)file.ptr, file.len }, label;
    size_t count = 0;
    const char *how;

    while (count < cap) {
        carnet_buf der = cli_buf(file.len + 4);

        if (carnet_pem_next(&text, &label, &der, NULL) != CARNET_OK) {
            break;
        }
        if (carnet_str_is(label, "CERTIFICATE")) {
            certificates[count++] = carnet_buf_span(&der);
        }
    }
    if (count == 0 && cap > 0) {
        certificates[count++] = cli_decode(file, &how);
    }
    return count;
}

/** Put one DER object into the store: a certificate or a revocation list. */
static bool
add_object(carnet_anchor_store *store, carnet_span der, carnet_str doc_type, carnet_err *err)
{
    carnet_rc rc = carnet_anchor_store_add(store, der, doc_type, err);

    if (rc == CARNET_OK || rc == CARNET_E_TRUST_FULL) {
        return rc == CARNET_OK;
    }
    return carnet_anchor_store_add_crl(store, der, NULL) == CARNET_OK;
}

/** Every object of a PEM text; how many were of use.  Text that is damaged, or a revocation list, ends the program: a list
 *  must not be missed in silence.  A certificate that is none of ours is only not trusted. */
static size_t
add_text(carnet_anchor_store *store, const char *path, carnet_span file, carnet_str doc_type)
{
    carnet_str text = { (const char *)file.ptr, file.len }, label;
    carnet_buf der = cli_buf(file.len + 4);
    carnet_err err = { 0 };
    size_t added = 0;

    while (text.len > 0) {
        carnet_rc rc = carnet_pem_next(&text, &label, &der, &err);
        bool ours = carnet_str_is(label, "CERTIFICATE") || carnet_str_is(label, "X509 CRL");

        if (rc == CARNET_OK && ours && add_object(store, cli_keep(carnet_buf_span(&der)), doc_type, &err)) {
            added++;
        } else if (rc == CARNET_OK && carnet_str_is(label, "CERTIFICATE")) {
            (void)cli_complain(path, &err);
        } else if (ours) {
            cli_die(path, &err);
        } else if (rc != CARNET_OK && text.len > 0) { /* a key with headers, say */
            size_t skipped = (size_t)(label.ptr + label.len - text.ptr);

            text = (carnet_str){ text.ptr + skipped, text.len - skipped };
        }
        der.len = 0;
    }
    free(der.ptr);
    return added;
}

/** What goes by such a name in a directory is meant to be read; other files may be anything. */
static bool
is_named_for_it(const char *path)
{
    static const char *const ends[] = { ".crt", ".cer", ".der", ".crl" };
    const char *dot = strrchr(path, '.');
    bool named = false;

    for (size_t i = 0; dot != NULL && i < CARNET_COUNT(ends); i++) {
        named = named || strcmp(dot, ends[i]) == 0;
    }
    return named;
}

static void
add_file(carnet_anchor_store *store, const char *path, carnet_str doc_type, bool demanded)
{
    carnet_span file = cli_read(path);
    carnet_err err = { 0 };
    const char *how;

    if (add_text(store, path, file, doc_type) == 0 && !add_object(store, cli_decode(file, &how), doc_type, &err) &&
        (demanded || is_named_for_it(path))) {
        cli_die(path, &err);
    }
}

static void
add_directory(carnet_anchor_store *store, const char *path, carnet_str doc_type, bool top)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    struct stat st;

    if (directory == NULL) {
        cli_die_text(path, strerror(errno));
    }
    while ((entry = readdir(directory)) != NULL) {
        const char *name = cli_join(path, entry->d_name);

        if (entry->d_name[0] == '.' || stat(name, &st) != 0) {
            continue;
        }
        if (S_ISDIR(st.st_mode) && top) {
            carnet_span kept = cli_keep(carnet_str_bytes(carnet_str_of(entry->d_name)));

            add_directory(store, name, (carnet_str){ (const char *)kept.ptr, kept.len }, false);
        } else if (S_ISREG(st.st_mode)) {
            add_file(store, name, doc_type, false);
        }
    }
    closedir(directory);
}

carnet_anchor_store *
cli_read_trust(const char *path)
{
    carnet_anchor_store *store = cli_alloc(sizeof *store);
    struct stat st;

    carnet_anchor_store_init(store, cli_alloc(ANCHORS_MAX * sizeof(carnet_anchor)), ANCHORS_MAX,
                             cli_alloc(ANCHORS_MAX * sizeof(carnet_span)), ANCHORS_MAX);
    if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        add_directory(store, path, (carnet_str){ 0 }, true);
    } else {
        add_file(store, path, (carnet_str){ 0 }, true);
    }
    return store;
}

carnet_span
cli_read_transcript(const char *path)
{
    carnet_session_transcript view;
    carnet_err err = { 0 };

    if (carnet_session_transcript_open(cli_read_decoded(path), &view, &err) != CARNET_OK) {
        cli_die(path, &err);
    }
    return view.array;
}
