/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <string.h>

void
carnet_text_copy(char *out, size_t cap, const char *text)
{
    size_t len = text != NULL ? strlen(text) : 0;

    if (cap == 0)
        return;
    if (len >= cap) {
        len = cap - 1;
        while (len > 0 && ((uint8_t)text[len] & 0xc0) == 0x80)
            len--;
    }
    if (len > 0)
        memcpy(out, text, len);
    out[len] = '\0';
}

/* Text written from the end of a buffer towards its front.  What does not fit is cut away. */
typedef struct tail {
    char *out;
    size_t at; /* what has been written begins here */
    bool cut;
} tail;

static void
tail_byte(tail *t, char byte)
{
    if (t->at == 0)
        t->cut = true;
    else
        t->out[--t->at] = byte;
}

static void
tail_text(tail *t, const char *text, size_t len)
{
    while (len > 0 && !t->cut) {
        char c = text[--len];
        tail_byte(t, c >= ' ' && c <= '~' ? c : '?');
    }
}

static tail
tail_open(char *out, size_t cap)
{
    out[cap - 1] = '\0';
    return (tail){ out, cap - 1, false };
}

/* Move what was written to the front of its buffer of `cap` bytes; its length. */
static size_t
tail_close(tail *t, size_t cap)
{
    size_t len = cap - 1 - t->at;

    if (t->cut)
        memset(t->out, '.', len < 3 ? len : 3);
    else if (t->at > 0)
        memmove(t->out, t->out + t->at, len + 1);
    return len;
}

void
carnet_text_copy_tail(char *out, size_t cap, const char *text)
{
    tail t;

    if (cap == 0)
        return;
    t = tail_open(out, cap);
    tail_text(&t, text, text != NULL ? strlen(text) : 0);
    tail_close(&t, cap);
}

static void
tail_number(tail *t, uint64_t value, bool negative)
{
    /* -1 - (2^64 - 1) is the one number whose size does not fit. */
    if (negative && value == UINT64_MAX) {
        tail_text(t, "-18446744073709551616", 21);
        return;
    }
    value += negative;
    do {
        tail_byte(t, (char)('0' + value % 10));
        value /= 10;
    } while (value > 0);
    if (negative)
        tail_byte(t, '-');
}

/* Names made of letters, digits and underscores, not led by a digit, are written without quotes. */
static bool
is_plain(carnet_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

        if (!letter && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return true;
}

static void
tail_step(tail *t, const carnet_path *step)
{
    if (step->name.len == 0) {
        tail_byte(t, step->integer_key ? '}' : ']');
        tail_number(t, step->index, step->integer_key && step->negative);
        tail_byte(t, step->integer_key ? '{' : '[');
    } else if (is_plain(step->name)) {
        tail_text(t, step->name.ptr, step->name.len);
        if (step->up != NULL)
            tail_byte(t, '.');
    } else {
        tail_text(t, "\"]", 2);
        tail_text(t, step->name.ptr, step->name.len);
        tail_text(t, "[\"", 2);
    }
}

size_t
carnet_path_text(const carnet_path *path, char *out, size_t cap)
{
    tail t;

    if (cap == 0)
        return 0;
    if (path == NULL) {
        out[0] = '\0';
        return 0;
    }
    t = tail_open(out, cap);
    for (; path != NULL && !t.cut; path = path->up)
        tail_step(&t, path);
    return tail_close(&t, cap);
}

carnet_rc
carnet_fail(carnet_err *err, carnet_rc rc, const char *clause, const char *reason)
{
    return carnet_fail_at(err, rc, clause, reason, CARNET_NO_OFFSET, NULL);
}

carnet_rc
carnet_fail_at(carnet_err *err, carnet_rc rc, const char *clause, const char *reason, size_t offset,
               const carnet_path *path)
{
    if (err == NULL)
        return rc;
    err->rc = rc;
    err->offset = offset;
    err->clause = clause;
    carnet_path_text(path, err->path, sizeof(err->path));
    carnet_text_copy(err->reason, sizeof(err->reason), reason);
    return rc;
}

void
carnet_err_within(carnet_err *err, const char *outer)
{
    char whole[sizeof(err->path)];
    char first;
    tail t;

    if (err == NULL || outer == NULL || outer[0] == '\0')
        return;
    first = err->path[0];
    t = tail_open(whole, sizeof(whole));
    tail_text(&t, err->path, strlen(err->path));
    if (first != '\0' && first != '[' && first != '{')
        tail_byte(&t, '.');
    tail_text(&t, outer, strlen(outer));
    tail_close(&t, sizeof(whole));
    memcpy(err->path, whole, sizeof(whole));
}
