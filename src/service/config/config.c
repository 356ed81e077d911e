/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct listener {
    carnet_config_complaint *complaint;
    const char *file;
} listener;

/* Heard only if libcyaml refuses what places.c let pass. */
static void CARNET_PRINTF(3, 0) hear(cyaml_log_t level, void *self, const char *format, va_list arguments)
{
    listener *l = self;
    char text[256];

    if (level < CYAML_LOG_ERROR || l->complaint == NULL || l->complaint->text[0] != '\0')
        return;
    (void)vsnprintf(text, sizeof(text), format, arguments);
    text[strcspn(text, "\n")] = '\0';
    (void)snprintf(l->complaint->text, sizeof(l->complaint->text), "%.256s: %s", l->file, text);
}

static cyaml_config_t
loader(listener *l)
{
    return (cyaml_config_t){
        .log_fn = hear,
        .log_ctx = l,
        .mem_fn = cyaml_mem,
        .log_level = CYAML_LOG_ERROR,
        .flags = CYAML_CFG_NO_ALIAS,
    };
}

/* Names of files are of the folder the configuration is in. */
static carnet_rc
in_folder(void *self, const char *path, char **text, carnet_err *err)
{
    const char *file = self, *slash = strrchr(file, '/');
    const carnet_config_rule *rule = carnet_config_rule_of(path);
    size_t folder = slash != NULL ? (size_t)(slash - file) + 1 : 0, len = strlen(*text);
    bool sqlite = strcmp(path, "store.place") == 0 && strncmp(*text, "postgres", 8) != 0;
    char *whole;

    if ((!sqlite && (rule == NULL || !rule->file)) || (*text)[0] == '/' || folder == 0 ||
        strncmp(*text, "credential:", 11) == 0)
        return CARNET_OK;
    whole = malloc(folder + len + 1);
    if (whole == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    memcpy(whole, file, folder);
    memcpy(whole + folder, *text, len + 1);
    free(*text);
    *text = whole;
    return CARNET_OK;
}

static carnet_rc
finish(carnet_config *config, const char *file, carnet_config_complaint *complaint)
{
    carnet_err err = { 0 };
    carnet_rc rc;

    if ((rc = carnet_config_walk_texts(config, in_folder, (void *)(uintptr_t)file, &err)) == CARNET_OK)
        rc = carnet_config_check(config, &err);
    if (rc != CARNET_OK)
        carnet_config_complain(config, &err, complaint);
    return rc;
}

carnet_rc
carnet_config_read(carnet_str yaml, const char *file, carnet_config **config, carnet_config_complaint *complaint)
{
    listener l = { complaint, file };
    cyaml_config_t cyaml = loader(&l);
    carnet_config_places *places;
    carnet_config *got = NULL;
    carnet_rc rc;

    *config = NULL;
    if (complaint != NULL)
        complaint->text[0] = '\0';
    if ((rc = carnet_config_places_read(yaml, file, &places, complaint)) != CARNET_OK)
        return rc;
    if (cyaml_load_data((const uint8_t *)yaml.ptr, yaml.len, &cyaml, &carnet_config_schema, (void **)&got, NULL) !=
        CYAML_OK) {
        carnet_config_places_free(&places);
        return CARNET_E_CONFIG_SYNTAX;
    }
    got->places = places;
    if ((rc = finish(got, file, complaint)) != CARNET_OK)
        carnet_config_free(&got);
    *config = got;
    return rc;
}

void
carnet_config_free(carnet_config **config)
{
    listener l = { 0 };
    cyaml_config_t cyaml = loader(&l);

    if (*config == NULL)
        return;
    carnet_config_places_free(&(*config)->places);
    (void)cyaml_free(&cyaml, &carnet_config_schema, *config, 0);
    *config = NULL;
}

static carnet_rc
read_file(FILE *in, char **text, size_t *len)
{
    *text = malloc(CARNET_CONFIG_FILE_MAX + 1);
    if (*text == NULL)
        return CARNET_E_NO_SPACE;
    *len = fread(*text, 1, CARNET_CONFIG_FILE_MAX + 1, in);
    return ferror(in) != 0 || *len > CARNET_CONFIG_FILE_MAX ? CARNET_E_CONFIG_FILE : CARNET_OK;
}

carnet_rc
carnet_config_load(const char *file, carnet_config **config, carnet_config_complaint *complaint)
{
    FILE *in = fopen(file, "re");
    char *text = NULL;
    size_t len = 0;
    carnet_rc rc = in == NULL ? CARNET_E_CONFIG_FILE : read_file(in, &text, &len);

    *config = NULL;
    if (rc != CARNET_OK && complaint != NULL)
        (void)snprintf(complaint->text, sizeof(complaint->text), "%.256s: %s", file,
                       in == NULL ? strerror(errno) : "it cannot be read, or is too long");
    if (in != NULL)
        (void)fclose(in);
    if (rc == CARNET_OK)
        rc = carnet_config_read((carnet_str){ text, len }, file, config, complaint);
    free(text);
    return rc;
}

void
carnet_config_complain(const carnet_config *config, const carnet_err *err, carnet_config_complaint *complaint)
{
    const char *file = "configuration";
    unsigned line = 1;

    if (complaint == NULL)
        return;
    if (config->places != NULL) {
        file = carnet_config_places_file(config->places);
        line = carnet_config_places_line(config->places, err->path);
    }
    (void)snprintf(complaint->text, sizeof(complaint->text), "%.256s:%u: %s%s%s", file, line, err->path,
                   err->path[0] != '\0' ? ": " : "", err->reason[0] != '\0' ? err->reason : carnet_rc_text(err->rc));
}
