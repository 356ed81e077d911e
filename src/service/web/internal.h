/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_SERVICE_WEB_INTERNAL_H
#define CARNET_SERVICE_WEB_INTERNAL_H
#include "carnet/web_form.h"
#include "carnet/web_svg.h"

/* A file of static/, built in. */
typedef struct carnet_web_file {
    const char *name, *type;
    const char *tag; /* of its content: in the address, so that it may be kept for ever */
    carnet_span octets;
} carnet_web_file;

extern const carnet_web_file carnet_web_files[];
extern const size_t carnet_web_file_count;
/* The file of this name; NULL if there is none. */
const carnet_web_file *carnet_web_file_named(carnet_str name);

/* The best of the languages that texts are in, for Accept-Language (RFC 9110 12.5.4). */
int carnet_web_language(carnet_str accept);
const char *carnet_web_language_tag(int language);
const char *carnet_web_text(int language, carnet_text text);

/* The headers that every page comes with. */
carnet_rc carnet_web_headers(const carnet_web *web, carnet_service_response *response, carnet_str leads_to,
                             carnet_err *err);

#endif
