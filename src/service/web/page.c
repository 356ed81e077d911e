/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

static const char html_type[] = "text/html; charset=utf-8";

carnet_rc
carnet_web_headers(const carnet_web *web, carnet_service_response *response, carnet_str leads_to, carnet_err *err)
{
    static const carnet_service_header_field fields[] = {
        { "Referrer-Policy", "no-referrer" },
        { "X-Frame-Options", "DENY" },
        { "Cross-Origin-Opener-Policy", "same-origin" },
        { "Cross-Origin-Resource-Policy", "same-origin" },
        { "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()" },
        { "Cache-Control", "no-store" },
    };
    static const char hsts[] = "max-age=31536000";
    uint8_t room[512];
    carnet_buf policy = carnet_buf_of(room, sizeof(room));
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < CARNET_COUNT(fields); i++)
        rc = carnet_service_set_header(response, fields[i].name, carnet_str_of(fields[i].value), err);
    if (rc == CARNET_OK && !web->loopback)
        rc = carnet_service_set_header(response, "Strict-Transport-Security", carnet_str_of(hsts), err);
    carnet_buf_add_text(&policy, "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
                                 "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'");
    for (size_t i = 0; i < leads_to.len; i++)
        if (leads_to.ptr[i] <= ' ' || leads_to.ptr[i] > '~' || leads_to.ptr[i] == ';' || leads_to.ptr[i] == ',')
            leads_to = (carnet_str){ 0 };
    if (leads_to.len > 0)
        carnet_buf_add_text(&policy, " ");
    carnet_buf_add_str(&policy, leads_to);
    if (policy.overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "the address the form leads to is too long");
    return rc != CARNET_OK
               ? rc
               : carnet_service_set_header(response, "Content-Security-Policy", carnet_buf_str(&policy), err);
}

void
carnet_page_href(carnet_page *page, const char *attribute, const char *path, carnet_str last)
{
    uint8_t room[512];
    carnet_buf whole = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_str(&whole, page->web->base_path);
    carnet_buf_add_text(&whole, path);
    carnet_buf_add_str(&whole, last);
    if (whole.overflow && page->html.rc == CARNET_OK)
        page->html.rc = CARNET_E_NO_SPACE;
    carnet_html_set(&page->html, attribute, carnet_buf_str(&whole));
}

/* The address of a built-in file, with its tag. */
static void
set_static(carnet_page *page, const char *attribute, const char *name)
{
    const carnet_web_file *file = carnet_web_file_named(carnet_str_of(name));
    uint8_t room[96];
    carnet_buf path = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_text(&path, name);
    carnet_buf_add_text(&path, "?v=");
    carnet_buf_add_text(&path, file != NULL ? file->tag : "");
    carnet_page_href(page, attribute, "/static/", carnet_buf_str(&path));
}

static void
meta(carnet_html *h, const char *name, const char *content)
{
    carnet_html_open(h, "meta");
    carnet_html_set_text(h, "name", name);
    carnet_html_set_text(h, "content", content);
    carnet_html_close(h);
}

static void
add_head(carnet_page *page, const carnet_page_head *head)
{
    carnet_html *h = &page->html;

    carnet_html_open(h, "head");
    carnet_html_open(h, "meta");
    carnet_html_set_text(h, "charset", "utf-8");
    carnet_html_close(h);
    meta(h, "viewport", "width=device-width, initial-scale=1");
    meta(h, "color-scheme", "light dark");
    meta(h, "robots", "noindex");
    carnet_html_open(h, "title");
    carnet_page_say(page, head->title, &head->subject, 1);
    carnet_html_say(h, " \xe2\x80\x93 ");
    carnet_html_text(h, page->web->authority);
    carnet_html_close(h);
    carnet_html_open(h, "link");
    carnet_html_set_text(h, "rel", "stylesheet");
    set_static(page, "href", "carnet.css");
    carnet_html_close(h);
    carnet_html_open(h, "link");
    carnet_html_set_text(h, "rel", "icon");
    carnet_html_set_text(h, "type", "image/svg+xml");
    set_static(page, "href", "icon.svg");
    carnet_html_close(h);
    if (head->script != NULL) {
        carnet_html_open(h, "script");
        set_static(page, "src", head->script);
        carnet_html_flag(h, "defer", true);
        carnet_html_close(h);
    }
    carnet_html_close(h);
}

