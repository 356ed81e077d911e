/* SPDX-License-Identifier: Apache-2.0 */
/* The holder's store: documents and the keys of the device, for whatever command holds documents.
 *
 * A store is a directory: index.json (which documents there are, and in which secure area their keys are; nothing in it is
 * secret, and nothing of it decides), documents/N.cbor (IssuerSigned as received, 0600, one a copy), keys.sealed (device keys,
 * carnet/sealed_file.h) or keys.tpm2 (keys as a TPM wrapped them) or a PKCS#11 token's own, grants.sealed (tokens of issuers,
 * and the keys they are bound to, sealed by a key of the area), uses.log (the number of a copy for each time it was presented),
 * presentations.jsonl (a line for each: when, to whom, which elements; never a value).  A copy's key is the one whose public half the document names.
 *
 * A change is made when the new index.json is in its place: what was written before and is not in it is cleared away by the
 * next who changes the store.  The directory is locked while a command changes it. */
#ifndef CARNET_HOLDER_STORE_H
#define CARNET_HOLDER_STORE_H
#include "carnet/file_storage.h"
#include "carnet/json.h"
#include "carnet/sealed_area.h"
#include "cli.h"
#include "passphrase.h"

#define STORE_DOCUMENTS_MAX    1024
#define STORE_COPIES_MAX       256 /* of one document */
#define STORE_NAME_MAX         24
#define STORE_PENDING_MAX      16
#define STORE_PENDING_KEYS_MAX 128

/** Where the keys are. */
typedef enum store_area_kind { STORE_SOFTWARE, STORE_PKCS11, STORE_TPM2 } store_area_kind;
typedef struct store_area {
    store_area_kind kind;
    const char *module, *token; /* PKCS#11; token NULL: the only one */
    const char *tcti;           /* TPM; NULL: what the TSS finds */
} store_area;

/** One of the same documents, each for a key of its own. */
typedef struct store_copy {
    uint64_t number; /* of its file */
    carnet_str key;  /* its key's identifier in hexadecimal */
    uint64_t uses;   /* presentations, of uses.log */
    carnet_time valid_until;
} store_copy;

/** A document held. */
typedef struct store_document {
    uint64_t number; /* that of its first copy */
    carnet_str doc_type;
    carnet_time added, valid_until; /* of the copy that is valid longest */
    store_copy *copies;
    size_t count, cap;
    /* Of an issuer; empty for one that came by hand. */
    carnet_str issuer, configuration, identifier, notification;
    uint64_t grant; /* 0: none */
    bool untrusted; /* kept though its issuer could not be judged */
} store_document;

/** What an issuer will have ready some other time (OpenID4VCI 9). */
typedef struct store_pending {
    uint64_t number;
    carnet_str issuer, configuration, identifier, transaction;
    uint64_t grant;
    uint64_t renews; /* the document it takes the place of; 0: none */
    carnet_time since;
    carnet_str keys[STORE_PENDING_KEYS_MAX]; /* identifiers in hexadecimal */
    size_t key_count;
} store_pending;

typedef struct store {
    const char *directory;
    carnet_crypto *crypto;
    store_document *documents; /* STORE_DOCUMENTS_MAX */
    size_t count;
    store_pending *pending; /* STORE_PENDING_MAX */
    size_t pending_count;
    uint64_t next; /* number of the next copy */
    int lock;
    store_area where;
    carnet_area_storage storage;
    carnet_sealed_area sealed;
    carnet_secure_area area; /* closed until store_unlock() */
    carnet_buf memory;
    uint8_t salt[32], check[32]; /* of the passphrase, as long as the area is open */
} store;

/** Make a store; `secret`: the passphrase of the sealed file, the token's PIN, or the TPM's authorisation value.  Dies where there
 *  is one. */
void store_make(const char *directory, carnet_crypto *crypto, const store_area *where, carnet_span secret,
                const carnet_argon2_cost *cost);
/** Open: the index.  `change`: keep other commands from changing it until store_close().  Dies when it cannot. */
void store_open(store *s, const char *directory, carnet_crypto *crypto, bool change);
/** Open the keys; CARNET_E_SEALED_PASSPHRASE is for the caller to say, all else ends the program. */
carnet_rc store_unlock(store *s, carnet_span secret);
/** What the passphrase is called: "Passphrase", "PIN", "Authorisation of the TPM's keys". */
const char *store_secret_name(const store *s);
/** Open the store and its keys with the secret of `source`; a terminal is asked three times.  Dies when they do not open. */
void store_ask(store *s, const char *directory, carnet_crypto *crypto, bool change, const passphrase_source *source);
/** Whether the passphrase is the one of the keys, which are open: a check of who is there. */
bool store_is_passphrase(const store *s, carnet_span secret);
/** Wipe the keys, let others in. */
void store_close(store *s);

