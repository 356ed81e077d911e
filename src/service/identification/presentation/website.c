/* SPDX-License-Identifier: Apache-2.0 */
/*
 * By website: the page shows a ReaderEngagement, the app sends its engagement
 * and then its answer to an address of ours (18013-7 A.1, A.6, A.7, A.8).
 */
#include "carnet/reader_replay.h"
#include "carnet/reader_reverse.h"
#include "internal.h"

#include <string.h>

#define STORAGE (2 * CARNET_READER_STORAGE + 24576)
#define KEY_DER 512

/* Between messages. */
typedef struct website_state {
    carnet_span key, reader_engagement, device_engagement, sent;
} website_state;

static const carnet_cbor_field fields[] = {
    CARNET_LABEL(website_state, 1, CARNET_FIELD_BSTR, key),
    CARNET_LABEL(website_state, 2, CARNET_FIELD_BSTR, reader_engagement),
    CARNET_LABEL(website_state, 3, CARNET_FIELD_BSTR, device_engagement),
    CARNET_LABEL(website_state, 4, CARNET_FIELD_BSTR, sent),
};

static carnet_rc
open_state(carnet_span cbor, website_state *state, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(cbor);

    *state = (website_state){ 0 };
    carnet_cbor_fields(&r, fields, CARNET_COUNT(fields), state);
    return carnet_cbor_end(&r, err);
}

/* The state with the reader's key. */
static carnet_rc
write_state(website_state *state, carnet_key *key, carnet_buf *out, carnet_err *err)
{
    uint8_t der[KEY_DER];
    carnet_buf key_der = carnet_buf_of(der, sizeof(der));
    carnet_cbor_builder b = carnet_cbor_build(out->ptr + out->len, out->cap - out->len);
    carnet_span built;
    carnet_rc rc = carnet_software_key_to_der(key, &key_der, err);

    state->key = carnet_buf_span(&key_der);
    carnet_cbor_add_map(&b, CARNET_COUNT(fields));
    for (size_t i = 0; i < CARNET_COUNT(fields); i++) {
        carnet_cbor_add_int(&b, fields[i].key);
        carnet_cbor_add_bstr(&b, *(const carnet_span *)(const void *)((const char *)state + fields[i].offset));
    }
    if (rc == CARNET_OK)
        rc = carnet_cbor_built(&b, &built, err);
    if (rc == CARNET_OK)
        out->len += built.len;
    carnet_wipe(der, sizeof(der));
    return rc;
}

static carnet_rc
ask(const carnet_presentation_question *question, carnet_service_worker *worker, carnet_buf *state, carnet_err *err)
{
    uint8_t room[512];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_buf storage = carnet_service_scratch_buf(worker, STORAGE);
    carnet_engagement_parameters parameters = { .method_count = 1 };
    carnet_reader reader;
    carnet_span method;
    website_state kept = { 0 };
    carnet_rc rc;

    carnet_method_build_rest(&b, question->uri);
    if ((rc = carnet_cbor_built(&b, &method, err)) != CARNET_OK)
        return rc;
    parameters.methods = &method;
    rc = carnet_reader_reverse_show(&reader, worker->crypto, CARNET_CURVE_P256, &parameters, &storage,
                                    &kept.reader_engagement, err);
    if (rc == CARNET_OK) {
        rc = write_state(&kept, &reader.key, state, err);
        carnet_reader_done(&reader);
    }
    return rc;
}

static carnet_rc
link_of(carnet_span state, carnet_buf *out, carnet_err *err)
{
    website_state kept;
    carnet_rc rc = open_state(state, &kept, err);

    if (rc == CARNET_OK)
        carnet_engagement_uri_encode(CARNET_URI_READER_ENGAGEMENT, kept.reader_engagement, out);
    return out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : rc;
}

/* --- the app's messages --- */

typedef struct hearing {
    const carnet_presentation_question *question;
    carnet_service_worker *worker;
    website_state kept;
    carnet_reader reader;
    carnet_buf storage;
    carnet_cbor_builder reply;
    carnet_presentation_heard *heard;
} hearing;

static carnet_rc
take_key(hearing *h, carnet_key *key, carnet_err *err)
{
    return carnet_software_key_from_der(h->worker->crypto, h->kept.key, CARNET_KEY_AGREE, key, err);
}

/* The app is told, and it is over. */
static void
break_off(hearing *h, carnet_session_status status, carnet_presentation_why why)
{
    carnet_reader_end(&h->reader, status, &h->reply);
    *h->heard = (carnet_presentation_heard){ .why = why };
}

/* Where the app believes to be must be here; it may not know (18013-7 A.3). */
static bool
came_from_elsewhere(const hearing *h, carnet_span device_engagement)
{
    carnet_engagement view;
    carnet_str domain;

    if (carnet_device_engagement_open(device_engagement, &view, NULL) != CARNET_OK)
        return true;
    domain = carnet_engagement_domain(&view);
    return domain.len > 0 && !carnet_str_equal(domain, h->question->domain);
}

