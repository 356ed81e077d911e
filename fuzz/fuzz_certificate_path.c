/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/certificate_path.h"
#include "carnet/crl.h"
#include "fuzz.h"

#define NOW INT64_C(1700000000)

/* The input: encoded values, one after the other.  The last certificate is trusted, the ones before are the chain, and
 * what is no certificate is a revocation list. */
typedef struct input {
    carnet_span chain[CARNET_CHAIN_MAX + 1], lists[2];
    carnet_certificate trusted;
    size_t count, list_count;
} input;

static void
split(carnet_span data, input *in)
{
    carnet_der_reader r = carnet_der_open(data);
    carnet_certificate c;

    while (carnet_der_more(&r)) {
        carnet_span value = carnet_der_any(&r).encoded;

        if (carnet_certificate_open(value, &c, NULL) != CARNET_OK && in->list_count < CARNET_COUNT(in->lists))
            in->lists[in->list_count++] = value;
        else if (in->count < CARNET_COUNT(in->chain))
            in->chain[in->count++] = value;
    }
}

static carnet_outcome
outcome_of(const carnet_report *report, carnet_check check)
{
    const carnet_report_entry *entry = carnet_report_find(report, check, CARNET_NO_DOCUMENT);

    MUST(entry != NULL);
    return entry->outcome;
}

static void
check_report(const carnet_report *report, const carnet_certificate_path *path)
{
    MUST(!report->overflow && path->count >= 1 && path->count <= CARNET_CHAIN_MAX);
    MUST((outcome_of(report, CARNET_CHECK_PATH_FOUND) == CARNET_PASS) == (path->anchor != NULL));
    MUST(path->anchor != NULL || outcome_of(report, CARNET_CHECK_PATH_SIGNATURE) != CARNET_PASS);
    if (outcome_of(report, CARNET_CHECK_PATH_VALIDITY) == CARNET_PASS)
        MUST(path->not_before <= NOW && NOW <= path->not_after);
    for (size_t i = 1; i < path->count; i++)
        MUST(carnet_certificate_issued_by(&path->certificates[i - 1], &path->certificates[i]));
    for (size_t i = 0; i < report->count; i++)
        for (size_t k = i + 1; k < report->count; k++)
            MUST(report->entries[i].check != report->entries[k].check);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static carnet_crypto crypto; /* kept: preparing a curve takes longer than the rest */
    static carnet_certificate_path path;
    static carnet_report_entry entries[48];
    input in = { 0 };
    carnet_anchor_array array = { &in.trusted, 1 };
    carnet_crl_array lists = { in.lists, 0 };
    carnet_trust_anchors anchors = carnet_trust_anchors_of(&array);
    carnet_revocation_source source = carnet_revocation_source_of(&lists);
    carnet_path_options options = { .struct_size = sizeof(options),
                                    .anchor_profile = &carnet_profile_iaca,
                                    .profile = &carnet_profile_document_signer_mdl,
                                    .anchors = &anchors,
                                    .revocation = &source };
    carnet_report report;

    MUST(crypto.slot[0] != NULL || carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    split((carnet_span){ data, size }, &in);
    if (in.count < 2 || carnet_certificate_open(in.chain[in.count - 1], &in.trusted, NULL) != CARNET_OK)
        return 0;
    lists.count = in.list_count;
    carnet_report_init(&report, entries, CARNET_COUNT(entries), NOW, 0);
    if (carnet_certificate_path_validate(in.chain, in.count - 1, &options, &crypto, &report, &path) == CARNET_OK)
        check_report(&report, &path);
    else
        MUST(report.count == 1 && path.count == 0 && outcome_of(&report, CARNET_CHECK_PATH_FOUND) == CARNET_FAIL);
    return 0;
}
