/* SPDX-License-Identifier: Apache-2.0 */
/* The issuer's policy as the configuration says it. */
#include "internal.h"

#include "carnet/doctype_file.h"
#include "carnet/json_build.h"
#include "carnet/service_trust.h"
#include "carnet/source.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20, SHOWN_MAX = 4096, TEXTS = 8 };

typedef struct document_room {
    carnet_signature_algorithm algorithms[CARNET_SIGNING_ALGORITHMS_MAX];
    carnet_str key_storage[TEXTS], user_authentication[TEXTS];
    carnet_doctype doctype;
    carnet_buf table, display, claims;
} document_room;

struct carnet_issuing_configured {
    carnet_issuing_policy policy;
    carnet_issuing_document *documents;
    document_room *rooms;
    carnet_attribute_source *sources;
    size_t source_count;
    carnet_service_trust *key_attesters;
    carnet_buf display;
};

static carnet_rc
refuse(const char *member, const char *reason, carnet_err *err)
{
    carnet_path path = { .name = carnet_str_of(member) };

    return carnet_fail_at(err, CARNET_E_ISSUING_POLICY, NULL, reason, CARNET_NO_OFFSET, &path);
}

/* --- files and memory --- */

static carnet_rc
room_of(size_t size, carnet_buf *buf, carnet_err *err)
{
    *buf = carnet_buf_of(calloc(1, size), size);
    return buf->ptr == NULL ? refuse("memory", "there is no memory", err) : CARNET_OK;
}

static carnet_rc
read_file(const char *member, const char *path, carnet_buf *out, carnet_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    carnet_rc rc = fd < 0 ? refuse(member, "the file cannot be read", err) : room_of(FILE_MAX, out, err);

    while (rc == CARNET_OK) {
        ssize_t got = read(fd, out->ptr + out->len, out->cap - out->len);

        if (got < 0 || out->len + (size_t)got == out->cap)
            rc = refuse(member, "the file cannot be read, or is too long", err);
        else if (got == 0)
            break;
        else
            out->len += (size_t)got;
    }
    if (fd >= 0)
        (void)close(fd);
    return rc;
}

/* --- what is shown --- */

/* One display, of name, colours and logo. */
static carnet_rc
write_display(const char *name, const char *logo, const char *background, const char *text, carnet_buf *out,
              carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_array_begin(&b, NULL);
    carnet_json_object_begin(&b, NULL);
    if (name != NULL)
        carnet_json_add_text(&b, "name", name);
    if (logo != NULL) {
        carnet_json_object_begin(&b, "logo");
        carnet_json_add_text(&b, "uri", logo);
        carnet_json_object_end(&b);
    }
    if (background != NULL)
        carnet_json_add_text(&b, "background_color", background);
    if (text != NULL)
        carnet_json_add_text(&b, "text_color", text);
    carnet_json_object_end(&b);
    carnet_json_array_end(&b);
    return carnet_json_built(&b, err);
}

static carnet_rc
read_display(const char *file, const char *name, const char *logo, const char *background, const char *text,
             carnet_buf *out, carnet_str *display, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    if (file != NULL) {
        rc = read_file("display_file", file, out, err);
    } else if (name != NULL || logo != NULL) {
        rc = room_of(SHOWN_MAX + (logo == NULL ? 0 : 2 * strlen(logo)), out, err);
        if (rc == CARNET_OK)
            rc = write_display(name, logo, background, text, out, err);
    }
    *display = carnet_buf_str(out);
    return rc;
}

/* --- one document --- */

