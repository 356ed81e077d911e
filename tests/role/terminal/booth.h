/* SPDX-License-Identifier: Apache-2.0 */
/* A terminal with a bank behind it, a mobile app server, a dispenser and a journal, all in memory; it may lose power at any
 * point.  For tests. */
#ifndef CARNET_TEST_BOOTH_H
#define CARNET_TEST_BOOTH_H
#include "bank.h"

#include "carnet/terminal.h"

#define BOOTH_AMOUNT 20000

/** What goes otherwise than it should. */
typedef struct booth_script {
    bool pos, dual;
    bool weak;        /* the first vector is not enough */
    bool always_weak; /* nor is the second */
    bool lose_request, lose_answer, unreachable;
    bool late;             /* the lost answer comes after all, while the reversal is under way */
    unsigned lose_acks;    /* so many 0430 or 0230 are lost */
    unsigned refuse_tells; /* so many reports are not taken */
    bool jam;              /* only `out` of it comes out of the dispenser */
    uint64_t out;
    bool unsure;      /* and it does not know */
    bool poor;        /* the account has not enough */
    bool cancel_late; /* the user goes away while the answer is waited for */
    bool nobody;      /* comes */
    bool fails;       /* authentication does */
} booth_script;

typedef struct booth {
    bank bank;
    carnet_iso8583_version version;
    carnet_terminal_config config;
    booth_script script;
    carnet_terminal t;
    int64_t now;
    /* What survives. */
    carnet_terminal_record journal;
    bool has_journal;
    unsigned writes;
    uint64_t dispenser_began, dispenser_done, dispenser_amount;
    bool manual; /* somebody was told to look */
    /* The world. */
    uint64_t cash;
    unsigned collects, requests, acks, tells, late_answers;
    bool stepped_up, told;
    carnet_dispense_result told_result;
    uint64_t told_amount;
    /* Power. */
    unsigned point, off_at;
    bool off;
} booth;

#define BOOTH_NEVER UINT32_MAX

bool booth_open(booth *b);
void booth_close(booth *b);
/** Everything anew but the bank's cryptography; the first power cut is at this point. */
void booth_begin(booth *b, carnet_iso8583_version version, const booth_script *script, unsigned off_at);
/** One transaction until it has ended, or the power goes; false: it does not come to an end. */
bool booth_run(booth *b);
/** The power is back: what the journal has is taken up, until it has ended.  The next cut is `off_at` points later. */
bool booth_restart(booth *b, unsigned off_at);
/** What the customer was debited. */
int64_t booth_debited(const booth *b);
/** The answer of the mobile app server for a transaction that is fulfilled, with a signed vector; views into the booth. */
carnet_collect_answer booth_fulfilled(booth *b, const char *vector);

#endif
