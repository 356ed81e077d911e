/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates, revocation lists and transcripts in files and directories. */
#include "carnet/crl.h"
#include "carnet/session_transcript.h"
#include "cli.h"

#include <dirent.h>
#include <errno.h>
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

static void
add_file(carnet_anchor_store *store, const char *path, carnet_str doc_type, bool demanded)
{
    carnet_span file = cli_read(path);
    carnet_str text = { (const char *)file.ptr, file.len }, label;
    carnet_err err = { 0 };
    size_t added = 0;
    const char *how;

    for (;;) {
        carnet_buf der = cli_buf(file.len + 4);

        if (carnet_pem_next(&text, &label, &der, NULL) != CARNET_OK) {
            break;
        }
        if (!carnet_str_is(label, "CERTIFICATE") && !carnet_str_is(label, "X509 CRL")) {
            continue;
        }
        if (!add_object(store, carnet_buf_span(&der), doc_type, &err)) {
            cli_die(path, &err);
        }
        added++;
    }
    if (added == 0 && !add_object(store, cli_decode(file, &how), doc_type, &err) && demanded) {
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