static carnet_rc
read_doctype(const carnet_config_credential *c, document_room *room, carnet_issuer_policy *p, carnet_err *err)
{
    carnet_json *json = NULL;
    carnet_buf text = { 0 };
    carnet_rc rc;

    p->doc_type = carnet_str_of(c->doctype);
    p->doctype = carnet_doctype_named(p->doc_type);
    if (p->doctype != NULL)
        p->doc_type = carnet_str_of(p->doctype->doc_type);
    if (c->doctype_file == NULL)
        return CARNET_OK;
    rc = read_file("doctype_file", c->doctype_file, &text, err);
    if (rc == CARNET_OK)
        rc = carnet_json_parse(carnet_buf_str(&text), &json, err);
    if (rc == CARNET_OK)
        rc = room_of(CARNET_DOCTYPE_FILE_STORAGE(text.len), &room->table, err);
    if (rc == CARNET_OK)
        rc = carnet_doctype_file_read(json, &room->table, &room->doctype, err);
    carnet_json_free(&json);
    free(text.ptr);
    p->doctype = &room->doctype;
    return rc;
}

static carnet_rc
read_algorithms(const carnet_config_credential *c, document_room *room, carnet_issuer_policy *p, carnet_err *err)
{
    p->key_algorithms = room->algorithms;
    for (size_t i = 0; i < c->key_algorithms.count; i++) {
        carnet_signature_algorithm algorithm = carnet_jws_algorithm_named(carnet_str_of(c->key_algorithms.list[i]));

        if (algorithm == CARNET_SIGNATURE_NONE || i == CARNET_COUNT(room->algorithms))
            return refuse("key_algorithms", "there is no such algorithm, or there are too many", err);
        room->algorithms[p->key_algorithm_count++] = algorithm;
    }
    for (size_t i = 0; i < c->proof_types.count; i++) {
        carnet_str name = carnet_str_of(c->proof_types.list[i]);

        if (carnet_str_is(name, "jwt"))
            p->proof_types |= CARNET_POLICY_PROOF_JWT;
        else if (carnet_str_is(name, "attestation"))
            p->proof_types |= CARNET_POLICY_PROOF_ATTESTATION;
        else
            return refuse("proof_types", "a proof type is jwt or attestation", err);
    }
    return CARNET_OK;
}

static carnet_rc
read_levels(const carnet_config_texts *texts, const char *member, carnet_str *out, size_t *count, carnet_err *err)
{
    if (texts->count > TEXTS)
        return refuse(member, "there are too many levels", err);
    for (; *count < texts->count; ++*count)
        out[*count] = carnet_str_of(texts->list[*count]);
    return CARNET_OK;
}

static carnet_rc
read_words(const carnet_config_credential *c, carnet_issuer_policy *p, carnet_err *err)
{
    static const carnet_hash hashes[] = { CARNET_SHA256, CARNET_SHA384, CARNET_SHA512 };
    static const char *const deferrals[] = {
        [CARNET_DEFERRAL_SOURCE] = "source", [CARNET_DEFERRAL_NEVER] = "never", [CARNET_DEFERRAL_ALWAYS] = "always"
    };
    size_t i;

    for (i = 0; c->hash != NULL && i < CARNET_COUNT(hashes); i++)
        if (strcmp(carnet_mso_hash_name(hashes[i]), c->hash) == 0)
            p->hash = hashes[i];
    if (c->hash != NULL && p->hash == 0)
        return refuse("hash", "a digest is SHA-256, SHA-384 or SHA-512", err);
    for (i = 0; c->deferral != NULL && i < CARNET_COUNT(deferrals); i++)
        if (strcmp(deferrals[i], c->deferral) == 0)
            break;
    if (c->deferral != NULL && i == CARNET_COUNT(deferrals))
        return refuse("deferral", "a rule is source, never or always", err);
    p->deferral = c->deferral == NULL ? CARNET_DEFERRAL_SOURCE : (carnet_issuer_deferral)i;
    return CARNET_OK;
}

