/* SPDX-License-Identifier: Apache-2.0 */
/* carnet issue: what its parts share. */
#ifndef CARNET_CLI_ISSUE_H
#define CARNET_CLI_ISSUE_H
#include "carnet/claims.h"
#include "carnet/issue.h"
#include "cli.h"

#define ISSUE_COPIES_MAX 100000
#define ISSUE_LIST_MAX   64 /* --authorise on one command line */

typedef struct issue_arguments {
    const char *doctype, *doctype_file, *claims, *files, *birth_date, *age_over;
    const char *signer_cert, *signer_key, *device_key, *make_keys, *curve;
    const char *digest, *at, *valid_from, *valid_until, *expected_update, *status_list, *dehydrated, *output;
    const char *authorise[ISSUE_LIST_MAX];
    size_t authorise_count, count;
    bool incomplete, quiet, json;
} issue_arguments;

/** A document's elements. */
typedef struct issue_elements {
    carnet_element elements[CARNET_ISSUE_ELEMENTS_MAX];
    size_t count;
} issue_elements;

/** The claims as elements, with the ages asked for, complete unless --incomplete; `day` is the first of validity. */
void issue_read_claims(const issue_arguments *a, const carnet_doctype *doctype, carnet_date day, issue_elements *e);
/** The device keys: of a file or directory, or made and kept.  *count is set when the command line left it open. */
carnet_public_key *issue_device_keys(const issue_arguments *a, carnet_crypto *crypto, size_t *count);
/** DIRECTORY/0001ENDING for a copy. */
const char *issue_copy_path(const char *directory, size_t copy, const char *ending);

#endif
