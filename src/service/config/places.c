/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One walk over the events of the file beside the schema.  libcyaml reads after
 * it, and finds nothing more to say: its own messages name the line after, take
 * "12z" for a number and any word for yes.
 */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct carnet_config_places {
    char *file;
    struct {
        char *path;
        unsigned line;
    } * list;
    size_t count, cap;
};

typedef struct reader {
    yaml_parser_t parser;
    yaml_event_t event;
    bool held; /* `event` must be deleted */
    carnet_config_places *places;
    carnet_config_complaint *complaint;
    char path[CARNET_CONFIG_PATH];
    unsigned line; /* of the event */
} reader;

static carnet_rc
refuse(reader *r, carnet_rc rc, unsigned line, const char *what, const char *word)
{
    if (r->complaint != NULL)
        (void)snprintf(r->complaint->text, sizeof(r->complaint->text), "%.200s:%u: %s%s%s%.256s", r->places->file, line,
                       r->path, r->path[0] != '\0' ? ": " : "", what, word);
    return rc;
}

static carnet_rc
next(reader *r)
{
    if (r->held)
        yaml_event_delete(&r->event);
    r->held = yaml_parser_parse(&r->parser, &r->event) != 0;
    if (!r->held) {
        unsigned line = (unsigned)(r->parser.problem_mark.line > 0 ? r->parser.problem_mark.line : r->line);

        r->path[0] = '\0';
        return refuse(r, CARNET_E_CONFIG_SYNTAX, line + 1,
                      "this is no YAML: ", r->parser.problem != NULL ? r->parser.problem : "it cannot be read");
    }
    r->line = (unsigned)r->event.start_mark.line + 1;
    return CARNET_OK;
}

static carnet_rc
remember(reader *r)
{
    carnet_config_places *p = r->places;

    if (p->count == p->cap) {
        size_t cap = p->cap == 0 ? 64 : 2 * p->cap;
        void *more = realloc(p->list, cap * sizeof(p->list[0]));

        if (more == NULL)
            return CARNET_E_NO_SPACE;
        p->list = more;
        p->cap = cap;
    }
    p->list[p->count].line = r->line;
    p->list[p->count].path = strdup(r->path);
    return p->list[p->count++].path != NULL ? CARNET_OK : CARNET_E_NO_SPACE;
}

static const char *
text_of(const reader *r)
{
    return (const char *)r->event.data.scalar.value;
}

/* Digits only: no sign, no fraction, no other base. */
static carnet_rc
check_number(reader *r, const cyaml_schema_value_t *schema)
{
    const carnet_config_rule *rule = carnet_config_rule_of(r->path);
    const char *text = text_of(r);
    uint64_t value = 0, most = UINT64_MAX >> (64 - 8 * schema->data_size);
    char range[96];

    if (rule != NULL && rule->max > 0 && rule->max < most)
        most = rule->max;
    (void)snprintf(range, sizeof(range), "a whole number from %llu to %llu",
                   rule != NULL ? (unsigned long long)rule->min : 0ULL, (unsigned long long)most);
    if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0' || strlen(text) > 18)
        return refuse(r, CARNET_E_CONFIG_VALUE, r->line, "it must be ", range);
    value = strtoull(text, NULL, 10);
    if (value > most || (rule != NULL && value < rule->min))
        return refuse(r, CARNET_E_CONFIG_VALUE, r->line, "it must be ", range);
    return CARNET_OK;
}

static carnet_rc
check_word(reader *r, const cyaml_schema_value_t *schema)
{
    char words[256] = "";
    size_t len = 0;

    for (uint32_t i = 0; i < schema->enumeration.count; i++) {
        if (strcmp(schema->enumeration.strings[i].str, text_of(r)) == 0)
            return CARNET_OK;
        len += (size_t)snprintf(words + len, sizeof(words) - len, "%s%s", i > 0 ? ", " : "",
                                schema->enumeration.strings[i].str);
    }
    return refuse(r, CARNET_E_CONFIG_VALUE, r->line, "it must be one of: ", words);
}

static carnet_rc
check_listed(reader *r, const char *const *list)
{
    char words[256] = "";
    size_t len = 0;

    for (size_t i = 0; list[i] != NULL; i++) {
        if (strcmp(list[i], text_of(r)) == 0)
            return CARNET_OK;
        len += (size_t)snprintf(words + len, sizeof(words) - len, "%s%s", i > 0 ? ", " : "", list[i]);
    }
    return refuse(r, CARNET_E_CONFIG_VALUE, r->line, "it must be one of: ", words);
}

