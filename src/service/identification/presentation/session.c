/* SPDX-License-Identifier: Apache-2.0 */
/* A flow between requests, and between instances: sealed in the store. */
#include "internal.h"

#include "carnet/store_desk.h"

#define PURPOSE "presentation.session"
#define KIND    "presentation"

static const carnet_cbor_field fields[] = {
    CARNET_LABEL(presentation_session, 1, CARNET_FIELD_UINT, step),
    CARNET_LABEL(presentation_session, 2, CARNET_FIELD_UINT, why),
    CARNET_LABEL(presentation_session, 3, CARNET_FIELD_UINT, attempts),
    CARNET_LABEL(presentation_session, 4, CARNET_FIELD_TSTR, return_uri),
    CARNET_LABEL(presentation_session, 5, CARNET_FIELD_BSTR, state),
    CARNET_LABEL(presentation_session, 6, CARNET_FIELD_TSTR, subject),
    CARNET_LABEL(presentation_session, 7, CARNET_FIELD_TSTR, claims),
    CARNET_LABEL(presentation_session, 8, CARNET_FIELD_TSTR, evidence),
};

void
carnet_presentation_session_build(carnet_cbor_builder *b, const presentation_session *s)
{
    const uint64_t numbers[] = { s->step, s->why, s->attempts };
    const carnet_str texts[] = { s->subject, s->claims, s->evidence };

    carnet_cbor_add_map(b, CARNET_COUNT(fields));
    for (uint64_t i = 0; i < CARNET_COUNT(numbers); i++) {
        carnet_cbor_add_uint(b, i + 1);
        carnet_cbor_add_uint(b, numbers[i]);
    }
    carnet_cbor_add_uint(b, 4);
    carnet_cbor_add_tstr(b, s->return_uri);
    carnet_cbor_add_uint(b, 5);
    carnet_cbor_add_bstr(b, s->state);
    for (uint64_t i = 0; i < CARNET_COUNT(texts); i++) {
        carnet_cbor_add_uint(b, i + 6);
        carnet_cbor_add_tstr(b, texts[i]);
    }
}

carnet_rc
carnet_presentation_session_open(carnet_span cbor, presentation_session *s, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(cbor);

    carnet_cbor_fields(&r, fields, CARNET_COUNT(fields), s);
    return carnet_cbor_end(&r, err);
}

typedef struct work {
    presentation_session *session;
    carnet_store_browser row;
    carnet_buf room;
    carnet_span sealed;
    carnet_store_event event;
    bool found, changed;
} work;

static carnet_rc
find(void *arg, carnet_store_session *store, carnet_err *err)
{
    work *w = arg;
    carnet_rc rc;

    w->room.len = 0;
    rc = carnet_store_browser_by_hash(store, carnet_span_of(w->session->hash, CARNET_STORE_HASH), &w->row, &w->room,
                                      err);
    w->found = rc == CARNET_OK && carnet_str_is(w->row.kind, KIND);
    return rc == CARNET_E_STORE_ABSENT ? CARNET_OK : rc;
}

carnet_rc
carnet_presentation_load(carnet_service_worker *worker, carnet_str flow, presentation_session *s, bool *found,
                         carnet_err *err)
{
    work w = { .session = s, .room = carnet_service_scratch_buf(worker, PRESENTATION_ROOM + 1024) };
    carnet_buf plain = carnet_service_scratch_buf(worker, PRESENTATION_ROOM);
    carnet_rc rc;

    *s = (presentation_session){ 0 };
    *found = false;
    if ((rc = carnet_service_hash(worker, flow, s->hash, err)) != CARNET_OK ||
        (rc = carnet_store_read(worker->store, find, &w, err)) != CARNET_OK)
        return rc;
    if (!w.found || w.row.expires <= carnet_service_now(worker))
        return CARNET_OK;
    s->sealed = w.row.data;
    s->created = w.row.created;
    s->expires = w.row.expires;
    rc = carnet_service_open(worker, PURPOSE, carnet_span_of(s->hash, CARNET_STORE_HASH), s->sealed, &plain, err);
    if (rc == CARNET_OK)
        rc = carnet_presentation_session_open(carnet_buf_span(&plain), s, err);
    *found = rc == CARNET_OK;
    return rc;
}

