/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/staging.h"
#include "fuzz.h"

#include <string.h>

typedef carnet_rc both_ways(carnet_str text, carnet_buf *out, carnet_err *err);

/* Read and write; a refusal leaves no document. */
#define BOTH(name)                                                                                                     \
    static carnet_rc name(carnet_str text, carnet_buf *out, carnet_err *err)                                           \
    {                                                                                                                  \
        carnet_##name m;                                                                                               \
        carnet_json *document;                                                                                         \
        carnet_rc rc = carnet_##name##_read(text, &document, &m, err);                                                 \
                                                                                                                       \
        MUST((rc == CARNET_OK) == (document != NULL));                                                                 \
        if (rc == CARNET_OK)                                                                                           \
            MUST(carnet_##name##_write(&m, out, NULL) == CARNET_OK);                                                   \
        carnet_json_free(&document);                                                                                   \
        return rc;                                                                                                     \
    }
BOTH(stage_request)
BOTH(fulfil_request)
BOTH(staged_query)
BOTH(staged_status)
BOTH(collect_request)
BOTH(collect_answer)
BOTH(terminal_evidence)
BOTH(step_up_request)
BOTH(dispensed_report)
BOTH(resolve_request)
BOTH(resolved)

static both_ways *const messages[] = {
    stage_request,     fulfil_request,  staged_query,     staged_status,   collect_request, collect_answer,
    terminal_evidence, step_up_request, dispensed_report, resolve_request, resolved,
};

/* The first octet, from 'A' on, says which message; what was read and written reads again, and is written the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[2][8 * CARNET_STAGING_MAX];
    carnet_buf one = carnet_buf_of(room[0], sizeof(room[0])), two = carnet_buf_of(room[1], sizeof(room[1]));
    const size_t which = size > 0 ? (size_t)(uint8_t)(data[0] - 'A') : CARNET_COUNT(messages);
    carnet_err err = { 0 };

    if (which >= CARNET_COUNT(messages))
        return 0;
    if (messages[which]((carnet_str){ (const char *)data + 1, size - 1 }, &one, &err) != CARNET_OK) {
        MUST(err.rc != CARNET_OK && one.len == 0);
        return 0;
    }
    MUST(messages[which](carnet_buf_str(&one), &two, &err) == CARNET_OK);
    MUST(one.len == two.len && memcmp(one.ptr, two.ptr, one.len) == 0);
    return 0;
}
