/* SPDX-License-Identifier: Apache-2.0 */
#include "init.h"
#include "init_files.h"

#include <string.h>

carnet_rc
carnetd_init_texts(const carnetd_folder *folder, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < CARNET_COUNT(carnetd_init_files); i++)
        rc = carnetd_write(folder, carnetd_init_files[i].name,
                           (carnet_span){ carnetd_init_files[i].begin,
                                          (size_t)(carnetd_init_files[i].end - carnetd_init_files[i].begin) },
                           err);
    return rc;
}
