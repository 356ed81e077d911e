/* SPDX-License-Identifier: Apache-2.0 */
/* The offer that comes of a case: shown once, with its transaction code. */
#include "internal.h"

#define OFFER_ROOM (64 * 1024)

/* What was offered of this case before and not taken is offered no more. */
static carnet_rc
withdraw(void *arg, carnet_store_session *session, carnet_err *err)
{
    return carnet_store_offer_withdraw_enrolment(session, *(int64_t *)arg, err);
}

carnet_str
carnet_desk_subject(carnet_service_worker *worker, const desk_case *c)
{
    carnet_str typed = carnet_desk_draft_named(&c->evidence, "subject");
    carnet_buf own = carnet_service_scratch_buf(worker, 64);

    if (typed.len > 0)
        return typed;
    carnet_buf_add_text(&own, "enrolment-");
    carnet_buf_add_str(&own, c->row.number);
    return carnet_buf_str(&own);
}

static carnet_rc
make(desk_call *call, desk_case *c, carnet_issuing_offer *offer, carnet_err *err)
{
    carnet_str configurations[DESK_CONFIGURATIONS];
    carnet_buf claims = carnet_service_scratch_buf(call->worker, DESK_DRAFT_MAX),
               room = carnet_service_scratch_buf(call->worker, OFFER_ROOM);
    carnet_issuing_offer_spec spec = { .configurations = configurations,
                                       .configuration_count = c->configuration_count,
                                       .subject = carnet_desk_subject(call->worker, c),
                                       .pre_authorized = true,
                                       .tx_code = true,
                                       .actor = call->officer.login,
                                       .enrolment = c->row.id };
    carnet_rc rc;

    for (size_t i = 0; i < c->configuration_count; i++)
        configurations[i] = c->configurations[i]->id;
    if ((rc = carnet_desk_claims(call->worker, c, &claims, err)) != CARNET_OK ||
        (rc = carnet_store_transact(call->worker->store, withdraw, &c->row.id, err)) != CARNET_OK)
        return rc;
    spec.claims = carnet_buf_str(&claims);
    return carnet_issuing_offer_make(call->desk->issuing, call->worker, &spec, &room, offer, err);
}

static void
add_code(carnet_page *page, const carnet_issuing_offer *offer)
{
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "section", "card");
    carnet_page_element(page, "h2", NULL, CARNET_TEXT_RESULT_CODE);
    carnet_html_open_class(h, "p", "called code");
    carnet_html_set_text(h, "id", "tx-code");
    carnet_html_say(h, offer->tx_code);
    carnet_html_close(h);
    carnet_page_element(page, "p", NULL, CARNET_TEXT_RESULT_CODE_HINT);
    carnet_html_open_class(h, "dl", "facts");
    carnet_page_element(page, "dt", NULL, CARNET_TEXT_OFFER_EXPIRES);
    carnet_html_open(h, "dd");
    carnet_page_time(page, offer->expires);
    carnet_html_close(h);
    carnet_html_close(h);
    carnet_html_open(h, "p");
    carnet_html_open(h, "a");
    carnet_page_href(page, "href", "/offer/", carnet_str_of(offer->reference));
    carnet_html_say(h, carnet_page_text(page, CARNET_TEXT_RESULT_PAGE));
    carnet_html_close(h);
    carnet_html_close(h);
    carnet_html_close(h);
}

static carnet_rc
show(desk_call *call, const desk_case *c, const carnet_issuing_offer *offer, carnet_err *err)
{
    carnet_page_head head = {
        .title = CARNET_TEXT_RESULT_TITLE, .subject = c->row.number, .wide = true, .current = "/desk"
    };
    carnet_page page;
    carnet_rc rc = carnet_desk_page(call, &head, &page, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_html_open_class(&page.html, "div", "columns");
    carnet_html_open_class(&page.html, "section", "card");
    carnet_page_element(&page, "h2", NULL, CARNET_TEXT_RESULT_SCAN);
    if ((rc = carnet_page_qr(&page, offer->link_by_reference, CARNET_TEXT_OFFER_QR, err)) != CARNET_OK)
        return rc;
    carnet_page_element(&page, "p", "center", CARNET_TEXT_OFFER_SCAN);
    carnet_html_close(&page.html);
    add_code(&page, offer);
    carnet_html_close(&page.html);
    carnet_html_open_class(&page.html, "div", "actions");
    carnet_html_open_class(&page.html, "a", "button primary");
    carnet_page_href(&page, "href", "/desk", (carnet_str){ 0 });
    carnet_html_say(&page.html, carnet_page_text(&page, CARNET_TEXT_BACK_TO_DESK));
    carnet_html_close(&page.html);
    carnet_html_close(&page.html);
    return carnet_page_end(&page, err);
}

carnet_rc
carnet_desk_offer(desk_call *call, desk_case *c, carnet_err *err)
{
    carnet_issuing_offer offer = { 0 };
    carnet_err why = { 0 };
    carnet_rc rc;

    if (call->desk->issuing == NULL)
        return carnet_desk_message(call, 503, CARNET_TONE_BAD, CARNET_TEXT_ERROR_TITLE, CARNET_TEXT_NO_OFFER, err);
    rc = make(call, c, &offer, &why);
    if (rc == CARNET_OK)
        rc = show(call, c, &offer, err);
    else if (carnet_rc_http(rc) < 500)
        rc = carnet_desk_message(call, 409, CARNET_TONE_BAD, CARNET_TEXT_ERROR_TITLE, CARNET_TEXT_NO_OFFER, err);
    else if (err != NULL)
        *err = why;
    carnet_wipe(offer.tx_code, sizeof(offer.tx_code));
    return rc;
}
