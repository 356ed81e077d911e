/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_ROLE_TERMINAL_INTERNAL_H
#define CARNET_ROLE_TERMINAL_INTERNAL_H
#include "carnet/terminal.h"
#include "carnet/vector_carrier.h"

/** Into a phase, in which nothing was demanded yet. */
void carnet_terminal_enter(carnet_terminal *t, carnet_terminal_phase phase, int64_t now);
/** Over, without anything owed. */
void carnet_terminal_close(carnet_terminal *t, carnet_terminal_outcome outcome);
/** Settled: the mobile app server is to be told. */
void carnet_terminal_settle(carnet_terminal *t, carnet_terminal_outcome outcome, int64_t now);
void carnet_terminal_reverse(carnet_terminal *t, carnet_terminal_reversal reversal, carnet_terminal_outcome outcome,
                             int64_t now);
/** Write the record, if it has to be. */
carnet_rc carnet_terminal_keep(carnet_terminal *t, carnet_err *err);
/** Cut to fit, zero-terminated. */
void carnet_terminal_copy(char *out, size_t size, carnet_str text);
/** Forget what was collected, and copy anew. */
void carnet_terminal_forget(carnet_terminal *t);
carnet_str carnet_terminal_hold(carnet_terminal *t, carnet_str text);
/** What is collected, as it travels; false: it has no form. */
bool carnet_terminal_carrier(const carnet_terminal *t, carnet_vector_carrier *carrier);
/** The type of the message that goes out in this phase. */
carnet_mti carnet_terminal_mti(const carnet_terminal *t);
/** Take up a phase again, from its record. */
void carnet_terminal_take_up(carnet_terminal *t, bool known, uint64_t dispensed, int64_t now);
/** So much was dispensed. */
void carnet_terminal_book(carnet_terminal *t, bool known, uint64_t amount, int64_t now);

#endif