static carnet_rc
replace(work *w, carnet_store_session *store, carnet_err *err)
{
    carnet_rc rc = find(w, store, err);

    if (rc != CARNET_OK)
        return rc;
    w->changed = !w->found || !carnet_equal_secret(w->row.data, w->session->sealed);
    if (w->changed)
        return CARNET_OK;
    w->row.data = w->sealed;
    w->row.seen = w->event.at;
    return carnet_store_browser_update(store, &w->row, err);
}

static carnet_rc
save(void *arg, carnet_store_session *store, carnet_err *err)
{
    work *w = arg;
    carnet_store_browser row = { .hash = carnet_span_of(w->session->hash, CARNET_STORE_HASH),
                                 .kind = carnet_str_of(KIND),
                                 .data = w->sealed,
                                 .created = w->session->created,
                                 .seen = w->session->created,
                                 .expires = w->session->expires };
    carnet_store_event event = w->event;
    carnet_rc rc = CARNET_OK;

    w->changed = false;
    rc = w->session->sealed.len > 0 ? replace(w, store, err) : carnet_store_browser_insert(store, &row, err);
    if (rc == CARNET_OK && !w->changed && event.kind.len > 0)
        rc = carnet_store_event_insert(store, &event, err);
    return rc;
}

const char *
carnet_presentation_why_name(uint64_t why)
{
    static const char *const names[] = { "", "session", "user", "document", "part" };

    return why < CARNET_COUNT(names) ? names[why] : "";
}

static carnet_store_outcome
outcome_of(const presentation_session *s)
{
    return s->step == PRESENTATION_BROKEN || s->step == PRESENTATION_OFF ? CARNET_STORE_OUTCOME_REFUSED
                                                                         : CARNET_STORE_OUTCOME_DONE;
}

carnet_rc
carnet_presentation_save(carnet_service_worker *worker, presentation_session *s, const char *kind, carnet_err *err)
{
    carnet_buf plain = carnet_service_scratch_buf(worker, PRESENTATION_ROOM - CARNET_SERVICE_SEALING),
               sealed = carnet_service_scratch_buf(worker, PRESENTATION_ROOM);
    carnet_cbor_builder b = carnet_cbor_build(plain.ptr, plain.cap);
    work w = { .session = s, .room = carnet_service_scratch_buf(worker, PRESENTATION_ROOM + 1024) };
    carnet_span cbor;
    carnet_rc rc;

    carnet_presentation_session_build(&b, s);
    if ((rc = carnet_cbor_built(&b, &cbor, err)) != CARNET_OK ||
        (rc = carnet_service_seal(worker, PURPOSE, carnet_span_of(s->hash, CARNET_STORE_HASH), cbor, &sealed, err)) !=
            CARNET_OK)
        return rc;
    w.sealed = carnet_buf_span(&sealed);
    w.event =
        (carnet_store_event){ .at = carnet_service_now(worker),
                              .interface = carnet_str_of("IS-3"),
                              .kind = carnet_str_of(kind != NULL ? kind : ""),
                              .outcome = outcome_of(s),
                              .reason = carnet_str_of(carnet_presentation_why_name(s->why)),
                              .actor = s->evidence,
                              .request = carnet_str_of(worker->request != NULL ? worker->request->identifier : "") };
    rc = carnet_store_transact(worker->store, save, &w, err);
    if (rc == CARNET_OK && w.changed)
        return carnet_fail(err, CARNET_E_PRESENTATION_SESSION, NULL, "the presentation went on elsewhere");
    if (rc == CARNET_OK)
        s->sealed = w.sealed;
    return rc;
}
