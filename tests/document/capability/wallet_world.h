/* SPDX-License-Identifier: Apache-2.0 */
/* A wallet that is attested, and the server that checks it. */
#ifndef CARNET_TEST_WALLET_WORLD_H
#define CARNET_TEST_WALLET_WORLD_H
#include "attesters.h"
#include "carnet/client_attestation.h"

#define SERVER "https://as.example/tenant"

extern test_attesters a;
extern carnet_key instance;
extern uint8_t storage_room[65536], out_room[65536];
extern carnet_buf storage, out;
extern const char *known_challenge; /* by is_ours() */

bool is_ours(void *context, carnet_str challenge);
carnet_client_attestation_expectation expected(void);
int begin(void **state);
int end(void **state);
int each(void **state);
carnet_client_attestation_spec attestation_spec(test_signer who);
carnet_str built(const carnet_client_attestation_spec *spec, carnet_key *key);
carnet_str attested(test_signer who);
carnet_str proof(const char *challenge);
carnet_rc check(carnet_str attestation, carnet_str pop, const carnet_client_attestation_expectation *e,
                carnet_err *err);

#endif