/* The request for all documents of the question, signed if there is a key for it. */
static carnet_rc
request(hearing *h, carnet_buf *plain, carnet_err *err)
{
    const carnet_presentation_question *q = h->question;
    carnet_doc_request_draft *drafts = carnet_service_scratch(h->worker, q->count * sizeof(*drafts));
    carnet_requested_element *elements =
        carnet_service_scratch(h->worker, q->count * CARNET_PRESENTATION_ELEMENTS * sizeof(*elements));
    carnet_device_request_draft draft = { .documents = drafts, .count = q->count };
    const carnet_service_key *key = NULL;
    carnet_reader_signer signer;
    carnet_rc rc = CARNET_OK;

    if (drafts == NULL || elements == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (q->reader_key != NULL && (rc = carnet_service_key_get(h->worker, q->reader_key, &key, err)) != CARNET_OK)
        return rc;
    if (key != NULL)
        signer = (carnet_reader_signer){ key->key, key->chain, key->chain_count };
    for (size_t i = 0; i < q->count; i++, elements += CARNET_PRESENTATION_ELEMENTS) {
        for (size_t k = 0; k < q->documents[i].count; k++)
            elements[k] = q->documents[i].elements[k].asked;
        drafts[i] = (carnet_doc_request_draft){ .doc_type = q->documents[i].doc_type,
                                                .elements = elements,
                                                .count = q->documents[i].count,
                                                .signer = key != NULL ? &signer : NULL };
    }
    return carnet_reader_request(&h->reader, &draft, plain, &h->reply, err);
}

/* DeviceEngagementMessage: keys, and our request. */
static carnet_rc
meet(hearing *h, carnet_span message, carnet_buf *next, carnet_err *err)
{
    carnet_buf plain = carnet_service_scratch_buf(h->worker, 16384);
    carnet_err why = { 0 };
    carnet_rc rc;

    h->reader = (carnet_reader){ .crypto = h->worker->crypto };
    if ((rc = take_key(h, &h->reader.key, err)) != CARNET_OK)
        return rc;
    rc = carnet_reader_reverse_receive(&h->reader, h->kept.reader_engagement, message, &h->storage,
                                       &h->kept.device_engagement, &why);
    if (rc != CARNET_OK) {
        break_off(h, carnet_session_failure_status(rc), CARNET_PRESENTATION_SESSION);
        return CARNET_OK;
    }
    if (came_from_elsewhere(h, h->kept.device_engagement)) {
        break_off(h, CARNET_SESSION_TERMINATION, CARNET_PRESENTATION_SESSION);
        return CARNET_OK;
    }
    if ((rc = request(h, &plain, err)) != CARNET_OK)
        return rc;
    h->kept.sent = carnet_span_of(h->reply.ptr, h->reply.len);
    *h->heard = (carnet_presentation_heard){ .hearing = CARNET_PRESENTATION_MORE };
    return write_state(&h->kept, &h->reader.key, next, err);
}

/* The reading as it stood after our request. */
static carnet_rc
go_on(hearing *h, carnet_err *err)
{
    carnet_session_transcript_parameters how = { .handover = CARNET_HANDOVER_WEBSITE,
                                                 .reader_engagement = h->kept.reader_engagement };
    uint8_t *sent = carnet_service_scratch(h->worker, h->kept.sent.len);
    carnet_span plain;
    carnet_key key;
    uint64_t status;
    carnet_rc rc;

    h->reader = (carnet_reader){ .crypto = h->worker->crypto };
    if (sent == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    memcpy(sent, h->kept.sent.ptr, h->kept.sent.len);
    if ((rc = take_key(h, &key, err)) != CARNET_OK)
        return rc;
    rc = carnet_reader_replay_engage(&h->reader, h->worker->crypto, &key, h->kept.device_engagement, &how, &h->storage,
                                     err);
    carnet_key_done(&key);
    return rc == CARNET_OK ? carnet_reader_replay_sent(&h->reader, sent, h->kept.sent.len, &plain, &status, err) : rc;
}

/* SessionData: the answer, and goodbye. */
static carnet_rc
listen(hearing *h, carnet_span message, carnet_err *err)
{
    uint8_t *copy = carnet_service_scratch(h->worker, message.len);
    carnet_verification verification = { 0 };
    carnet_key *key = &h->reader.key;
    carnet_span response;
    uint64_t status;
    carnet_rc rc = go_on(h, err);

    if (rc != CARNET_OK)
        return rc;
    if (copy == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    memcpy(copy, message.ptr, message.len);
    rc = carnet_reader_receive(&h->reader, copy, message.len, &response, &status, NULL);
    if (rc != CARNET_OK || response.len == 0) {
        break_off(h, rc != CARNET_OK ? carnet_session_failure_status(rc) : CARNET_SESSION_TERMINATION,
                  rc != CARNET_OK ? CARNET_PRESENTATION_SESSION : CARNET_PRESENTATION_USER);
        return CARNET_OK;
    }
    verification.session_transcript = h->reader.session_transcript;
    verification.reader_keys = &key;
    verification.reader_key_count = 1;
    rc = carnet_presentation_judge(h->question, h->worker, &verification, response, h->heard, err);
    carnet_reader_end(&h->reader, CARNET_SESSION_TERMINATION, &h->reply);
    return rc;
}

static carnet_rc
hear(const carnet_presentation_question *question, carnet_service_worker *worker, carnet_span state,
     carnet_span message, carnet_buf *next, carnet_buf *reply, carnet_presentation_heard *heard, carnet_err *err)
{
    hearing h = { .question = question,
                  .worker = worker,
                  .storage = carnet_service_scratch_buf(worker, STORAGE),
                  .reply = carnet_cbor_build(reply->ptr + reply->len, reply->cap - reply->len),
                  .heard = heard };
    carnet_span built;
    carnet_rc rc = open_state(state, &h.kept, err);

    *heard = (carnet_presentation_heard){ .why = CARNET_PRESENTATION_SESSION };
    if (rc == CARNET_OK)
        rc = h.kept.device_engagement.len == 0 ? meet(&h, message, next, err) : listen(&h, message, err);
    carnet_reader_done(&h.reader);
    if (rc == CARNET_OK)
        rc = carnet_cbor_built(&h.reply, &built, err);
    if (rc == CARNET_OK)
        reply->len += built.len;
    return rc;
}

const carnet_presentation_way carnet_presentation_website = {
    .size = sizeof(carnet_presentation_way), .name = "website", .ask = ask, .link = link_of, .hear = hear
};
