/* SPDX-License-Identifier: Apache-2.0 */
/* carnetd --init: a deployment for development, from nothing. */
#ifndef CARNETD_INIT_H
#define CARNETD_INIT_H
#include "carnet/argon2.h"
#include "carnetd.h"

/** The folder that is being made. */
typedef struct carnetd_folder {
    const char *path;
    int fd;
    carnet_crypto crypto;
    unsigned port;     /**< public; the next one is for administration */
    char password[32]; /**< of the officer */
} carnetd_folder;

/** Write a file that is not there yet. */
carnet_rc carnetd_write(const carnetd_folder *folder, const char *name, carnet_span bytes, carnet_err *err);
/** Twenty characters of randomness, easily typed. */
carnet_rc carnetd_password(carnetd_folder *folder, char *out, size_t cap, carnet_err *err);

/** Of a sealed file whose passphrase is carnetd_password()'s: a hundred random bits are guessed no sooner for being stretched. */
extern const carnet_argon2_cost carnetd_random_cost;

/** Authority, signers and the sealed file of their keys. */
carnet_rc carnetd_init_keys(carnetd_folder *folder, carnet_err *err);
/** The parties of a cardless withdrawal: keys, certificates, shared secrets, configurations. */
carnet_rc carnetd_init_cash_folder(carnetd_folder *folder, carnet_err *err);
/** Configuration, people and portrait. */
carnet_rc carnetd_init_texts(const carnetd_folder *folder, carnet_err *err);
/** The officer "officer", with a fresh password. */
carnet_rc carnetd_init_officer(carnetd_folder *folder, carnet_err *err);

#endif
