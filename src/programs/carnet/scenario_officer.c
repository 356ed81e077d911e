/* SPDX-License-Identifier: Apache-2.0 */
/* The enrolment officer of Figure 7: what a browser at the desk sends, page by page (IS-4). */
#include "scenario_issuing.h"

#include "carnet/fetch_request.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGE_MAX = 1 << 20, FORM_MAX = 256 << 10 };

typedef struct browser {
    const scenario *s;
    const char *base;
    int tell;
    char cookie[256], path[256];
    carnet_fetch_answer page;
} browser;

static const char boundary[] = "carnet-scenario-form";

/* --- pages --- */

static void
cross(const browser *b, bool sent, const char *what, carnet_span message)
{
    static const char officer[] = "officer", service[] = "user identification";

    cli_cross(b->tell, "IS-4", sent ? officer : service, sent ? service : officer, what, message, message.len);
}

static void
keep_cookie(browser *b)
{
    carnet_str value;
    size_t len;

    if (carnet_fetch_field(carnet_buf_str(&b->page.header), "Set-Cookie", 0, &value)) {
        for (len = 0; len < value.len && value.ptr[len] != ';'; len++) {
        }
        snprintf(b->cookie, sizeof b->cookie, "Cookie: %.*s", (int)len, value.ptr);
    }
}

static void
keep_location(browser *b)
{
    carnet_str value;

    if (carnet_fetch_field(carnet_buf_str(&b->page.header), "Location", 0, &value)) {
        snprintf(b->path, sizeof b->path, "%.*s", (int)value.len, value.ptr);
    }
}

/** Ask for a page, or send a form; what comes back is in b->page, a redirect's goal in b->path. */
static void
ask(browser *b, const char *path, const char *type, carnet_span form)
{
    const carnet_fetch_limits limits = { .octets = PAGE_MAX, .plain_loopback = true };
    char uri[512];
    carnet_str fields[3];
    carnet_fetch_request request = { .method = type != NULL ? "POST" : "GET", .fields = fields, .body = form };
    carnet_err err = { 0 };

    snprintf(uri, sizeof uri, "%s%s", b->base, path);
    request.uri = carnet_str_of(uri);
    if (type != NULL) {
        fields[request.field_count++] = carnet_str_of(type);
    }
    if (b->cookie[0] != '\0') {
        fields[request.field_count++] = carnet_str_of(b->cookie);
    }
    if (carnet_fetch_ask(NULL, &request, &limits, &b->page, &err) != CARNET_OK) {
        cli_die(uri, &err);
    }
    if (b->page.status != 200 && b->page.status != 303) {
        fwrite(b->page.body.ptr, 1, b->page.body.len, stderr);
        cli_die_text(uri, "the desk did not take it");
    }
    keep_cookie(b);
    keep_location(b);
}

/** The text between `before`, the last time it is there, and the next `end`; NULL: it is not there. */
static const char *
find_text(const browser *b, const char *before, char end)
{
    const char *text = (const char *)b->page.body.ptr, *found = NULL, *at = text;
    const size_t len = b->page.body.len, width = strlen(before);
    const char *stop;

    while (at != NULL && (at = memmem(at, len - (size_t)(at - text), before, width)) != NULL) {
        found = at += width;
    }
    stop = found != NULL ? memchr(found, end, len - (size_t)(found - text)) : NULL;
    return stop != NULL ? (const char *)cli_keep(carnet_span_of(found, (size_t)(stop - found))).ptr : NULL;
}

static const char *
need(const browser *b, const char *before, char end)
{
    const char *text = find_text(b, before, end);

    if (text == NULL) {
        cli_die_text("the desk", "a page of it is not as expected");
    }
    return text;
}

/* --- forms --- */

static void
add_part(carnet_buf *form, const char *name, const char *value)
{
    carnet_buf_add_text(form, "--");
    carnet_buf_add_text(form, boundary);
    carnet_buf_add_text(form, "\r\nContent-Disposition: form-data; name=\"");
    carnet_buf_add_text(form, name);
    carnet_buf_add_text(form, "\"\r\n\r\n");
    carnet_buf_add_text(form, value);
    carnet_buf_add_text(form, "\r\n");
}

static void
add_portrait(const browser *b, carnet_buf *form)
{
    carnet_buf_add_text(form, "--");
    carnet_buf_add_text(form, boundary);
    carnet_buf_add_text(form, "\r\nContent-Disposition: form-data; name=\"org.iso.18013.5.1/portrait\"; "
                              "filename=\"portrait.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n");
    carnet_buf_add(form, cli_keep(cli_read(scenario_file(b->s, "authority/portrait.jpg"))));
    carnet_buf_add_text(form, "\r\n");
}

