/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/sealed_area.h"
#include "fuzz.h"

#include <string.h>

/* A file that stands in memory and takes no change. */
static carnet_rc
read_input(void *self, carnet_buf *out, carnet_err *err)
{
    (void)err;
    carnet_buf_add(out, *(const carnet_span *)self);
    return CARNET_OK;
}

static bool
within(carnet_span part, carnet_span whole)
{
    return part.ptr >= whole.ptr && part.len <= whole.len && part.ptr - whole.ptr <= (ptrdiff_t)(whole.len - part.len);
}

/* The digest that whoever changed the file on purpose would put under it. */
static carnet_span
with_digest(carnet_crypto *crypto, carnet_span file, uint8_t *copy)
{
    carnet_span before = carnet_span_of(copy, file.len - 34);

    memcpy(copy, file.ptr, file.len);
    copy[file.len - 34] = 0x58;
    copy[file.len - 33] = 32;
    MUST(carnet_digest(crypto, CARNET_SHA256, &before, 1, copy + file.len - 32, NULL) == CARNET_OK);
    return carnet_span_of(copy, file.len);
}

/* Cheap enough to be tried: with the passphrase of the seeds, all the way to the keys. */
static void
open_area(carnet_crypto *crypto, carnet_span file)
{
    static uint8_t memory[1 << 16];
    carnet_area_storage storage = { read_input, NULL, &file };
    carnet_key_description keys[8];
    carnet_sealed_area state;
    carnet_secure_area area;
    size_t found = 0;
    carnet_rc rc = carnet_sealed_area_open(&state, crypto, &storage, carnet_span_of("seed", 4),
                                           carnet_buf_of(memory, sizeof(memory)), &area, NULL);

    MUST(rc != CARNET_E_CRYPTO_TAG);
    if (rc == CARNET_OK)
        MUST(carnet_secure_area_list(&area, 0, keys, 8, &found, NULL) == CARNET_OK);
    for (size_t i = 0; i < found; i++) {
        carnet_key key;

        rc = carnet_secure_area_open(&area, &keys[i].identifier, &key, NULL);
        if (rc == CARNET_OK)
            MUST(key.usage != 0);
        carnet_key_done(&key);
    }
    carnet_secure_area_done(&area);
    MUST(state.key.len == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static carnet_crypto crypto;
    static bool ready;
    static uint8_t copy[4096];
    carnet_span file = carnet_span_of(data, size);
    carnet_sealed_file view;
    carnet_rc rc;

    if (!ready)
        MUST(carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    ready = true;
    if (size >= 34 && size <= sizeof(copy))
        file = with_digest(&crypto, file, copy);
    rc = carnet_sealed_file_open(&crypto, file, &view, NULL);
    if (rc != CARNET_OK) {
        MUST(view.ciphertext.ptr == NULL && view.cost.memory_kib == 0);
        return 0;
    }
    MUST(within(view.header, file) && within(view.ciphertext, file) && within(view.salt, view.header));
    MUST(view.cost.memory_kib <= CARNET_SEALED_MEMORY_MAX && view.cost.passes >= 1);
    MUST((uint64_t)view.cost.memory_kib * view.cost.passes <= CARNET_SEALED_WORK_MAX);
    if ((uint64_t)view.cost.memory_kib * view.cost.passes <= 64)
        open_area(&crypto, file);
    return 0;
}
