/* SPDX-License-Identifier: Apache-2.0 */
/* carnet atm: its screen, a page on this machine.  Each state is a whole page, made here; a script loads it anew when the state is
 * another, and without script the browser does every few seconds. */
#include "atm.h"

#include "carnet/http_service.h"
#include "carnet/json_build.h"
#include "carnet/web_form.h"
#include "carnet/web_svg.h"

#include <stdlib.h>
#include <string.h>

enum { REFRESH_S = 30, RECEIPT_MS = 60000, PAGE_MAX = 128 * 1024 };

/** The page's own: one process has one screen. */
static struct {
    carnet_service *service;
    carnet_web web;
    carnet_crypto crypto; /* of the service's only thread */
    char origin[128], secret[CARNET_WEB_SECRET + 1], token[CARNET_WEB_SECRET + 1];
    uint64_t dismissed; /* number of the transaction whose receipt was read */
} screen;

carnet_str
atm_money(uint64_t amount, const char *currency, carnet_buf *out)
{
    uint8_t digits[16];
    carnet_buf text = carnet_buf_of(digits, sizeof digits);

    carnet_staging_amount_write(amount, &text);
    carnet_buf_add_text(out, iso_amount(carnet_buf_str(&text), carnet_str_of(currency)));
    return carnet_buf_str(out);
}

/** What is on the screen: more than the machine's phases. */
typedef enum showing {
    SHOW_WELCOME,
    SHOW_OUT,
    SHOW_CODE,
    SHOW_APPROVE,
    SHOW_MORE,
    SHOW_BUSY,
    SHOW_TAKE,
    SHOW_UNDOING,
    SHOW_FINISHING,
    SHOW_RECEIPT
} showing;

static showing
showing_of(const atm_screen *s, uint64_t dismissed)
{
    switch (s->phase) {
    case CARNET_TERMINAL_SHOWING:
        return SHOW_CODE;
    case CARNET_TERMINAL_APPROACHED:
        return SHOW_APPROVE;
    case CARNET_TERMINAL_STEPPING_UP:
        return SHOW_MORE;
    case CARNET_TERMINAL_AUTHORISING:
        return SHOW_BUSY;
    case CARNET_TERMINAL_DISPENSING:
        return SHOW_TAKE;
    case CARNET_TERMINAL_REVERSING:
        return SHOW_UNDOING;
    case CARNET_TERMINAL_COMPLETING:
    case CARNET_TERMINAL_REPORTING:
        return SHOW_FINISHING;
    case CARNET_TERMINAL_ENDED:
    case CARNET_TERMINAL_IDLE:
        break;
    }
    if (s->phase == CARNET_TERMINAL_ENDED && s->number != dismissed && s->outcome != CARNET_TERMINAL_OPEN) {
        return SHOW_RECEIPT;
    }
    return s->connected ? SHOW_WELCOME : SHOW_OUT;
}

/** A copy of what is to be shown. */
static atm_screen
look(atm *t, showing *what)
{
    atm_screen s;

    pthread_mutex_lock(&t->mutex);
    s = t->screen;
    pthread_mutex_unlock(&t->mutex);
    /* A receipt that was left behind is not the next one's to read. */
    *what = showing_of(&s, onsite_now_ms() - s.ended > RECEIPT_MS ? s.number : screen.dismissed);
    return s;
}

static carnet_text
title_of(const atm *t, showing what)
{
    static const carnet_text titles[] = {
        [SHOW_WELCOME] = CARNET_TEXT_ATM_WELCOME,      [SHOW_OUT] = CARNET_TEXT_ATM_OUT,
        [SHOW_CODE] = CARNET_TEXT_ATM_SCAN_TITLE,      [SHOW_APPROVE] = CARNET_TEXT_ATM_APPROVE_TITLE,
        [SHOW_MORE] = CARNET_TEXT_ATM_MORE_TITLE,      [SHOW_BUSY] = CARNET_TEXT_ATM_BUSY_TITLE,
        [SHOW_TAKE] = CARNET_TEXT_ATM_TAKE_TITLE,      [SHOW_UNDOING] = CARNET_TEXT_ATM_BUSY_TITLE,
        [SHOW_FINISHING] = CARNET_TEXT_ATM_BUSY_TITLE, [SHOW_RECEIPT] = CARNET_TEXT_ATM_RECEIPT,
    };

    if (t->a->pos && (what == SHOW_WELCOME || what == SHOW_TAKE)) {
        return what == SHOW_WELCOME ? CARNET_TEXT_ATM_POS_WELCOME : CARNET_TEXT_ATM_POS_TAKE_TITLE;
    }
    return titles[what];
}

