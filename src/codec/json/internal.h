/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_JSON_INTERNAL_H
#define CARNET_JSON_INTERNAL_H
#include "carnet/json.h"

#include <jansson.h>

/** Read a whole text; NULL: Jansson is to say what is wrong with it. */
json_t *carnet_json_read(carnet_str text);

#endif
