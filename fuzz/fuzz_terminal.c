/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the switch answers: money goes out only for an approval of what was asked for, and what is none of the answers waited for
 * changes nothing. */
#include "booth.h"
#include "fuzz.h"

#include <string.h>

static booth b;

static void
open_once(void)
{
    static bool opened;

    if (!opened)
        MUST(booth_open(&b));
    opened = true;
}

/* Up to where an 0210 (0), 0430 (1) or 0230 (2) is waited for. */
static void
begin(carnet_iso8583_version version, unsigned where)
{
    static const uint8_t session[CARNET_STAGING_SESSION] = { 1 };
    const booth_script script = { .pos = where == 2, .dual = where == 2 };
    carnet_collect_answer fulfilled;
    carnet_terminal_action action;

    booth_begin(&b, version, &script, BOOTH_NEVER);
    MUST(carnet_terminal_begin(&b.t, session, b.now, NULL) == CARNET_OK);
    MUST(carnet_terminal_next(&b.t, b.now, &action, NULL) == CARNET_OK);
    fulfilled = booth_fulfilled(&b, BANK_VECTOR);
    MUST(carnet_terminal_collected(&b.t, &fulfilled, b.now, NULL) == CARNET_OK);
    MUST(carnet_terminal_next(&b.t, b.now, &action, NULL) == CARNET_OK && action.act == CARNET_TERMINAL_SEND);
    carnet_terminal_sent(&b.t, true, b.now);
    if (where == 0)
        return;
    b.t.record.phase = CARNET_TERMINAL_DISPENSING;
    MUST(carnet_terminal_dispensed(&b.t, true, 8000, b.now, NULL) == CARNET_OK);
    MUST(carnet_terminal_next(&b.t, b.now, &action, NULL) == CARNET_OK && action.act == CARNET_TERMINAL_SEND);
    carnet_terminal_sent(&b.t, true, b.now);
}

static void
check(const carnet_iso8583_message *m, const carnet_terminal_record *before, carnet_rc rc)
{
    const carnet_terminal_record *r = &b.t.record;

    if (rc != CARNET_OK) {
        MUST(rc == CARNET_E_TERMINAL_ANSWER && memcmp(before, r, sizeof(*r)) == 0);
        return;
    }
    MUST(carnet_mti_answers(m->mti));
    MUST(r->amount == before->amount && r->dispensed == before->dispensed);
    if (r->phase == CARNET_TERMINAL_DISPENSING)
        MUST(before->phase == CARNET_TERMINAL_AUTHORISING && strspn(r->response, "0") == strlen(r->response) &&
             r->response[0] == '0');
    if (r->phase == CARNET_TERMINAL_STEPPING_UP)
        MUST(b.t.vtr_count > 0 && b.t.vtr_count <= CARNET_STAGING_VTR && r->stepped_up);
}

/* And it comes to an end: nothing is left that would keep the next user out for ever. */
static void
end(void)
{
    carnet_terminal_action action;
    carnet_rc rc = CARNET_OK;

    for (int i = 0; i < 6 && rc == CARNET_OK; i++) {
        rc = carnet_terminal_next(&b.t, b.now, &action, NULL);
        b.now = action.act == CARNET_TERMINAL_WAIT && action.until != INT64_MAX ? action.until : b.now + 1;
        if (action.act == CARNET_TERMINAL_DISPENSE)
            MUST(action.amount == b.t.record.amount);
    }
    MUST(rc == CARNET_OK);
}

/* The first octet says which version and where it stands; the rest is the message. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static carnet_iso8583_message m;
    carnet_terminal_record before;
    carnet_rc rc;

    if (size == 0)
        return 0;
    open_once();
    begin((carnet_iso8583_version)(data[0] % 3), data[0] / 3 % 3);
    if (carnet_iso8583_parse(b.config.spec, (carnet_span){ data + 1, size - 1 }, &m, NULL) != CARNET_OK)
        return 0;
    before = b.t.record;
    rc = carnet_terminal_received(&b.t, &m, b.now, NULL);
    check(&m, &before, rc);
    end();
    return 0;
}
