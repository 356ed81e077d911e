/* SPDX-License-Identifier: Apache-2.0 */
/* carnet phone serve: the pages' content. */
#include "phone_page.h"

#include <string.h>

static const struct {
    carnet_staged_state state;
    const char *words, *class_name;
} states[] = {
    { CARNET_STAGED_STAGED, "Ready", "badge" },
    { CARNET_STAGED_AUTHENTICATING, "Being approved", "badge caution" },
    { CARNET_STAGED_STEPPING_UP, "More is asked for", "badge caution" },
    { CARNET_STAGED_FULFILLED, "Approved", "badge good" },
    { CARNET_STAGED_USED, "Authorised", "badge good" },
    { CARNET_STAGED_DISPENSED, "Done", "badge good" },
    { CARNET_STAGED_REVERSED, "Taken back", "badge bad" },
    { CARNET_STAGED_CANCELLED, "Cancelled", "badge" },
    { CARNET_STAGED_FAILED, "Failed", "badge bad" },
    { CARNET_STAGED_EXPIRED, "Expired", "badge" },
};

/** The words of reasons, for a person. */
static const struct {
    const char *reason, *words;
} reasons[] = {
    { "by_user", "cancelled by you" },
    { "attempts", "too many wrong codes" },
    { "not_authenticated", "it was not approved" },
    { "not_verified", "the approval could not be verified" },
    { "identity_provider", "this phone may not approve it" },
    { "authentication", "the approval was not used in time" },
    { "not_dispensed", "the machine did not dispense" },
    { "dispense_unknown", "the bank looks into what was dispensed" },
    { "too_late", "it waited too long" },
};

static carnet_str
reason_of(const page_transaction *t)
{
    for (size_t i = 0; i < CARNET_COUNT(reasons); i++) {
        if (strcmp(t->reason, reasons[i].reason) == 0) {
            return carnet_str_of(reasons[i].words);
        }
    }
    return carnet_str_of(t->reason);
}

static void
write_badge(carnet_html *html, carnet_staged_state state)
{
    for (size_t i = 0; i < CARNET_COUNT(states); i++) {
        if (states[i].state == state) {
            carnet_html_element(html, "span", states[i].class_name, carnet_str_of(states[i].words));
        }
    }
}

static void
write_trouble(carnet_html *html, const phone_pages *s)
{
    if (s->trouble[0] != '\0') {
        cli_page_notice(html, "bad", "That did not work", carnet_str_of(s->trouble));
    }
}

static void
write_outcome(carnet_html *html, const phone_pages *s)
{
    const carnet_str text = carnet_str_of(s->outcome.text);

    if (!s->outcome.there) {
        return;
    }
    switch (s->outcome.status) {
    case CARNET_BOPS_AUTHENTICATED:
    case CARNET_BOPS_CONSUMED:
        cli_page_notice(html, "good", "Approved", text);
        break;
    case CARNET_BOPS_CANCELLED:
        cli_page_notice(html, "plain", "Declined", text);
        break;
    case CARNET_BOPS_EXPIRED:
        cli_page_notice(html, "caution", "Too late", text);
        break;
    default:
        cli_page_notice(html, "bad", "Not approved", text);
        break;
    }
}

static void
write_dismissal(carnet_html *html, const phone_pages *s)
{
    if (s->outcome.there || s->trouble[0] != '\0') {
        cli_page_form(html, &s->pages, "/dismiss", "second", "OK");
    }
}

static void
write_transaction(carnet_html *html, const phone_pages *s, const page_transaction *t)
{
    char money[64], path[64];

    carnet_html_open_class(html, "section", "card");
    carnet_html_open_class(html, "div", "head");
    cli_page_money(money, sizeof money, t->amount, carnet_str_of(t->currency));
    carnet_html_element(html, "b", NULL, carnet_str_of(money));
    write_badge(html, t->state);
    carnet_html_close(html);
    carnet_html_open(html, "dl");
    cli_page_fact(html, "What", carnet_str_of(strcmp(t->type, "ATM_CWD") == 0 ? "Cash" : "Payment in a shop"));
    cli_page_fact(html, "From", carnet_str_of(t->account));
    cli_page_fact(html, "At", carnet_str_of(t->terminal));
    if (t->has_dispensed) {
        cli_page_money(money, sizeof money, t->dispensed, carnet_str_of(t->currency));
        cli_page_fact(html, "Dispensed", carnet_str_of(money));
    }
    if (t->reason[0] != '\0') {
        cli_page_fact(html, "Why", reason_of(t));
    }
    carnet_html_close(html);
    carnet_html_open_class(html, "p", "quiet small");
    carnet_html_say(html, "Reference ");
    carnet_html_element(html, "code", NULL, carnet_str_of(t->reference));
    carnet_html_close(html);
    if (t->state == CARNET_STAGED_STAGED) {
        carnet_html_open_class(html, "div", "row");
        snprintf(path, sizeof path, "/scan?ref=%s", t->reference);
        carnet_html_link(html, "button", carnet_str_of(path), carnet_str_of("Scan the machine\xe2\x80\x99s code"));
        cli_page_form(html, &s->pages, "/cancel", "second", NULL);
        cli_page_hidden(html, "ref", carnet_str_of(t->reference));
        carnet_html_element(html, "button", NULL, carnet_str_of("Cancel"));
        carnet_html_close(html);
        carnet_html_close(html);
    }
    carnet_html_close(html);
}

