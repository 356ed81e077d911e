/* SPDX-License-Identifier: Apache-2.0 */
#include "http_world.h"

/* The mdoc's side: what is taken says its length, and a request refused has a status that says why.  Built again it is
 * taken again. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static http_reading r, again;
    static uint8_t room[HTTP_ROOM + CARNET_HTTP_HEAD_LENGTH];
    carnet_buf out = carnet_buf_of(room, sizeof(room));

    if (size < 2)
        return 0;
    http_try(CARNET_HTTP_REQUEST, data, size, &r);
    MUST(r.rc == CARNET_OK ? r.reader.status == 0
                           : r.reader.status >= 400 && carnet_http_status_text(r.reader.status)[0] != '\0');
    if (!r.reader.done) {
        carnet_rc rc = carnet_http_closed(&r.reader, NULL);

        MUST(r.rc != CARNET_OK ? rc == r.rc : rc == (r.taken == 0 ? CARNET_E_LINK_CLOSED : CARNET_E_LINK_LOST));
        return 0;
    }
    MUST(r.reader.has_length && r.reader.head_done);
    carnet_http_build_request(&out, carnet_str_of("[fe80::1]:80"), r.body.len);
    carnet_buf_add(&out, carnet_buf_span(&r.body));
    MUST(!out.overflow);
    http_read(&again, CARNET_HTTP_REQUEST, carnet_buf_span(&out), r.body.len, out.len);
    MUST(again.reader.done && again.taken == out.len);
    MUST(carnet_span_equal(carnet_buf_span(&again.body), carnet_buf_span(&r.body)));
    return 0;
}
