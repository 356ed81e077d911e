/* SPDX-License-Identifier: Apache-2.0 */
/* Comma-separated values (RFC 4180), a row at a time; line ends may be LF too. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

static carnet_rc
refuse(const carnet_csv_reader *reader, const char *reason, carnet_err *err)
{
    carnet_path line = { .index = reader->line };

    return carnet_fail_at(err, CARNET_E_ISSUING_SOURCE, "RFC 4180 2", reason, CARNET_NO_OFFSET, &line);
}

static void
step(carnet_csv_reader *reader, size_t count)
{
    reader->rest.ptr += count;
    reader->rest.len -= count;
}

/* The inside of quotes; two quotes stand for one. */
static carnet_rc
quoted(carnet_csv_reader *reader, carnet_str *cell, carnet_buf *room, carnet_err *err)
{
    size_t start = room->len, i, lines = 0;
    const char *text = reader->rest.ptr;

    for (i = 1; i < reader->rest.len; i++) {
        lines += text[i] == '\n';
        if (text[i] == '"' && (i + 1 == reader->rest.len || text[i + 1] != '"'))
            break;
        i += text[i] == '"';
        carnet_buf_add_byte(room, (uint8_t)text[i]);
    }
    if (i >= reader->rest.len)
        return refuse(reader, "a quotation mark is never closed", err);
    if (room->overflow || room->len - start > CARNET_SOURCE_CELL_MAX)
        return refuse(reader, "a cell is too long", err);
    *cell = (carnet_str){ (const char *)room->ptr + start, room->len - start };
    reader->line += lines;
    step(reader, i + 1);
    return CARNET_OK;
}

static carnet_rc
plain(carnet_csv_reader *reader, carnet_str *cell, carnet_err *err)
{
    const char *text = reader->rest.ptr;
    size_t i;

    for (i = 0; i < reader->rest.len && text[i] != ',' && text[i] != '\n' && text[i] != '\r'; i++)
        if (text[i] == '"')
            return refuse(reader, "a quotation mark within a cell that does not begin with one", err);
    if (i > CARNET_SOURCE_CELL_MAX)
        return refuse(reader, "a cell is too long", err);
    *cell = (carnet_str){ text, i };
    step(reader, i);
    return CARNET_OK;
}

/* What stands behind a cell: *more says that another one follows in the row. */
static carnet_rc
separator(carnet_csv_reader *reader, bool *more, carnet_err *err)
{
    carnet_str rest = reader->rest;

    *more = false;
    if (rest.len == 0)
        return CARNET_OK;
    if (rest.ptr[0] == ',') {
        *more = true;
        step(reader, 1);
        return CARNET_OK;
    }
    if (rest.ptr[0] == '\r' && rest.len > 1 && rest.ptr[1] == '\n')
        step(reader, 2);
    else if (rest.ptr[0] == '\n')
        step(reader, 1);
    else
        return refuse(reader, "something stands between a cell and the next comma", err);
    reader->line++;
    return CARNET_OK;
}

carnet_rc
carnet_csv_row(carnet_csv_reader *reader, carnet_str *cells, size_t cap, size_t *count, carnet_buf *room,
               carnet_err *err)
{
    bool more = reader->rest.len != 0;
    carnet_rc rc = CARNET_OK;

    *count = 0;
    while (more) {
        if (*count == cap)
            return refuse(reader, "there are more cells than columns, or too many columns", err);
        if (reader->rest.len != 0 && reader->rest.ptr[0] == '"')
            rc = quoted(reader, &cells[*count], room, err);
        else
            rc = plain(reader, &cells[*count], err);
        if (rc == CARNET_OK)
            rc = separator(reader, &more, err);
        if (rc != CARNET_OK)
            return rc;
        ++*count;
    }
    return CARNET_OK;
}
