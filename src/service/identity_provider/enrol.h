/* SPDX-License-Identifier: Apache-2.0 */
/* A device that is being enrolled. */
#ifndef CARNET_IDENTITY_PROVIDER_ENROL_H
#define CARNET_IDENTITY_PROVIDER_ENROL_H
#include "internal.h"

typedef struct enrolled_key {
    carnet_store_identity_key row;
    uint8_t thumbprint[32];
} enrolled_key;

typedef struct enrolling {
    idp_call *call;
    carnet_span request; /* for certification, DER */
    carnet_public_key key;
    idp_attested attested;
    enrolled_key keys[CARNET_BOPS_AUTHENTICATORS];
    size_t key_count;
    bool otp_counts; /* HOTP */
    carnet_buf pin, sealed, certificate;
    idp_secrets secrets;
    char device_id[37], profile_id[37];
    uint8_t serial[16];
    carnet_time until;
    carnet_store_identity_device device;
    carnet_str user_id;             /* found; in the call's room */
    carnet_bops_error_code refusal; /* 0: none */
    const char *why;
} enrolling;

/* One durable step: the invitation is used up, the device there, and what it takes the place of gone. */
carnet_rc carnet_idp_keep_device(enrolling *e, carnet_err *err);

#endif
