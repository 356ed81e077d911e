/* SPDX-License-Identifier: Apache-2.0 */
#include "http_world.h"

/* The reader's side: an answer has a final status, and ends where it says or where the connection does.  Built again it is
 * taken again. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static http_reading r, again;
    static uint8_t room[HTTP_ROOM + CARNET_HTTP_HEAD_LENGTH];
    carnet_buf out = carnet_buf_of(room, sizeof(room));

    if (size < 2)
        return 0;
    http_try(CARNET_HTTP_RESPONSE, data, size, &r);
    if (!r.reader.done) {
        carnet_rc rc = carnet_http_closed(&r.reader, NULL);

        MUST(r.rc == CARNET_OK || rc == r.rc);
        MUST(rc != CARNET_OK || (r.reader.done && r.reader.close && !r.reader.has_length));
        if (rc != CARNET_OK)
            return 0;
    }
    MUST(r.reader.status >= 200 && r.reader.status < 600);
    carnet_http_build_response(&out, 200, r.body.len, r.reader.close);
    carnet_buf_add(&out, carnet_buf_span(&r.body));
    MUST(!out.overflow);
    http_read(&again, CARNET_HTTP_RESPONSE, carnet_buf_span(&out), r.body.len, out.len);
    MUST(again.reader.done && again.taken == out.len && again.reader.close == r.reader.close);
    MUST(carnet_span_equal(carnet_buf_span(&again.body), carnet_buf_span(&r.body)));
    return 0;
}
