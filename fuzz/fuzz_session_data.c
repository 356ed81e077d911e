/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/session.h"
#include "fuzz.h"

#include <string.h>

/* What is taken views into the input and has data or a status; it is built again and taken again as the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[1 << 17];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_span input = { data, size };
    carnet_session_data view, again;
    carnet_err err = { 0 };
    carnet_rc rc = carnet_session_data_open(input, &view, &err);

    if (rc != CARNET_OK) {
        MUST(err.rc == rc && err.offset <= size);
        MUST(!view.has_data && !view.has_status && view.data.ptr == NULL && view.status == 0);
        return 0;
    }
    MUST(view.has_data || view.has_status);
    MUST(fuzz_inside(view.data, input) && view.has_data == (view.data.ptr != NULL));
    MUST(view.has_status || (view.status == 0 && !view.status_odd));
    MUST(!view.status_odd || view.has_data || (view.status != 10 && view.status != 11 && view.status != 20));
    MUST(carnet_session_status_text(view.status)[0] != '\0');
    carnet_cbor_add_map(&b, 0u + view.has_data + view.has_status);
    if (view.has_data) {
        carnet_cbor_add_text(&b, "data");
        carnet_cbor_add_bstr(&b, view.data);
    }
    if (view.has_status) {
        carnet_cbor_add_text(&b, "status");
        carnet_cbor_add_uint(&b, view.status);
    }
    MUST(b.rc == CARNET_OK && b.len <= size); /* preferred, and without members not known */
    MUST(carnet_session_data_open(carnet_span_of(room, b.len), &again, NULL) == CARNET_OK);
    MUST(carnet_span_equal(again.data, view.data) && again.status == view.status);
    MUST(again.status_odd == view.status_odd && (again.cbor_seen & CARNET_CBOR_LENIENT) == 0);
    return 0;
}