static carnet_rc
check_text(reader *r, const cyaml_schema_value_t *schema)
{
    const carnet_config_rule *rule = carnet_config_rule_of(r->path);
    const char *text = text_of(r);
    size_t len = r->event.data.scalar.length;

    if (r->event.data.scalar.plain_implicit && (len == 0 || strcmp(text, "~") == 0 || strcmp(text, "null") == 0))
        return refuse(r, CARNET_E_CONFIG_VALUE, r->line, "there is no text: leave the key out", "");
    if (len < schema->string.min || len > schema->string.max)
        return refuse(r, CARNET_E_CONFIG_VALUE, r->line, "the text is empty or too long", "");
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 && text[i] != '\n' && text[i] != '\t')
            return refuse(r, CARNET_E_CONFIG_VALUE, r->line, "the text has control characters", "");
    return rule != NULL && rule->words != NULL ? check_listed(r, rule->words) : CARNET_OK;
}

static carnet_rc
scalar(reader *r, const cyaml_schema_value_t *schema)
{
    static const char *const kinds[] = {
        [CYAML_UINT] = "a whole number", [CYAML_BOOL] = "true or false", [CYAML_ENUM] = "a word",
        [CYAML_FLAGS] = "a word",        [CYAML_STRING] = "a text",
    };

    if (r->event.type != YAML_SCALAR_EVENT)
        return refuse(r, CARNET_E_CONFIG_KEY, r->line, "it must be ", kinds[schema->type]);
    if (r->event.data.scalar.anchor != NULL || r->event.data.scalar.tag != NULL)
        return refuse(r, CARNET_E_CONFIG_SYNTAX, r->line, "anchors and tags are not taken", "");
    switch (schema->type) {
    case CYAML_UINT:
        return check_number(r, schema);
    case CYAML_ENUM:
    case CYAML_FLAGS:
        return check_word(r, schema);
    case CYAML_BOOL:
        if (strcmp(text_of(r), "true") == 0 || strcmp(text_of(r), "false") == 0)
            return CARNET_OK;
        return refuse(r, CARNET_E_CONFIG_VALUE, r->line, "it must be ", "true or false");
    default:
        return check_text(r, schema);
    }
}

static carnet_rc value(reader *r, const cyaml_schema_value_t *schema, unsigned depth);

static carnet_rc
required_are_there(reader *r, const cyaml_schema_field_t *fields, uint64_t seen, unsigned line)
{
    for (size_t i = 0; fields[i].key != NULL; i++)
        if ((seen >> i & 1u) == 0 && (fields[i].value.flags & CYAML_FLAG_OPTIONAL) == 0)
            return refuse(r, CARNET_E_CONFIG_KEY, line, "a key is missing: ", fields[i].key);
    return CARNET_OK;
}

/* The key of the event in `r`, whose place in the schema is *at. */
static carnet_rc
key(reader *r, const cyaml_schema_field_t *fields, uint64_t *seen, size_t *at)
{
    size_t len = strlen(r->path), i = 0;

    if (r->event.type != YAML_SCALAR_EVENT || r->event.data.scalar.anchor != NULL)
        return refuse(r, CARNET_E_CONFIG_KEY, r->line, "a key must be a word", "");
    while (fields[i].key != NULL && strcmp(fields[i].key, text_of(r)) != 0)
        i++;
    if (fields[i].key == NULL)
        return refuse(r, CARNET_E_CONFIG_KEY, r->line, "there is no such key here: ", text_of(r));
    if ((*seen >> i & 1u) != 0)
        return refuse(r, CARNET_E_CONFIG_KEY, r->line, "the key is there twice: ", fields[i].key);
    *seen |= UINT64_C(1) << i;
    (void)snprintf(r->path + len, sizeof(r->path) - len, "%s%s", len > 0 ? "." : "", fields[i].key);
    *at = i;
    return remember(r);
}

static carnet_rc
mapping(reader *r, const cyaml_schema_value_t *schema, unsigned depth)
{
    const cyaml_schema_field_t *fields = schema->mapping.fields;
    size_t len = strlen(r->path), i = 0;
    unsigned line = r->line;
    uint64_t seen = 0;
    carnet_rc rc;

    if (r->event.type != YAML_MAPPING_START_EVENT)
        return refuse(r, CARNET_E_CONFIG_KEY, r->line, "there must be keys with values here (or {} for none)", "");
    while ((rc = next(r)) == CARNET_OK && r->event.type != YAML_MAPPING_END_EVENT) {
        if ((rc = key(r, fields, &seen, &i)) != CARNET_OK || (rc = next(r)) != CARNET_OK ||
            (rc = value(r, &fields[i].value, depth + 1)) != CARNET_OK)
            return rc;
        r->path[len] = '\0';
    }
    return rc == CARNET_OK ? required_are_there(r, fields, seen, line) : rc;
}