static void
add_entries(carnet_page *page, const carnet_page_head *head)
{
    carnet_html *h = &page->html;

    carnet_html_open(h, "nav");
    carnet_html_set_text(h, "aria-label", carnet_page_text(page, CARNET_TEXT_NAVIGATION));
    carnet_html_open(h, "ul");
    for (size_t i = 0; i < head->entry_count; i++) {
        const carnet_page_entry *entry = &head->entries[i];

        carnet_html_open(h, "li");
        carnet_html_open(h, "a");
        carnet_page_href(page, "href", entry->path, (carnet_str){ 0 });
        if (carnet_str_equal(carnet_str_of(entry->path), carnet_str_of(head->current)))
            carnet_html_set_text(h, "aria-current", "page");
        carnet_html_say(h, carnet_page_text(page, entry->label));
        carnet_html_close(h);
        carnet_html_close(h);
    }
    carnet_html_close(h);
    carnet_html_close(h);
}

static void
add_user(carnet_page *page, const carnet_page_head *head)
{
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "div", "user");
    carnet_html_open(h, "span");
    carnet_page_say(page, CARNET_TEXT_LOGGED_IN_AS, &head->user, 1);
    carnet_html_close(h);
    if (head->log_out != NULL) {
        carnet_page_form_begin(page, head->log_out, (carnet_str){ 0 }, head->token, false);
        carnet_page_button(page, "quiet", NULL, NULL, CARNET_TEXT_LOG_OUT);
        carnet_page_form_end(page);
    }
    carnet_html_close(h);
}

static void
add_bar(carnet_page *page, const carnet_page_head *head)
{
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "a", "skip");
    carnet_html_set_text(h, "href", "#content");
    carnet_html_say(h, carnet_page_text(page, CARNET_TEXT_SKIP));
    carnet_html_close(h);
    carnet_html_open_class(h, "header", "bar");
    carnet_html_open_class(h, "div", "inner");
    carnet_html_open_class(h, "p", "authority");
    carnet_html_value(h, page->web->authority);
    carnet_html_close(h);
    if (head->entry_count > 0)
        add_entries(page, head);
    if (head->user.len > 0)
        add_user(page, head);
    carnet_html_close(h);
    carnet_html_close(h);
}

static carnet_rc
add_headers(const carnet_page *page, carnet_service_response *response, const carnet_page_head *head, carnet_err *err)
{
    uint8_t room[2048];
    carnet_buf refresh = carnet_buf_of(room, sizeof(room));
    carnet_rc rc = carnet_web_headers(page->web, response, head->leads_to, err);

    response->status = head->status;
    response->content_type = html_type;
    if (rc != CARNET_OK || (head->refresh_s == 0 && head->goes_to.len == 0))
        return rc;
    carnet_buf_add_uint(&refresh, head->goes_to.len > 0 ? 0 : head->refresh_s);
    if (head->goes_to.len > 0) {
        carnet_buf_add_text(&refresh, "; url=");
        carnet_buf_add_str(&refresh, head->goes_to);
    }
    if (refresh.overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "the address is too long");
    return carnet_service_set_header(response, "Refresh", carnet_buf_str(&refresh), err);
}

carnet_rc
carnet_page_begin(carnet_page *page, const carnet_web *web, const carnet_service_request *request,
                  carnet_service_response *response, const carnet_page_head *head, carnet_err *err)
{
    carnet_html *h = &page->html;
    carnet_rc rc;

    *page = (carnet_page){ .html = carnet_html_begin(&response->body), .web = web, .request = request };
    page->language = carnet_web_language(carnet_service_header(request, "Accept-Language"));
    if ((rc = add_headers(page, response, head, err)) != CARNET_OK)
        return rc;
    carnet_buf_add_text(&response->body, "<!doctype html>");
    carnet_html_open(h, "html");
    carnet_html_set_text(h, "lang", carnet_web_language_tag(page->language));
    add_head(page, head);
    carnet_html_open(h, "body");
    add_bar(page, head);
    carnet_html_open_class(h, "main", head->wide ? "wide" : NULL);
    carnet_html_set_text(h, "id", "content");
    carnet_html_set_text(h, "tabindex", "-1");
    carnet_html_open(h, "h1");
    carnet_page_say(page, head->title, &head->subject, 1);
    carnet_html_close(h);
    return CARNET_OK;
}