static void
write_option(carnet_html *html, const char *value, const char *words)
{
    carnet_html_open(html, "option");
    carnet_html_set_text(html, "value", value);
    carnet_html_say(html, words);
    carnet_html_close(html);
}

static void
write_stage_form(carnet_html *html, const phone_pages *s)
{
    carnet_html_open_class(html, "section", "card");
    cli_page_form(html, &s->pages, "/stage", NULL, NULL);
    carnet_html_open(html, "label");
    carnet_html_say(html, "Amount ");
    carnet_html_element(html, "small", NULL, carnet_str_of("(such as 200.00)"));
    carnet_html_open(html, "input");
    carnet_html_set_text(html, "name", "amount");
    carnet_html_set_text(html, "inputmode", "decimal");
    carnet_html_set_text(html, "autocomplete", "off");
    carnet_html_flag(html, "required", true);
    carnet_html_close(html);
    carnet_html_close(html);
    carnet_html_open(html, "label");
    carnet_html_say(html, "Currency");
    carnet_html_open(html, "select");
    carnet_html_set_text(html, "name", "currency");
    write_option(html, "840", "US dollar");
    write_option(html, "978", "Euro");
    write_option(html, "826", "Pound sterling");
    write_option(html, "756", "Swiss franc");
    carnet_html_close(html);
    carnet_html_close(html);
    carnet_html_open(html, "label");
    carnet_html_say(html, "For");
    carnet_html_open(html, "select");
    carnet_html_set_text(html, "name", "type");
    write_option(html, "ATM_CWD", "Cash at a machine");
    write_option(html, "POS_PURCHASE", "A payment in a shop");
    carnet_html_close(html);
    carnet_html_close(html);
    carnet_html_open(html, "label");
    carnet_html_say(html, "Account ");
    carnet_html_element(html, "small", NULL, carnet_str_of("(empty: the first)"));
    carnet_html_open(html, "input");
    carnet_html_set_text(html, "name", "account");
    carnet_html_set_text(html, "autocomplete", "off");
    carnet_html_close(html);
    carnet_html_close(html);
    carnet_html_element(html, "button", NULL, carnet_str_of("Prepare"));
    carnet_html_close(html);
    carnet_html_close(html);
}

void
phone_page_new(carnet_html *html, const phone_pages *s)
{
    carnet_html_element(html, "h1", NULL, carnet_str_of("Prepare a withdrawal"));
    write_trouble(html, s);
    write_stage_form(html, s);
    carnet_html_link(html, "button second", carnet_str_of("/"), carnet_str_of("Back"));
}

void
phone_page_home(carnet_html *html, const phone_pages *s)
{
    carnet_html_element(html, "h1", NULL, carnet_str_of("Cash without a card"));
    write_trouble(html, s);
    write_outcome(html, s);
    write_dismissal(html, s);
    for (size_t i = 0; i < s->count; i++) {
        write_transaction(html, s, &s->list[i]);
    }
    if (s->count == 0) {
        carnet_html_element(html, "p", "quiet", carnet_str_of("Nothing is prepared."));
    }
    carnet_html_link(html, "button", carnet_str_of("/new"), carnet_str_of("Prepare a withdrawal"));
}

