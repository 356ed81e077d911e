/* SPDX-License-Identifier: Apache-2.0 */
/* Document types and data elements as the command line names them. */
#include "carnet/doctype_file.h"
#include "cli.h"

#include <string.h>

static const carnet_doctype *
read_table(const char *path)
{
    carnet_span file = cli_read(path);
    carnet_buf storage = cli_buf(CARNET_DOCTYPE_FILE_STORAGE(file.len));
    carnet_doctype *doctype = cli_alloc(sizeof *doctype);
    carnet_json *json = NULL;
    carnet_err err = { 0 };

    if (carnet_json_parse((carnet_str){ (const char *)file.ptr, file.len }, &json, &err) != CARNET_OK ||
        carnet_doctype_file_read(json, &storage, doctype, &err) != CARNET_OK) {
        cli_die(path, &err);
    }
    carnet_json_free(&json);
    return doctype;
}

const carnet_doctype *
cli_doctype(const char *name, const char *file)
{
    const carnet_doctype *doctype;

    if (file == NULL) {
        doctype = carnet_doctype_named(carnet_str_of(name));
        if (doctype == NULL && strchr(name, '.') == NULL) {
            cli_usage("there is no document type \"%s\": mdl, photoid, pid, av, a type in full, or --doctype-file",
                      name);
        }
        return doctype;
    }
    doctype = read_table(file);
    if (name != NULL && strcmp(name, doctype->doc_type) != 0) {
        cli_usage("%s is of the document type %s, not %s", file, doctype->doc_type, name);
    }
    return doctype;
}

carnet_element_name
cli_element_name(const char *argument, const carnet_doctype *doctype)
{
    const char *colon = strrchr(argument, ':');
    const char *identifier = colon != NULL ? colon + 1 : argument;
    carnet_str name_space = { argument, colon != NULL ? (size_t)(colon - argument) : 0 };

    if (colon == NULL && doctype != NULL && doctype->count > 0) {
        name_space = carnet_str_of(doctype->name_spaces[0].name);
    }
    if (name_space.len == 0 || identifier[0] == '\0') {
        cli_usage("\"%s\" does not name a data element: NAMESPACE:ELEMENT%s", argument,
                  doctype == NULL ? " (there is no table for this document type)" : "");
    }
    return (carnet_element_name){ name_space, carnet_str_of(identifier) };
}
