/* SPDX-License-Identifier: Apache-2.0 */
#include "init.h"
#include "init_files.h"

#include <string.h>

/* The file with the ports it names, 8080 and 8081, made the ones that are wanted. */
static void
with_ports(carnet_span text, unsigned port, carnet_buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        bool found =
            i + 4 <= text.len && (memcmp(text.ptr + i, "8080", 4) == 0 || memcmp(text.ptr + i, "8081", 4) == 0);

        if (!found) {
            carnet_buf_add_byte(out, text.ptr[i]);
            continue;
        }
        carnet_buf_add_uint(out, port + (text.ptr[i + 3] == '1'));
        i += 3;
    }
}

carnet_rc
carnetd_init_texts(const carnetd_folder *folder, carnet_err *err)
{
    static uint8_t room[16384];
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < CARNET_COUNT(carnetd_init_files); i++) {
        carnet_span file = { carnetd_init_files[i].begin,
                             (size_t)(carnetd_init_files[i].end - carnetd_init_files[i].begin) };
        carnet_buf out = carnet_buf_of(room, sizeof(room));

        if (i == 0) { /* the configuration */
            with_ports(file, folder->port, &out);
            file = carnet_buf_span(&out);
        }
        rc = out.overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL)
                          : carnetd_write(folder, carnetd_init_files[i].name, file, err);
    }
    return rc;
}
