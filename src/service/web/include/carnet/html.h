/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTML and SVG, written: element by element, every text and attribute escaped,
 * so that no value of anybody's can become markup (the HTML Standard, 13.3).
 *
 * Failures stick: a name that is no literal of letters, an attribute that would
 * run or style anything (on..., style, srcdoc), a link of a scheme that is not
 * listed, text within script or style, too deep nesting.  Then nothing more is
 * written and carnet_html_end() fails.  A text that is not UTF-8 is shown as
 * U+FFFD, and so is each control character.
 */
#ifndef CARNET_HTML_H
#define CARNET_HTML_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_HTML_DEPTH 24 /**< elements within one another */

typedef struct carnet_html {
    carnet_buf *out;
    const char *element[CARNET_HTML_DEPTH]; /**< static names of those that are open */
    uint8_t depth;
    bool in_tag; /**< attributes may still be set */
    carnet_rc rc;
} carnet_html;

/** Begin: appended to `out`. */
carnet_html carnet_html_begin(carnet_buf *out);
/** CARNET_OK if every element was closed; CARNET_E_NO_SPACE: `out` is too small; CARNET_E_USAGE: one of the rules above. */
carnet_rc carnet_html_end(carnet_html *html, carnet_err *err);

/** Open an element: a literal.  Those without content (input, br, img, hr, meta, link) are closed by carnet_html_close(), too. */
void carnet_html_open(carnet_html *html, const char *element);
/** Set an attribute of the element just opened.  `name` is a literal. */
void carnet_html_set(carnet_html *html, const char *name, carnet_str value);
void carnet_html_set_text(carnet_html *html, const char *name, const char *value);
void carnet_html_set_int(carnet_html *html, const char *name, int64_t value);
/** An attribute without a value: required, checked; nothing unless `on`. */
void carnet_html_flag(carnet_html *html, const char *name, bool on);
/** Text within the element. */
void carnet_html_text(carnet_html *html, carnet_str text);
void carnet_html_say(carnet_html *html, const char *text);
void carnet_html_int(carnet_html *html, int64_t number);
/** Close the innermost element. */
void carnet_html_close(carnet_html *html);

/** Shorthands: an element with a class (may be NULL), and one with text within, closed. */
void carnet_html_open_class(carnet_html *html, const char *element, const char *class_name);
void carnet_html_element(carnet_html *html, const char *element, const char *class_name, carnet_str text);
/** Somebody's value: isolated, so that its writing direction ends with it (bdi). */
void carnet_html_value(carnet_html *html, carnet_str text);
/** A link, closed. */
void carnet_html_link(carnet_html *html, const char *class_name, carnet_str href, carnet_str text);
/** Whether a link may lead there: a path, a fragment, https, http, or a scheme that starts a wallet. */
bool carnet_html_may_link(carnet_str href);

CARNET_END_DECLS
#endif
