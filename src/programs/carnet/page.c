/* SPDX-License-Identifier: Apache-2.0 */
/* Small pages that a command serves to a browser on this machine. */
#include "page.h"

#include <stdlib.h>
#include <string.h>

enum { ROUTES = 24, THREADS = 3 };

static const char policy[] =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'";

static carnet_rc
style(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    (void)self;
    (void)request;
    response->content_type = "text/css; charset=utf-8";
    carnet_buf_add_text(&response->body, cli_page_style[0]);
    carnet_buf_add_text(&response->body, cli_page_style[1]);
    return carnet_service_set_header(response, "X-Content-Type-Options", carnet_str_of("nosniff"), err);
}

/** Browsers ask for one, whatever a page says. */
static carnet_rc
icon(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    (void)self;
    (void)request;
    (void)err;
    response->status = 204;
    return CARNET_OK;
}

/** "[ADDRESS:]PORT" in its parts; the address has no brackets then. */
static const char *
part_address(const char *listen, uint16_t *port)
{
    const char *address = cli_address(listen != NULL ? listen : "0", "127.0.0.1", port);

    if (strcmp(address, "localhost") == 0) {
        return "127.0.0.1";
    }
    if (strncmp(address, "127.", 4) != 0 && strcmp(address, "::1") != 0) {
        cli_usage("these pages are for this machine only: 127.0.0.1 or [::1]");
    }
    return address;
}

void
cli_pages_start(cli_pages *pages, const char *listen, const carnet_service_route *routes, size_t count,
                carnet_crypto *crypto)
{
    static carnet_service_route all[ROUTES];
    static const carnet_service_route ours[] = {
        { .method = CARNET_SERVICE_GET, .name = "style", .path = "/style.css", .run = style, .quiet = true },
        { .method = CARNET_SERVICE_GET, .name = "icon", .path = "/favicon.ico", .run = icon, .quiet = true },
    };
    carnet_service_config config = {
        .threads = THREADS, .routes = all, .route_count = count + CARNET_COUNT(ours), .self = pages
    };
    uint8_t octets[CLI_PAGE_TOKEN];
    carnet_buf token = carnet_buf_of(pages->token, CLI_PAGE_TOKEN);
    carnet_err err = { 0 };

    if (count + CARNET_COUNT(ours) > ROUTES) {
        cli_die_text("pages", "there are too many");
    }
    memcpy(all, routes, count * sizeof *routes);
    memcpy(all + count, ours, sizeof ours);
    config.random = carnet_crypto_random(crypto);
    config.address = part_address(listen, &config.port);
    if (carnet_random_fill(&config.random, octets, 16, &err) != CARNET_OK) {
        cli_die("pages", &err);
    }
    carnet_base64url_encode(carnet_span_of(octets, 16), &token);
    if (carnet_service_start(&config, &pages->service, &err) != CARNET_OK) {
        cli_die("pages", &err);
    }
    pages->port = carnet_service_port(pages->service);
}

void
cli_pages_stop(cli_pages *pages)
{
    carnet_service_stop(&pages->service, 1000);
}

carnet_rc
cli_pages_check(const cli_pages *pages, const carnet_service_request *request, const carnet_str *token, carnet_err *err)
{
    static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };
    const carnet_str host = carnet_service_header(request, "Host");
    bool ours = false;

    for (size_t i = 0; i < CARNET_COUNT(names); i++) {
        char name[32];

        snprintf(name, sizeof name, "%s:%u", names[i], pages->port);
        ours = ours || carnet_str_is(host, name);
    }
    if (!ours) {
        return carnet_fail(err, CARNET_E_SERVICE_REQUEST, NULL, "this is not this page's address");
    }
    if (request->method == CARNET_SERVICE_GET) {
        return CARNET_OK;
    }
    return token != NULL && carnet_equal_secret(carnet_str_bytes(*token), carnet_span_of(pages->token, CLI_PAGE_TOKEN))
               ? CARNET_OK
               : carnet_fail(err, CARNET_E_SERVICE_REQUEST, NULL,
                             "the form is not of these pages, or of an earlier run");
}

