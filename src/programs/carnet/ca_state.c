/* SPDX-License-Identifier: Apache-2.0 */
/* carnet ca: an authority's directory. */
#include "ca.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

const char *
ca_path(const char *path, const char *ending)
{
    size_t len = strlen(path) + strlen(ending) + 1;
    char *whole = cli_alloc(len);

    snprintf(whole, len, "%s%s", path, ending);
    return whole;
}

carnet_str
ca_hex(carnet_span bytes)
{
    carnet_buf text = cli_buf(2 * bytes.len + 1);

    carnet_buf_add_hex(&text, bytes);
    return carnet_buf_str(&text);
}

void
ca_lock(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || flock(fd, LOCK_EX) != 0) {
        cli_die_text(directory, strerror(errno));
    }
}

void
ca_refuse_existing(const char *path, bool force)
{
    if (!force && access(path, F_OK) == 0) {
        cli_die_text(path, "this file exists; --force writes over it");
    }
}

/** Take a line from the text, without its end; false when none is left. */
static bool
next_line(carnet_str *text, carnet_str *line)
{
    const char *end;

    if (text->len == 0) {
        return false;
    }
    end = memchr(text->ptr, '\n', text->len);
    line->ptr = text->ptr;
    line->len = end != NULL ? (size_t)(end - text->ptr) : text->len;
    text->ptr += line->len + (end != NULL);
    text->len -= line->len + (end != NULL);
    return true;
}

/** Take a word up to a space. */
static carnet_str
next_word(carnet_str *line)
{
    const char *end = memchr(line->ptr, ' ', line->len);
    carnet_str word = { line->ptr, end != NULL ? (size_t)(end - line->ptr) : line->len };

    line->ptr += word.len + (end != NULL);
    line->len -= word.len + (end != NULL);
    return word;
}

/** A file's text; empty when there is no such file. */
static carnet_str
read_lines(const char *path)
{
    carnet_span file = { 0 };

    if (!cli_try_read(path, &file) && errno != ENOENT) {
        cli_die_text(path, strerror(errno));
    }
    return (carnet_str){ (const char *)file.ptr, file.len };
}

static void
read_state(ca_authority *ca)
{
    const char *path = cli_join(ca->directory, "state");
    carnet_span file = cli_read(path);
    carnet_str text = { (const char *)file.ptr, file.len }, line;
    bool kind = false;

    while (next_line(&text, &line)) {
        carnet_str word = next_word(&line);

        if (carnet_str_is(word, "kind")) {
            ca->reader = carnet_str_is(line, "reader");
            kind = ca->reader || carnet_str_is(line, "iaca");
        } else if (carnet_str_is(word, "crl-uri")) {
            ca->crl_uri = (const char *)cli_keep(carnet_str_bytes(line)).ptr;
        } else if (carnet_str_is(word, "crl-number")) {
            ca->crl_number = strtoull((const char *)cli_keep(carnet_str_bytes(line)).ptr, NULL, 10);
        }
    }
    if (!kind) {
        cli_die_text(path, "this is not the state of an authority");
    }
}

void
ca_open(const char *directory, carnet_crypto *crypto, ca_authority *ca)
{
    const char *path = cli_join(directory, "ca.pem");
    carnet_err err = { 0 };
    carnet_span der;

    *ca = (ca_authority){ .directory = directory };
    ca_lock(directory);
    read_state(ca);
    cli_read_certificates(path, &der, 1);
    if (carnet_certificate_open(der, &ca->certificate, &err) != CARNET_OK) {
        cli_die(path, &err);
    }
    cli_read_key(cli_join(directory, "ca.key"), crypto, CARNET_KEY_SIGN, &ca->key);
}

void
ca_write_state(const ca_authority *ca)
{
    size_t uri = ca->crl_uri != NULL ? strlen(ca->crl_uri) : 0;
    carnet_buf text = cli_buf(uri + 128);

    carnet_buf_add_text(&text, ca->reader ? "kind reader\n" : "kind iaca\n");
    if (uri > 0) {
        carnet_buf_add_text(&text, "crl-uri ");
        carnet_buf_add_text(&text, ca->crl_uri);
        carnet_buf_add_text(&text, "\n");
    }
    carnet_buf_add_text(&text, "crl-number ");
    carnet_buf_add_uint(&text, ca->crl_number);
    carnet_buf_add_text(&text, "\n");
    cli_write(cli_join(ca->directory, "state"), carnet_buf_span(&text), 0644);
}

void
ca_note_issued(const ca_authority *ca, const carnet_certificate *certificate, const char *kind)
{
    const char *path = cli_join(ca->directory, "issued");
    carnet_str before = read_lines(path);
    carnet_buf text = cli_buf(before.len + 2 * certificate->subject.len + 256);
    char until[CARNET_TIME_TEXT_MAX];

    carnet_time_text(certificate->not_after, until);
    carnet_buf_add_str(&text, before);
    carnet_buf_add_hex(&text, certificate->serial);
    carnet_buf_add_text(&text, " ");
    carnet_buf_add_text(&text, until);
    carnet_buf_add_text(&text, " ");
    carnet_buf_add_text(&text, kind);
    carnet_buf_add_text(&text, " ");
    carnet_name_text(certificate->subject, &text);
    carnet_buf_add_text(&text, "\n");
    cli_write(path, carnet_buf_span(&text), 0644);
}

bool
ca_has_issued(const ca_authority *ca, carnet_str serial)
{
    carnet_str text = read_lines(cli_join(ca->directory, "issued")), line;

    while (next_line(&text, &line)) {
        if (carnet_str_equal(next_word(&line), serial)) {
            return true;
        }
    }
    return false;
}

size_t
ca_read_revoked(const ca_authority *ca, ca_revocation *list, size_t cap)
{
    const char *path = cli_join(ca->directory, "revoked");
    carnet_str text = read_lines(path), line;
    size_t count = 0;

    while (next_line(&text, &line)) {
        carnet_str hex = next_word(&line);
        carnet_buf serial = cli_buf(hex.len);

        if (count == cap || carnet_hex_decode(hex, &serial, NULL) != CARNET_OK || serial.len == 0 ||
            carnet_time_parse(line, &list[count].at, NULL, NULL) != CARNET_OK) {
            cli_die_text(path, count == cap ? "too many certificates were revoked" : "a line is not SERIAL TIME");
        }
        list[count++].serial = carnet_buf_span(&serial);
    }
    return count;
}

void
ca_write_revoked(const ca_authority *ca, const ca_revocation *list, size_t count)
{
    carnet_buf text = cli_buf(count * 128 + 1);

    for (size_t i = 0; i < count; i++) {
        char at[CARNET_TIME_TEXT_MAX];

        carnet_time_text(list[i].at, at);
        carnet_buf_add_hex(&text, list[i].serial);
        carnet_buf_add_text(&text, " ");
        carnet_buf_add_text(&text, at);
        carnet_buf_add_text(&text, "\n");
    }
    cli_write(cli_join(ca->directory, "revoked"), carnet_buf_span(&text), 0644);
}
