/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <stdio.h>
#include <string.h>

static void
say_number(const carnet_config_rule *rule, const cyaml_schema_value_t *schema, carnet_buf *out)
{
    uint64_t most = UINT64_MAX >> (64 - 8 * schema->data_size);

    carnet_buf_add_text(out, "number ");
    carnet_buf_add_uint(out, rule != NULL ? rule->min : 0);
    carnet_buf_add_text(out, " to ");
    carnet_buf_add_uint(out, rule != NULL && rule->max > 0 ? rule->max : most);
}

static void
say_words(const cyaml_schema_value_t *schema, carnet_buf *out)
{
    for (uint32_t i = 0; i < schema->enumeration.count; i++) {
        carnet_buf_add_text(out, i > 0 ? " | " : "");
        carnet_buf_add_text(out, schema->enumeration.strings[i].str);
    }
}

static void
say_text(const carnet_config_rule *rule, carnet_buf *out)
{
    if (rule == NULL || rule->words == NULL) {
        carnet_buf_add_text(out, rule != NULL && rule->file ? "file" : "text");
        return;
    }
    for (size_t i = 0; rule->words[i] != NULL; i++) {
        carnet_buf_add_text(out, i > 0 ? " | " : "");
        carnet_buf_add_text(out, rule->words[i]);
    }
}

static void
say_kind(const char *path, const cyaml_schema_value_t *schema, carnet_buf *out)
{
    const carnet_config_rule *rule = carnet_config_rule_of(path);

    switch (schema->type) {
    case CYAML_UINT:
        say_number(rule, schema, out);
        break;
    case CYAML_BOOL:
        carnet_buf_add_text(out, "true | false");
        break;
    case CYAML_ENUM:
        say_words(schema, out);
        break;
    case CYAML_FLAGS:
        carnet_buf_add_text(out, "list of ");
        say_words(schema, out);
        break;
    case CYAML_MAPPING:
        carnet_buf_add_text(out, "keys");
        break;
    default:
        say_text(rule, out);
    }
}

/* As deep as the schema, which has no circle. */
static void
say_fields(char path[CARNET_CONFIG_PATH], const cyaml_schema_field_t *fields, carnet_buf *out)
{
    size_t len = strlen(path);

    for (size_t i = 0; fields[i].key != NULL; i++) {
        const cyaml_schema_value_t *schema = &fields[i].value;
        bool list = schema->type == CYAML_SEQUENCE;

        if (list)
            schema = schema->sequence.entry;
        (void)snprintf(path + len, CARNET_CONFIG_PATH - len, "%s%s%s", len > 0 ? "." : "", fields[i].key,
                       list ? "[]" : "");
        carnet_buf_add_text(out, path);
        carnet_buf_add_text(out, "  ");
        say_kind(path, schema, out);
        carnet_buf_add_text(out, (fields[i].value.flags & CYAML_FLAG_OPTIONAL) == 0 ? ", required\n" : "\n");
        if (schema->type == CYAML_MAPPING)
            say_fields(path, schema->mapping.fields, out);
        path[len] = '\0';
    }
}

void
carnet_config_schema_text(carnet_buf *out)
{
    char path[CARNET_CONFIG_PATH] = "";

    say_fields(path, carnet_config_schema.mapping.fields, out);
}
