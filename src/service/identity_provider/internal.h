/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_SERVICE_IDENTITY_PROVIDER_INTERNAL_H
#define CARNET_SERVICE_IDENTITY_PROVIDER_INTERNAL_H
#include "carnet/authentication_session.h"
#include "carnet/bops_authentication_response.h"
#include "carnet/bops_authentication_start.h"
#include "carnet/bops_enrol.h"
#include "carnet/bops_notifications.h"
#include "carnet/bops_register_session.h"
#include "carnet/bops_session.h"
#include "carnet/bops_session_status.h"
#include "carnet/certificate_builder.h"
#include "carnet/evidence.h"
#include "carnet/fetch_request.h"
#include "carnet/identity_provider.h"
#include "carnet/methods.h"
#include "carnet/service_client.h"
#include "carnet/service_config_identity_provider.h"
#include "carnet/store_event.h"
#include "carnet/store_identity.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    IDP_ROOM = 262144, /* octets of a session's, device's and account's texts */
    IDP_KEYS_ROOM = 16384,
    IDP_SKEW_S = 60,
    IDP_AGAIN_MS = 100, /* between two looks of whoever waits */
    IDP_POLLS = 1024,   /* sessions whose polling is watched */
    IDP_TOKEN = 22,     /* characters of a token's identifier */
    IDP_SECRET = 32,    /* octets of an intrusion key */
    IDP_SEED = 20,      /* of a one-time password's */
    IDP_PIN_TRIES = 5,  /* wrong ones before the first lock */
    IDP_CONNECTIONS = 4,
    IDP_USER_AUTH = 8 /* from which bit on a device's flags are CARNET_USER_AUTH_ bits */
};

/* A terminal, as configured. */
typedef struct idp_terminal {
    const char *id;
    bool placed, reads;
    int64_t latitude_e7, longitude_e7;
    carnet_public_key key;
} idp_terminal;

/* How often somebody came lately; a token bucket, in thousandths. */
typedef struct idp_bucket {
    uint8_t name[8];
    carnet_time at;
    int64_t left;
} idp_bucket;

typedef struct carnet_identity_provider {
    const carnet_service_context *context;
    const carnet_config_identity_provider *config;
    carnet_str id, key_id; /* as tokens name the provider and its key */
    char key_id_text[17];
    void *desk; /* whose officers the operators are; NULL: no page */
    carnet_authentication_policy policy;
    carnet_evidence_policy evidence; /* its trustmark is the session's */
    carnet_service_trust *devices, *friends, *attesters, *documents;
    carnet_str origins[8];
    size_t origin_count;
    idp_terminal *terminals;
    size_t terminal_count;
    carnet_identity_proof confidence;
    pthread_mutex_t lock; /* over what follows */
    idp_bucket polls[IDP_POLLS];
    idp_bucket starts[64]; /* by index of the friend */
    carnet_fetch_connection *idle[IDP_CONNECTIONS];
    size_t idle_count;
    atomic_ulong started, authenticated, failed, notified;
} idp;

/* One request being answered, or the job. */
typedef struct idp_call {
    idp *p;
    carnet_service_worker *worker;
    const carnet_service_request *request; /* NULL: the job */
    carnet_service_response *response;
    carnet_time now;
    carnet_str client;              /* the friend, device or bootstrap certificate */
    carnet_certificate certificate; /* its */
    int friend;                     /* index in the configuration */
    carnet_bops_error_code refusal; /* 0: none */
    const char *why;                /* of the refusal; static */
    carnet_buf room;
} idp_call;

typedef carnet_rc idp_handler(idp_call *call, carnet_err *err);
typedef enum idp_kind { IDP_ANYBODY, IDP_FRIEND, IDP_DEVICE, IDP_BOOTSTRAP, IDP_EITHER } idp_kind;

extern const carnet_service_route carnet_idp_register_account_route, carnet_idp_renew_route, carnet_idp_unlock_route,
    carnet_idp_remove_route, carnet_idp_start_route, carnet_idp_request_route, carnet_idp_register_route,
    carnet_idp_answer_route, carnet_idp_status_route, carnet_idp_status_get_route, carnet_idp_cancel_route,
    carnet_idp_consume_route, carnet_idp_submit_route, carnet_idp_notifications_route, carnet_idp_keys_route,
    carnet_idp_metadata_route, carnet_idp_backchannel_route, carnet_idp_token_route, carnet_idp_page_route,
    carnet_idp_operate_route;

