/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages a person sees: their frame, words, cookies, and what keeps a page of
 * somebody else's from acting in the person's name.
 *
 *     carnet_page page;
 *     if ((rc = carnet_page_begin(&page, &web, request, response, &head, err)) != CARNET_OK)
 *         return rc;
 *     carnet_html_element(&page.html, "p", NULL, ...);
 *     return carnet_page_end(&page, err);
 *
 * A page comes with a Content-Security-Policy that allows this site's own style
 * sheet and scripts (/static/...) and nothing else; no script or style stands in
 * a page.  Everything works without script, by links and forms.
 *
 * A carnet_web is const once made and shared by threads; a page belongs to the
 * handler that makes it, and dies with the response.
 */
#ifndef CARNET_WEB_H
#define CARNET_WEB_H
#include "carnet/crypto.h"
#include "carnet/html.h"
#include "carnet/service_part.h"
CARNET_BEGIN_DECLS

/** Every text that pages say, by language (web_text.def).  {1} to {4} stand for what is handed in. */
#define CARNET_TEXT(name, en) CARNET_TEXT_##name,
typedef enum carnet_text {
    CARNET_TEXT_NONE = 0,
#include "carnet/web_text.def"
    CARNET_TEXT_COUNT
} carnet_text;
#undef CARNET_TEXT

/** One deployment's pages. */
typedef struct carnet_web {
    carnet_str origin;    /**< "https://issuer.example", as browsers send it in Origin */
    carnet_str base_path; /**< "" or "/tenant" */
    carnet_str authority; /**< the authority's name, on each page */
    bool loopback;        /**< plain HTTP on the loopback interface: cookies without Secure and __Host- */
} carnet_web;

/** A page of this site, in the bar at its top. */
typedef struct carnet_page_entry {
    const char *path; /**< after the base path: "/desk" */
    carnet_text label;
} carnet_page_entry;

typedef struct carnet_page_head {
    carnet_text title;
    carnet_str subject; /**< {1} in the title; may be empty */
    int status;         /**< 0: 200 */
    const char *script; /**< a static file such as "wait.js"; NULL: none */
    const carnet_page_entry *entries;
    size_t entry_count;
    const char *current; /**< path of the entry that is shown */
    carnet_str user;     /**< who is logged in; empty: nobody */
    const char *log_out; /**< path of the form that logs out, with `token`; NULL: no such button */
    carnet_str token;    /**< against forgery, see carnet_web_token() */
    carnet_str
        leads_to; /**< origin ("https://wallet.example") or scheme ("org.example.app:") a form's answer may redirect
                              to beside this site; may be empty */
    unsigned refresh_s; /**< without script, asks again after so many seconds; 0: no */
    carnet_str
        goes_to; /**< the browser goes on to this address by itself; empty: no.  For what follows a form and leads to
                             another site, where `leads_to` is not known */
    bool wide;   /**< tables and forms in two columns */
} carnet_page_head;

typedef struct carnet_page {
    carnet_html html;
    const carnet_web *web;
    const carnet_service_request *request;
    int language; /**< index into the table of texts */
} carnet_page;

/** Begin a page: headers, head, bar, h1.  What follows stands in its main part. */
carnet_rc carnet_page_begin(carnet_page *page, const carnet_web *web, const carnet_service_request *request,
                            carnet_service_response *response, const carnet_page_head *head, carnet_err *err);
carnet_rc carnet_page_end(carnet_page *page, carnet_err *err);

/** A text in the page's language. */
const char *carnet_page_text(const carnet_page *page, carnet_text text);
/** Say a text with what {1}, {2}, ... stand for, each isolated. */
void carnet_page_say(carnet_page *page, carnet_text text, const carnet_str *with, size_t count);
/** An element with a text. */
void carnet_page_element(carnet_page *page, const char *element, const char *class_name, carnet_text text);
/** A path of this deployment as href, src or action: the base path is set before it.  Several parts are joined. */
void carnet_page_href(carnet_page *page, const char *attribute, const char *path, carnet_str last);
/** A time as <time>, such as "21 November 2026, 09:05 UTC". */
void carnet_page_time(carnet_page *page, carnet_time time);
/** The head of a table, columns from `numbers_from` on being numbers; CARNET_TEXT_NONE: without a name. */
void carnet_page_head_row(carnet_page *page, const carnet_text *columns, size_t count, size_t numbers_from);
/** Open a cell that says its column's name where the table is narrow; `class_name` may be NULL. */
void carnet_page_cell_begin(carnet_page *page, carnet_text column, const char *class_name);
/** A whole one, with a dash where there is no value. */
void carnet_page_cell(carnet_page *page, carnet_text column, const char *class_name, const char *value);
/** A link to what comes before the `last` that is shown: "PATH?before=LAST". */
void carnet_page_older(carnet_page *page, const char *path, int64_t last, carnet_text text);
/** A number from a form or a query; 0: it is none, or not there (NULL). */
int64_t carnet_page_number(const carnet_str *text);
/** Good news, a caution, a refusal: a box with a sign and a word, not a colour only. */
typedef enum carnet_page_tone {
    CARNET_TONE_PLAIN,
    CARNET_TONE_GOOD,
    CARNET_TONE_CAUTION,
    CARNET_TONE_BAD
} carnet_page_tone;
void carnet_page_notice_begin(carnet_page *page, carnet_page_tone tone);
/** The same with another word at its head. */
void carnet_page_notice_begin_with(carnet_page *page, carnet_page_tone tone, carnet_text word);
void carnet_page_notice_end(carnet_page *page);
/** A short word with a sign, such as a state in a table. */
void carnet_page_badge(carnet_page *page, carnet_page_tone tone, carnet_text text);

