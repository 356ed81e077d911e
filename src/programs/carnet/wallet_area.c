/* SPDX-License-Identifier: Apache-2.0 */
/* carnet wallet area: where the keys are, and who vouches for that: a TPM by its attestation key, which a provider enrols. */
#include "carnet/tpm2_statement.h"
#include "wallet.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 4096 };

/** The area's attestation key as PEM; empty: it has none. */
static carnet_rc
attestation_key(store *s, carnet_crypto *crypto, carnet_buf *pem, carnet_err *err)
{
    carnet_buf statement = cli_buf(ROOM), spki = cli_buf(ROOM);
    carnet_tpm2_statement view;
    const char *format = NULL;
    carnet_rc rc = carnet_secure_area_attest(&s->area, NULL, 0, carnet_str_bytes(carnet_str_of("enrolment")),
                                             &statement, &format, err);

    if (rc == CARNET_E_CRYPTO_UNSUPPORTED) {
        rc = CARNET_OK;
    } else if (rc == CARNET_OK && strcmp(format, CARNET_TPM2_FORMAT) == 0) {
        rc = carnet_tpm2_statement_open(carnet_buf_span(&statement), crypto, &view, err);
        if (rc == CARNET_OK) {
            rc = carnet_public_key_to_spki(&view.attestation_key, &spki, err);
        }
        if (rc == CARNET_OK) {
            carnet_pem_encode("PUBLIC KEY", carnet_buf_span(&spki), pem);
        }
    }
    free(statement.ptr);
    free(spki.ptr);
    return rc;
}

static void
print_json(const char *kind, const carnet_buf *pem)
{
    carnet_buf out = cli_buf(2 * ROOM);
    carnet_json_builder b = carnet_json_build(&out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "area", kind);
    if (pem->len > 0) {
        carnet_json_add_string(&b, "attestation_key", carnet_buf_str(pem));
    }
    carnet_json_object_end(&b);
    printf("%.*s\n", (int)out.len, (const char *)out.ptr);
    free(out.ptr);
}

int
wallet_area(const wallet_arguments *a, carnet_crypto *crypto)
{
    carnet_buf pem = cli_buf(ROOM);
    carnet_err err = { 0 };
    const char *kind;
    store s;

    wallet_unlock(a, crypto, true, &s);
    kind = store_area_name(s.where.kind);
    if (attestation_key(&s, crypto, &pem, &err) != CARNET_OK) {
        cli_die("the secure area", &err);
    }
    if (a->json) {
        print_json(kind, &pem);
    } else if (pem.len > 0) {
        fwrite(pem.ptr, 1, pem.len, stdout);
    } else {
        printf("%s: nothing vouches for its keys but their use\n", kind);
    }
    store_close(&s);
    free(pem.ptr);
    return CLI_VALID;
}
