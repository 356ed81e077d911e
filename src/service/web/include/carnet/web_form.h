/* SPDX-License-Identifier: Apache-2.0 */
/* Forms: fields with label, hint and error beside them. */
#ifndef CARNET_WEB_FORM_H
#define CARNET_WEB_FORM_H
#include "carnet/multipart.h"
#include "carnet/web.h"
CARNET_BEGIN_DECLS

/** One field.  Texts that are CARNET_TEXT_NONE or empty are left out. */
typedef struct carnet_page_field {
    const char
        *type; /**< of input: "text", "password", "date", "number", "file", "checkbox", ...; "textarea", "select" */
    carnet_str name;        /**< of the form; the element's id is "f-" and the name */
    carnet_text label;      /**< or, if NONE, `label_value` */
    carnet_str label_value; /**< a name that is no text of ours, such as a data element's */
    carnet_text hint;
    carnet_str hint_value;
    carnet_text error;
    carnet_str error_value;
    carnet_str value;         /**< what was entered */
    const char *choices;      /**< for "select": "one|two|three" */
    const char *autocomplete; /**< "username", "off"; NULL: none */
    const char *accept;       /**< for "file" */
    const char *input_mode;   /**< "numeric"; NULL: none */
    uint32_t max;             /**< characters at most; 0: no bound */
    bool required, checked, autofocus;
} carnet_page_field;

/** Begin a form that is POSTed to a path of this deployment (`last` is appended), with its token; `multipart` for files. */
void carnet_page_form_begin(carnet_page *page, const char *path, carnet_str last, carnet_str token, bool multipart);
void carnet_page_form_end(carnet_page *page);
void carnet_page_field_add(carnet_page *page, const carnet_page_field *field);
void carnet_page_hidden(carnet_page *page, const char *name, carnet_str value);
/** A button that submits; `name` and `value` may be NULL.  Class: "primary", "danger" or NULL. */
void carnet_page_button(carnet_page *page, const char *class_name, const char *name, const char *value,
                        carnet_text text);
/** At the top of a form that came back: how many errors, each linked to its field. */
void carnet_page_errors(carnet_page *page, const carnet_page_field *fields, size_t count);

CARNET_END_DECLS
#endif
