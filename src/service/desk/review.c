/* SPDX-License-Identifier: Apache-2.0 */
/* The page on which a case is confirmed, and the page of a closed one. */
#include "internal.h"

typedef struct review {
    carnet_page *page;
    const desk_case *c;
} review;

static void
begin_fact(carnet_page *page, carnet_text label)
{
    carnet_page_element(page, "dt", NULL, label);
    carnet_html_open(&page->html, "dd");
}

static void
add_picture(carnet_page *page, const desk_case *c, carnet_str name, carnet_str label)
{
    uint8_t room[300];
    carnet_buf path = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_int(&path, c->row.id);
    carnet_buf_add_text(&path, "/picture?of=");
    carnet_buf_add_str(&path, name);
    carnet_html_open_class(&page->html, "img", "portrait");
    carnet_page_href(page, "src", "/desk/cases/", carnet_buf_str(&path));
    carnet_html_set(&page->html, "alt", label);
    carnet_html_close(&page->html);
}

static bool
add_value(void *self, const desk_element *element)
{
    review *r = self;
    uint8_t name_room[256], label_room[256];
    carnet_buf name = carnet_buf_of(name_room, sizeof(name_room)),
               label = carnet_buf_of(label_room, sizeof(label_room));
    carnet_html *h = &r->page->html;
    carnet_str value;

    carnet_desk_element_name(element, &name);
    value = carnet_desk_draft_get(&r->c->typed, carnet_buf_str(&name));
    if (value.len == 0)
        return true;
    carnet_desk_element_label(element, &label);
    carnet_html_open(h, "dt");
    carnet_html_text(h, carnet_buf_str(&label));
    carnet_html_close(h);
    carnet_html_open(h, "dd");
    if (element->definition->type == CARNET_ELEMENT_IMAGE)
        add_picture(r->page, r->c, carnet_buf_str(&name), carnet_buf_str(&label));
    else {
        carnet_html_open_class(h, "span", element->definition->type == CARNET_ELEMENT_PRIVILEGES ? "lines" : NULL);
        carnet_html_value(h, value);
        carnet_html_close(h);
    }
    carnet_html_close(h);
    return true;
}

static void
add_checks(carnet_page *page, const desk_case *c)
{
    carnet_html *h = &page->html;
    carnet_str document = carnet_desk_draft_named(&c->evidence, "document"),
               digits = carnet_desk_draft_named(&c->evidence, "digits");

    carnet_html_open_class(h, "section", "card");
    carnet_page_element(page, "h2", NULL, CARNET_TEXT_STEP_DOCUMENTS);
    carnet_html_open_class(h, "dl", "facts");
    begin_fact(page, CARNET_TEXT_DOCUMENT);
    carnet_html_say(h, carnet_page_text(page, carnet_desk_code_text(document)));
    if (digits.len > 0) {
        carnet_html_say(h, " \xe2\x80\xa6");
        carnet_html_value(h, digits);
    }
    carnet_html_close(h);
    begin_fact(page, CARNET_TEXT_CHECKED);
    carnet_html_open(h, "ul");
    for (size_t i = 0; i < CARNET_COUNT(carnet_desk_checks); i++)
        if (carnet_desk_draft_named(&c->evidence, carnet_desk_checks[i]).len > 0)
            carnet_page_element(page, "li", NULL, carnet_desk_code_text(carnet_str_of(carnet_desk_checks[i])));
    carnet_html_close(h);
    carnet_html_close(h);
    begin_fact(page, CARNET_TEXT_CASE_OFFICER);
    carnet_html_value(h, c->row.officer);
    carnet_html_close(h);
    carnet_html_close(h);
    carnet_html_close(h);
}

static void
add_attributes(carnet_page *page, const desk_case *c)
{
    carnet_html *h = &page->html;
    review r = { page, c };
    carnet_str subject = carnet_desk_draft_named(&c->evidence, "subject");

    carnet_html_open_class(h, "section", "card");
    carnet_page_element(page, "h2", NULL, CARNET_TEXT_STEP_ATTRIBUTES);
    carnet_html_open_class(h, "dl", "facts");
    begin_fact(page, CARNET_TEXT_CASE_DOCUMENTS);
    for (size_t i = 0; i < c->configuration_count; i++) {
        carnet_html_say(h, i > 0 ? ", " : "");
        carnet_html_value(h, c->configurations[i]->name);
    }
    carnet_html_close(h);
    if (subject.len > 0) {
        begin_fact(page, CARNET_TEXT_SUBJECT);
        carnet_html_value(h, subject);
        carnet_html_close(h);
    }
    carnet_desk_elements(c, add_value, &r);
    carnet_html_close(h);
    if (c->typed.count == 0)
        carnet_page_element(page, "p", "quiet-text", CARNET_TEXT_FROM_REGISTER);
    carnet_html_close(h);
}

static void
add_decision(carnet_page *page, const desk_call *call, const desk_case *c, const char *action, const char *class_name,
             carnet_text label)
{
    carnet_desk_decide_begin(page, call, c, action);
    carnet_page_button(page, class_name, NULL, NULL, label);
    carnet_page_form_end(page);
}