static void
read_numbers(const carnet_config_credential *c, carnet_issuer_policy *p)
{
    p->configuration = carnet_str_of(c->id);
    p->scope = carnet_str_of(c->scope);
    p->valid_s = (int64_t)c->valid_days * CARNET_TIME_DAY;
    p->expected_update_s = (int64_t)c->expected_update_days * CARNET_TIME_DAY;
    p->round_s = (int64_t)c->round_hours * 3600;
    p->dehydrated = c->dehydrated;
    p->batch_max = c->batch_max;
    p->key_reuse_allowed = c->key_reuse_allowed;
    p->key_attestation_required = c->key_attestation_required;
    p->wallet_attestation_required = c->wallet_attestation_required;
    p->bearer_allowed = c->bearer_allowed;
    p->refresh_s = (int64_t)c->refresh_days * CARNET_TIME_DAY;
    p->reissue_before_s = (int64_t)c->reissue_before_days * CARNET_TIME_DAY;
    p->reissue_max = c->reissue_max;
    p->status_uri = carnet_str_of(c->status_uri);
    p->deferred_interval_s = c->deferred_interval_seconds;
    p->source = carnet_str_of(c->source);
}

static carnet_rc
find_source(const carnet_config *config, carnet_issuing_configured *all, const char *name,
            carnet_issuing_document *document, carnet_err *err)
{
    for (size_t i = 0; name != NULL && i < config->source_count; i++) {
        if (strcmp(config->sources[i].name, name) == 0) {
            document->source = &all->sources[i];
            return CARNET_OK;
        }
    }
    return name == NULL ? CARNET_OK : refuse("source", "there is no source of this name", err);
}

static carnet_rc
read_document(const carnet_config *config, carnet_issuing_configured *all, size_t i, carnet_err *err)
{
    const carnet_config_credential *c = &config->services->issuing->configurations[i];
    carnet_issuing_document *document = &all->documents[i];
    document_room *room = &all->rooms[i];
    carnet_issuer_policy *p = &document->policy;
    carnet_rc rc;

    read_numbers(c, p);
    document->signers[0] = c->signer;
    document->signer_count = 1;
    rc = read_doctype(c, room, p, err);
    if (rc == CARNET_OK)
        rc = read_algorithms(c, room, p, err);
    p->key_storage = room->key_storage;
    p->user_authentication = room->user_authentication;
    if (rc == CARNET_OK)
        rc = read_levels(&c->key_storage, "key_storage", room->key_storage, &p->key_storage_count, err);
    if (rc == CARNET_OK)
        rc = read_levels(&c->user_authentication, "user_authentication", room->user_authentication,
                         &p->user_authentication_count, err);
    if (rc == CARNET_OK)
        rc = read_words(c, p, err);
    if (rc == CARNET_OK)
        rc = read_display(c->display_file, c->name, c->logo_uri, c->background_color, c->text_color, &room->display,
                          &p->display, err);
    if (rc == CARNET_OK && c->claims_file != NULL)
        rc = read_file("claims_file", c->claims_file, &room->claims, err);
    p->claims = carnet_buf_str(&room->claims);
    return rc == CARNET_OK ? find_source(config, all, c->source, document, err) : rc;
}

/* --- sources --- */

static carnet_rc
open_source(const carnet_config *config, const carnet_config_source *s, carnet_attribute_source *source,
            carnet_err *err)
{
    switch (s->kind) {
    case CARNET_CONFIG_CSV:
        return carnet_csv_source_open(
            &(carnet_csv_source_config){ .path = s->file, .key = s->key_column, .files = s->files }, source, err);
    case CARNET_CONFIG_SQL:
        return carnet_sql_source_open(&(carnet_sql_source_config){ .place = s->place,
                                                                   .query = s->query,
                                                                   .files = s->files,
                                                                   .connections = s->connections,
                                                                   .timeout_ms = s->timeout_ms },
                                      source, err);
    case CARNET_CONFIG_HTTP:
        return carnet_http_source_open(
            &(carnet_http_source_config){ .url = s->url,
                                          .post = s->method != NULL && strcmp(s->method, "post") == 0,
                                          .ca = s->ca,
                                          .certificate = s->certificate,
                                          .certificate_key = s->certificate_key,
                                          .bearer_file = s->bearer_file,
                                          .timeout_ms = s->timeout_ms,
                                          .plain_loopback = config->allow_insecure_loopback },
            source, err);
    default:
        return refuse("kind", "there is no such kind of source", err);
    }
}

