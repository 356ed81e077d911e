/* SPDX-License-Identifier: Apache-2.0 */
/* Which documents a person showed, what the officer looked at, and why an officer refuses: codes and their words. */
#include "internal.h"

static const struct {
    const char *code;
    carnet_text text;
} codes[] = {
    { "passport", CARNET_TEXT_DOCUMENT_PASSPORT },
    { "identity_card", CARNET_TEXT_DOCUMENT_IDENTITY_CARD },
    { "residence_permit", CARNET_TEXT_DOCUMENT_RESIDENCE_PERMIT },
    { "driving_licence", CARNET_TEXT_DOCUMENT_DRIVING_LICENCE },
    { "birth_certificate", CARNET_TEXT_DOCUMENT_BIRTH_CERTIFICATE },
    { "other", CARNET_TEXT_DOCUMENT_OTHER },
    { "genuine", CARNET_TEXT_CHECK_GENUINE },
    { "photo", CARNET_TEXT_CHECK_PHOTO },
    { "data", CARNET_TEXT_CHECK_DATA },
};

static const struct {
    const char *code;
    carnet_text text;
} refusals[] = {
    { "not_identified", CARNET_TEXT_REFUSAL_NOT_IDENTIFIED },
    { "document_doubtful", CARNET_TEXT_REFUSAL_DOUBTFUL },
    { "document_missing", CARNET_TEXT_REFUSAL_MISSING },
    { "not_entitled", CARNET_TEXT_REFUSAL_NOT_ENTITLED },
    { "left", CARNET_TEXT_REFUSAL_LEFT },
    { "by_user", CARNET_TEXT_REFUSAL_BY_USER },
};

const char *const carnet_desk_checks[3] = { "genuine", "photo", "data" };

carnet_text
carnet_desk_code_text(carnet_str code)
{
    for (size_t i = 0; i < CARNET_COUNT(codes); i++)
        if (carnet_str_is(code, codes[i].code))
            return codes[i].text;
    return CARNET_TEXT_NONE;
}

carnet_text
carnet_desk_refusal_text(carnet_str code)
{
    for (size_t i = 0; i < CARNET_COUNT(refusals); i++)
        if (carnet_str_is(code, refusals[i].code))
            return refusals[i].text;
    return CARNET_TEXT_NONE;
}

/* "code=Words|..." for a select. */
static carnet_str
choices(const carnet_page *page, bool refusing, carnet_buf *out)
{
    /* The last refusal is the applicant's own, the last three codes are checks. */
    size_t count = refusing ? CARNET_COUNT(refusals) - 1 : CARNET_COUNT(codes) - CARNET_COUNT(carnet_desk_checks);

    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            carnet_buf_add_text(out, "|");
        carnet_buf_add_text(out, refusing ? refusals[i].code : codes[i].code);
        carnet_buf_add_text(out, "=");
        carnet_buf_add_text(out, carnet_page_text(page, refusing ? refusals[i].text : codes[i].text));
    }
    carnet_buf_add_byte(out, 0);
    return carnet_buf_str(out);
}

void
carnet_desk_checks_fields(carnet_page *page, const desk_case *c, bool marked)
{
    char room[1024];
    carnet_buf list = carnet_buf_of(room, sizeof(room));
    carnet_page_field document = { .type = "select",
                                   .name = carnet_str_of("document"),
                                   .label = CARNET_TEXT_DOCUMENT,
                                   .value = carnet_desk_draft_named(&c->evidence, "document"),
                                   .required = true },
                      digits = { .type = "text",
                                 .name = carnet_str_of("digits"),
                                 .label = CARNET_TEXT_DOCUMENT_DIGITS,
                                 .hint = CARNET_TEXT_DOCUMENT_DIGITS_HINT,
                                 .value = carnet_desk_draft_named(&c->evidence, "digits"),
                                 .max = 4,
                                 .autocomplete = "off" };

    document.choices = choices(page, false, &list).ptr;
    document.error = marked && document.value.len == 0 ? CARNET_TEXT_MISSING : CARNET_TEXT_NONE;
    carnet_html_open_class(&page->html, "div", "fields");
    carnet_page_field_add(page, &document);
    carnet_page_field_add(page, &digits);
    carnet_html_close(&page->html);
    carnet_html_open(&page->html, "fieldset");
    carnet_page_element(page, "legend", NULL, CARNET_TEXT_CHECKS);
    for (size_t i = 0; i < CARNET_COUNT(carnet_desk_checks); i++) {
        carnet_str code = carnet_str_of(carnet_desk_checks[i]);
        bool checked = carnet_desk_draft_get(&c->evidence, code).len > 0;

        carnet_page_field_add(
            page, &(carnet_page_field){ .type = "checkbox",
                                        .name = code,
                                        .label = carnet_desk_code_text(code),
                                        .checked = checked,
                                        .error = marked && !checked ? CARNET_TEXT_CHECK_MISSING : CARNET_TEXT_NONE });
    }
    carnet_html_close(&page->html);
}

