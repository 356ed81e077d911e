/* SPDX-License-Identifier: Apache-2.0 */
/* A specification from a file: refused with a place, or one that messages go through; after a zero, a message for it. */
#include "carnet/iso8583_file.h"
#include "fuzz.h"

#include <string.h>

static void
check_message(const carnet_iso8583_spec *spec, carnet_span octets)
{
    static uint8_t storage[1 << 17];
    static carnet_iso8583_builder b;
    carnet_buf out = carnet_buf_of(storage, sizeof storage);
    carnet_iso8583_message message, again;
    carnet_err err = { 0 };
    carnet_rc rc = carnet_iso8583_parse(spec, octets, &message, &err);

    if (rc != CARNET_OK) {
        MUST(err.offset <= octets.len || err.offset == CARNET_NO_OFFSET);
        return;
    }
    carnet_iso8583_builder_init(&b, spec, message.mti);
    carnet_iso8583_set_header(&b, carnet_span_of(octets.ptr, message.mti_offset));
    carnet_iso8583_set_all(&b, &message);
    rc = carnet_iso8583_build(&b, &out, &err);
    MUST(rc == CARNET_OK || rc == CARNET_E_ISO8583_SIZE);
    if (rc == CARNET_OK) {
        MUST(carnet_iso8583_parse(spec, carnet_buf_span(&out), &again, NULL) == CARNET_OK);
        for (unsigned e = 0; (e = carnet_iso8583_next(&message, e)) != 0;)
            MUST(carnet_iso8583_same(&message, &again, e));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static carnet_iso8583_file file;
    const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
    size_t len = end != NULL ? (size_t)(end - data) : size;
    carnet_err err = { 0 };

    if (carnet_iso8583_file_read((carnet_str){ (const char *)data, len }, &file, &err) != CARNET_OK) {
        MUST(err.rc != CARNET_OK && !file.spec.ready && file.composite_count == 0);
        return 0;
    }
    MUST(file.spec.ready && file.name != NULL);
    MUST(!file.framed || carnet_framing_valid(&file.framing));
    if (end != NULL)
        check_message(&file.spec, carnet_span_of(end + 1, size - len - 1));
    return 0;
}