static void
paragraph(carnet_page *page, const char *class_name, carnet_text text, carnet_str one, carnet_str two)
{
    const carnet_str with[] = { one, two };

    carnet_html_open_class(&page->html, "p", class_name);
    carnet_page_say(page, text, with, CARNET_COUNT(with));
    carnet_html_close(&page->html);
}

static void
add_button(carnet_page *page, const char *path, const char *class_name, carnet_text text)
{
    carnet_page_form_begin(page, path, (carnet_str){ 0 }, carnet_str_of(screen.token), false);
    carnet_page_button(page, class_name, NULL, NULL, text);
    carnet_page_form_end(page);
}

static void
add_actions(carnet_page *page, const char *path, const char *class_name, carnet_text text)
{
    carnet_html_open_class(&page->html, "div", "actions");
    add_button(page, path, class_name, text);
    carnet_html_close(&page->html);
}

static void
add_welcome(carnet_page *page, const atm *t, bool wrong)
{
    const carnet_page_field price = { .type = "text",
                                      .name = carnet_str_of("price"),
                                      .label = CARNET_TEXT_ATM_POS_PRICE,
                                      .hint = CARNET_TEXT_ATM_POS_PRICE_HINT,
                                      .error = wrong ? CARNET_TEXT_ATM_POS_PRICE_ERROR : CARNET_TEXT_NONE,
                                      .input_mode = "numeric",
                                      .autocomplete = "off",
                                      .max = 12,
                                      .autofocus = true };

    carnet_page_element(page, "p", "lead", t->a->pos ? CARNET_TEXT_ATM_POS_HINT : CARNET_TEXT_ATM_WELCOME_HINT);
    carnet_html_open_class(&page->html, "section", "card");
    carnet_page_form_begin(page, "/begin", (carnet_str){ 0 }, carnet_str_of(screen.token), false);
    if (t->a->pos) {
        carnet_page_field_add(page, &price);
    }
    carnet_page_button(page, "primary wide-button", NULL, NULL, CARNET_TEXT_ATM_BEGIN);
    carnet_page_form_end(page);
    carnet_html_close(&page->html);
}

static carnet_rc
add_code(carnet_page *page, const atm_screen *s, carnet_err *err)
{
    carnet_html *h = &page->html;
    char until[CARNET_TIME_TEXT_MAX];
    carnet_rc rc;

    carnet_time_text(s->until, until);
    carnet_html_open_class(h, "section", "card");
    if ((rc = carnet_page_qr(page, carnet_str_of(s->code), CARNET_TEXT_ATM_QR, err)) != CARNET_OK) {
        return rc;
    }
    carnet_page_element(page, "p", "center", CARNET_TEXT_ATM_SCAN);
    paragraph(page, "quiet-text center", CARNET_TEXT_ATM_SCAN_UNTIL, (carnet_str){ until + 11, 8 }, (carnet_str){ 0 });
    carnet_html_open(h, "details");
    carnet_page_element(page, "summary", NULL, CARNET_TEXT_ATM_CODE);
    carnet_html_element(h, "p", "link-text", carnet_str_of(s->code));
    carnet_html_close(h);
    carnet_html_close(h);
    add_actions(page, "/cancel", NULL, CARNET_TEXT_ATM_CANCEL);
    return CARNET_OK;
}

/** The word that both screens show. */
static void
add_word(carnet_page *page, const atm_screen *s, carnet_text text)
{
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "section", "card");
    carnet_html_element(h, "p", "called", carnet_str_of(s->binding));
    carnet_page_element(page, "p", "center", text);
    carnet_html_close(h);
    carnet_html_open_class(h, "p", "quiet-text");
    carnet_html_set_text(h, "role", "status");
    carnet_html_open_class(h, "span", "progress");
    carnet_html_set_text(h, "aria-hidden", "true");
    carnet_html_close(h);
    carnet_html_say(h, carnet_page_text(page, CARNET_TEXT_ATM_APPROVE_WAITING));
    carnet_html_close(h);
    add_actions(page, "/cancel", NULL, CARNET_TEXT_ATM_CANCEL);
}

