/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/trustmark.h"
#include "fuzz.h"

/* What is read is written in its one order, and read again; what is refused is refused within the text, and leaves nothing. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[26 * 36 * 3];
    const carnet_str text = { (const char *)data, size };
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_vector vector, again;
    carnet_err err = { 0 };

    if (carnet_vector_read(text, &vector, &err) != CARNET_OK) {
        MUST(err.offset <= size && carnet_vector_count(&vector) == 0);
        return 0;
    }
    MUST(size == carnet_vector_count(&vector) * (size_t)3 - 1);
    carnet_vector_write(&vector, &out);
    MUST(!out.overflow && out.len == size);
    MUST(carnet_vector_read(carnet_buf_str(&out), &again, NULL) == CARNET_OK && carnet_vector_equal(&vector, &again));
    for (int mark = CARNET_TRUSTMARK_P1940; mark <= CARNET_TRUSTMARK_PROJECT; mark++) {
        const carnet_rc rc = carnet_trustmark_read((carnet_trustmark)mark, text, &again, &err);

        MUST(rc == CARNET_OK || rc == CARNET_E_VECTOR_VALUE || rc == CARNET_E_VECTOR_CONFLICT);
        MUST(rc != CARNET_E_VECTOR_VALUE || err.offset < size);
    }
    return 0;
}
