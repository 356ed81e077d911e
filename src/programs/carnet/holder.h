/* SPDX-License-Identifier: Apache-2.0 */
/* carnet holder: what its parts share. */
#ifndef CARNET_CLI_HOLDER_H
#define CARNET_CLI_HOLDER_H
#include "holder_store.h"
#include "onsite.h"
#include "passphrase.h"

typedef enum holder_action {
    HOLDER_INIT = 1,
    HOLDER_KEY = 2,
    HOLDER_ADD = 4,
    HOLDER_LIST = 8,
    HOLDER_SHOW = 16,
    HOLDER_REMOVE = 32,
    HOLDER_PASSPHRASE = 64,
    HOLDER_PRESENT = 128
} holder_action;

/** How consent is had. */
typedef enum holder_consent { HOLDER_CONSENT_PROMPT, HOLDER_CONSENT_ALL, HOLDER_CONSENT_NONE } holder_consent;

typedef struct holder_arguments {
    holder_action action;
    const char *store, *argument; /* argument: a file or number */
    passphrase_source passphrase, new_passphrase;
    carnet_argon2_cost cost;
    bool has_cost, json;
    /* key, add, remove */
    const char *curve, *output, *device_key, *trust;
    uint64_t count;
    bool keep_key;
    /* present */
    uint64_t documents[STORE_DOCUMENTS_MAX];
    size_t document_count;
    const char *qr_image, *qr_text, *reverse, *trusted_readers, *policy, *at, *ca;
    bool qr, mac, verified_holder, negotiated, loop, insecure_loopback;
    uint64_t times;
    holder_consent consent;
    bool has_consent;
    onsite_options onsite;
} holder_arguments;

int holder_init(const holder_arguments *a, carnet_crypto *crypto);
int holder_key(const holder_arguments *a, carnet_crypto *crypto);
int holder_add(const holder_arguments *a, carnet_crypto *crypto);
int holder_list(const holder_arguments *a, carnet_crypto *crypto);
int holder_show(const holder_arguments *a, carnet_crypto *crypto);
int holder_remove(const holder_arguments *a, carnet_crypto *crypto);
int holder_passphrase(const holder_arguments *a, carnet_crypto *crypto);
int holder_present(const holder_arguments *a, carnet_crypto *crypto);

/** Open the store and its keys with the passphrase, asked for once more where it is wrong and typed. */
void holder_unlock(const holder_arguments *a, carnet_crypto *crypto, bool change, store *s);
/** A document type's title, or the type itself. */
carnet_str holder_title(carnet_str doc_type);

#endif
