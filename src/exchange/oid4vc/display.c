/* SPDX-License-Identifier: Apache-2.0 */
/* How an issuer, a configuration, a claim is shown, in whose language (OpenID4VCI 12.2.4, C.2). */
#include "carnet/issuer_metadata.h"
#include "internal.h"

static carnet_str
text_of(const carnet_json *object, const char *name)
{
    return carnet_json_string(carnet_json_get(object, name));
}

static void
read_display(const carnet_json *object, carnet_display *display)
{
    const carnet_json *logo = carnet_json_get(object, "logo");

    display->name = text_of(object, "name");
    display->locale = text_of(object, "locale");
    display->description = text_of(object, "description");
    display->logo_uri =
        text_of(logo, carnet_json_get(logo, "uri") != NULL ? "uri" : "url"); /* url: in earlier drafts */
    display->logo_alt_text = text_of(logo, "alt_text");
    display->background_color = text_of(object, "background_color");
    display->text_color = text_of(object, "text_color");
    display->background_image_uri = text_of(carnet_json_get(object, "background_image"), "uri");
}

static char
folded(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c == '_' ? '-' : c;
}

/* Characters two tags have in common from the start. */
static size_t
common(carnet_str a, carnet_str b)
{
    size_t i = 0;

    while (i < a.len && i < b.len && folded(a.ptr[i]) == folded(b.ptr[i]))
        i++;
    return i;
}

static size_t
language_length(carnet_str tag)
{
    size_t i = 0;

    while (i < tag.len && tag.ptr[i] != '-' && tag.ptr[i] != '_')
        i++;
    return i;
}

/* How well a display's language serves: 4 the same, 3 the same language, 2 none said, 1 English, 0 another. */
static unsigned
fitness(carnet_str has, carnet_str wanted)
{
    const size_t language = language_length(has);
    const carnet_str english = carnet_str_of("en");

    if (has.len == 0)
        return 2;
    if (wanted.len != 0 && has.len == wanted.len && common(has, wanted) == has.len)
        return 4;
    if (wanted.len != 0 && language == language_length(wanted) && common(has, wanted) >= language)
        return 3;
    return language == english.len && common(has, english) == language;
}

static bool
pick(const carnet_json *displays, carnet_str locale, carnet_display *display)
{
    const carnet_json *best = NULL;
    unsigned best_fitness = 0;

    *display = (carnet_display){ 0 };
    for (size_t i = 0; carnet_json_type_of(displays) == CARNET_JSON_ARRAY && i < carnet_json_count(displays); i++) {
        const carnet_json *one = carnet_json_at(displays, i);
        const unsigned fits = fitness(text_of(one, "locale"), locale);

        if (carnet_json_type_of(one) == CARNET_JSON_OBJECT && (best == NULL || fits > best_fitness)) {
            best = one;
            best_fitness = fits;
        }
    }
    if (best != NULL)
        read_display(best, display);
    return best != NULL;
}

const carnet_json *
carnet_credential_configuration_member(const carnet_json *configuration, const char *name)
{
    const carnet_json *inner = carnet_json_get(carnet_json_get(configuration, "credential_metadata"), name);

    return inner != NULL ? inner : carnet_json_get(configuration, name);
}

bool
carnet_issuer_metadata_display(const carnet_issuer_metadata *metadata, carnet_str locale, carnet_display *display)
{
    return pick(carnet_json_get(metadata->document, "display"), locale, display);
}

bool
carnet_credential_configuration_display(const carnet_credential_configuration *configuration, carnet_str locale,
                                        carnet_display *display)
{
    return pick(carnet_credential_configuration_member(configuration->json, "display"), locale, display);
}

bool
carnet_claim_description_display(const carnet_claim_description *claim, carnet_str locale, carnet_display *display)
{
    return pick(carnet_json_get(claim->json, "display"), locale, display);
}
