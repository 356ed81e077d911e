/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <stdio.h>
#include <string.h>

typedef struct walk {
    carnet_config_text_visitor *visit;
    void *self;
    carnet_err *err;
    char path[CARNET_CONFIG_PATH];
} walk;

static carnet_rc walk_value(walk *w, const cyaml_schema_value_t *schema, uint8_t *at, size_t count);

static carnet_rc
walk_mapping(walk *w, const cyaml_schema_field_t *fields, uint8_t *data)
{
    size_t len = strlen(w->path);
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && fields[i].key != NULL; i++) {
        size_t count = 0;

        if (fields[i].value.type == CYAML_SEQUENCE)
            memcpy(&count, data + fields[i].count_offset, sizeof(count));
        (void)snprintf(w->path + len, sizeof(w->path) - len, "%s%s", len > 0 ? "." : "", fields[i].key);
        rc = walk_value(w, &fields[i].value, data + fields[i].data_offset, count);
        w->path[len] = '\0';
    }
    return rc;
}

static carnet_rc
walk_sequence(walk *w, const cyaml_schema_value_t *entry, uint8_t *data, size_t count)
{
    size_t len = strlen(w->path);
    size_t step = (entry->flags & CYAML_FLAG_POINTER) != 0 ? sizeof(void *) : entry->data_size;
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < count; i++) {
        (void)snprintf(w->path + len, sizeof(w->path) - len, "[%zu]", i);
        rc = walk_value(w, entry, data + i * step, 0);
        w->path[len] = '\0';
    }
    return rc;
}

/* `at`: where the value is, or the pointer to it.  As deep as the schema, which has no circle. */
static carnet_rc
walk_value(walk *w, const cyaml_schema_value_t *schema, uint8_t *at, size_t count)
{
    uint8_t *data = at;

    if ((schema->flags & CYAML_FLAG_POINTER) != 0)
        memcpy(&data, at, sizeof(data));
    if (data == NULL)
        return CARNET_OK;
    switch (schema->type) {
    case CYAML_MAPPING:
        return walk_mapping(w, schema->mapping.fields, data);
    case CYAML_SEQUENCE:
        return walk_sequence(w, schema->sequence.entry, data, count);
    case CYAML_STRING:
        return w->visit(w->self, w->path, (char **)(void *)at, w->err);
    default:
        return CARNET_OK;
    }
}

carnet_rc
carnet_config_walk_texts(carnet_config *config, carnet_config_text_visitor *visit, void *self, carnet_err *err)
{
    walk w = { .visit = visit, .self = self, .err = err };

    return walk_mapping(&w, carnet_config_schema.mapping.fields, (uint8_t *)config);
}
