/* SPDX-License-Identifier: Apache-2.0 */
/* The part: made of its section of the configuration. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 65536, KEY_NAME = 16 };

static bool
wanted(const carnet_config *config)
{
    return config->services->identity_provider != NULL;
}

/* A terminal's reader key: the first certificate or public key of a file. */
static carnet_rc
read_reader_key(const char *file, carnet_public_key *key, carnet_err *err)
{
    const carnet_config_texts files = { .list = (char *[]){ (char *)(uintptr_t)file }, .count = 1 };
    carnet_service_trust *trust = NULL;
    carnet_rc rc = carnet_service_trust_new(&files, &trust, err);

    if (rc == CARNET_OK) {
        *key = carnet_service_trust_get(trust)->keys[0].key;
        carnet_service_trust_free(&trust);
    }
    return rc;
}

static int64_t
degrees_e7(const char *text)
{
    const double value = strtod(text, NULL) * 1e7;

    return (int64_t)(value < 0 ? value - 0.5 : value + 0.5);
}

static carnet_rc
read_terminals(idp *p, carnet_err *err)
{
    const carnet_config_identity_provider *config = p->config;
    carnet_rc rc = CARNET_OK;

    if (config->terminal_count == 0)
        return CARNET_OK;
    if ((p->terminals = calloc(config->terminal_count, sizeof(*p->terminals))) == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    for (size_t i = 0; rc == CARNET_OK && i < config->terminal_count; i++) {
        const carnet_config_identity_terminal *from = &config->terminals[i];
        idp_terminal *to = &p->terminals[p->terminal_count++];

        to->id = from->id;
        to->placed = from->latitude != NULL;
        to->reads = from->reader_key != NULL;
        if (to->placed) {
            to->latitude_e7 = degrees_e7(from->latitude);
            to->longitude_e7 = degrees_e7(from->longitude);
        }
        if (to->reads)
            rc = read_reader_key(from->reader_key, &to->key, err);
    }
    return rc;
}

static void
set_policies(idp *p)
{
    const carnet_config_identity_provider *config = p->config;
    const carnet_authentication_policy policy = {
        .opportunity_seconds = config->opportunity_seconds,
        .active_seconds = config->active_seconds,
        .token_seconds = config->token_seconds,
        .max_age_seconds = config->max_age,
        .attempts = config->attempts,
    };
    const char *confidence = config->confidence != NULL ? config->confidence : "none";

    p->policy = carnet_authentication_policy_of(&policy);
    p->evidence = carnet_evidence_policy_default();
    p->evidence.max_age = p->policy.max_age_seconds;
    p->evidence.key_certified = config->key_certified;
    p->evidence.max_parent_age = p->policy.parent_seconds;
    if (config->min_key_rank != 0)
        p->evidence.min_key_rank = config->min_key_rank;
    if (config->radius_m != 0)
        p->evidence.radius_m = config->radius_m;
    p->confidence = strcmp(confidence, "high") == 0          ? CARNET_IDENTITY_HIGH
                    : strcmp(confidence, "substantial") == 0 ? CARNET_IDENTITY_SUBSTANTIAL
                    : strcmp(confidence, "none") == 0        ? CARNET_IDENTITY_NONE
                                                             : CARNET_IDENTITY_SELF_ASSERTED;
    for (size_t i = 0; i < config->fido_origins.count && i < CARNET_COUNT(p->origins); i++)
        p->origins[p->origin_count++] = carnet_str_of(config->fido_origins.list[i]);
}

static void
set_names(idp *p)
{
    const carnet_config_identity_provider *config = p->config;
    const size_t len = strlen(config->token_key);

    p->id = config->id != NULL ? carnet_str_of(config->id) : carnet_service_base_url(p->context);
    /* A key's name travels in payment messages, where there is room for 16 characters. */
    memcpy(p->key_id_text, config->token_key, len < KEY_NAME ? len : KEY_NAME);
    p->key_id = carnet_str_of(p->key_id_text);
}

static void
done(void *self)
{
    idp *p = self;

    if (p == NULL)
        return;
    pthread_mutex_destroy(&p->lock);
    carnet_service_trust_free(&p->devices);
    carnet_service_trust_free(&p->friends);
    carnet_service_trust_free(&p->attesters);
    carnet_service_trust_free(&p->documents);
    free(p->terminals);
    free(p);
}

static carnet_rc
prepare(idp *p, carnet_err *err)
{
    const carnet_config_identity_provider *config = p->config;
    carnet_rc rc = carnet_service_trust_new(&config->device_authorities, &p->devices, err);

    if (rc == CARNET_OK)
        rc = carnet_service_trust_new(&config->friend_authorities, &p->friends, err);
    if (rc == CARNET_OK)
        rc = carnet_service_trust_new(&config->attesters, &p->attesters, err);
    if (rc == CARNET_OK)
        rc = carnet_service_trust_new(&config->document_authorities, &p->documents, err);
    return rc == CARNET_OK ? read_terminals(p, err) : rc;
}

static carnet_rc
init(const carnet_service_context *context, const carnet_service_parts *parts, void **self, carnet_err *err)
{
    idp *p = calloc(1, sizeof(*p));
    carnet_rc rc;

    *self = NULL;
    if (p == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    p->context = context;
    p->desk = parts != NULL ? carnet_service_part_find(parts, "desk") : NULL;
    p->config = carnet_service_configuration(context)->services->identity_provider;
    if (pthread_mutex_init(&p->lock, NULL) != 0) {
        free(p);
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    set_policies(p);
    set_names(p);
    if ((rc = prepare(p, err)) != CARNET_OK) {
        done(p);
        return rc;
    }
    *self = p;
    return CARNET_OK;
}

static void
add_counter(carnet_buf *out, const char *name, const char *help, unsigned long value)
{
    carnet_buf_add_text(out, "# HELP ");
    carnet_buf_add_text(out, name);
    carnet_buf_add_byte(out, ' ');
    carnet_buf_add_text(out, help);
    carnet_buf_add_text(out, "\n# TYPE ");
    carnet_buf_add_text(out, name);
    carnet_buf_add_text(out, " counter\n");
    carnet_buf_add_text(out, name);
    carnet_buf_add_byte(out, ' ');
    carnet_buf_add_uint(out, value);
    carnet_buf_add_byte(out, '\n');
}

static void
metrics(void *self, carnet_buf *out)
{
    idp *p = self;

    add_counter(out, "carnet_identity_sessions_started_total", "Sessions opened", atomic_load(&p->started));
    add_counter(out, "carnet_identity_sessions_authenticated_total", "Sessions answered with what was asked for",
                atomic_load(&p->authenticated));
    add_counter(out, "carnet_identity_sessions_failed_total", "Sessions answered without", atomic_load(&p->failed));
    add_counter(out, "carnet_identity_notices_sent_total", "Notices sent out", atomic_load(&p->notified));
}

static const carnet_service_part_route routes[] = {
    { &carnet_idp_register_account_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_renew_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_unlock_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_remove_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_start_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_request_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_register_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_answer_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_status_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_status_get_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_cancel_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_consume_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_submit_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_notifications_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_keys_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_metadata_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_backchannel_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_token_route, CARNET_SERVES_PUBLIC },
    { &carnet_idp_page_route, CARNET_SERVES_STAFF },
    { &carnet_idp_operate_route, CARNET_SERVES_STAFF },
};

const carnet_service_part carnet_identity_provider_part = {
    .name = "identity_provider",
    .wanted = wanted,
    .init = init,
    .done = done,
    .routes = routes,
    .route_count = CARNET_COUNT(routes),
    .job = carnet_idp_send_notices,
    .period = 1,
    .metrics = metrics,
};
