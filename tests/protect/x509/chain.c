/* SPDX-License-Identifier: Apache-2.0 */
#include "chain.h"

carnet_crypto crypto;
carnet_buf arena;
chain_result out;
static uint8_t space[32768];

int
chain_setup(void **state)
{
    (void)state;
    if (carnet_crypto_init(&crypto, NULL) != CARNET_OK)
        return -1;
    forge_setup(&crypto);
    return 0;
}

int
chain_teardown(void **state)
{
    (void)state;
    forge_teardown();
    carnet_crypto_done(&crypto);
    return 0;
}

int
chain_empty(void **state)
{
    (void)state;
    arena = carnet_buf_of(space, sizeof(space));
    return 0;
}

void
chain_judge(const chain *c, const carnet_certificate_profile *profile)
{
    carnet_span ders[6];
    static carnet_certificate anchors[6];
    carnet_anchor_array array = { anchors, c->trusted };
    carnet_trust_anchors source = carnet_trust_anchors_of(&array);
    carnet_path_options options = { .struct_size = sizeof(options), .profile = profile, .anchors = &source };
    size_t sent = c->root_too ? c->count : c->count - c->trusted;

    for (size_t i = 0; i < c->count; i++)
        ders[i] = forge_make(&c->certificates[i], &crypto, &arena);
    for (size_t i = 0; i < c->trusted; i++)
        assert_carnet_ok(carnet_certificate_open(ders[c->count - c->trusted + i], &anchors[i], NULL), NULL);
    carnet_report_init(&out.report, out.entries, CARNET_COUNT(out.entries), FORGE_NOW, 0);
    out.rc = carnet_certificate_path_validate(ders, sent, &options, &crypto, &out.report, &out.path);
    assert_false(out.report.overflow);
}

carnet_outcome
chain_outcome(carnet_check check)
{
    const carnet_report_entry *e = carnet_report_find(&out.report, check, CARNET_NO_DOCUMENT);

    if (e == NULL)
        fail_msg("%s is not in the report", carnet_check_slug(check));
    return e->outcome;
}

void
chain_only_fails(const char *what, const carnet_check *bad, size_t count)
{
    for (size_t i = 0; i < out.report.count; i++) {
        const carnet_report_entry *e = &out.entries[i];
        bool expected = false;

        for (size_t k = 0; k < count; k++)
            expected |= e->check == bad[k];
        if ((e->outcome == CARNET_FAIL) != expected || (e->outcome == CARNET_FAIL && e->detail[0] == '\0'))
            fail_msg("%s: %s: %s, %s", what, carnet_check_slug(e->check), carnet_outcome_text(e->outcome), e->detail);
    }
    for (size_t k = 0; k < count; k++)
        (void)chain_outcome(bad[k]);
}

const char *
chain_detail(carnet_check check)
{
    (void)chain_outcome(check);
    return carnet_report_find(&out.report, check, CARNET_NO_DOCUMENT)->detail;
}

chain
chain_of_three(void)
{
    return (chain){ { forge_signer("Authority", 1), forge_authority("Authority", 1), forge_root() }, 3, 1, false };
}

chain
chain_of_two(void)
{
    return (chain){ { forge_signer("Root", 0), forge_root() }, 2, 1, false };
}