/** A whole page that says one thing: an error, a refusal, the end of a flow.  `detail` may be empty.  The request's identifier is
 *  shown when the status is 400 or more. */
carnet_rc carnet_page_message(const carnet_web *web, const carnet_service_request *request,
                              carnet_service_response *response, int status, carnet_page_tone tone, carnet_text title,
                              carnet_text message, carnet_str detail, carnet_err *err);

/** Answer 303 to an address of this deployment (a path: the base path is set before it) or an absolute one. */
carnet_rc carnet_web_redirect(const carnet_web *web, carnet_service_response *response, carnet_str to, carnet_err *err);

/** Send the browser on: a redirect, but after a form that leads to another site a page that goes on by itself, since the policy
 *  of the form's page lets a form lead nowhere else. */
carnet_rc carnet_web_go_on(const carnet_web *web, const carnet_service_request *request,
                           carnet_service_response *response, carnet_str to, carnet_err *err);
/** A page about what its user cancelled: the browser goes back to the wallet, which a form may not lead to. */
carnet_rc carnet_web_cancelled(const carnet_web *web, const carnet_service_request *request,
                               carnet_service_response *response, carnet_str back, carnet_err *err);

/* --- cookies --- */

#define CARNET_WEB_SECRET 43 /**< characters of a cookie's value: 256 bits in base64url */

/** Who a cookie is for: the browser an applicant uses, an officer's session, the form an officer logs in by.  The last two are
 *  not one: a page of another site can lead a browser to that form, but must not end a session by it. */
typedef enum carnet_web_cookie { CARNET_COOKIE_BROWSER, CARNET_COOKIE_DESK, CARNET_COOKIE_LOG_IN } carnet_web_cookie;

/** The cookie's value if it is well-formed, else empty. */
carnet_str carnet_web_cookie_get(const carnet_web *web, const carnet_service_request *request,
                                 carnet_web_cookie cookie);
/** Set it (HttpOnly, Secure, __Host-, SameSite), for so many seconds (0: until the browser ends).  An empty value deletes it. */
carnet_rc carnet_web_cookie_set(const carnet_web *web, carnet_service_response *response, carnet_web_cookie cookie,
                                carnet_str value, unsigned seconds, carnet_err *err);
/** A new secret for a cookie. */
carnet_rc carnet_web_secret(const carnet_random *random, char out[CARNET_WEB_SECRET + 1], carnet_err *err);

/* --- against forged requests --- */

/** The token that the forms of a session carry as "token": made from the cookie, so that nobody else can make it and the cookie
 *  does not follow from it. */
carnet_rc carnet_web_token(carnet_crypto *crypto, carnet_str cookie, char out[CARNET_WEB_SECRET + 1], carnet_err *err);
/** Whether a POST comes from a page of ours: its token, and Origin or Sec-Fetch-Site where the browser sends them.
 *  CARNET_E_WEB_FORGED. */
carnet_rc carnet_web_check(const carnet_web *web, const carnet_service_request *request, carnet_crypto *crypto,
                           carnet_str cookie, carnet_str token, carnet_err *err);

/* --- in a deployment --- */

/** What the configuration says of pages.  Texts point into it. */
carnet_web carnet_web_of(const carnet_service_context *context);
/** The part, "web": the style sheet, the scripts and the icon at /static/{file}.  Its `self` is a carnet_web, which parts with
 *  pages find by carnet_service_part_find(). */
extern const carnet_service_part carnet_web_part;
/** That route alone, for a program that shows pages without a deployment. */
extern const carnet_service_route carnet_web_static;

CARNET_END_DECLS
#endif
