/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a deployment for development, as they are in the source (dist/example/development). */
#ifndef CARNETD_INIT_FILES_H
#define CARNETD_INIT_FILES_H
#include "init_embed.h"

EMBED(configuration, CARNETD_DEVELOPMENT "/carnetd.yaml");
EMBED(people, CARNETD_DEVELOPMENT "/people.csv");
EMBED(portrait, CARNETD_PORTRAIT);

static const struct {
    const char *name;
    const uint8_t *begin, *end;
} carnetd_init_files[] = {
    { "carnetd.yaml", carnetd_configuration_begin, carnetd_configuration_end },
    { "people.csv", carnetd_people_begin, carnetd_people_end },
    { "portrait.jpg", carnetd_portrait_begin, carnetd_portrait_end },
};

#endif
