/* SPDX-License-Identifier: Apache-2.0 */
/* The holder's store: documents and the keys of the device, for whatever command holds documents.
 *
 * A store is a directory: index.json (which documents there are; nothing in it is secret, and nothing of it decides),
 * documents/N.cbor (IssuerSigned as received, 0600), keys.sealed (device keys, carnet/sealed_file.h), presentations.jsonl (a
 * line for each: when, to whom, which elements; never a value).  A document's key is the one whose public half the document
 * names.  The directory is locked while a command changes it. */
#ifndef CARNET_HOLDER_STORE_H
#define CARNET_HOLDER_STORE_H
#include "carnet/file_storage.h"
#include "carnet/sealed_area.h"
#include "cli.h"

#define STORE_DOCUMENTS_MAX 1024
#define STORE_NAME_MAX      24

/** A document held. */
typedef struct store_document {
    uint64_t number;
    carnet_str doc_type;
    carnet_str key; /* its key's identifier in hexadecimal */
    carnet_time added, valid_until;
} store_document;

typedef struct store {
    const char *directory;
    carnet_crypto *crypto;
    store_document *documents; /* STORE_DOCUMENTS_MAX */
    size_t count;
    uint64_t next; /* number of the next document */
    int lock;
    carnet_area_storage storage;
    carnet_sealed_area sealed;
    carnet_secure_area area; /* closed until store_unlock() */
    carnet_buf memory;
} store;

/** Make a store whose keys are sealed with the passphrase; dies where there is one. */
void store_make(const char *directory, carnet_crypto *crypto, carnet_span passphrase, const carnet_argon2_cost *cost);
/** Open: the index.  `change`: keep other commands from changing it until store_close().  Dies when it cannot. */
void store_open(store *s, const char *directory, carnet_crypto *crypto, bool change);
/** Open the keys; CARNET_E_SEALED_PASSPHRASE is for the caller to say, all else ends the program. */
carnet_rc store_unlock(store *s, carnet_span passphrase);
/** Whether the passphrase is the one of the keys: a check of who is there. */
bool store_is_passphrase(const store *s, carnet_span passphrase);
/** Wipe the keys, let others in. */
void store_close(store *s);

/** The document of a number; NULL if there is none. */
const store_document *store_find(const store *s, uint64_t number);
/** A document's bytes, opened; dies when the file is gone or damaged. */
void store_read(const store *s, const store_document *document, cli_document *opened);
/** The key in the area for this public key; false if there is none. */
bool store_key_for(store *s, const carnet_public_key *public_key, carnet_key_description *key);
/** A document's device key, as the document names it, checked. */
void store_device_key(const store *s, const char *what, const cli_document *document, carnet_public_key *key);
/** Keep a document whose key is in the area; returns its number. */
uint64_t store_add(store *s, const cli_document *document, const carnet_key_identifier *key);
/** Forget a document, and with `key` its key. */
void store_remove(store *s, uint64_t number, bool key);
/** Add a line to the record of presentations. */
void store_note(const store *s, carnet_str line);
/** An identifier in hexadecimal. */
carnet_str store_key_name(const carnet_key_identifier *identifier);

#endif
