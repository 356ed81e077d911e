/* SPDX-License-Identifier: Apache-2.0 */
/* carnet present --data: values put back into documents issued without them (23220-3 8.1). */
#include "carnet/cose_sign1.h"
#include "carnet/issuer_signed_dehydrated.h"
#include "present.h"

/** The MSO that the issuer signed; dies when there is none. */
static void
open_mso(const char *path, carnet_span issuer_auth, carnet_mso *mso)
{
    carnet_cose_sign1 cose;
    carnet_err err = { 0 };

    if (carnet_cose_sign1_open(issuer_auth, CARNET_CBOR_LENIENT, &cose, &err) != CARNET_OK ||
        carnet_mso_open(cose.payload, NULL, CARNET_CBOR_LENIENT, mso, &err) != CARNET_OK) {
        cli_die(path, &err);
    }
}

void
present_hydrate(presenter *p, size_t document)
{
    const char *path = p->a->documents[document];
    carnet_span cbor = cli_read_decoded(path), values = cli_read_decoded(p->a->data), whole;
    carnet_buf room = cli_buf(2 * (cbor.len + values.len) + 1024);
    carnet_cbor_builder b = carnet_cbor_build(room.ptr, room.cap);
    carnet_issuer_signed_dehydrated dehydrated;
    carnet_name_spaced_data data;
    carnet_mso mso;
    carnet_err err = { 0 };

    if (carnet_name_spaced_data_open(values, CARNET_CBOR_LENIENT, &data, &err) != CARNET_OK) {
        cli_die(p->a->data, &err);
    }
    if (carnet_issuer_signed_dehydrated_open(cbor, CARNET_CBOR_LENIENT, &dehydrated, &err) != CARNET_OK) {
        cli_die(path, &err);
    }
    open_mso(path, dehydrated.inner.issuer_auth, &mso);
    if (carnet_issuer_signed_hydrate(&dehydrated, &data, 1, &mso, p->crypto, &b, &err) != CARNET_OK ||
        carnet_cbor_built(&b, &whole, &err) != CARNET_OK || !cli_open_document(whole, &p->held[document], &err)) {
        cli_die(path, &err);
    }
}
