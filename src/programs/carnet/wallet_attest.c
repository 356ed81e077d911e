/* SPDX-License-Identifier: Apache-2.0 */
/* carnet wallet: attestation of the wallet and its keys, by an attester's key that lies here, or from a file. */
#include "carnet/client_attestation.h"
#include "carnet/key_attestation.h"
#include "wallet.h"

#include <string.h>

enum { CLIENT_LIFE = 3600, KEY_LIFE = 600, ROOM = 65536 };

bool
wallet_is_attested(const wallet_arguments *a)
{
    return a->attester_key != NULL || a->attestation != NULL || a->provider != NULL;
}

/** The attester's key, and its certificates without one that is self-signed. */
static size_t
read_attester(const wallet *w, carnet_key *key, carnet_span chain[WALLET_CHAIN_MAX])
{
    size_t count, kept = 0;

    cli_read_key(w->a->attester_key, w->crypto, CARNET_KEY_SIGN, key);
    count = w->a->attester_certificate != NULL
                ? cli_read_certificates(w->a->attester_certificate, chain, WALLET_CHAIN_MAX)
                : 0;
    for (size_t i = 0; i < count; i++) {
        carnet_certificate view;

        if (carnet_certificate_open(chain[i], &view, NULL) != CARNET_OK || !carnet_certificate_self_issued(&view)) {
            chain[kept++] = chain[i];
        }
    }
    return kept;
}

static carnet_str
attester_name(const wallet_arguments *a)
{
    return carnet_str_of(a->attester_name != NULL ? a->attester_name : "carnet");
}

static void
give(wallet *w, carnet_rc rc, const carnet_buf *jwt, const carnet_err *err)
{
    if (rc != CARNET_OK || jwt->overflow) {
        carnet_obtain_declined(&w->obtain, err);
    } else {
        carnet_obtain_attested(&w->obtain, carnet_buf_str(jwt));
    }
}

static void
attest_from_file(wallet *w)
{
    carnet_span file = cli_read(w->a->attestation);
    carnet_str text = { (const char *)file.ptr, strcspn((const char *)file.ptr, "\r\n") };

    carnet_obtain_attested(&w->obtain, text);
}

void
wallet_attest_client(wallet *w, const carnet_obtain_action *action)
{
    carnet_span chain[WALLET_CHAIN_MAX];
    carnet_buf jwt = cli_buf(ROOM);
    carnet_key attester = { 0 };
    carnet_err err = { 0 };
    carnet_client_attestation_spec spec = { .struct_size = sizeof spec,
                                            .issuer = attester_name(w->a),
                                            .client_id = w->parameters.client_id,
                                            .key = &w->instance_key.public_key,
                                            .issued_at = cli_now(),
                                            .expires = cli_now() + CLIENT_LIFE,
                                            .wallet_name = carnet_str_of("Carnet"),
                                            .x5c = chain };

    (void)action;
    if (w->a->provider != NULL) {
        wallet_provider_client(w);
        return;
    }
    if (w->a->attestation != NULL) {
        attest_from_file(w);
        return;
    }
    spec.x5c_count = read_attester(w, &attester, chain);
    give(w, carnet_client_attestation_build(&spec, &attester, w->crypto, &jwt, &err), &jwt, &err);
    carnet_key_done(&attester);
}

void
wallet_attest_keys(wallet *w, const carnet_obtain_action *action)
{
    const carnet_str level = carnet_str_of(w->a->key_storage != NULL                ? w->a->key_storage
                                           : w->store->where.kind == STORE_SOFTWARE ? "iso_18045_basic"
                                                                                    : "iso_18045_high");
    carnet_span chain[WALLET_CHAIN_MAX];
    carnet_buf jwt = cli_buf(ROOM);
    carnet_key attester = { 0 };
    carnet_err err = { 0 };
    carnet_key_attestation_spec spec = { .struct_size = sizeof spec,
                                         .issuer = attester_name(w->a),
                                         .keys = action->keys,
                                         .key_count = action->count,
                                         .issued_at = cli_now(),
                                         .expires = cli_now() + KEY_LIFE,
                                         .key_storage = &level,
                                         .key_storage_count = 1,
                                         .user_authentication = &level,
                                         .user_authentication_count = 1,
                                         .nonce = action->nonce,
                                         .x5c = chain };

    if (w->a->provider != NULL) {
        wallet_provider_keys(w, action->nonce);
        return;
    }
    spec.x5c_count = read_attester(w, &attester, chain);
    give(w, carnet_key_attestation_build(&spec, &attester, w->crypto, &jwt, &err), &jwt, &err);
    carnet_key_done(&attester);
}