/** What the officer checked and typed. */
static const char *const typed[][2] = {
    { "document", "passport" },
    { "digits", "4711" },
    { "genuine", "yes" },
    { "photo", "yes" },
    { "data", "yes" },
    { "subject", "applicant-1" },
    { "org.iso.18013.5.1/family_name", "Muster" },
    { "org.iso.18013.5.1/given_name", "Erika" },
    { "org.iso.18013.5.1/birth_date", "1984-01-26" },
    { "org.iso.18013.5.1/issue_date", "2026-11-01" },
    { "org.iso.18013.5.1/expiry_date", "2036-10-31" },
    { "org.iso.18013.5.1/issuing_country", "UT" },
    { "org.iso.18013.5.1/issuing_authority", "Carnet development" },
    { "org.iso.18013.5.1/document_number", "D-4711" },
    { "org.iso.18013.5.1/driving_privileges", "B" },
    { "org.iso.18013.5.1/un_distinguishing_sign", "UT" },
    { "action", "review" },
};

static const char form_type[] = "Content-Type: application/x-www-form-urlencoded";

static void
send_short(browser *b, const char *path, const char *what, const char *text)
{
    cross(b, true, what, carnet_str_bytes(carnet_str_of(text)));
    ask(b, path, form_type, carnet_str_bytes(carnet_str_of(text)));
}

static void
log_in(browser *b, const scenario_issuer *issuer)
{
    char text[512];

    ask(b, "/desk/login", NULL, (carnet_span){ 0 });
    snprintf(text, sizeof text, "token=%s&login=officer&password=%s", need(b, "name=\"token\" value=\"", '"'),
             issuer->password);
    ask(b, "/desk/login", form_type, carnet_str_bytes(carnet_str_of(text)));
    cross(b, true, "log-in", carnet_str_bytes(carnet_str_of("officer")));
}

static void
type_case(browser *b)
{
    carnet_buf form = cli_buf(FORM_MAX);
    char type[96], path[256];

    snprintf(path, sizeof path, "%s", b->path);
    ask(b, path, NULL, (carnet_span){ 0 });
    add_part(&form, "token", need(b, "name=\"token\" value=\"", '"'));
    add_part(&form, "version", need(b, "name=\"version\" value=\"", '"'));
    for (size_t i = 0; i < CARNET_COUNT(typed); i++) {
        add_part(&form, typed[i][0], typed[i][1]);
    }
    add_portrait(b, &form);
    carnet_buf_add_text(&form, "--");
    carnet_buf_add_text(&form, boundary);
    carnet_buf_add_text(&form, "--\r\n");
    snprintf(type, sizeof type, "Content-Type: multipart/form-data; boundary=%s", boundary);
    cross(b, true, "documents checked, attributes", carnet_buf_span(&form));
    ask(b, path, type, carnet_buf_span(&form));
    free(form.ptr);
}

static void
confirm(browser *b)
{
    char text[512], path[300];

    ask(b, b->path, NULL, (carnet_span){ 0 });
    snprintf(text, sizeof text, "token=%s&version=%s&action=confirm", need(b, "name=\"token\" value=\"", '"'),
             need(b, "name=\"version\" value=\"", '"'));
    snprintf(path, sizeof path, "%.*s/decide", (int)strcspn(b->path, "?"), b->path);
    send_short(b, path, "confirmed", text);
}

scenario_offer
scenario_officer(const scenario *s, const scenario_issuer *issuer, int tell)
{
    browser b = { .s = s,
                  .base = issuer->base,
                  .tell = tell,
                  .page = { .header = cli_buf(CARNET_FETCH_HEADER_MAX), .body = cli_buf(PAGE_MAX) } };
    scenario_offer offer;
    char text[512];

    log_in(&b, issuer);
    ask(&b, "/desk/new", NULL, (carnet_span){ 0 });
    snprintf(text, sizeof text, "token=%s&c0=yes", need(&b, "name=\"token\" value=\"", '"'));
    send_short(&b, "/desk/new", "enrolment begun", text);
    type_case(&b);
    confirm(&b);
    snprintf(text, sizeof text,
             "openid-credential-offer://?credential_offer_uri=http%%3A%%2F%%2F127.0.0.1%%3A%u%%2Foffers%%2F%s",
             issuer->port, need(&b, "href=\"/offer/", '"'));
    offer = (scenario_offer){ .link = (const char *)cli_keep(carnet_str_bytes(carnet_str_of(text))).ptr,
                              .tx_code = need(&b, "id=\"tx-code\">", '<') };
    cross(&b, false, "CredentialOffer", carnet_str_bytes(carnet_str_of(offer.link)));
    free(b.page.header.ptr);
    free(b.page.body.ptr);
    return offer;
}

scenario_offer
scenario_offer_read(int fd)
{
    static char text[1024];
    ssize_t len = read(fd, text, sizeof text - 1);
    char *line = len > 0 ? strchr(text, '\n') : NULL;

    close(fd);
    if (line == NULL) {
        return (scenario_offer){ 0 };
    }
    *line = '\0';
    line[1 + strcspn(line + 1, "\n")] = '\0';
    return (scenario_offer){ .link = text, .tx_code = line + 1 };
}
