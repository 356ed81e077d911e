/* SPDX-License-Identifier: Apache-2.0 */
/* How documents and their elements are shown in the metadata (OpenID4VCI 12.2.4, B.2). */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

struct carnet_issuing_block {
    struct carnet_issuing_block *next;
    max_align_t octets[];
};

struct carnet_issuing_shown {
    struct carnet_issuing_shown *next;
    carnet_json *json;
};

/* --- memory --- */

void *
carnet_issuing_block_new(carnet_issuing *issuing, size_t size)
{
    struct carnet_issuing_block *block = calloc(1, sizeof(*block) + size);

    if (block == NULL)
        return NULL;
    block->next = issuing->blocks;
    issuing->blocks = block;
    return block->octets;
}

carnet_rc
carnet_issuing_json(carnet_issuing *issuing, carnet_str text, const carnet_json **json, carnet_err *err)
{
    struct carnet_issuing_shown *shown = carnet_issuing_block_new(issuing, sizeof(*shown));
    carnet_rc rc;

    *json = NULL;
    if (shown == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    rc = carnet_json_parse(text, &shown->json, err);
    if (rc != CARNET_OK)
        return rc;
    shown->next = issuing->shown;
    issuing->shown = shown;
    *json = shown->json;
    return CARNET_OK;
}

void
carnet_issuing_metadata_done(carnet_issuing *issuing)
{
    struct carnet_issuing_block *block, *next;

    for (struct carnet_issuing_shown *shown = issuing->shown; shown != NULL; shown = shown->next)
        carnet_json_free(&shown->json);
    issuing->shown = NULL;
    for (block = issuing->blocks; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    issuing->blocks = NULL;
}

/* --- displays --- */

static carnet_str
text_of(const carnet_json *object, const char *name)
{
    return carnet_json_string(carnet_json_get(object, name));
}

static carnet_display
display_of(const carnet_json *json)
{
    const carnet_json *logo = carnet_json_get(json, "logo");

    return (carnet_display){ .name = text_of(json, "name"),
                             .locale = text_of(json, "locale"),
                             .description = text_of(json, "description"),
                             .logo_uri = text_of(logo, "uri"),
                             .logo_alt_text = text_of(logo, "alt_text"),
                             .background_color = text_of(json, "background_color"),
                             .text_color = text_of(json, "text_color"),
                             .background_image_uri = text_of(carnet_json_get(json, "background_image"), "uri") };
}

carnet_rc
carnet_issuing_displays(carnet_issuing *issuing, const carnet_json *array, const carnet_display **list, size_t *count,
                        carnet_err *err)
{
    carnet_display *displays;

    *list = NULL;
    *count = carnet_json_count(array);
    if (*count == 0)
        return CARNET_OK;
    displays = carnet_issuing_block_new(issuing, *count * sizeof(*displays));
    if (displays == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    for (size_t i = 0; i < *count; i++)
        displays[i] = display_of(carnet_json_at(array, i));
    *list = displays;
    return CARNET_OK;
}

/* --- claims --- */

/* Identifiers that stand for many, such as age_over_NN, name no element. */
static bool
is_pattern(const char *identifier)
{
    size_t len = strlen(identifier);

    return (len > 3 && strcmp(identifier + len - 3, "_NN") == 0) ||
           (len > 2 && strcmp(identifier + len - 2, "xx") == 0);
}

static carnet_rc
claims_of_table(carnet_issuing *issuing, const carnet_doctype *doctype, const carnet_claim_description **list,
                size_t *count, carnet_err *err)
{
    carnet_claim_description *claims;
    size_t most = 0, n, e;

    for (n = 0; n < doctype->count; n++)
        most += doctype->name_spaces[n].count;
    claims = carnet_issuing_block_new(issuing, most * sizeof(*claims));
    if (claims == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    *list = claims;
    for (n = 0; n < doctype->count; n++) {
        const carnet_name_space_definition *ns = &doctype->name_spaces[n];

        for (e = 0; e < ns->count; e++)
            if (!is_pattern(ns->elements[e].identifier))
                claims[(*count)++] = (carnet_claim_description){
                    .name_space = carnet_str_of(ns->name),
                    .element = carnet_str_of(ns->elements[e].identifier),
                    .mandatory = ns->required && ns->elements[e].presence == CARNET_MANDATORY,
                };
    }
    return CARNET_OK;
}

static carnet_rc
claim_of(carnet_issuing *issuing, const carnet_json *json, carnet_claim_description *claim, carnet_err *err)
{
    const carnet_json *path = carnet_json_get(json, "path");

    claim->name_space = carnet_json_string(carnet_json_at(path, 0));
    claim->element = carnet_json_string(carnet_json_at(path, 1));
    claim->mandatory = carnet_json_bool(carnet_json_get(json, "mandatory"));
    if (claim->name_space.len == 0 || claim->element.len == 0)
        return carnet_fail(err, CARNET_E_ISSUING_POLICY, "OpenID4VCI C.1",
                           "a claim's path is a name space and a data element");
    return carnet_issuing_displays(issuing, carnet_json_get(json, "display"), &claim->displays, &claim->display_count,
                                   err);
}

carnet_rc
carnet_issuing_claims_shown(carnet_issuing *issuing, const carnet_issuer_policy *policy,
                            const carnet_claim_description **list, size_t *count, carnet_err *err)
{
    carnet_claim_description *claims;
    const carnet_json *array;
    carnet_rc rc;

    *list = NULL;
    *count = 0;
    if (policy->claims.len == 0)
        return policy->doctype == NULL ? CARNET_OK : claims_of_table(issuing, policy->doctype, list, count, err);
    rc = carnet_issuing_json(issuing, policy->claims, &array, err);
    if (rc != CARNET_OK)
        return rc;
    claims = carnet_issuing_block_new(issuing, (carnet_json_count(array) + 1) * sizeof(*claims));
    if (claims == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    *list = claims;
    for (; rc == CARNET_OK && *count < carnet_json_count(array); ++*count)
        rc = claim_of(issuing, carnet_json_at(array, *count), &claims[*count], err);
    return rc;
}
