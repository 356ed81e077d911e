/* SPDX-License-Identifier: Apache-2.0 */
/* carnet atm: does what the machine demands, and tells it. */
#include "atm.h"

#include <string.h>
#include <time.h>

enum { SLICE_MS = 250, STEPS_AFTER = 8 };

int64_t
atm_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- what is told --- */

/** A line with texts, then numbers; those whose name is NULL are left out. */
typedef struct told_text {
    const char *name;
    carnet_str text;
} told_text;

typedef struct told_number {
    const char *name;
    uint64_t number;
} told_number;

static void
tell(const atm *t, const char *event, const told_text *texts, size_t text_count, const told_number *numbers,
     size_t number_count)
{
    const bool json = t->a->json;

    printf(json ? "{\"event\":\"%s\"" : "%s", event);
    for (size_t i = 0; i < text_count; i++) {
        if (texts[i].name == NULL || texts[i].text.len == 0) {
            continue;
        }
        printf(json ? ",\"%s\":" : " %s=", texts[i].name);
        if (json) {
            cli_json_string(stdout, texts[i].text);
        } else {
            cli_print_safe(stdout, texts[i].text);
        }
    }
    for (size_t i = 0; i < number_count; i++) {
        if (numbers[i].name != NULL) {
            printf(json ? ",\"%s\":%llu" : " %s=%llu", numbers[i].name, (unsigned long long)numbers[i].number);
        }
    }
    puts(json ? "}" : "");
    fflush(stdout);
}

void
atm_tell_text(atm *t, const char *event, const char *name, carnet_str text)
{
    const told_text one = { name, text };

    tell(t, event, &one, 1, NULL, 0);
}

void
atm_tell_message(atm *t, const carnet_iso8583_message *m, bool sent)
{
    uint8_t octets[32];
    carnet_buf room = carnet_buf_of(octets, sizeof octets);
    uint64_t stan = 0;
    char mti[5];
    told_text texts[2] = { { "mti", { 0 } }, { sent ? "reason" : "response", { 0 } } };
    told_number number = { "stan", 0 };

    carnet_mti_write(m->mti, mti);
    texts[0].text = carnet_str_of(mti);
    if (carnet_iso8583_has(m, 39)) {
        texts[1].text = carnet_iso8583_text(m, 39, &room);
    }
    (void)carnet_iso8583_number(m, 11, &stan);
    number.number = stan;
    tell(t, sent ? "sent" : "received", texts, 2, &number, 1);
}

void
atm_tell_notes(atm *t, uint64_t amount, bool known, uint64_t out)
{
    const told_number numbers[] = { { "amount", amount }, { known ? "out" : NULL, out } };
    const told_text one = { "known", carnet_str_of(known ? "yes" : "no") };

    tell(t, "dispensed", &one, 1, numbers, CARNET_COUNT(numbers));
}

void
atm_tell_phase(atm *t)
{
    const carnet_terminal_record *r = &t->machine.record;
    const bool ended = r->phase == CARNET_TERMINAL_ENDED;
    const told_text texts[] = {
        { "phase", carnet_str_of(carnet_terminal_phase_name(r->phase)) },
        { ended ? "outcome" : NULL, carnet_str_of(carnet_terminal_outcome_name(r->outcome)) },
        { "ref", carnet_str_of(r->reference) },
        { ended ? NULL : "binding", carnet_str_of(r->binding) },
        { ended ? "response" : NULL, carnet_str_of(r->response) },
        { "currency", carnet_str_of(r->currency) },
    };
    const told_number numbers[] = { { "number", r->number },
                                    { r->amount > 0 ? "amount" : NULL, r->amount },
                                    { ended ? "dispensed" : NULL, r->dispensed } };

    if (r->phase != t->was) {
        t->was = r->phase;
        tell(t, ended ? "ended" : "phase", texts, CARNET_COUNT(texts), numbers, CARNET_COUNT(numbers));
    }
}

/* --- the screen --- */