/* serve.c */

/* Answer a request of somebody with a certificate of this kind; failures become the interface's errors.  `event` for the log;
 * NULL: none. */
carnet_rc carnet_idp_serve(void *self, const carnet_service_request *request, carnet_service_response *response,
                           idp_kind kind, const char *event, idp_handler *handler, carnet_err *err);
/* A friend's, with errors as of OAuth. */
carnet_rc carnet_idp_serve_oauth(void *self, const carnet_service_request *request, carnet_service_response *response,
                                 const char *event, idp_handler *handler, carnet_err *err);
carnet_rc carnet_idp_begin(idp *p, carnet_service_worker *worker, idp_call *call, carnet_err *err);
carnet_str carnet_idp_body(const idp_call *call);
/* Refuse with an error of the interface. */
carnet_rc carnet_idp_refuse(idp_call *call, carnet_bops_error_code code, const char *why, carnet_err *err);
/* The HTTP status of an error. */
int carnet_idp_status_of(carnet_bops_error_code code);
void carnet_idp_event(const idp_call *call, const char *kind, carnet_rc rc, const char *reason);
/* Octets at random, as base64url, appended. */
carnet_rc carnet_idp_random_text(carnet_service_worker *worker, size_t octets, carnet_buf *out, carnet_err *err);
/* Hexadecimal digits, two for each octet, zero-terminated. */
void carnet_idp_hex(const uint8_t *octets, size_t count, char *text);
/* A UUID of 16 random octets, zero-terminated (RFC 9562 5.4). */
void carnet_idp_uuid(const uint8_t octets[16], char text[37]);
/* A copy in the scratch; empty if there is no room. */
carnet_str carnet_idp_copy(idp_call *call, carnet_str text);
/* What this user is called towards this relying party: the same at every instance, another for another party. */
carnet_rc carnet_idp_subject(idp_call *call, carnet_str party, carnet_str user_id, carnet_buf *out, carnet_err *err);
const idp_terminal *carnet_idp_terminal(const idp *p, carnet_str id);

/* limits.c: in this process's memory. */

/* Whether a relying party may open one more session. */
bool carnet_idp_may_start(idp_call *call);
/* Whether a session may be asked about again already. */
bool carnet_idp_may_poll(idp_call *call, const uint8_t hash[CARNET_SERVICE_HASH]);

/* record.c */

/* A session with all that belongs to it. */
typedef struct idp_record {
    carnet_store_identity_session row;
    carnet_store_identity_device device;
    carnet_store_identity_account account;
    carnet_authentication_session state;
    /* carnet_idp_open(): */
    carnet_str session_id;
    carnet_bops_authentication_start start; /* owns a document; carnet_idp_close() */
    carnet_vector_request wanted;
    uint8_t party_certificate[CARNET_SERVICE_HASH]; /* that the session was opened with */
    uint64_t kept;                                  /* what a terminal brought */
} idp_record;

/* Find a session by its identifier.  903: there is none. */
carnet_rc carnet_idp_find(idp_call *call, carnet_str session_id, idp_record *record, carnet_err *err);
carnet_rc carnet_idp_find_by_id(idp_call *call, int64_t id, idp_record *record, carnet_err *err);
/* Open its sealed request. */
carnet_rc carnet_idp_open(idp_call *call, idp_record *record, carnet_err *err);
void carnet_idp_close(idp_record *record);
carnet_rc carnet_idp_session_hash(idp_call *call, carnet_str session_id, uint8_t hash[CARNET_SERVICE_HASH],
                                  carnet_err *err);
/* What a request asks for: its vectors, its level's, or the configured level's.  Failures are those of carnet/vector_request.h. */
carnet_rc carnet_idp_wanted(const carnet_bops_authentication_start *start, carnet_str project, unsigned level,
                            carnet_vector_request *wanted, carnet_err *err);
/* What is kept of it: sealed. */
carnet_rc carnet_idp_seal_request(idp_call *call, const uint8_t hash[CARNET_SERVICE_HASH], carnet_str session_id,
                                  carnet_str body, carnet_buf *out, carnet_err *err);
