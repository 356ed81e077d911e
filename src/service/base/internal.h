/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_SERVICE_BASE_INTERNAL_H
#define CARNET_SERVICE_BASE_INTERNAL_H
#include "carnet/certificate.h"
#include "carnet/http_random.h"
#include "carnet/sealed_area.h"
#include "carnet/service_file.h"
#include "carnet/service_part.h"

#include <pthread.h>

#define CARNET_SERVICE_SECRETS 8   /* keys in the secrets' file at most */
#define CARNET_SERVICE_KEY_DER 512 /* octets of a software key's PKCS#8 at most */
#define CARNET_SERVICE_SPARES  64  /* scratches beside the workers' own, for requests that are put aside */
#define CARNET_SERVICE_EVENTS  256 /* different ones that are counted */
#define CARNET_SERVICE_KEY_ID  4

/* One key of the deployment, and what is made of it once. */
typedef struct carnet_service_secret {
    uint8_t id[CARNET_SERVICE_KEY_ID];
    carnet_secret secret, nonces;
} carnet_service_secret;

/* areas.c: a secure area of the configuration, open. */
typedef struct carnet_service_area {
    carnet_secure_area area;
    carnet_crypto crypto;
    bool crypto_made;
    carnet_area_storage storage;
    carnet_sealed_area sealed;
    carnet_service_file secret; /* kept: a TPM's area wants it until it is closed */
    uint8_t *memory;
    size_t memory_len;
} carnet_service_area;
carnet_rc carnet_service_area_open(const carnet_config_area *config, carnet_service_area *area, carnet_err *err);
void carnet_service_area_close(carnet_service_area *area);

/* custody.c: the keys of the configuration, as all workers have them alike. */
typedef struct carnet_service_kept_key {
    const carnet_config_key *config;
    const carnet_config_area *area;
    carnet_key_identifier identifier;
    carnet_service_file chain, root;     /* PEM, then DER in place of it */
    carnet_service_key view;             /* what workers copy; without a key */
    uint8_t der[CARNET_SERVICE_KEY_DER]; /* of a key in software */
    size_t der_len;
    carnet_key shared; /* of a key in a TPM, used under the area's lock */
} carnet_service_kept_key;

typedef struct carnet_service_custody {
    carnet_service_area *areas; /* as many as in the configuration; open if shared by all threads */
    pthread_mutex_t *locks;
    carnet_service_kept_key *keys;
    size_t area_count, key_count;
} carnet_service_custody;
carnet_rc carnet_service_custody_new(const carnet_config *config, carnet_service_custody *custody, carnet_err *err);
void carnet_service_custody_free(carnet_service_custody *custody);

/* hands.c: one worker's handles of them. */
typedef struct carnet_service_hands {
    carnet_service_area *areas; /* of those that each thread opens for itself */
    carnet_key *keys;
    carnet_service_key *views;
    size_t area_count, key_count;
} carnet_service_hands;
carnet_rc carnet_service_hands_new(const carnet_config *config, carnet_service_custody *custody, carnet_crypto *crypto,
                                   carnet_service_hands *hands, carnet_err *err);
void carnet_service_hands_free(carnet_service_hands *hands);

/* chain.c: the certificates of a key. */
carnet_rc carnet_service_chain_read(carnet_service_kept_key *key, const carnet_public_key *public_key,
                                    carnet_crypto *crypto, carnet_err *err);

/* secrets.c */
carnet_rc carnet_service_secrets_read(carnet_str text, carnet_crypto *crypto, carnet_service_secret *secrets,
                                      size_t *count, carnet_err *err);

typedef struct carnet_service_seat {
    carnet_service_worker worker;
    struct carnet_service_context *context;
    carnet_crypto crypto;
    carnet_service_random pool;
    carnet_service_hands hands;
    uint8_t *memory;
    size_t memory_len;
    bool taken;
} carnet_service_seat;

typedef struct carnet_service_count_of {
    const char *interface, *kind, *outcome, *configuration;
    uint64_t count;
} carnet_service_count_of;

struct carnet_service_context {
    const carnet_config *config;
    carnet_service_hooks hooks;
    carnet_str base_url, base_path;
    carnet_service_secret secrets[CARNET_SERVICE_SECRETS];
    size_t secret_count;
    carnet_service_custody custody;
    carnet_service_seat *seats;
    size_t seat_count;
    pthread_key_t mine; /* a thread's seat */
    bool mine_made;
    pthread_mutex_t lock;                   /* over the seats' `taken`, the spares and the counts */
    uint8_t *spares[CARNET_SERVICE_SPARES]; /* scratches that nobody has */
    size_t spare_count, spares_made;
    carnet_service_count_of counts[CARNET_SERVICE_EVENTS];
    size_t count_of;
};

/* event.c */
void carnet_service_event_metrics(const carnet_service_context *context, carnet_buf *out);
/* JSON text as a Prometheus label's value. */
void carnet_service_label(carnet_buf *out, const char *name, const char *value, bool first);

/* parts.c, parts_routes.c */
#define CARNET_SERVICE_PARTS  16
#define CARNET_SERVICE_TABLES 16 /* of routes: one a listener */

/* A listener's routes, with the paths made for them. */
typedef struct carnet_service_table {
    carnet_service_route *routes;
    size_t count;
    char *text;
} carnet_service_table;
void carnet_service_table_free(carnet_service_table *table);

struct carnet_service_parts {
    const carnet_service_context *context;
    struct {
        const carnet_service_part *part;
        void *self;
        int64_t due;
    } list[CARNET_SERVICE_PARTS];
    size_t count;
    carnet_service_table tables[CARNET_SERVICE_TABLES];
    size_t table_count;
};

#endif
