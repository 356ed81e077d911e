/* SPDX-License-Identifier: Apache-2.0 */
/* carnet phone serve: what the phone's thread and the pages share. */
#ifndef CARNET_CLI_PHONE_PAGE_H
#define CARNET_CLI_PHONE_PAGE_H
#include "page.h"
#include "phone.h"

#include <pthread.h>

enum { PAGE_TRANSACTIONS = 12, PAGE_TEXT = 257, PAGE_TROUBLE = 300 };

/** A transaction of this run, as the server said last. */
typedef struct page_transaction {
    char reference[CARNET_STAGING_REFERENCE + 1], session[CARNET_BOPS_SESSION + 1];
    carnet_staged_state state;
    char type[16], account[33], currency[4], binding[24], terminal[65], text[PAGE_TEXT], reason[65];
    uint64_t amount, dispensed;
    bool has_dispensed;
} page_transaction;

typedef enum page_wish { PAGE_NOTHING, PAGE_STAGE, PAGE_FULFIL, PAGE_CANCEL } page_wish;

/** What a page wants done; the phone's thread does one at a time. */
typedef struct page_order {
    page_wish wish;
    char reference[CARNET_STAGING_REFERENCE + 1], currency[4], type[16], account[29], code[513];
    uint64_t amount;
} page_order;

/** A session that waits for its user. */
typedef struct page_asked {
    bool open, takes_pin;
    char session[CARNET_BOPS_SESSION + 1], text[PAGE_TEXT], binding[24], sensor[65];
    int64_t expiration; /* milliseconds since 1970 */
    unsigned tries;
} page_asked;

typedef enum page_answer { PAGE_OPEN, PAGE_APPROVE, PAGE_DECLINE } page_answer;

/** How the last session ended. */
typedef struct page_outcome {
    bool there;
    carnet_bops_status status;
    char text[PAGE_TEXT];
} page_outcome;

typedef struct phone_pages {
    cli_pages pages; /* handlers get this */
    phone *p;        /* the phone's thread's alone */
    phone_device device;
    bool renew; /* the provider wants the certificate renewed: by the next session */

    pthread_mutex_t lock; /* protects all below */
    pthread_cond_t news;
    page_transaction list[PAGE_TRANSACTIONS]; /* the latest first */
    size_t count;
    page_order order;
    bool ordered;
    unsigned long done; /* orders that are */
    char trouble[PAGE_TROUBLE];
    page_asked asked;
    page_answer answer;
    char pin[64];
    page_outcome outcome;
    bool over;
} phone_pages;

/* --- phone_page.c --- */

extern const carnet_service_route phone_page_routes[];
extern const size_t phone_page_route_count;

/* --- phone_page_write.c; with the lock --- */

void phone_page_home(carnet_html *html, const phone_pages *s);
void phone_page_new(carnet_html *html, const phone_pages *s);
void phone_page_scan(carnet_html *html, const phone_pages *s, const page_transaction *t);
void phone_page_approve(carnet_html *html, const phone_pages *s);

/* --- phone_serve.c; with the lock --- */

/** Have it done, waiting for ten seconds at most; false: it was not. */
bool phone_page_do(phone_pages *s, const page_order *order);
page_transaction *phone_page_find(phone_pages *s, carnet_str reference);

#endif
