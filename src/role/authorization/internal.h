/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_DEBIT_INTERNAL_H
#define CARNET_DEBIT_INTERNAL_H
#include "carnet/debit.h"

/** MMDDhhmmss (the year is the one nearest to `now`), YYMMDDhhmmss or CCYYMMDDhhmmss; false: no date and time. */
bool carnet_debit_moment(carnet_str digits, carnet_time now, carnet_time *moment);
/** A data element as text; empty if it is absent. */
carnet_str carnet_debit_text(carnet_debit *debit, unsigned element);
/** Text without the spaces at its end. */
carnet_str carnet_debit_trimmed(carnet_str text);
/** What a message of this class and function (two digits, or "4") is known by; false: something has no form. */
bool carnet_debit_key_make(carnet_debit_key *key, const char *kind, carnet_str acquirer, carnet_str terminal,
                           carnet_str trace);
/** The transaction a reversal or an advice is about, as far as the message says. */
void carnet_debit_read_original(carnet_debit *debit, carnet_time now);
/** The carried vector: facts from what the message says and its signature. */
void carnet_debit_read_carried(carnet_debit *debit, carnet_crypto *crypto);
/** Build debit->answer for debit->judged. */
carnet_rc carnet_debit_answer(carnet_debit *debit, carnet_crypto *crypto, carnet_err *err);

/** What is decided in. */
typedef struct carnet_debit_run {
    carnet_debit *debit;
    const carnet_debit_journal *journal;
    const carnet_authorization_host *host;
    void *unit;
    carnet_debit_record record;
} carnet_debit_run;
/** Decide; run->record gets what it moves, its state and what it is about. */
carnet_rc carnet_debit_order(carnet_debit_run *run, carnet_err *err);
carnet_rc carnet_debit_advise(carnet_debit_run *run, carnet_err *err);
carnet_rc carnet_debit_reverse(carnet_debit_run *run, carnet_err *err);

#endif
