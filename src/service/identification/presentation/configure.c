/* SPDX-License-Identifier: Apache-2.0 */
/* What the configuration asks for. */
#include "internal.h"

#include <string.h>

static carnet_str
trim(carnet_str text)
{
    while (text.len > 0 && text.ptr[0] == ' ') {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && text.ptr[text.len - 1] == ' ')
        text.len--;
    return text;
}

/* "org.iso.18013.5.1/family_name" */
static carnet_rc
read_name(carnet_str text, carnet_str *name_space, carnet_str *identifier, carnet_err *err)
{
    const char *slash;

    text = trim(text);
    slash = text.len > 0 ? memchr(text.ptr, '/', text.len) : NULL;
    if (slash == NULL || slash == text.ptr || slash + 1 == text.ptr + text.len || text.len > 256 ||
        memchr(text.ptr, ' ', text.len) != NULL ||
        memchr(slash + 1, '/', (size_t)(text.ptr + text.len - slash - 1)) != NULL)
        return carnet_fail(err, CARNET_E_CONFIG_VALUE, NULL, "an element is written NAME SPACE/ELEMENT");
    *name_space = (carnet_str){ text.ptr, (size_t)(slash - text.ptr) };
    *identifier = (carnet_str){ slash + 1, (size_t)(text.ptr + text.len - slash - 1) };
    return CARNET_OK;
}

carnet_rc
carnet_presentation_element_read(carnet_str text, carnet_presentation_element *element, carnet_err *err)
{
    const char *equal = text.len > 0 ? memchr(text.ptr, '=', text.len) : NULL;
    carnet_str left = equal != NULL ? (carnet_str){ text.ptr, (size_t)(equal - text.ptr) } : text;
    carnet_rc rc;

    *element = (carnet_presentation_element){ 0 };
    rc = read_name(left, &element->asked.name_space, &element->asked.identifier, err);
    if (rc != CARNET_OK || equal == NULL)
        return rc;
    element->asked.retain = true; /* it goes into the new document */
    return read_name((carnet_str){ equal + 1, (size_t)(text.ptr + text.len - equal - 1) }, &element->claim.name_space,
                     &element->claim.identifier, err);
}

static carnet_rc
read_document(const carnet_config_presented *from, carnet_presentation_document *to, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    *to = (carnet_presentation_document){ .doc_type = carnet_str_of(from->doctype) };
    if (from->elements.count == 0 || from->elements.count > CARNET_PRESENTATION_ELEMENTS)
        return carnet_fail(err, CARNET_E_CONFIG_VALUE, NULL, "a document has no elements, or too many");
    for (size_t i = 0; i < from->elements.count && rc == CARNET_OK; i++)
        rc = carnet_presentation_element_read(carnet_str_of(from->elements.list[i]), &to->elements[to->count++], err);
    if (rc != CARNET_OK || from->subject == NULL)
        return rc;
    rc = read_name(carnet_str_of(from->subject), &to->subject.name_space, &to->subject.identifier, err);
    for (size_t i = 0; i < to->count && rc == CARNET_OK; i++)
        if (carnet_str_equal(to->elements[i].asked.name_space, to->subject.name_space) &&
            carnet_str_equal(to->elements[i].asked.identifier, to->subject.identifier))
            return CARNET_OK;
    return rc != CARNET_OK ? rc : carnet_fail(err, CARNET_E_CONFIG_VALUE, NULL, "the subject is none of the elements");
}

carnet_rc
carnet_presentation_configure(carnet_presentation_service *p, const carnet_config_presentation *config, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    if (config->document_count == 0 || config->document_count > CARNET_PRESENTATION_DOCUMENTS)
        return carnet_fail(err, CARNET_E_CONFIG_VALUE, NULL, "there are no documents to ask for, or too many");
    for (size_t i = 0; i < config->document_count && rc == CARNET_OK; i++)
        rc = read_document(&config->documents[i], &p->documents[p->count++], err);
    p->reader_key = config->reader_key;
    return rc;
}
