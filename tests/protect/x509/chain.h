/* SPDX-License-Identifier: Apache-2.0 */
/* Judging chains of forged certificates, and asking what came out. */
#ifndef CARNET_TEST_CHAIN_H
#define CARNET_TEST_CHAIN_H
#include "carnet/certificate_path.h"
#include "forge.h"

extern carnet_crypto crypto;
extern carnet_buf arena; /**< where certificates go; chain_empty() starts it anew */

/** A chain of forged certificates, leaf first; the last `trusted` of them are the anchors and not part of the chain,
 *  unless `root_too`. */
typedef struct chain {
    forge certificates[6];
    size_t count, trusted;
    bool root_too;
} chain;

/** What came out. */
typedef struct chain_result {
    carnet_report report;
    carnet_report_entry entries[48];
    carnet_certificate_path path;
    carnet_rc rc;
} chain_result;
extern chain_result out;

/** Group and test fixtures. */
int chain_setup(void **state);
int chain_teardown(void **state);
int chain_empty(void **state);

/** Signer, authority, root; and signer, root. */
chain chain_of_three(void);
chain chain_of_two(void);
#define SIGNER(c)    (&(c)->certificates[0])
#define AUTHORITY(c) (&(c)->certificates[1])
#define ROOT(c)      (&(c)->certificates[2])

void chain_judge(const chain *c, const carnet_certificate_profile *profile);
carnet_outcome chain_outcome(carnet_check check);
const char *chain_detail(carnet_check check);
/** Exactly these checks fail, each with a detail. */
void chain_only_fails(const char *what, const carnet_check *bad, size_t count);

#endif