static bool
at_rest(const atm *t)
{
    return t->machine.record.phase == CARNET_TERMINAL_IDLE || t->machine.record.phase == CARNET_TERMINAL_ENDED;
}

void
atm_copy(char *out, size_t size, const char *text)
{
    const size_t len = strlen(text);

    memcpy(out, text, len < size ? len : size - 1);
    out[len < size ? len : size - 1] = '\0';
}

static void
show(atm *t)
{
    const carnet_terminal_record *r = &t->machine.record;
    atm_screen *s = &t->screen;

    pthread_mutex_lock(&t->mutex);
    s->ended = r->phase == CARNET_TERMINAL_ENDED && s->phase != r->phase ? onsite_now_ms() : s->ended;
    s->phase = r->phase;
    s->outcome = r->outcome;
    s->number = r->number;
    s->amount = r->amount;
    s->dispensed = r->dispensed;
    s->connected = t->link != NULL;
    atm_copy(s->binding, sizeof s->binding, r->binding);
    atm_copy(s->reference, sizeof s->reference, r->reference);
    atm_copy(s->currency, sizeof s->currency, r->currency[0] != '\0' ? r->currency : t->machine.config.currency);
    atm_copy(s->response, sizeof s->response, r->response);
    pthread_mutex_unlock(&t->mutex);
}

/* --- what the machine demands --- */

static bool
begin(atm *t)
{
    uint8_t session[CARNET_STAGING_SESSION];
    const carnet_random random = carnet_crypto_random(t->crypto);
    carnet_terminal_code code = { .terminal = carnet_str_of(t->a->id),
                                  .label = carnet_str_of(t->a->label != NULL ? t->a->label : t->a->id) };
    uint8_t octets[CARNET_TERMINAL_CODE_MAX];
    carnet_buf text = carnet_buf_of(octets, sizeof octets);
    carnet_err err = { 0 };

    code.expiry = (atm_now() + t->machine.config.code_ms) / 1000;
    if (carnet_random_fill(&random, session, sizeof session, &err) != CARNET_OK) {
        return cli_complain("randomness", &err) == CLI_VALID;
    }
    memcpy(code.session, session, sizeof session);
    if (carnet_terminal_code_make(&code, t->code_key, t->crypto, &text, &err) != CARNET_OK ||
        carnet_terminal_begin(&t->machine, session, atm_now(), &err) != CARNET_OK) {
        return cli_complain("a transaction", &err) == CLI_VALID;
    }
    t->evidence_sent = false;
    pthread_mutex_lock(&t->mutex);
    memcpy(t->screen.code, octets, text.len);
    t->screen.code[text.len] = '\0';
    t->screen.until = code.expiry;
    pthread_mutex_unlock(&t->mutex);
    atm_tell_phase(t);
    atm_tell_text(t, "code", "code", carnet_buf_str(&text));
    return true;
}

/** A purchase hands over what it costs; a dispenser, notes. */
static void
hand_out(atm *t, uint64_t amount)
{
    bool known = true;
    uint64_t out = amount;
    carnet_err err = { 0 };

    if (t->a->pos) {
        out = t->price == 0 ? amount : t->price > amount ? 0 : t->price;
    } else if (atm_dispenser_hand_out(&t->dispenser, t->machine.record.number, amount, &known, &out, &err) !=
               CARNET_OK) {
        (void)cli_complain("the dispenser", &err);
    }
    atm_tell_notes(t, amount, known, out);
    if (carnet_terminal_dispensed(&t->machine, known, out, atm_now(), &err) != CARNET_OK) {
        (void)cli_complain("the journal", &err);
    }
}

static void
collect(atm *t, bool step_up)
{
    const bool on_site = t->a->qr != NULL || t->a->ways.use[ONSITE_NFC];

    if (!on_site || t->evidence_sent || t->machine.record.phase != CARNET_TERMINAL_SHOWING || !atm_onsite(t)) {
        atm_server_collect(t, step_up);
    }
}

