/* SPDX-License-Identifier: Apache-2.0 */
/* A line of a journal that is read is written as it was understood; and from any record a terminal goes on without handing out. */
#include "carnet/terminal.h"
#include "fuzz.h"

#include <string.h>

static carnet_iso8583_spec spec;

static carnet_rc
keep(void *self, const carnet_terminal_record *record, carnet_err *err)
{
    (void)self;
    (void)record;
    (void)err;
    return CARNET_OK;
}

static void
resume(const carnet_terminal_record *record, bool known)
{
    static carnet_terminal t;
    const carnet_terminal_config config = { .spec = &spec, .terminal = "ATM00001", .currency = "840", .journal = keep };
    static uint8_t octets[2048];
    carnet_buf out = carnet_buf_of(octets, sizeof(octets));
    carnet_terminal_action action;

    MUST(carnet_terminal_init(&t, &config, record->number, record->stan, NULL) == CARNET_OK);
    MUST(carnet_terminal_resume(&t, record, known, record->amount / 2, 1795226523000, NULL) == CARNET_OK);
    MUST(carnet_terminal_next(&t, 1795226523000, &action, NULL) == CARNET_OK);
    MUST(action.act == CARNET_TERMINAL_WAIT || action.act == CARNET_TERMINAL_SEND ||
         action.act == CARNET_TERMINAL_REPORT);
    if (action.act == CARNET_TERMINAL_SEND)
        (void)!carnet_terminal_message(&t, &out, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t octets[4096], again[4096];
    carnet_buf out = carnet_buf_of(octets, sizeof(octets)), second = carnet_buf_of(again, sizeof(again));
    carnet_terminal_record record, read;
    carnet_iso8583_flavour flavour = carnet_iso8583_flavour_ascii();

    if (!spec.ready)
        MUST(carnet_iso8583_spec_init(&spec, CARNET_ISO8583_1987, &flavour, NULL) == CARNET_OK);
    if (carnet_terminal_record_read((carnet_str){ (const char *)data, size }, &record, NULL) != CARNET_OK)
        return 0;
    MUST(carnet_terminal_record_write(&record, &out, NULL) == CARNET_OK);
    MUST(carnet_terminal_record_read(carnet_buf_str(&out), &read, NULL) == CARNET_OK);
    MUST(carnet_terminal_record_write(&read, &second, NULL) == CARNET_OK);
    MUST(carnet_span_equal(carnet_buf_span(&out), carnet_buf_span(&second)));
    resume(&record, false);
    resume(&record, true);
    return 0;
}
