/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/methods.h"
#include "fuzz.h"

#include <string.h>

static void
same_again(const carnet_vector_request *request)
{
    static uint8_t room[1 << 16];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_json_builder b = carnet_json_build(&out);
    carnet_vector_request again;
    carnet_acceptable acceptable;

    carnet_vector_request_add(&b, NULL, request);
    MUST(carnet_json_built(&b, NULL) == CARNET_OK);
    MUST(carnet_vector_request_parse(carnet_buf_str(&out), request->trustmark, &again, NULL) == CARNET_OK);
    MUST(memcmp(request, &again, sizeof(again)) == 0);
    out.len = 0;
    carnet_vector_request_write_list(request, &out);
    MUST(carnet_vector_request_list(carnet_buf_str(&out), request->trustmark, &again, NULL) == CARNET_OK);
    MUST(memcmp(request, &again, sizeof(again)) == 0);
    if (carnet_acceptable_compile(request, &acceptable, NULL) != CARNET_OK)
        return;
    for (unsigned i = 0; i < acceptable.count; i++) { /* every set of methods satisfies a vector of the request */
        const carnet_vector vector = carnet_methods_vector(acceptable.set[i]);
        int index;

        MUST(carnet_vector_request_satisfied(request, request->trustmark, &vector, &index, NULL) == CARNET_OK);
        MUST(index >= 0);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const carnet_str text = { (const char *)data, size };
    carnet_vector_request request;

    for (int mark = CARNET_TRUSTMARK_P1940; mark <= CARNET_TRUSTMARK_PROJECT; mark++) {
        if (carnet_vector_request_parse(text, (carnet_trustmark)mark, &request, NULL) == CARNET_OK)
            same_again(&request);
        else
            MUST(request.count == 0);
        if (carnet_vector_request_list(text, (carnet_trustmark)mark, &request, NULL) == CARNET_OK)
            same_again(&request);
        else
            MUST(request.count == 0);
    }
    return 0;
}
