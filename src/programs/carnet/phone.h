/* SPDX-License-Identifier: Apache-2.0 */
/* carnet phone: what its parts share. */
#ifndef CARNET_CLI_PHONE_H
#define CARNET_CLI_PHONE_H
#include "carnet/authenticator.h"
#include "carnet/fetch_request.h"
#include "carnet/holder.h"
#include "carnet/staging.h"
#include "holder_store.h"
#include "passphrase.h"

#define PHONE_SENSORS_MAX 4
#define PHONE_CHAIN_MAX   8

typedef enum phone_action {
    PHONE_ENROL = 1,
    PHONE_SHOW = 2,
    PHONE_STAGE = 4,
    PHONE_FULFIL = 8,
    PHONE_APPROVE = 16,
    PHONE_WAIT = 32,
    PHONE_STATUS = 64,
    PHONE_CANCEL = 128,
    PHONE_RENEW = 256,
    PHONE_UNLOCK = 512,
    PHONE_SERVE = 1024,
    PHONE_REMOVE = 2048
} phone_action;

/** A sensor that is none: what it finds is written down, one result after the other, the last one again and again. */
typedef struct phone_sensor {
    const char *method;  /* "FINGERPRINT" */
    const char *results; /* "match", "match+pad", "other", "spoof", "unable", with commas between them */
} phone_sensor;

typedef struct phone_arguments {
    phone_action action;
    const char *store, *argument; /* argument: a reference or session */
    passphrase_source passphrase;
    bool json, insecure_loopback, verbose;
    const char *ca, *provider, *server;
    int crossings; /* descriptor that messages are told to; 0: none */
    /* enrolling */
    const char *bootstrap, *name, *pin_file, *attestation;
    const char *fido, *fido_origin; /* relying party of a software authenticator; NULL: there is to be none */
    bool hotp;
    const char *attester_key, *attester_certificate, *attester_name, *key_storage;
    const char *user_authentication[8];
    size_t user_authentication_count;
    /* staging */
    const char *amount, *currency, *type, *account, *request;
    const char *code, *qr, *listen;
    bool approve;
    /* approving */
    bool yes, decline, rooted, no_lock, no_documents;
    phone_sensor sensors[PHONE_SENSORS_MAX];
    size_t sensor_count;
    const char *location, *posture_attestation;
    uint64_t behaviour, wait_s;
    bool has_behaviour;
} phone_arguments;

int phone_enrol(const phone_arguments *a, carnet_crypto *crypto);
int phone_show(const phone_arguments *a, carnet_crypto *crypto);
int phone_stage(const phone_arguments *a, carnet_crypto *crypto);
int phone_fulfil(const phone_arguments *a, carnet_crypto *crypto);
int phone_approve(const phone_arguments *a, carnet_crypto *crypto);
int phone_wait(const phone_arguments *a, carnet_crypto *crypto);
int phone_status(const phone_arguments *a, carnet_crypto *crypto);
int phone_cancel(const phone_arguments *a, carnet_crypto *crypto);
int phone_renew(const phone_arguments *a, carnet_crypto *crypto);
int phone_unlock(const phone_arguments *a, carnet_crypto *crypto);
int phone_remove(const phone_arguments *a, carnet_crypto *crypto);
int phone_serve(const phone_arguments *a, carnet_crypto *crypto);

/** One run.  What is not in the store is in phone.sealed beside it. */
typedef struct phone {
    const phone_arguments *a;
    carnet_crypto *crypto;
    store store; /* open, with its keys */
    FILE *out;   /* what is told: standard output, or with --json standard error */
    carnet_enrolment enrolment;
    carnet_str provider, server, ca; /* as enrolled, or as said now */
    carnet_key_identifier key;       /* of transactions, in the store's area */
    bool pin, attested;              /* a PIN was enrolled; the key is attested */
    carnet_str fido_rp, fido_origin; /* of the software FIDO authenticator; empty: there is none */
    carnet_key_identifier fido_key;  /* in the store's area */
    carnet_span fido_id;             /* of its credential */
    uint32_t fido_count;             /* of its last assertion */
    carnet_str tls_key, tls_chain;   /* PEM */
    carnet_span tls_key_der;         /* PKCS#8 */
    carnet_span certificates[CARNET_BOPS_CERTIFICATES];
    size_t certificate_count;
    carnet_fetch_connection *connections[2]; /* to provider and server */
    carnet_fetch_answer answer;
} phone;

/* --- phone_state.c --- */

/** Open the store and what was enrolled; dies when nothing was, unless `fresh`. */
void phone_begin(phone *p, const phone_arguments *a, carnet_crypto *crypto, bool fresh);
/** Keep it: it is on the disk when this returns. */
void phone_save(phone *p);
carnet_rc phone_try_save(phone *p, carnet_err *err);
/** Delete what enrolment left; the key stays in its area. */
void phone_forget(phone *p);
/** Set the TLS key and certificates, from DER. */
void phone_set_tls(phone *p, carnet_span key_der, const carnet_span *certificates, size_t count);
void phone_end(phone *p);

/* --- phone_http.c --- */

typedef enum phone_peer { PHONE_PROVIDER, PHONE_SERVER } phone_peer;
/** Ask; the answer's text is good until the next one.  False: there is none, and it was said why. */
bool phone_ask(phone *p, phone_peer peer, const char *path, carnet_span body, unsigned wait_s, unsigned *status,
               carnet_str *answer);
/** The same with another certificate and key (PEM, in one text). */
bool phone_ask_as(phone *p, carnet_str pem, const char *path, carnet_span body, unsigned *status, carnet_str *answer);
/** Say why something was refused, in the words of the answer; returns CLI_NEGATIVE. */
int phone_refused(const char *what, unsigned status, carnet_str answer);

/* --- phone_device.c: what only a device can do --- */

typedef struct phone_device {
    phone *phone;
    carnet_key key;
    char pin[64];
    bool pin_is_there; /* `pin` is asked for elsewhere */
    size_t tries;
    uint8_t fido_room[4096]; /* of an assertion in base64url */
    carnet_authenticator_device device;
    /* For the page: who answers instead of the terminal; NULL: the terminal. */
    carnet_device_outcome (*answer)(void *self, const carnet_bops_registered *session);
    void *answer_self;
} phone_device;

void phone_device_init(phone_device *d, phone *p);
void phone_device_done(phone_device *d);
/** Take a session on and answer it; returns the exit status.  *status is what came of it. */
int phone_authenticate(phone *p, carnet_str session, phone_device *d, carnet_bops_status *status);
/** Wait for a notification, `wait_s` seconds at most; *session of CARNET_BOPS_SESSION + 1 characters, empty: there was none. */
int phone_notified(phone *p, uint64_t wait_s, char *session, bool *renew);

/* --- phone_fido.c: a FIDO authenticator that is software --- */

/** Its key, made once, to be enrolled for a relying party. */
void phone_fido_make(phone *p, carnet_key *key);
/** As carnet_authenticator_device has it.  Its counter is on the disk before an assertion leaves. */
carnet_device_outcome phone_fido_assert(void *self, carnet_str challenge, bool verify_user, carnet_bops_fido *fido);
/** Whether it can tell who is there: by a sensor, or by the passphrase that this run was given. */
bool phone_fido_verifies(const phone_arguments *a);

/* --- phone_enrol.c --- */

/** A key of this name in the store's area: made once. */
void phone_area_key(phone *p, const char *name, carnet_key_identifier *identifier, carnet_key *key);

/** Renew the device's certificate by a session just answered. */
int phone_renew_by(phone *p, carnet_str session);

#endif