void
cli_page_begin(carnet_html *html, carnet_service_response *response, const char *title, const char *body_class,
               unsigned refresh_s)
{
    char refresh[16];

    snprintf(refresh, sizeof refresh, "%u", refresh_s);
    if (refresh_s != 0 && carnet_service_set_header(response, "Refresh", carnet_str_of(refresh), NULL) != CARNET_OK) {
        response->header_text.overflow = true;
    }
    *html = carnet_html_begin(&response->body);
    response->content_type = "text/html; charset=utf-8";
    carnet_buf_add_text(&response->body, "<!DOCTYPE html>");
    carnet_html_open(html, "html");
    carnet_html_set_text(html, "lang", "en");
    carnet_html_open(html, "head");
    carnet_html_open(html, "meta");
    carnet_html_set_text(html, "charset", "utf-8");
    carnet_html_close(html);
    carnet_html_open(html, "meta");
    carnet_html_set_text(html, "name", "viewport");
    carnet_html_set_text(html, "content", "width=device-width, initial-scale=1");
    carnet_html_close(html);
    carnet_html_element(html, "title", NULL, carnet_str_of(title));
    carnet_html_open(html, "link");
    carnet_html_set_text(html, "rel", "stylesheet");
    carnet_html_set_text(html, "href", "/style.css");
    carnet_html_close(html);
    carnet_html_close(html);
    carnet_html_open_class(html, "body", body_class);
    carnet_html_link(html, "skip", carnet_str_of("#content"), carnet_str_of("Skip to the content"));
    carnet_html_open(html, "header");
    carnet_html_element(html, "p", NULL, carnet_str_of("My bank"));
    carnet_html_close(html);
    carnet_html_open(html, "main");
    carnet_html_set_text(html, "id", "content");
}

carnet_rc
cli_page_end(carnet_html *html, carnet_service_response *response, carnet_err *err)
{
    carnet_rc rc;

    carnet_html_close(html);
    carnet_html_close(html);
    carnet_html_close(html);
    rc = carnet_html_end(html, err);
    if (rc == CARNET_OK) {
        rc = carnet_service_set_header(response, "Content-Security-Policy", carnet_str_of(policy), err);
    }
    if (rc == CARNET_OK) {
        rc = carnet_service_set_header(response, "Cache-Control", carnet_str_of("no-store"), err);
    }
    if (rc == CARNET_OK) {
        rc = carnet_service_set_header(response, "Referrer-Policy", carnet_str_of("no-referrer"), err);
    }
    return rc == CARNET_OK
               ? carnet_service_set_header(response, "X-Content-Type-Options", carnet_str_of("nosniff"), err)
               : rc;
}

carnet_rc
cli_page_see(carnet_service_response *response, const char *path, carnet_err *err)
{
    response->status = 303;
    return carnet_service_set_header(response, "Location", carnet_str_of(path), err);
}

void
cli_page_form(carnet_html *html, const cli_pages *pages, const char *path, const char *class_name, const char *button)
{
    carnet_html_open_class(html, "form", class_name);
    carnet_html_set_text(html, "method", "post");
    carnet_html_set_text(html, "action", path);
    carnet_html_set_text(html, "enctype", "multipart/form-data");
    cli_page_hidden(html, "token", carnet_str_of(pages->token));
    if (button != NULL) {
        carnet_html_element(html, "button", NULL, carnet_str_of(button));
        carnet_html_close(html);
    }
}

void
cli_page_hidden(carnet_html *html, const char *name, carnet_str value)
{
    carnet_html_open(html, "input");
    carnet_html_set_text(html, "type", "hidden");
    carnet_html_set_text(html, "name", name);
    carnet_html_set(html, "value", value);
    carnet_html_close(html);
}

void
cli_page_fact(carnet_html *html, const char *name, carnet_str value)
{
    if (value.len > 0) {
        carnet_html_element(html, "dt", NULL, carnet_str_of(name));
        carnet_html_element(html, "dd", NULL, value);
    }
}

void
cli_page_notice(carnet_html *html, const char *class_name, const char *word, carnet_str text)
{
    char class_names[32];

    snprintf(class_names, sizeof class_names, "notice %s", class_name);
    carnet_html_open_class(html, "div", class_names);
    carnet_html_set_text(html, "role", "status");
    carnet_html_element(html, "strong", NULL, carnet_str_of(word));
    carnet_html_element(html, "span", NULL, text);
    carnet_html_close(html);
}

void
cli_page_money(char *out, size_t size, uint64_t amount, carnet_str currency)
{
    static const char known[][2][4] = { { "840", "USD" }, { "978", "EUR" }, { "826", "GBP" }, { "756", "CHF" },
                                        { "124", "CAD" }, { "036", "AUD" }, { "356", "INR" }, { "524", "NPR" },
                                        { "566", "NGN" }, { "752", "SEK" }, { "985", "PLN" } };

    for (size_t i = 0; i < CARNET_COUNT(known); i++) {
        if (carnet_str_is(currency, known[i][0])) {
            snprintf(out, size, "%llu.%02u %s", (unsigned long long)(amount / 100), (unsigned)(amount % 100),
                     known[i][1]);
            return;
        }
    }
    snprintf(out, size, "%llu minor units of %.*s", (unsigned long long)amount, (int)currency.len, currency.ptr);
}