static void
add_busy(carnet_page *page, carnet_text text, carnet_str amount)
{
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "section", "card");
    carnet_html_open_class(h, "p", "lead");
    carnet_html_set_text(h, "role", "status");
    carnet_html_open_class(h, "span", "progress");
    carnet_html_set_text(h, "aria-hidden", "true");
    carnet_html_close(h);
    carnet_page_say(page, text, &amount, 1);
    carnet_html_close(h);
    carnet_html_close(h);
}

static void
add_fact(carnet_page *page, carnet_text name, carnet_str value)
{
    if (value.len > 0) {
        carnet_page_element(page, "dt", NULL, name);
        carnet_html_open(&page->html, "dd");
        carnet_html_value(&page->html, value);
        carnet_html_close(&page->html);
    }
}

static void
add_receipt(carnet_page *page, const atm *t, const atm_screen *s, carnet_str amount, carnet_str out)
{
    static const struct {
        carnet_page_tone tone;
        carnet_text text;
    } ends[] = {
        [CARNET_TERMINAL_OPEN] = { CARNET_TONE_PLAIN, CARNET_TEXT_ATM_NOTHING },
        [CARNET_TERMINAL_TAKEN] = { CARNET_TONE_GOOD, CARNET_TEXT_ATM_TAKEN },
        [CARNET_TERMINAL_PARTLY] = { CARNET_TONE_CAUTION, CARNET_TEXT_ATM_PARTLY },
        [CARNET_TERMINAL_NOTHING] = { CARNET_TONE_BAD, CARNET_TEXT_ATM_NOTHING },
        [CARNET_TERMINAL_UNKNOWN] = { CARNET_TONE_BAD, CARNET_TEXT_ATM_UNKNOWN },
        [CARNET_TERMINAL_DECLINED] = { CARNET_TONE_BAD, CARNET_TEXT_ATM_DECLINED },
        [CARNET_TERMINAL_NO_ANSWER] = { CARNET_TONE_BAD, CARNET_TEXT_ATM_NO_ANSWER },
        [CARNET_TERMINAL_CANCELLED] = { CARNET_TONE_CAUTION, CARNET_TEXT_ATM_CANCELLED },
        [CARNET_TERMINAL_EXPIRED] = { CARNET_TONE_CAUTION, CARNET_TEXT_ATM_EXPIRED },
    };
    const carnet_text text = !t->a->pos                             ? ends[s->outcome].text
                             : s->outcome == CARNET_TERMINAL_TAKEN  ? CARNET_TEXT_ATM_PAID
                             : s->outcome == CARNET_TERMINAL_PARTLY ? CARNET_TEXT_ATM_PARTLY_PAID
                                                                    : ends[s->outcome].text;

    carnet_page_notice_begin(page, ends[s->outcome].tone);
    paragraph(page, NULL, text, amount, out);
    carnet_page_notice_end(page);
    if (s->reference[0] != '\0') {
        carnet_html_open_class(&page->html, "section", "card");
        carnet_html_open_class(&page->html, "dl", "facts");
        add_fact(page, CARNET_TEXT_ATM_AMOUNT, s->dispensed > 0 ? out : (carnet_str){ 0 });
        add_fact(page, CARNET_TEXT_ATM_REFERENCE, carnet_str_of(s->reference));
        carnet_html_close(&page->html);
        carnet_html_close(&page->html);
    }
    add_actions(page, "/done", "primary", CARNET_TEXT_ATM_DONE);
}