/* Sequences, and sets of words, which are written as one. */
static carnet_rc
sequence(reader *r, const cyaml_schema_value_t *schema, unsigned depth)
{
    bool words = schema->type == CYAML_FLAGS;
    size_t len = strlen(r->path), count = 0;
    uint32_t min = words ? 1 : schema->sequence.min, max = words ? schema->enumeration.count : schema->sequence.max;
    unsigned line = r->line;
    carnet_rc rc;

    if (r->event.type != YAML_SEQUENCE_START_EVENT)
        return refuse(r, CARNET_E_CONFIG_KEY, r->line, "there must be a list here", "");
    while ((rc = next(r)) == CARNET_OK && r->event.type != YAML_SEQUENCE_END_EVENT) {
        (void)snprintf(r->path + len, sizeof(r->path) - len, "[%zu]", count++);
        if (count > max)
            return refuse(r, CARNET_E_CONFIG_VALUE, r->line, "the list is too long", "");
        if ((rc = remember(r)) != CARNET_OK ||
            (rc = words ? scalar(r, schema) : value(r, schema->sequence.entry, depth + 1)) != CARNET_OK)
            return rc;
        r->path[len] = '\0';
    }
    if (rc == CARNET_OK && count < min)
        return refuse(r, CARNET_E_CONFIG_VALUE, line, "the list is empty", "");
    return rc;
}

/* As deep as the schema, which has no circle. */
static carnet_rc
value(reader *r, const cyaml_schema_value_t *schema, unsigned depth)
{
    if (r->event.type == YAML_ALIAS_EVENT)
        return refuse(r, CARNET_E_CONFIG_SYNTAX, r->line, "aliases are not taken", "");
    if (schema->type == CYAML_MAPPING)
        return mapping(r, schema, depth);
    return schema->type == CYAML_SEQUENCE || schema->type == CYAML_FLAGS ? sequence(r, schema, depth)
                                                                         : scalar(r, schema);
}

/* One document, and it is a mapping. */
static carnet_rc
document(reader *r)
{
    carnet_rc rc = next(r); /* the stream's start */

    if (rc == CARNET_OK)
        rc = next(r);
    if (rc != CARNET_OK)
        return rc;
    if (r->event.type != YAML_DOCUMENT_START_EVENT)
        return refuse(r, CARNET_E_CONFIG_SYNTAX, 1, "the file is empty", "");
    if ((rc = next(r)) != CARNET_OK || (rc = value(r, &carnet_config_schema, 0)) != CARNET_OK)
        return rc;
    rc = next(r); /* the document's end */
    if (rc == CARNET_OK)
        rc = next(r);
    if (rc != CARNET_OK)
        return rc;
    return r->event.type == YAML_STREAM_END_EVENT
               ? CARNET_OK
               : refuse(r, CARNET_E_CONFIG_SYNTAX, r->line, "there is more than one document", "");
}

carnet_rc
carnet_config_places_read(carnet_str yaml, const char *file, carnet_config_places **places,
                          carnet_config_complaint *complaint)
{
    reader r = { .complaint = complaint, .places = calloc(1, sizeof(*r.places)) };
    carnet_rc rc;

    *places = NULL;
    if (r.places == NULL || (r.places->file = strdup(file)) == NULL || yaml_parser_initialize(&r.parser) == 0) {
        carnet_config_places_free(&r.places);
        return CARNET_E_NO_SPACE;
    }
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)yaml.ptr, yaml.len);
    rc = document(&r);
    if (r.held)
        yaml_event_delete(&r.event);
    yaml_parser_delete(&r.parser);
    if (rc != CARNET_OK)
        carnet_config_places_free(&r.places);
    *places = r.places;
    return rc;
}

void
carnet_config_places_free(carnet_config_places **places)
{
    carnet_config_places *p = *places;

    *places = NULL;
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->count; i++)
        free(p->list[i].path);
    free(p->list);
    free(p->file);
    free(p);
}

const char *
carnet_config_places_file(const carnet_config_places *places)
{
    return places->file;
}

unsigned
carnet_config_places_line(const carnet_config_places *places, const char *path)
{
    size_t best = 0;
    unsigned line = 1;

    for (size_t i = 0; i < places->count; i++) {
        size_t len = strlen(places->list[i].path);

        if (len > best && strncmp(places->list[i].path, path, len) == 0 &&
            (path[len] == '\0' || path[len] == '.' || path[len] == '[')) {
            best = len;
            line = places->list[i].line;
        }
    }
    return line;
}
