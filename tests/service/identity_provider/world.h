/* SPDX-License-Identifier: Apache-2.0 */
/* An identity provider (two instances on one store), relying parties, phones; and a clock that is the test's. */
#ifndef TEST_IDENTITY_PROVIDER_WORLD_H
#define TEST_IDENTITY_PROVIDER_WORLD_H
#include "carnet/authenticator.h"
#include "carnet/bops_authentication_start.h"
#include "carnet/certificate_builder.h"
#include "carnet/identity_provider.h"
#include "carnet/service_config_identity_provider.h"
#include "carnet/service_part.h"
#include "carnet/store.h"
#include "support/support.h"

#define NOW    1800000000
#define ANSWER 65536

/* A phone, with what a test would have it do. */
typedef struct phone {
    carnet_enrolment enrolment;
    carnet_key key, tls; /* of transactions; of connections */
    uint8_t certificate[CARNET_CERTIFICATE_MAX];
    size_t certificate_len;
    carnet_device_outcome approves, matches;
    bool pad, in_hardware;
    const char *pin, *push;
    /* To enrol with: one-time passwords by counter; a FIDO authenticator in software. */
    bool hotp, fido, documented;
    uint32_t fido_count;
    bool fido_verifies;
} phone;

typedef enum party { NOBODY, BANK, SHOP, STRANGER, BANK_OTHER_KEY, PARTIES } party;

typedef struct reply {
    int status, code; /* of HTTP; errorCode, or 0 */
    char text[ANSWER + 1];
} reply;

typedef struct world {
    char folder[64], place[160], log[65536];
    size_t log_len;
    char texts[4096]; /* of the configuration */
    size_t texts_len;
    carnet_time now;
    carnet_crypto crypto;
    carnet_config config;
    carnet_config_area area;
    carnet_config_key keys[1];
    carnet_config_services services;
    carnet_config_identity_provider provider;
    carnet_config_identity_friend friends[2];
    carnet_config_identity_terminal terminals[2];
    carnet_store *stores[2];
    carnet_service_context *contexts[2];
    carnet_service_parts *parts[2];
    size_t at; /* the instance that is asked */
    carnet_key authority, attester, party_keys[PARTIES];
    uint8_t authority_der[CARNET_CERTIFICATE_MAX], party_der[PARTIES][CARNET_CERTIFICATE_MAX];
    size_t authority_len, party_len[PARTIES];
    carnet_public_key signer;
    carnet_key fido; /* of a credential */
    /* documents.c: an authority of documents, a document's key, a terminal's reader key */
    carnet_key document_authority, document, reader;
    uint8_t document_authority_der[CARNET_CERTIFICATE_MAX];
    size_t document_authority_len;
    char user[16], request[16]; /* names of this test alone: a server keeps what others did */
    phone alice;
    char session[CARNET_BOPS_SESSION + 1];
    reply reply;
} world;

extern world w;

/* With "postgresql" as argument on such a server. */
int world_run(int argc, char **argv, const struct CMUnitTest *tests, size_t count);
int world_begin(void **state); /* with Alice's phone enrolled */
int world_end(void **state);
void world_make_documents(void);
/* Ask with this client certificate (empty: none); what was said is in w.reply. */
void ask_at(size_t at, carnet_span certificate, const char *path, const char *body, reply *r);
void ask_as(carnet_span certificate, const char *path, const char *body);
void ask(party who, const char *path, const char *format, ...) CARNET_PRINTF(3, 4);
void ask_phone(const phone *p, const char *path, const char *format, ...) CARNET_PRINTF(3, 4);
/* A form of the bank's, to an endpoint of CIBA; an error's name is in w.reply.text. */
void ask_form(const char *path, const char *form);
/* The refusal that the last question met with. */
void assert_refused(int status, int code);
/* A text that the last answer has, and the value of a member (of the first of this name). */
bool said(const char *text);
void member(const char *name, char *out, size_t cap);

void invite(const char *user, uint8_t *certificate, size_t *len, carnet_key *key);
/* Enrol with the invitation of a user; its status. */
int enrol(phone *p, const char *user, const char *pin);
int enrol_with(phone *p, carnet_span invitation, const char *pin);
void phone_done(phone *p);
/* AuthenticationStart by the bank for Alice's phone; `more` are further members, with a comma before them. */
void start(const char *more);
void start_for(const phone *p, const char *user, const char *more);
/* Take a session on and answer it; what the phone was told. */
carnet_bops_status approve(phone *p, const char *session);
/* The phone's requests, to be sent by the test: register (then w.reply), and the answer to it as text. */
const char *answer_of(phone *p, const char *session);
void status_is(const char *session, const char *status);

#define VTR(vectors) ",\"vtr\":[" vectors "],\"vtm\":\"https://standards.ieee.org/standard/p1940.html\""
#define TRANSACTION                                                                                                    \
    ",\"bindingMessage\":\"K7Q2\",\"transaction\":{\"type\":\"ATM_CWD\",\"ref\":\"ST1\",\"amount\":\"000000020000\","  \
    "\"currency\":\"840\",\"terminalId\":\"ATM00001\",\"text\":\"Withdraw 200.00 USD at ATM00001\"}"

#endif
