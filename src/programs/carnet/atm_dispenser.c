/* SPDX-License-Identifier: Apache-2.0 */
/* carnet atm: a dispenser that is none.  A file stands for its cassettes; what it did last it writes down as hardware does: that
 * it begins, and what came out. */
#include "atm.h"

#include "carnet/json_build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const carnet_json_rule rules[] = {
    { "cassettes", CARNET_JSON_ARRAY, true }, { "fault", CARNET_JSON_STRING, false },
    { "began", CARNET_JSON_INTEGER, false },  { "done", CARNET_JSON_INTEGER, false },
    { "out", CARNET_JSON_INTEGER, false },    { "expected", CARNET_JSON_INTEGER, false },
};

static uint64_t
number_of(const carnet_json *object, const char *name)
{
    const int64_t value = carnet_json_integer(carnet_json_get(object, name));

    return value > 0 ? (uint64_t)value : 0;
}

static bool
read_cassettes(atm_dispenser *d, const carnet_json *list)
{
    d->cassettes = carnet_json_count(list);
    if (d->cassettes == 0 || d->cassettes > ATM_CASSETTES) {
        return false;
    }
    for (size_t i = 0; i < d->cassettes; i++) {
        const carnet_json *one = carnet_json_at(list, i);

        d->cassette[i].note = number_of(one, "note");
        d->cassette[i].count = number_of(one, "count");
        if (d->cassette[i].note == 0 || d->cassette[i].note > 100000000 || d->cassette[i].count > 100000) {
            return false;
        }
    }
    return true;
}

void
atm_dispenser_open(atm_dispenser *d, const char *path)
{
    const carnet_span text = cli_read(path);
    carnet_json *document = NULL;
    carnet_err err = { 0 };
    carnet_str fault;

    *d = (atm_dispenser){ .path = path };
    if (carnet_json_parse((carnet_str){ (const char *)text.ptr, text.len }, &document, &err) != CARNET_OK ||
        carnet_json_check(document, rules, CARNET_COUNT(rules), CARNET_E_USAGE, NULL, &err) != CARNET_OK) {
        cli_die(path, &err);
    }
    fault = carnet_json_string(carnet_json_get(document, "fault"));
    if (!read_cassettes(d, carnet_json_get(document, "cassettes")) || fault.len >= sizeof d->fault) {
        cli_die_text(path, "cassettes have notes of a value in minor units, and a count");
    }
    memcpy(d->fault, fault.len > 0 ? fault.ptr : "", fault.len);
    d->began = number_of(document, "began");
    d->done = number_of(document, "done");
    d->out = number_of(document, "out");
    d->expected = number_of(document, "expected");
    carnet_json_free(&document);
}

/** Replace a file; it is on the disk when this returns. */
static carnet_rc
replace(const char *path, carnet_span text, carnet_err *err)
{
    carnet_buf name = cli_buf(strlen(path) + 8);
    int fd;
    bool good;

    carnet_buf_add_text(&name, path);
    carnet_buf_add(&name, carnet_span_of(".new", 5));
    fd = open((const char *)name.ptr, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    good = fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    if (fd >= 0) {
        good = close(fd) == 0 && good;
    }
    good = good && rename((const char *)name.ptr, path) == 0;
    free(name.ptr);
    return good ? CARNET_OK : carnet_fail(err, CARNET_E_LINK_IO, NULL, strerror(errno));
}

static carnet_rc
save(const atm_dispenser *d, carnet_err *err)
{
    uint8_t room[2048];
    carnet_buf out = carnet_buf_of(room, sizeof room);
    carnet_json_builder b = carnet_json_build(&out);
    carnet_rc rc;

    carnet_json_object_begin(&b, NULL);
    carnet_json_array_begin(&b, "cassettes");
    for (size_t i = 0; i < d->cassettes; i++) {
        carnet_json_object_begin(&b, NULL);
        carnet_json_add_integer(&b, "note", (int64_t)d->cassette[i].note);
        carnet_json_add_integer(&b, "count", (int64_t)d->cassette[i].count);
        carnet_json_object_end(&b);
    }
    carnet_json_array_end(&b);
    carnet_json_add_text(&b, "fault", d->fault);
    carnet_json_add_integer(&b, "began", (int64_t)d->began);
    carnet_json_add_integer(&b, "done", (int64_t)d->done);
    carnet_json_add_integer(&b, "out", (int64_t)d->out);
    carnet_json_add_integer(&b, "expected", (int64_t)d->expected);
    carnet_json_object_end(&b);
    carnet_buf_add_byte(&out, '\n');
    rc = carnet_json_built(&b, err);
    return rc == CARNET_OK ? replace(d->path, carnet_buf_span(&out), err) : rc;
}

/** Which notes: the greatest first, and where that leaves a rest, one less of it. */
static bool
choose(const atm_dispenser *d, size_t from, uint64_t amount, uint64_t take[ATM_CASSETTES])
{
    uint64_t most;

    if (amount == 0 || from == d->cassettes) {
        return amount == 0;
    }
    most = amount / d->cassette[from].note;
    if (most > d->cassette[from].count) {
        most = d->cassette[from].count;
    }
    for (uint64_t less = 0; less <= most && less < 8; less++) {
        take[from] = most - less;
        if (choose(d, from + 1, amount - take[from] * d->cassette[from].note, take)) {
            return true;
        }
    }
    take[from] = 0;
    return false;
}

bool
atm_dispenser_can(const atm_dispenser *d, uint64_t amount)
{
    uint64_t take[ATM_CASSETTES] = { 0 };

    return choose(d, 0, amount, take);
}

/** "jam:3": how many notes come out before it stops. */
static uint64_t
notes_before(const atm_dispenser *d, const char *fault)
{
    const size_t len = strlen(fault);

    if (strncmp(d->fault, fault, len) != 0 || d->fault[len] != ':') {
        return UINT64_MAX;
    }
    return cli_number(d->fault + len + 1, 100000, "number of notes");
}

static uint64_t
move_notes(atm_dispenser *d, const uint64_t take[ATM_CASSETTES], uint64_t most)
{
    uint64_t out = 0;

    for (size_t i = 0; i < d->cassettes; i++) {
        for (uint64_t n = 0; n < take[i] && most > 0; n++, most--) {
            d->cassette[i].count--;
            out += d->cassette[i].note;
        }
    }
    return out;
}

carnet_rc
atm_dispenser_hand_out(atm_dispenser *d, uint64_t number, uint64_t amount, bool *known, uint64_t *out, carnet_err *err)
{
    const uint64_t jam = notes_before(d, "jam"), unsure = notes_before(d, "unsure");
    uint64_t take[ATM_CASSETTES] = { 0 };
    carnet_rc rc;

    *known = true;
    *out = 0;
    if (!choose(d, 0, amount, take)) {
        memset(take, 0, sizeof take); /* it has no notes for it: nothing comes out */
    }
    d->began = number;
    d->expected = amount;
    if ((rc = save(d, err)) != CARNET_OK) {
        return rc; /* nothing has moved */
    }
    *out = move_notes(d, take, jam < unsure ? jam : unsure);
    *known = unsure == UINT64_MAX;
    if (*known) {
        d->done = number;
        d->out = *out;
    }
    if (save(d, err) != CARNET_OK) {
        *known = false;
    }
    return CARNET_OK;
}

void
atm_dispenser_recall(const atm_dispenser *d, uint64_t number, bool *known, uint64_t *out)
{
    const bool done = d->done == number;

    *known = done || d->began != number; /* never begun: nothing came out */
    *out = done ? d->out : 0;
}
