/* SPDX-License-Identifier: Apache-2.0 */
/* Small pages that a command serves to a browser on this machine: one look, no script, forms that only these pages can send. */
#ifndef CARNET_CLI_PAGE_H
#define CARNET_CLI_PAGE_H
#include "carnet/html.h"
#include "carnet/http_service.h"
#include "cli.h"

#define CLI_PAGE_TOKEN 22

/** A command's pages; `self` first, for handlers get this. */
typedef struct cli_pages {
    void *self;
    carnet_service *service;
    uint16_t port;
    char token[CLI_PAGE_TOKEN + 1]; /* every form carries it */
} cli_pages;

/** Begin to serve at "[ADDRESS:]PORT" (NULL: 127.0.0.1, any port), a loopback address; dies if it cannot.  The routes get `pages`
 *  as their self; the style sheet's is added to them. */
void cli_pages_start(cli_pages *pages, const char *listen, const carnet_service_route *routes, size_t count,
                     carnet_crypto *crypto);
void cli_pages_stop(cli_pages *pages);
/** Whether a request is for this address, so that no other site's page reads it; forms: CARNET_E_SERVICE_REQUEST unless `token` is
 *  theirs. */
carnet_rc cli_pages_check(const cli_pages *pages, const carnet_service_request *request, const carnet_str *token,
                          carnet_err *err);

/** Begin a page; `refresh_s`: the browser asks again after so many seconds, 0: no.  Its main part is open. */
void cli_page_begin(carnet_html *html, carnet_service_response *response, const char *title, const char *body_class,
                    unsigned refresh_s);
carnet_rc cli_page_end(carnet_html *html, carnet_service_response *response, carnet_err *err);
/** Answer 303. */
carnet_rc cli_page_see(carnet_service_response *response, const char *path, carnet_err *err);
/** Open a form that posts to `path`; a `button` alone makes it one of a single button, closed. */
void cli_page_form(carnet_html *html, const cli_pages *pages, const char *path, const char *class_name,
                   const char *button);
void cli_page_hidden(carnet_html *html, const char *name, carnet_str value);
/** A row of a list of facts; nothing for an empty value. */
void cli_page_fact(carnet_html *html, const char *name, carnet_str value);
/** A box with a word: class "good", "bad", "caution" or "plain". */
void cli_page_notice(carnet_html *html, const char *class_name, const char *word, carnet_str text);
/** "200.00 USD", for the currencies whose minor unit is known; else "20000 minor units of 999". */
void cli_page_money(char *out, size_t size, uint64_t amount, carnet_str currency);

extern const char *const cli_page_style[2];

#endif
