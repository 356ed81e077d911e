/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include <stdio.h>
#include <string.h>

static uint64_t
generation(const void *self)
{
    /* The array is the first thing an anchor source of a judge knows; its judge surrounds it. */
    const judge *j = (const judge *)(const void *)((const char *)self - offsetof(judge, anchors));

    return j->generation;
}

void
judge_with(judge *j, carnet_span anchor, const char *now)
{
    memset(j, 0, sizeof(*j));
    assert_carnet_ok(carnet_crypto_init(&j->crypto, &j->err), &j->err);
    assert_carnet_ok(carnet_certificate_open(anchor, &j->anchor, &j->err), &j->err);
    assert_carnet_ok(carnet_time_parse(carnet_str_of(now), &j->now, NULL, &j->err), &j->err);
    j->anchors = (carnet_anchor_array){ &j->anchor, 1 };
    j->source = carnet_trust_anchors_of(&j->anchors);
    j->source.generation = generation;
    j->generation = 1;
    j->with = (carnet_verification){
        .struct_size = sizeof(j->with), .crypto = &j->crypto, .anchors = &j->source, .allow = CARNET_CBOR_LENIENT
    };
}

void
judge_annex_d(judge *j)
{
    carnet_span scalar =
        carnet_test_hex("de3b4b9e5f72dd9b58406ae3091434da48a6f9fd010d88fcb0958e2cebec947c"); /* 18013-5 D.5.1 */

    judge_with(j, carnet_test_shared_hex("vectors/iso18013-5-annexD/iaca_cert.hex"), "2020-10-15T00:00:00Z");
    assert_carnet_ok(carnet_software_key_from_scalar(&j->crypto, CARNET_CURVE_P256, scalar, CARNET_KEY_AGREE,
                                                     &j->reader_key, &j->err),
                     &j->err);
    j->reader_keys[0] = &j->reader_key;
    j->with.reader_keys = j->reader_keys;
    j->with.reader_key_count = 1;
    j->with.session_transcript = carnet_test_shared_hex("vectors/iso18013-5-annexD/session_transcript.hex");
}

void
judge_done(judge *j)
{
    carnet_key_done(&j->reader_key);
    carnet_crypto_done(&j->crypto);
}

static void
begin(judge *j)
{
    memset(&j->err, 0, sizeof(j->err));
    carnet_report_init(&j->report, j->entries, JUDGE_ENTRIES, j->now, j->skew);
}

void
judge_response(judge *j, carnet_span cbor)
{
    begin(j);
    j->rc = carnet_device_response_verify(&j->with, cbor, &j->report, &j->err);
}

void
judge_document(judge *j, carnet_span cbor)
{
    begin(j);
    j->rc = carnet_document_verify(&j->with, cbor, &j->report, &j->err);
}

void
judge_issuer_signed(judge *j, carnet_span cbor)
{
    begin(j);
    j->rc = carnet_issuer_signed_verify(&j->with, cbor, (carnet_str){ 0 }, &j->report, &j->err);
}

void
judge_request(judge *j, carnet_span cbor)
{
    begin(j);
    j->rc = carnet_device_request_verify(&j->with, cbor, &j->report, &j->err);
}

carnet_verdict
judge_verdict(const judge *j, bool strict)
{
    carnet_policy policy = { .name = "test", .strict = strict };

    return carnet_policy_judge(&policy, &j->report, CARNET_NO_DOCUMENT);
}

/* The worst of all entries of the check: a failure before what is open before a pass. */
carnet_outcome
judge_outcome(const judge *j, carnet_check check)
{
    carnet_outcome worst = CARNET_NOT_DONE;

    for (size_t i = 0; i < j->report.count; i++) {
        if (j->entries[i].check != check)
            continue;
        if (j->entries[i].outcome == CARNET_FAIL)
            return CARNET_FAIL;
        if (j->entries[i].outcome > worst)
            worst = j->entries[i].outcome;
    }
    return worst;
}

size_t
judge_failures(const judge *j)
{
    size_t count = 0;

    for (size_t i = 0; i < j->report.count; i++)
        count +=
            j->entries[i].outcome == CARNET_FAIL && carnet_check_class_of(j->entries[i].check) != CARNET_CLASS_NOTE;
    return count;
}

void
judge_print(const judge *j)
{
    if (j->rc != CARNET_OK)
        print_message("# %s at %zu, %s: %s\n", carnet_rc_name(j->rc), j->err.offset, j->err.path, j->err.reason);
    for (size_t i = 0; i < j->report.count; i++)
        if (j->entries[i].outcome != CARNET_PASS)
            print_message("# [%u] %s: %s %s %s\n", (unsigned)j->entries[i].document,
                          carnet_check_slug(j->entries[i].check), carnet_outcome_text(j->entries[i].outcome),
                          j->entries[i].path, j->entries[i].detail);
}