static carnet_rc
open_sources(const carnet_config *config, carnet_issuing_configured *all, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;
    char place[64];

    for (; rc == CARNET_OK && all->source_count < config->source_count; all->source_count++) {
        carnet_path list = { .name = carnet_str_of("sources") }, entry = { .up = &list, .index = all->source_count };

        rc = open_source(config, &config->sources[all->source_count], &all->sources[all->source_count], err);
        if (rc != CARNET_OK) {
            (void)carnet_path_text(&entry, place, sizeof(place));
            carnet_err_within(err, place);
        }
    }
    return rc;
}

/* --- all of it --- */

static carnet_rc
configure(const carnet_config *config, carnet_issuing_configured *all, carnet_err *err)
{
    const carnet_config_issuing *c = config->services->issuing;
    carnet_issuing_policy *p = &all->policy;
    carnet_rc rc = carnet_service_trust_new(&c->key_attesters, &all->key_attesters, err);
    char place[64];

    if (rc == CARNET_OK)
        rc = open_sources(config, all, err);
    if (rc == CARNET_OK)
        rc = read_display(c->display_file, config->authority, c->logo_uri, NULL, NULL, &all->display, &p->display, err);
    for (size_t i = 0; rc == CARNET_OK && i < c->configuration_count; i++) {
        carnet_path list = { .name = carnet_str_of("configurations") }, entry = { .up = &list, .index = i };

        rc = read_document(config, all, i, err);
        if (rc != CARNET_OK) {
            (void)carnet_path_text(&entry, place, sizeof(place));
            carnet_err_within(err, place);
        }
    }
    p->struct_size = sizeof(*p);
    p->documents = all->documents;
    p->document_count = c->configuration_count;
    p->key_attesters = carnet_service_trust_get(all->key_attesters);
    p->name = carnet_str_of(config->authority);
    p->encryption_key = c->encryption_key;
    p->encryption_required = c->encryption_required;
    p->metadata_key = c->metadata_key;
    p->nonce_s = c->nonce_seconds;
    p->offer_s = c->offer_seconds == 0 ? CARNET_TIME_DAY : c->offer_seconds;
    p->tx_code_attempts = c->tx_code_attempts;
    return rc;
}

carnet_rc
carnet_issuing_configure(const carnet_config *config, carnet_issuing_configured **configured, carnet_err *err)
{
    carnet_issuing_configured *all = calloc(1, sizeof(*all));
    carnet_rc rc = CARNET_OK;

    *configured = NULL;
    if (all == NULL)
        return refuse("memory", "there is no memory", err);
    all->documents = calloc(config->services->issuing->configuration_count + 1, sizeof(*all->documents));
    all->rooms = calloc(config->services->issuing->configuration_count + 1, sizeof(*all->rooms));
    all->sources = calloc(config->source_count + 1, sizeof(*all->sources));
    if (all->documents == NULL || all->rooms == NULL || all->sources == NULL)
        rc = refuse("memory", "there is no memory", err);
    if (rc == CARNET_OK)
        rc = configure(config, all, err);
    if (rc != CARNET_OK)
        carnet_issuing_configured_free(&all);
    *configured = all;
    return rc;
}

const carnet_issuing_policy *
carnet_issuing_configured_policy(const carnet_issuing_configured *configured)
{
    return &configured->policy;
}

void
carnet_issuing_configured_free(carnet_issuing_configured **configured)
{
    carnet_issuing_configured *all = *configured;

    if (all == NULL)
        return;
    for (size_t i = 0; all->rooms != NULL && all->documents != NULL && i < all->policy.document_count; i++) {
        free(all->rooms[i].table.ptr);
        free(all->rooms[i].display.ptr);
        free(all->rooms[i].claims.ptr);
    }
    for (size_t i = 0; i < all->source_count; i++)
        carnet_attribute_source_done(&all->sources[i]);
    carnet_service_trust_free(&all->key_attesters);
    free(all->display.ptr);
    free(all->documents);
    free(all->rooms);
    free(all->sources);
    free(all);
    *configured = NULL;
}