carnet_rc carnet_idp_seal_kept(idp_call *call, const idp_record *record, uint64_t kept, carnet_buf *out,
                               carnet_err *err);

/* A change to a session and its device, in one durable step.  `change` looks at edit->record, changes row (through state),
 * device and account, and sets what is to be saved; or refuses, by edit->refusal: what it saved beside stays saved. */
typedef struct idp_edit {
    idp_call *call;
    uint8_t hash[CARNET_SERVICE_HASH];
    int64_t id; /* 0: by the hash */
    carnet_rc (*change)(struct idp_edit *edit, carnet_store_session *session, carnet_err *err);
    void *arg;
    idp_record record;
    bool save_session, save_device, save_account;
    carnet_bops_error_code refusal;
    const char *why;
} idp_edit;
carnet_rc carnet_idp_edit(idp_edit *edit, carnet_str session_id, carnet_err *err);
/* The same, by the session's row. */
carnet_rc carnet_idp_edit_by_id(idp_edit *edit, int64_t id, carnet_err *err);
/* For `change`: refuse. */
carnet_rc carnet_idp_no(idp_edit *edit, carnet_bops_error_code code, const char *why);
/* A session begins: whoever is to be told of its end will be, should nobody end it. */
carnet_rc carnet_idp_tell_at_last(const idp *p, const carnet_store_identity_session *row, carnet_store_session *session,
                                  carnet_err *err);
/* A session came to its end: whoever is to be told will be. */
carnet_rc carnet_idp_tell_later(idp_edit *edit, carnet_store_session *session, carnet_err *err);

/* Into the audit record, with the transaction it tells of: `reason` NULL: it was done; static texts.  `actor`: the relying
 * party, or empty. */
carnet_rc carnet_idp_audit(idp_call *call, carnet_store_session *session, const char *kind, const char *reason,
                           carnet_str actor, int64_t reference, carnet_err *err);

/* device.c */

/* The device of the request's certificate: its row (in the call's room), and account.  Refused unless it is ACTIVATED, or
 * blocked and `blocked` is allowed. */
carnet_rc carnet_idp_device(idp_call *call, bool blocked, carnet_store_identity_device *device,
                            carnet_store_identity_account *account, carnet_err *err);
/* A device's secrets, sealed and opened. */
typedef struct idp_secrets {
    uint8_t intrusion[IDP_SECRET], seed[IDP_SEED];
} idp_secrets;
carnet_rc carnet_idp_seal_secrets(idp_call *call, carnet_str device_id, const idp_secrets *secrets, carnet_buf *out,
                                  carnet_err *err);
carnet_rc carnet_idp_open_secrets(idp_call *call, const carnet_store_identity_device *device, idp_secrets *secrets,
                                  carnet_err *err);
/* A PIN's verifier: made, and taken apart. */
carnet_rc carnet_idp_pin_make(idp_call *call, carnet_str pin, carnet_buf *out, carnet_err *err);
bool carnet_idp_pin_read(carnet_str text, carnet_buf *room, carnet_pin_verifier *verifier);
carnet_rc carnet_idp_pin_check(idp_call *call, carnet_str verifier, carnet_str pin, bool *right, carnet_err *err);

/* All that evidence is held against; the arrays are in the scratch. */
typedef struct idp_enrolled {
    carnet_enrolled_device device;
    idp_secrets secrets;                         /* wipe */
    int64_t key_ids[CARNET_BOPS_AUTHENTICATORS]; /* of the credentials, by their index */
} idp_enrolled;
carnet_rc carnet_idp_enrolled(idp_call *call, const idp_record *record, idp_enrolled *enrolled, carnet_err *err);

/* enrol_keep.c */

/* Take a device from its user: within a transaction. */
carnet_rc carnet_idp_remove(idp_call *call, carnet_store_session *session, carnet_store_identity_device *device,
                            const char *reason, carnet_err *err);

/* certify.c */

/* Certify a key for so long as `urn` names it; the certificate in DER is appended. */
carnet_rc carnet_idp_certify(idp_call *call, const char *prefix, carnet_str name, const carnet_public_key *key,
                             carnet_time until, carnet_span serial, carnet_buf *out, carnet_err *err);