void
phone_page_scan(carnet_html *html, const phone_pages *s, const page_transaction *t)
{
    char money[64];

    cli_page_money(money, sizeof money, t->amount, carnet_str_of(t->currency));
    carnet_html_element(html, "h1", NULL, carnet_str_of("The machine\xe2\x80\x99s code"));
    write_trouble(html, s);
    carnet_html_open_class(html, "section", "card");
    carnet_html_element(html, "p", "quiet",
                        carnet_str_of("It stands on the machine\xe2\x80\x99s screen. You see what it asks for "
                                      "before anything happens."));
    cli_page_form(html, &s->pages, "/fulfil", NULL, NULL);
    cli_page_hidden(html, "ref", carnet_str_of(t->reference));
    carnet_html_open(html, "dl");
    cli_page_fact(html, "Amount", carnet_str_of(money));
    carnet_html_close(html);
    carnet_html_open(html, "label");
    carnet_html_say(html, "Picture of the code ");
    carnet_html_element(html, "small", NULL, carnet_str_of("(PNG)"));
    carnet_html_open(html, "input");
    carnet_html_set_text(html, "type", "file");
    carnet_html_set_text(html, "name", "picture");
    carnet_html_set_text(html, "accept", "image/png");
    carnet_html_close(html);
    carnet_html_close(html);
    carnet_html_open(html, "label");
    carnet_html_say(html, "or its text");
    carnet_html_open(html, "textarea");
    carnet_html_set_text(html, "name", "code");
    carnet_html_set_text(html, "maxlength", "512");
    carnet_html_set_text(html, "spellcheck", "false");
    carnet_html_close(html);
    carnet_html_close(html);
    carnet_html_open_class(html, "div", "row");
    carnet_html_element(html, "button", NULL, carnet_str_of("Go on"));
    carnet_html_link(html, "button second", carnet_str_of("/"), carnet_str_of("Back"));
    carnet_html_close(html);
    carnet_html_close(html);
    carnet_html_close(html);
}

/** The transaction whose session this is. */
static const page_transaction *
asked_transaction(const phone_pages *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->list[i].session, s->asked.session) == 0) {
            return &s->list[i];
        }
    }
    return NULL;
}

static void
write_answers(carnet_html *html, const phone_pages *s)
{
    carnet_html_open(html, "div");
    cli_page_form(html, &s->pages, "/answer", "wide", NULL);
    cli_page_hidden(html, "session", carnet_str_of(s->asked.session));
    cli_page_hidden(html, "answer", carnet_str_of("approve"));
    if (s->asked.takes_pin) {
        carnet_html_open(html, "label");
        carnet_html_say(html, "PIN");
        carnet_html_open(html, "input");
        carnet_html_set_text(html, "type", "password");
        carnet_html_set_text(html, "name", "pin");
        carnet_html_set_text(html, "inputmode", "numeric");
        carnet_html_set_text(html, "autocomplete", "off");
        carnet_html_set_text(html, "maxlength", "12");
        carnet_html_close(html);
        carnet_html_close(html);
    }
    carnet_html_element(html, "button", NULL, carnet_str_of("Approve"));
    carnet_html_close(html);
    carnet_html_element(html, "p", NULL, (carnet_str){ 0 });
    cli_page_form(html, &s->pages, "/answer", "wide decline", NULL);
    cli_page_hidden(html, "session", carnet_str_of(s->asked.session));
    cli_page_hidden(html, "answer", carnet_str_of("decline"));
    carnet_html_element(html, "button", NULL, carnet_str_of("Decline"));
    carnet_html_close(html);
    carnet_html_close(html);
}

static void
write_sensors(carnet_html *html, const phone_pages *s)
{
    const phone_arguments *a = s->p->a;
    char text[200] = "A fake sensor answers:";

    if (a->sensor_count == 0) {
        return;
    }
    for (size_t i = 0; i < a->sensor_count; i++) {
        const size_t at = strlen(text);

        snprintf(text + at, sizeof text - at, " %s (%s)", a->sensors[i].method, a->sensors[i].results);
    }
    carnet_html_element(html, "p", "quiet", carnet_str_of(text));
}

void
phone_page_approve(carnet_html *html, const phone_pages *s)
{
    const page_transaction *t = asked_transaction(s);
    char money[64];

    carnet_html_element(html, "h1", NULL, carnet_str_of("Approve this?"));
    if (s->asked.tries > 1) {
        cli_page_notice(html, "caution", "That was not enough", carnet_str_of("Try once more, or decline."));
    }
    carnet_html_open_class(html, "section", "card");
    if (t != NULL) {
        cli_page_money(money, sizeof money, t->amount, carnet_str_of(t->currency));
        carnet_html_element(html, "p", "amount", carnet_str_of(money));
        carnet_html_element(html, "p", "where", carnet_str_of(t->terminal));
    }
    /* What is signed is the identity provider's text: it stands here whatever the server said. */
    carnet_html_element(html, "p", t != NULL ? "quiet" : "where", carnet_str_of(s->asked.text));
    if (s->asked.binding[0] != '\0') {
        carnet_html_open_class(html, "div", "compare");
        carnet_html_say(html, "The machine must show");
        carnet_html_element(html, "b", NULL, carnet_str_of(s->asked.binding));
        carnet_html_close(html);
    }
    write_answers(html, s);
    carnet_html_close(html);
    write_sensors(html, s);
}