carnet_rc
carnet_page_end(carnet_page *page, carnet_err *err)
{
    for (int i = 0; i < 3; i++) /* main, body, html */
        carnet_html_close(&page->html);
    return carnet_html_end(&page->html, err);
}

carnet_rc
carnet_page_message(const carnet_web *web, const carnet_service_request *request, carnet_service_response *response,
                    int status, carnet_page_tone tone, carnet_text title, carnet_text message, carnet_str detail,
                    carnet_err *err)
{
    carnet_page page;
    carnet_page_head head = { .title = title, .status = status };
    carnet_str identifier = carnet_str_of(request->identifier);
    carnet_rc rc = carnet_page_begin(&page, web, request, response, &head, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_page_notice_begin(&page, tone);
    if (message != CARNET_TEXT_NONE)
        carnet_page_element(&page, "p", NULL, message);
    if (detail.len > 0) {
        carnet_html_open(&page.html, "p");
        carnet_html_value(&page.html, detail);
        carnet_html_close(&page.html);
    }
    carnet_page_notice_end(&page);
    if (status >= 400) {
        carnet_html_open_class(&page.html, "p", "reference");
        carnet_page_say(&page, CARNET_TEXT_REQUEST_ID, &identifier, 1);
        carnet_html_close(&page.html);
    }
    return carnet_page_end(&page, err);
}

carnet_rc
carnet_web_redirect(const carnet_web *web, carnet_service_response *response, carnet_str to, carnet_err *err)
{
    uint8_t room[4096];
    carnet_buf whole = carnet_buf_of(room, sizeof(room));
    carnet_rc rc;

    if (to.len > 0 && to.ptr[0] == '/' && !carnet_html_may_link(to))
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the address would leave this site");
    if (to.len > 0 && to.ptr[0] == '/')
        carnet_buf_add_str(&whole, web->base_path);
    carnet_buf_add_str(&whole, to);
    if (whole.overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "the address is too long");
    response->status = 303;
    response->content_type = html_type;
    if ((rc = carnet_service_set_header(response, "Referrer-Policy", carnet_str_of("no-referrer"), err)) != CARNET_OK)
        return rc;
    return carnet_service_set_header(response, "Location", carnet_buf_str(&whole), err);
}

/* A page whose browser goes on by itself, and has a link for that. */
static carnet_rc
page_to(const carnet_web *web, const carnet_service_request *request, carnet_service_response *response, carnet_str to,
        const carnet_text texts[3], carnet_err *err)
{
    carnet_page_head head = { .title = texts[0], .goes_to = to };
    carnet_page page;
    carnet_rc rc = carnet_page_begin(&page, web, request, response, &head, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_page_element(&page, "p", NULL, texts[1]);
    if (carnet_html_may_link(to))
        carnet_html_link(&page.html, "button primary", to, carnet_str_of(carnet_page_text(&page, texts[2])));
    return carnet_page_end(&page, err);
}

carnet_rc
carnet_web_go_on(const carnet_web *web, const carnet_service_request *request, carnet_service_response *response,
                 carnet_str to, carnet_err *err)
{
    static const carnet_text texts[3] = { CARNET_TEXT_GO_ON_TITLE, CARNET_TEXT_GO_ON_HINT, CARNET_TEXT_GO_ON_LINK };

    return request->method != CARNET_SERVICE_POST || (to.len > 0 && to.ptr[0] == '/')
               ? carnet_web_redirect(web, response, to, err)
               : page_to(web, request, response, to, texts, err);
}

carnet_rc
carnet_web_cancelled(const carnet_web *web, const carnet_service_request *request, carnet_service_response *response,
                     carnet_str back, carnet_err *err)
{
    static const carnet_text texts[3] = { CARNET_TEXT_CANCELLED_TITLE, CARNET_TEXT_CANCELLED,
                                          CARNET_TEXT_CANCELLED_LINK };

    return page_to(web, request, response, back, texts, err);
}
