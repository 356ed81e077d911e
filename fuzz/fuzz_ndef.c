/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/ndef.h"
#include "fuzz.h"

/* Records lie one behind the other; built again they read the same. */
static void
check_records(carnet_span message)
{
    static uint8_t space[1 << 17];
    carnet_ndef_builder b = carnet_ndef_build(space, sizeof(space));
    carnet_ndef_reader r = carnet_ndef_open(message), again;
    carnet_ndef_record record, other;
    const uint8_t *at = message.ptr;
    carnet_err err = { 0 };
    bool reserved = false;
    carnet_span built;
    carnet_rc rc;

    while (carnet_ndef_next(&r, &record)) {
        MUST(record.encoded.ptr == at && fuzz_inside(record.encoded, message));
        MUST(fuzz_inside(record.id, record.encoded) && fuzz_inside(record.payload, record.encoded));
        MUST(fuzz_inside(carnet_str_bytes(record.type), record.encoded));
        at += record.encoded.len;
        reserved = reserved || record.format == CARNET_NDEF_RESERVED;
        carnet_ndef_add(&b, &record);
    }
    rc = carnet_ndef_done(&r, &err);
    if (rc != CARNET_OK) {
        MUST(err.offset <= message.len && err.clause != NULL);
        return;
    }
    MUST(at == message.ptr + message.len);
    rc = carnet_ndef_built(&b, &built, NULL);
    MUST(rc == (reserved ? CARNET_E_USAGE : CARNET_OK));
    if (rc != CARNET_OK)
        return;
    MUST(built.len <= message.len);
    r = carnet_ndef_open(message);
    again = carnet_ndef_open(built);
    while (carnet_ndef_next(&r, &record)) {
        MUST(carnet_ndef_next(&again, &other) && record.format == other.format);
        MUST(carnet_str_equal(record.type, other.type) && carnet_span_equal(record.id, other.id));
        MUST(carnet_span_equal(record.payload, other.payload));
    }
    MUST(carnet_ndef_done(&again, NULL) == CARNET_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_span message = { data, size };
    carnet_ndef_record record;
    bool found;

    if (size > 1 << 16)
        return 0;
    check_records(message);
    if (carnet_ndef_find(message, CARNET_NDEF_EXTERNAL, "iso.org:18013:nfc", &record, &found, NULL) == CARNET_OK)
        MUST(found == (record.encoded.len != 0));
    else
        MUST(!found && record.encoded.ptr == NULL);
    return 0;
}