size_t
carnet_desk_checks_errors(const desk_case *c, carnet_page_field *fields)
{
    size_t count = 0;

    if (carnet_desk_draft_named(&c->evidence, "document").len == 0)
        fields[count++] = (carnet_page_field){ .name = carnet_str_of("document"),
                                               .label = CARNET_TEXT_DOCUMENT,
                                               .error = CARNET_TEXT_MISSING };
    for (size_t i = 0; i < CARNET_COUNT(carnet_desk_checks); i++) {
        carnet_str code = carnet_str_of(carnet_desk_checks[i]);

        if (carnet_desk_draft_get(&c->evidence, code).len == 0)
            fields[count++] = (carnet_page_field){ .name = code,
                                                   .label = carnet_desk_code_text(code),
                                                   .error = CARNET_TEXT_CHECK_MISSING };
    }
    return count;
}

bool
carnet_desk_checks_done(const desk_case *c)
{
    for (size_t i = 0; i < CARNET_COUNT(carnet_desk_checks); i++)
        if (carnet_desk_draft_named(&c->evidence, carnet_desk_checks[i]).len == 0)
            return false;
    return carnet_desk_code_text(carnet_desk_draft_named(&c->evidence, "document")) != CARNET_TEXT_NONE;
}

void
carnet_desk_case_checks(const desk_case *c, carnet_buf *out)
{
    carnet_str document = carnet_desk_draft_named(&c->evidence, "document");

    if (carnet_desk_code_text(document) == CARNET_TEXT_NONE)
        return;
    carnet_buf_add_str(out, document);
    for (size_t i = 0; i < CARNET_COUNT(carnet_desk_checks); i++) {
        if (carnet_desk_draft_named(&c->evidence, carnet_desk_checks[i]).len == 0)
            continue;
        carnet_buf_add_text(out, " ");
        carnet_buf_add_text(out, carnet_desk_checks[i]);
    }
}

void
carnet_desk_decide_begin(carnet_page *page, const desk_call *call, const desk_case *c, const char *action)
{
    uint8_t room[48];
    carnet_buf text = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_int(&text, c->row.id);
    carnet_buf_add_text(&text, "/decide");
    carnet_page_form_begin(page, "/desk/cases/", carnet_buf_str(&text), carnet_str_of(call->token), false);
    text.len = 0;
    carnet_buf_add_int(&text, c->row.version);
    carnet_page_hidden(page, "version", carnet_buf_str(&text));
    carnet_page_hidden(page, "action", carnet_str_of(action));
}

/* Folded away, so that nobody refuses by mistake. */
void
carnet_desk_refusal_form(carnet_page *page, const desk_call *call, const desk_case *c)
{
    char room[1024];
    carnet_buf list = carnet_buf_of(room, sizeof(room));
    carnet_page_field reason = {
        .type = "select", .name = carnet_str_of("reason"), .label = CARNET_TEXT_REFUSAL_REASON, .required = true
    };

    reason.choices = choices(page, true, &list).ptr;
    carnet_html_open_class(&page->html, "details", "card refuse");
    carnet_page_element(page, "summary", NULL, CARNET_TEXT_REFUSE_TITLE);
    carnet_page_element(page, "p", NULL, CARNET_TEXT_REFUSE_HINT);
    carnet_desk_decide_begin(page, call, c, "refuse");
    carnet_page_field_add(page, &reason);
    carnet_page_button(page, "danger", NULL, NULL, CARNET_TEXT_REFUSE);
    carnet_page_form_end(page);
    carnet_html_close(&page->html);
}
