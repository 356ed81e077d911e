/* SPDX-License-Identifier: Apache-2.0 */
/* Documents held in files. */
#include "carnet/cose_sign1.h"
#include "cli.h"

bool
cli_open_document(carnet_span issuer_signed, cli_document *document, carnet_err *err)
{
    carnet_cose_sign1 cose;

    *document = (cli_document){ .issuer_signed = issuer_signed };
    return carnet_issuer_signed_open(issuer_signed, CARNET_CBOR_LENIENT, &document->view, err) == CARNET_OK &&
           carnet_cose_sign1_open(document->view.issuer_auth, CARNET_CBOR_LENIENT, &cose, err) == CARNET_OK &&
           carnet_mso_open(cose.payload, NULL, CARNET_CBOR_LENIENT, &document->mso, err) == CARNET_OK;
}

void
cli_read_document(const char *path, cli_document *document)
{
    carnet_err err = { 0 };

    if (!cli_open_document(cli_read_decoded(path), document, &err)) {
        cli_die(path, &err);
    }
}