/* The request's key, if its owner signed the request. */
carnet_rc carnet_idp_open_request(idp_call *call, carnet_str text, carnet_span *der, carnet_public_key *key,
                                  carnet_err *err);
/* A fresh serial number, 16 octets. */
carnet_rc carnet_idp_serial(carnet_service_worker *worker, uint8_t serial[16], carnet_err *err);
/* The chain above a device's certificate, to an answer. */
carnet_rc carnet_idp_add_chain(idp_call *call, carnet_bops_enrolled *answer, carnet_err *err);

/* attest.c */

/* What attestation says of enrolled keys. */
typedef struct idp_attested {
    bool given; /* it is there, and good */
    bool certified, pad;
    unsigned rank, user_auth;
    carnet_public_key keys[16];
    size_t count;
} idp_attested;
carnet_rc carnet_idp_attested(idp_call *call, carnet_str text, idp_attested *attested, carnet_err *err);
bool carnet_idp_is_attested(const idp_attested *attested, const carnet_public_key *key);

/* status.c */

/* What is told of a session, which is opened if it was not; its texts are in the scratch. */
carnet_rc carnet_idp_describe(idp_call *call, idp_record *record, carnet_bops_session_status *status, carnet_err *err);
/* The ID token that is pushed beside a status' token: bound to it and to the session (CIBA 10.3.1); in the scratch. */
carnet_rc carnet_idp_pushed_token(idp_call *call, const idp_record *record, const carnet_bops_session_status *status,
                                  carnet_str *id_token, carnet_err *err);
/* Until when a token that is made now is good. */
carnet_time carnet_idp_token_expires(const idp_call *call, const idp_record *record);
/* Find a session of this relying party's own.  903: there is none. */
carnet_rc carnet_idp_own(idp_call *call, carnet_str session_id, idp_record *record, carnet_err *err);

/* start.c */

/* Open a session as a body of AuthenticationStart says, or find the one that the same request opened before; its texts are
 * in the scratch. */
carnet_rc carnet_idp_start(idp_call *call, carnet_str body, const carnet_bops_authentication_start *start,
                           carnet_bops_started *started, carnet_err *err);
/* The biometric methods that any of the acceptable sets has. */
size_t carnet_idp_biometrics(const idp_call *call, const carnet_store_identity_device *device,
                             const carnet_vector_request *wanted, int64_t retries,
                             carnet_bops_biometric list[CARNET_BOPS_BIOMETRICS]);

/* judge.c */

/* Judge facts for a session: `index` of the vector that is satisfied, or -1. */
carnet_rc carnet_idp_judge(idp_call *call, const idp_record *record, carnet_evidence_facts *facts,
                           carnet_evidence_result *result, int *index, carnet_err *err);
/* The trust that evidence is judged by. */
carnet_evidence_trust carnet_idp_trust(const idp_call *call);
/* The session as its evidence sees it. */
carnet_evidence_session carnet_idp_evidence_session(const idp_call *call, const idp_record *record);
/* A room for a judgement; in the scratch. */
carnet_rc carnet_idp_evidence_room(idp_call *call, carnet_evidence_room *room, carnet_err *err);
/* What is kept of an authentication; texts in the scratch. */
typedef struct idp_result {
    carnet_str vot, methods, token_id;
    unsigned level;
} idp_result;
/* Make it, with a fresh token's identifier; `response`: of the device, may be NULL. */
carnet_rc carnet_idp_result(idp_call *call, const carnet_evidence_result *result, const carnet_evidence_facts *facts,
                            const carnet_bops_authentication_response *response, idp_result *out, carnet_err *err);
/* Methods of RFC 8176 that facts amount to, a space between them. */
void carnet_idp_methods(const carnet_evidence_facts *facts, const carnet_bops_authentication_response *response,
                        carnet_buf *out);
void carnet_idp_record_result(idp_edit *edit, const idp_result *result);

/* backchannel.c: what a client of CIBA is sent about a session: a ping, tokens, or that nothing came of it. */
carnet_rc carnet_idp_backchannel_notice(idp_call *call, idp_record *record, bool push, carnet_buf *out,
                                        carnet_err *err);

/* notice.c */
carnet_rc carnet_idp_send_notices(void *self, carnet_service_worker *worker, carnet_err *err);

#endif
