/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "internal.h"

/* Cells lie in the text or in the room, lines are counted forward, and what is read ends. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t octets[65536];
    carnet_csv_reader reader = { .rest = { (const char *)data, size }, .line = 1 };
    carnet_str cells[8];
    carnet_err err = { 0 };
    size_t count;

    for (;;) {
        carnet_buf room = carnet_buf_of(octets, sizeof(octets));
        size_t left = reader.rest.len, line = reader.line;
        carnet_rc rc = carnet_csv_row(&reader, cells, 8, &count, &room, &err);

        if (rc != CARNET_OK) {
            MUST(rc == CARNET_E_ISSUING_SOURCE && err.rc == rc && err.reason[0] != '\0');
            return 0;
        }
        MUST(reader.line >= line && reader.line <= size + 1 && count <= 8);
        if (count == 0) {
            MUST(left == 0);
            return 0;
        }
        MUST(reader.rest.len < left);
        for (size_t i = 0; i < count; i++) {
            const uint8_t *begin = (const uint8_t *)cells[i].ptr, *end = begin + cells[i].len;
            bool in_text = begin >= data && end <= data + size, in_room = begin >= octets && end <= octets + room.len;

            MUST(in_text || in_room);
        }
    }
}
