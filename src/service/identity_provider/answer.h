/* SPDX-License-Identifier: Apache-2.0 */
/* An AuthenticationResponse that is being judged. */
#ifndef CARNET_IDENTITY_PROVIDER_ANSWER_H
#define CARNET_IDENTITY_PROVIDER_ANSWER_H
#include "internal.h"

typedef struct answering {
    idp_call *call;
    const carnet_bops_authentication_response *message;
    idp_record record; /* as it was judged by */
    idp_enrolled enrolled;
    carnet_evidence evidence;
    carnet_evidence_result judged;
    carnet_authentication_outcome outcome;
    idp_result result;
    bool stale; /* it changed meanwhile */
    idp_edit edit;
} answering;

#endif