/** The document of a number, its own or that of a copy; NULL if there is none. */
store_document *store_find(const store *s, uint64_t number);
/** The copy that was presented least, the oldest of several; one that is no longer valid only if all are so. */
const store_copy *store_fresh_copy(const store_document *document, carnet_time now);
/** How many copies were never presented and are still valid. */
size_t store_fresh_count(const store_document *document, carnet_time now);
/** The bytes of a copy, opened; dies when the file is gone or damaged. */
void store_read(const store *s, const store_copy *copy, cli_document *opened);
/** The key in the area for this public key; false if there is none. */
bool store_key_for(store *s, const carnet_public_key *public_key, carnet_key_description *key);
/** A document's device key, as the document names it, checked. */
void store_device_key(const store *s, const char *what, const cli_document *document, carnet_public_key *key);
/** Write a copy's file, to be kept by the next store_commit(); returns its number. */
uint64_t store_write_copy(store *s, carnet_span issuer_signed);
/** A document more, without copies; dies where the store is full. */
store_document *store_new_document(store *s);
/** Copies that are in their files become the document's. */
void store_add_copy(store_document *document, const store_copy *copy);
/** Write the index with these copies in place of the document's; then those it had, and their keys, are destroyed. */
void store_replace(store *s, store_document *document, const store_copy *copies, size_t count);
/** What is waited for, of a number; NULL if there is none. */
store_pending *store_pending_find(const store *s, uint64_t number);
/** One more, with a number of its own; dies where there are too many. */
store_pending *store_pending_new(store *s);
/** Nothing is waited for any more; written by the next store_commit(). */
void store_pending_drop(store *s, uint64_t number);
/** Write the index: what was changed is so from now on. */
void store_commit(store *s);
/** Keep a document whose key is in the area; returns its number. */
uint64_t store_add(store *s, const cli_document *document, const carnet_key_identifier *key);
/** Forget copies of a document, all if `copy` is NULL, and with `key` their keys. */
void store_remove(store *s, uint64_t number, const store_copy *copy, bool key);
/** Count a presentation of a copy, on the disk, before it takes place.  The store need not be open for change. */
void store_count_use(store *s, uint64_t copy);
/** Add a line to the record of presentations. */
void store_note(const store *s, carnet_str line);
/** An identifier in hexadecimal, and back; false for what is none. */
carnet_str store_key_name(const carnet_key_identifier *identifier);
bool store_key_identifier(carnet_str name, carnet_key_identifier *identifier);

/* --- store_area.c --- */

/** "software", "pkcs11", "tpm2"; dies on anything else. */
store_area_kind store_area_named(const char *name);
const char *store_area_name(store_area_kind kind);
/** Open the area of a store; `make`: it is new. */
carnet_rc store_area_open(store *s, carnet_span secret, const carnet_argon2_cost *cost, bool make, carnet_err *err);
/** A key that only who opens this area can have, for sealing (`purpose` tells several apart).  Made when it is first asked for. */
void store_area_secret(store *s, const char *purpose, carnet_secret *secret);
carnet_rc store_area_try_secret(store *s, const char *purpose, carnet_secret *secret, carnet_err *err);

/** A file of JSON sealed by such a key. */
typedef struct store_sealed {
    const char *file, *purpose;
    const char *otherwise; /* what is said of a file that is none of these */
} store_sealed;
/** NULL if there is no such file; dies when it cannot be read. */
carnet_json *store_sealed_read(store *s, const store_sealed *what);
/** Wipes and frees the text. */
carnet_rc store_sealed_write(store *s, const store_sealed *what, carnet_buf *text, carnet_err *err);

/* --- store_index.c --- */

void store_index_read(store *s);
void store_index_write(const store *s);
const char *store_path(const store *s, const char *name);

/* --- store_grants.c: what issuers granted; secrets, sealed --- */

/** What is kept of an issuer. */
typedef struct store_grant {
    uint64_t number;
    carnet_str issuer, server, client_id, access_token, refresh_token;
    carnet_time expires;
    bool dpop, attested;
    carnet_span dpop_key, instance_key; /* PKCS#8; empty: none */
} store_grant;

/** The grant of a number; false if there is none.  What it holds lives until the process ends; wiped by store_close(). */
bool store_grant_get(store *s, uint64_t number, store_grant *grant);
/** Keep a grant under its number (0: a new one, which is returned). */
uint64_t store_grant_put(store *s, const store_grant *grant);
/** Forget those that no document needs. */
void store_grant_sweep(store *s);

#endif
