/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/session.h"
#include "fuzz.h"

#include <string.h>

static carnet_crypto crypto;
static carnet_key keys[3];

static void
set_up(void)
{
    static const carnet_curve curves[] = { CARNET_CURVE_P256, CARNET_CURVE_X25519, CARNET_CURVE_BRAINPOOL_P320R1 };
    static bool done;
    uint8_t scalar[40];

    if (done)
        return;
    memset(scalar, 0x42, sizeof(scalar));
    MUST(carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    for (size_t i = 0; i < CARNET_COUNT(curves); i++)
        MUST(carnet_software_key_from_scalar(&crypto, curves[i],
                                             carnet_span_of(scalar, carnet_curve_get(curves[i])->coordinate),
                                             CARNET_KEY_AGREE, &keys[i], NULL) == CARNET_OK);
    done = true;
}

/* With a key on its curve, a session comes about exactly if the point is one, and then opens nothing that nobody sealed. */
static void
check_session(carnet_session_establishment *view, carnet_key *own)
{
    static const uint8_t transcript[] = { 0x83, 0xf6, 0xf6, 0xf6 };
    static uint8_t out[1 << 16];
    carnet_rc point = carnet_cose_key_check(&view->reader_key, &crypto, NULL);
    carnet_session session;
    carnet_span plain;
    carnet_rc rc = carnet_session_init(&session, CARNET_SESSION_MDOC, &crypto, own, &view->reader_key.key,
                                       carnet_span_of(transcript, sizeof(transcript)), NULL);

    MUST(point == CARNET_OK || rc != CARNET_OK);
    MUST(session.open == (rc == CARNET_OK));
    if (rc != CARNET_OK)
        return;
    MUST(carnet_session_unseal(&session, &crypto, view->data, out, sizeof(out), &plain, NULL) != CARNET_OK);
    MUST(plain.ptr == NULL);
    carnet_session_done(&session);
}

/* What is taken views into the input; a refusal has a place in it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_span input = { data, size };
    carnet_session_establishment view;
    carnet_err err = { 0 };
    carnet_rc rc;

    set_up();
    rc = carnet_session_establishment_open(input, &view, &err);
    if (rc != CARNET_OK) {
        MUST(err.rc == rc && err.offset <= size && view.data.ptr == NULL && view.reader_key_bytes.encoded.ptr == NULL);
        return 0;
    }
    MUST(fuzz_inside(view.data, input) && view.data.ptr != NULL);
    MUST(fuzz_inside(view.reader_key_bytes.encoded, input));
    MUST(fuzz_inside(view.reader_key_bytes.content, view.reader_key_bytes.encoded));
    MUST(view.odd <= 7 && carnet_curve_get(view.reader_key.key.curve)->agrees);
    for (size_t i = 0; i < CARNET_COUNT(keys); i++)
        if (keys[i].public_key.curve == view.reader_key.key.curve)
            check_session(&view, &keys[i]);
    return 0;
}