static carnet_rc
add_content(carnet_page *page, const atm *t, const atm_screen *s, showing what, bool wrong, carnet_err *err)
{
    char texts[2][64];
    carnet_buf rooms[2] = { carnet_buf_of(texts[0], sizeof texts[0]), carnet_buf_of(texts[1], sizeof texts[1]) };
    const carnet_str amount = atm_money(s->amount, s->currency, &rooms[0]),
                     out = atm_money(s->dispensed, s->currency, &rooms[1]);

    switch (what) {
    case SHOW_WELCOME:
        add_welcome(page, t, wrong);
        break;
    case SHOW_OUT:
        carnet_page_notice_begin(page, CARNET_TONE_CAUTION);
        carnet_page_element(page, "p", NULL, CARNET_TEXT_ATM_OUT_HINT);
        carnet_page_notice_end(page);
        break;
    case SHOW_CODE:
        return add_code(page, s, err);
    case SHOW_APPROVE:
        add_word(page, s, CARNET_TEXT_ATM_APPROVE);
        break;
    case SHOW_MORE:
        add_word(page, s, CARNET_TEXT_ATM_MORE);
        break;
    case SHOW_BUSY:
        add_busy(page, CARNET_TEXT_ATM_AUTHORISING, amount);
        break;
    case SHOW_TAKE:
        add_busy(page, t->a->pos ? CARNET_TEXT_ATM_POS_TAKE : CARNET_TEXT_ATM_TAKE, amount);
        break;
    case SHOW_UNDOING:
        add_busy(page, CARNET_TEXT_ATM_UNDOING, amount);
        break;
    case SHOW_FINISHING:
        add_busy(page, CARNET_TEXT_ATM_FINISHING, amount);
        break;
    case SHOW_RECEIPT:
        add_receipt(page, t, s, amount, out);
        break;
    }
    return CARNET_OK;
}

/** The state's name: another one, another page. */
static void
state_name(const atm_screen *s, showing what, carnet_buf *out)
{
    carnet_buf_add_uint(out, (uint64_t)what);
    carnet_buf_add_byte(out, '.');
    carnet_buf_add_text(out, what == SHOW_APPROVE || what == SHOW_MORE ? s->binding : "");
    carnet_buf_add_byte(out, '.');
    carnet_buf_add_uint(out, what == SHOW_CODE || what == SHOW_RECEIPT ? s->number : 0);
}

static carnet_rc
show(atm *t, const carnet_service_request *request, carnet_service_response *response, bool wrong, carnet_err *err)
{
    showing what;
    const atm_screen s = look(t, &what);
    const bool typing = t->a->pos && what == SHOW_WELCOME;
    const carnet_page_head head = { .title = title_of(t, what),
                                    .status = wrong ? 400 : 200,
                                    .script = "wait.js",
                                    .refresh_s = typing ? 0 : REFRESH_S };
    char name[128];
    carnet_buf state = carnet_buf_of(name, sizeof name);
    carnet_page page;
    carnet_rc rc = carnet_page_begin(&page, &screen.web, request, response, &head, err);

    if (rc == CARNET_OK) {
        rc = add_content(&page, t, &s, what, wrong, err);
    }
    if (rc != CARNET_OK) {
        return rc;
    }
    state_name(&s, what, &state);
    carnet_html_open(&page.html, "div");
    carnet_html_set_text(&page.html, "data-watch", "/state");
    carnet_html_set(&page.html, "data-state", carnet_buf_str(&state));
    carnet_html_close(&page.html);
    return carnet_page_end(&page, err);
}

static carnet_rc
get_page(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return show(self, request, response, false, err);
}

static carnet_rc
get_state(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(&response->body);
    showing what;
    const atm_screen s = look(self, &what);
    char name[128];
    carnet_buf state = carnet_buf_of(name, sizeof name);

    (void)request;
    state_name(&s, what, &state);
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "state", carnet_buf_str(&state));
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

/* --- buttons --- */

static carnet_rc
check(const carnet_service_request *request, carnet_err *err)
{
    const carnet_str *token = carnet_service_parameter_get(&request->form, "token");

    return carnet_web_check(&screen.web, request, &screen.crypto, carnet_str_of(screen.secret),
                            token != NULL ? *token : (carnet_str){ 0 }, err);
}

static bool
read_price(const carnet_service_request *request, uint64_t *price)
{
    const carnet_str *text = carnet_service_parameter_get(&request->form, "price");

    *price = 0;
    for (size_t i = 0; text != NULL && i < text->len; i++) {
        if (text->ptr[i] < '0' || text->ptr[i] > '9' || i >= 12) {
            return false;
        }
        *price = 10 * *price + (uint64_t)(text->ptr[i] - '0');
    }
    return true;
}

