/* SPDX-License-Identifier: Apache-2.0 */
/* GET /static/{file} -- the style sheet, the scripts, the icon. */
#include "internal.h"

const carnet_web_file *
carnet_web_file_named(carnet_str name)
{
    for (size_t i = 0; i < carnet_web_file_count; i++)
        if (carnet_str_is(name, carnet_web_files[i].name))
            return &carnet_web_files[i];
    return NULL;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_str *name = carnet_service_parameter_get(&request->in_path, "file");
    const carnet_web_file *file = name != NULL ? carnet_web_file_named(*name) : NULL;

    (void)self;
    if (file == NULL)
        return carnet_fail(err, CARNET_E_SERVICE_PATH, NULL, NULL);
    response->fixed = file->octets;
    response->content_type = file->type;
    /* The tag in the address changes with the content. */
    return carnet_service_set_header(response, "Cache-Control", carnet_str_of("public, max-age=31536000, immutable"),
                                     err);
}

const carnet_service_route carnet_web_static = {
    .method = CARNET_SERVICE_GET,
    .name = "static_file",
    .path = "/static/{file}",
    .summary = "The pages' style sheet, scripts and icon.",
    .run = run,
    .answers = "text/css",
    .quiet = true,
};
