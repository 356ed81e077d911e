/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/terminal_code.h"
#include "fuzz.h"

#include <string.h>

#define KEY "0123456789abcdef"

/* What is read can be made again under a key, and is then accepted until it expires; by itself it is not. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static carnet_crypto crypto;
    static bool ready;
    const carnet_str text = { (const char *)data, size };
    const carnet_span key = carnet_span_of(KEY, sizeof(KEY) - 1);
    uint8_t rooms[2][CARNET_TERMINAL_CODE_STORAGE], made[CARNET_TERMINAL_CODE_MAX];
    carnet_buf first = carnet_buf_of(rooms[0], sizeof(rooms[0])), second = carnet_buf_of(rooms[1], sizeof(rooms[1]));
    carnet_buf out = carnet_buf_of(made, sizeof(made));
    carnet_terminal_code code, again;
    carnet_err err = { 0 };

    ready = ready || carnet_crypto_init(&crypto, NULL) == CARNET_OK;
    MUST(ready);
    if (carnet_terminal_code_read(text, &first, &code, &err) != CARNET_OK) {
        MUST(err.offset <= size && code.terminal.len == 0);
        return 0;
    }
    MUST(size <= CARNET_TERMINAL_CODE_MAX);
    MUST(carnet_terminal_code_make(&code, key, &crypto, &out, NULL) == CARNET_OK);
    MUST(carnet_terminal_code_check(carnet_buf_str(&out), key, code.expiry - 1, &crypto, &second, &again, NULL) ==
         CARNET_OK);
    MUST(carnet_str_equal(again.terminal, code.terminal) && carnet_str_equal(again.label, code.label));
    MUST(memcmp(again.session, code.session, sizeof(code.session)) == 0 && again.expiry == code.expiry);
    second.len = 0;
    MUST(carnet_terminal_code_check(carnet_buf_str(&out), key, code.expiry, &crypto, &second, &again, NULL) ==
         CARNET_E_TERMINAL_CODE_EXPIRED);
    return 0;
}