static carnet_rc
post_begin(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    atm *t = self;
    uint64_t price;
    carnet_rc rc = check(request, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    if (!read_price(request, &price)) {
        return show(t, request, response, true, err);
    }
    pthread_mutex_lock(&t->mutex);
    screen.dismissed = t->screen.number;
    t->wanted = true;
    t->wanted_price = price;
    pthread_mutex_unlock(&t->mutex);
    return carnet_web_redirect(&screen.web, response, carnet_str_of("/"), err);
}

static carnet_rc
post_cancel(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    atm *t = self;
    carnet_rc rc = check(request, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    pthread_mutex_lock(&t->mutex);
    t->cancelled = true;
    pthread_mutex_unlock(&t->mutex);
    return carnet_web_redirect(&screen.web, response, carnet_str_of("/"), err);
}

static carnet_rc
post_done(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    atm *t = self;
    carnet_rc rc = check(request, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    pthread_mutex_lock(&t->mutex);
    screen.dismissed = t->screen.number;
    pthread_mutex_unlock(&t->mutex);
    return carnet_web_redirect(&screen.web, response, carnet_str_of("/"), err);
}

#define FORM "application/x-www-form-urlencoded"

/* --- serving --- */

static carnet_rc
make_secrets(atm *t, carnet_err *err)
{
    const carnet_random random = carnet_crypto_random(t->crypto);
    carnet_rc rc = carnet_crypto_init(&screen.crypto, err);

    rc = rc == CARNET_OK ? carnet_web_secret(&random, screen.secret, err) : rc;
    return rc == CARNET_OK ? carnet_web_token(t->crypto, carnet_str_of(screen.secret), screen.token, err) : rc;
}

void
atm_page_open(atm *t)
{
    const carnet_service_route routes[] = {
        { .method = CARNET_SERVICE_GET, .name = "screen", .path = "/", .run = get_page, .answer_max = PAGE_MAX },
        { .method = CARNET_SERVICE_GET, .name = "state", .path = "/state", .run = get_state },
        { .method = CARNET_SERVICE_POST,
          .name = "begin",
          .path = "/begin",
          .run = post_begin,
          .accepts = FORM,
          .body_max = 1024,
          .answer_max = PAGE_MAX },
        { .method = CARNET_SERVICE_POST,
          .name = "cancel",
          .path = "/cancel",
          .run = post_cancel,
          .accepts = FORM,
          .body_max = 1024 },
        { .method = CARNET_SERVICE_POST,
          .name = "done",
          .path = "/done",
          .run = post_done,
          .accepts = FORM,
          .body_max = 1024 },
        carnet_web_static,
    };
    carnet_service_route *table = cli_alloc(sizeof routes);
    carnet_service_config config = { .threads = 1,
                                     .routes = table,
                                     .route_count = CARNET_COUNT(routes),
                                     .self = t,
                                     .random = carnet_crypto_random(&screen.crypto) };
    carnet_err err = { 0 };

    memcpy(table, routes, sizeof routes);
    config.address = cli_address(t->a->listen != NULL ? t->a->listen : "0", "127.0.0.1", &config.port);
    screen.web = (carnet_web){ .origin = carnet_str_of(screen.origin),
                               .authority = carnet_str_of(t->a->label != NULL ? t->a->label : t->a->id),
                               .loopback = true };
    screen.dismissed = t->machine.record.number; /* what was before is no receipt for whoever comes */
    if (make_secrets(t, &err) != CARNET_OK || carnet_service_start(&config, &screen.service, &err) != CARNET_OK) {
        cli_die("the screen", &err);
    }
    snprintf(screen.origin, sizeof screen.origin,
             strchr(config.address, ':') != NULL ? "http://[%s]:%u" : "http://%s:%u", config.address,
             (unsigned)carnet_service_port(screen.service));
    screen.web.origin = carnet_str_of(screen.origin);
    atm_tell_text(t, "screen", "uri", screen.web.origin);
}

void
atm_page_close(atm *t)
{
    (void)t;
    carnet_service_stop(&screen.service, 1000);
    carnet_crypto_done(&screen.crypto);
}
