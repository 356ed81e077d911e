/* SPDX-License-Identifier: Apache-2.0 */
/* A transcript received; and one made of what the input says, which must open again to what it was made of. */
#include "carnet/session_transcript.h"
#include "fuzz.h"

#include <string.h>

static carnet_crypto crypto;

static void
set_up(void)
{
    static bool done;

    if (!done)
        MUST(carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    done = true;
}

static void
check_received(carnet_span input)
{
    carnet_session_transcript view, again;
    uint8_t salt[32];
    carnet_err err = { 0 };
    carnet_rc rc = carnet_session_transcript_open(input, &view, &err);

    if (rc != CARNET_OK) {
        MUST(err.rc == rc && err.offset <= input.len && view.array.ptr == NULL && view.handover.ptr == NULL);
        return;
    }
    MUST(fuzz_inside(view.array, input) && view.array.len != 0);
    MUST(fuzz_inside(view.device_engagement, view.array) && fuzz_inside(view.reader_key_bytes, view.array));
    MUST(fuzz_inside(view.handover, view.array) && view.handover.len != 0);
    MUST(carnet_session_transcript_open(view.array, &again, NULL) == CARNET_OK);
    MUST(carnet_span_equal(again.handover, view.handover));
    MUST(carnet_session_transcript_salt(&crypto, view.array, salt, NULL) == CARNET_OK);
}

/* The next part of the input: a length, then so many bytes. */
static carnet_span
take(carnet_span *rest)
{
    carnet_span part = { 0 };

    if (rest->len > 0 && rest->ptr[0] < rest->len) {
        part = carnet_span_of(rest->ptr + 1, rest->ptr[0]);
        *rest = carnet_span_of(part.ptr + part.len, rest->len - 1 - part.len);
    }
    return part;
}

static carnet_str
take_text(carnet_span *rest)
{
    carnet_span part = take(rest);

    return (carnet_str){ (const char *)part.ptr, part.len };
}

static void
check_made(carnet_span rest, uint8_t handover)
{
    static uint8_t room[4096];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_session_transcript_parameters p = { .handover = (carnet_handover)(handover % 12) };
    carnet_session_transcript view;
    carnet_err err = { 0 };
    carnet_rc rc;

    p.device_engagement = take(&rest);
    p.select = take(&rest);
    p.request = take(&rest);
    p.reader_engagement = take(&rest);
    p.client_id = take_text(&rest);
    p.response_uri = take_text(&rest);
    p.mdoc_nonce = take_text(&rest);
    p.nonce = take_text(&rest);
    p.origin = take_text(&rest);
    p.encryption_info = take_text(&rest);
    p.jwk_thumbprint = take(&rest);
    rc = carnet_session_transcript_build(&b, &crypto, &p, &err);
    MUST(rc == b.rc);
    if (rc != CARNET_OK) {
        MUST(err.rc == rc && (rc == CARNET_E_USAGE || rc == CARNET_E_CBOR_UTF8) && b.len == 0);
        return;
    }
    MUST(carnet_session_transcript_open(carnet_span_of(room, b.len), &view, NULL) == CARNET_OK);
    MUST(carnet_span_equal(view.device_engagement, p.device_engagement) && view.reader_key_bytes.len == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    set_up();
    check_received((carnet_span){ data, size });
    if (size > 0)
        check_made((carnet_span){ data + 1, size - 1 }, data[0]);
    return 0;
}