static void
add_decisions(carnet_page *page, const desk_call *call, const desk_case *c)
{
    carnet_html *h = &page->html;
    bool reviewed = c->row.state == CARNET_STORE_ENROLMENT_REVIEW, mine = carnet_desk_may_confirm(call, c);

    carnet_html_open_class(h, "div", "actions");
    if (!reviewed && call->desk->four_eyes)
        add_decision(page, call, c, "send", "primary", CARNET_TEXT_SEND);
    else if (!call->desk->four_eyes || mine)
        add_decision(page, call, c, "confirm", "primary", CARNET_TEXT_CONFIRM);
    if (reviewed)
        add_decision(page, call, c, "return", NULL, CARNET_TEXT_RETURN);
    else {
        uint8_t room[24];
        carnet_buf id = carnet_buf_of(room, sizeof(room));

        carnet_buf_add_int(&id, c->row.id);
        carnet_html_open_class(h, "a", "button");
        carnet_page_href(page, "href", "/desk/cases/", carnet_buf_str(&id));
        carnet_html_say(h, carnet_page_text(page, CARNET_TEXT_CHANGE));
        carnet_html_close(h);
    }
    carnet_html_close(h);
}

bool
carnet_desk_may_confirm(const desk_call *call, const desk_case *c)
{
    if (!call->desk->four_eyes)
        return true;
    return c->row.state == CARNET_STORE_ENROLMENT_REVIEW && !carnet_str_equal(call->officer.login, c->row.officer) &&
           (call->officer.role == CARNET_STORE_ROLE_SUPERVISOR ||
            call->officer.role == CARNET_STORE_ROLE_ADMINISTRATOR);
}

carnet_rc
carnet_desk_show_review(desk_call *call, desk_case *c, carnet_err *err)
{
    carnet_page_head head = {
        .title = CARNET_TEXT_REVIEW_TITLE, .subject = c->row.number, .wide = true, .current = "/desk"
    };
    carnet_page page;
    carnet_rc rc = carnet_desk_page(call, &head, &page, err);

    if (rc != CARNET_OK)
        return rc;
    if (c->row.state == CARNET_STORE_ENROLMENT_REVIEW && !carnet_desk_may_confirm(call, c)) {
        carnet_page_notice_begin(&page, CARNET_TONE_PLAIN);
        carnet_page_element(&page, "p", NULL, CARNET_TEXT_REVIEW_OTHER);
        carnet_page_notice_end(&page);
    }
    carnet_html_open_class(&page.html, "div", "columns");
    add_checks(&page, c);
    add_attributes(&page, c);
    carnet_html_close(&page.html);
    add_decisions(&page, call, c);
    carnet_desk_refusal_form(&page, call, c);
    return carnet_page_end(&page, err);
}

carnet_rc
carnet_desk_show_waiting(desk_call *call, desk_case *c, carnet_err *err)
{
    carnet_page_head head = { .title = CARNET_TEXT_CASE_TITLE, .subject = c->row.number, .current = "/desk" };
    carnet_page page;
    carnet_rc rc = carnet_desk_page(call, &head, &page, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_html_open_class(&page.html, "section", "card");
    carnet_page_element(&page, "p", "lead", CARNET_TEXT_TAKE_HINT);
    carnet_html_open_class(&page.html, "dl", "facts");
    begin_fact(&page, CARNET_TEXT_CASE_DOCUMENTS);
    for (size_t i = 0; i < c->configuration_count; i++) {
        carnet_html_say(&page.html, i > 0 ? ", " : "");
        carnet_html_value(&page.html, c->configurations[i]->name);
    }
    carnet_html_close(&page.html);
    begin_fact(&page, CARNET_TEXT_CASE_SINCE);
    carnet_page_time(&page, c->row.created);
    carnet_html_close(&page.html);
    carnet_html_close(&page.html);
    add_decision(&page, call, c, "take", "primary", CARNET_TEXT_TAKE);
    carnet_html_close(&page.html);
    carnet_desk_refusal_form(&page, call, c);
    return carnet_page_end(&page, err);
}

carnet_rc
carnet_desk_show_closed(desk_call *call, desk_case *c, carnet_err *err)
{
    carnet_page_head head = { .title = CARNET_TEXT_CASE_TITLE, .subject = c->row.number, .current = "/desk" };
    bool good = c->row.state == CARNET_STORE_ENROLMENT_CONFIRMED;
    carnet_page page;
    carnet_rc rc = carnet_desk_page(call, &head, &page, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_page_notice_begin(&page, good ? CARNET_TONE_GOOD : CARNET_TONE_BAD);
    if (!good) {
        carnet_str why = carnet_str_of(carnet_page_text(&page, carnet_desk_refusal_text(c->row.reason)));

        carnet_html_open(&page.html, "p");
        carnet_page_say(&page, CARNET_TEXT_CLOSED_REFUSED, &why, 1);
        carnet_html_close(&page.html);
    } else
        carnet_page_element(&page, "p", NULL,
                            c->row.reference_hash.len > 0 ? CARNET_TEXT_CLOSED_WALLET : CARNET_TEXT_CLOSED_OFFER);
    carnet_page_notice_end(&page);
    carnet_html_open_class(&page.html, "div", "actions");
    if (good && c->row.reference_hash.len == 0 && c->row.attributes.len + c->row.evidence.len > 0) {
        uint8_t room[48];
        carnet_buf path = carnet_buf_of(room, sizeof(room));

        carnet_buf_add_int(&path, c->row.id);
        carnet_buf_add_text(&path, "/offer");
        carnet_page_form_begin(&page, "/desk/cases/", carnet_buf_str(&path), carnet_str_of(call->token), false);
        carnet_page_button(&page, NULL, NULL, NULL, CARNET_TEXT_OFFER_AGAIN);
        carnet_page_form_end(&page);
    }
    carnet_html_open_class(&page.html, "a", "button primary");
    carnet_page_href(&page, "href", "/desk", (carnet_str){ 0 });
    carnet_html_say(&page.html, carnet_page_text(&page, CARNET_TEXT_BACK_TO_DESK));
    carnet_html_close(&page.html);
    carnet_html_close(&page.html);
    return carnet_page_end(&page, err);
}