static void
act(atm *t, const carnet_terminal_action *action)
{
    const int64_t left = action->until - atm_now();

    switch (action->act) {
    case CARNET_TERMINAL_WAIT:
        atm_switch_wait(t, left < 1 ? 1 : left < SLICE_MS ? left : SLICE_MS);
        break;
    case CARNET_TERMINAL_COLLECT:
    case CARNET_TERMINAL_STEP_UP:
        collect(t, action->act == CARNET_TERMINAL_STEP_UP);
        break;
    case CARNET_TERMINAL_SEND:
        carnet_terminal_sent(&t->machine, atm_switch_send(t), atm_now());
        break;
    case CARNET_TERMINAL_DISPENSE:
        hand_out(t, action->amount);
        break;
    case CARNET_TERMINAL_REPORT:
        (void)!carnet_terminal_reported(&t->machine, atm_server_tell(t, action), atm_now(), NULL);
        break;
    }
}

/** What is not in the dispenser is not asked for: the user goes away with nothing, and nothing is debited. */
static void
check_notes(atm *t)
{
    const carnet_terminal *m = &t->machine;

    if (!t->a->pos && m->record.phase == CARNET_TERMINAL_AUTHORISING && !m->asked &&
        !atm_dispenser_can(&t->dispenser, m->record.amount)) {
        atm_tell_text(t, "refused", "reason", carnet_str_of("no notes for this amount"));
        (void)!carnet_terminal_cancel(&t->machine, atm_now(), NULL);
    }
}

/** One thing that is to be done. */
static void
step(atm *t)
{
    carnet_terminal_action action;
    carnet_err err = { 0 };

    check_notes(t);
    if (carnet_terminal_next(&t->machine, atm_now(), &action, &err) != CARNET_OK) {
        (void)cli_complain("the journal", &err);
        atm_switch_wait(t, SLICE_MS); /* nothing is done before it can be kept */
        return;
    }
    atm_tell_phase(t);
    show(t);
    act(t, &action);
    atm_tell_phase(t);
    show(t);
}

static int
status_of(const atm *t)
{
    switch (t->machine.record.outcome) {
    case CARNET_TERMINAL_TAKEN:
    case CARNET_TERMINAL_PARTLY:
        return CLI_VALID;
    case CARNET_TERMINAL_UNKNOWN:
    case CARNET_TERMINAL_OPEN:
        return CLI_UNJUDGED;
    default:
        return CLI_NEGATIVE;
    }
}

int
atm_run_once(atm *t)
{
    const bool open = !at_rest(t);

    t->price = t->a->price != NULL ? cli_number(t->a->price, 999999999999, "price") : 0;
    while (!at_rest(t) && !onsite_stopped()) {
        step(t);
    }
    if (t->a->settle) {
        return open && at_rest(t) ? status_of(t) : open ? CLI_UNJUDGED : CLI_VALID;
    }
    if (onsite_stopped() || !begin(t)) {
        return CLI_UNJUDGED;
    }
    for (int after = 0; !at_rest(t) && after < STEPS_AFTER; after += onsite_stopped()) {
        if (onsite_stopped()) { /* what it does not get done now, the journal has for the next time */
            (void)!carnet_terminal_cancel(&t->machine, atm_now(), NULL);
        }
        step(t);
    }
    return at_rest(t) ? status_of(t) : CLI_UNJUDGED;
}

int
atm_run_screen(atm *t)
{
    atm_page_open(t);
    while (!onsite_stopped()) {
        bool wanted, cancelled;

        pthread_mutex_lock(&t->mutex);
        wanted = t->wanted;
        cancelled = t->cancelled;
        t->wanted = t->cancelled = false;
        t->price = wanted ? t->wanted_price : t->price;
        pthread_mutex_unlock(&t->mutex);
        if (wanted && at_rest(t)) {
            (void)begin(t);
        }
        if (cancelled) {
            (void)!carnet_terminal_cancel(&t->machine, atm_now(), NULL);
        }
        step(t);
    }
    atm_page_close(t);
    return CLI_VALID;
}
