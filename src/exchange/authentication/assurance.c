/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/assurance.h"

bool
carnet_assurance_profile_named(carnet_str name, carnet_assurance_profile *profile)
{
    static const char *const names[] = { "strict", "nist", "p1940", "grid" };

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (carnet_str_is(name, names[i])) {
            *profile = (carnet_assurance_profile)i;
            return true;
        }
    return false;
}

bool
carnet_impact_named(carnet_str name, carnet_impact *impact)
{
    static const char *const names[] = { "none", "low", "moderate", "high" };

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (carnet_str_is(name, names[i])) {
            *impact = (carnet_impact)i;
            return true;
        }
    return false;
}

/* Lowest level whose maximum impacts cover this one (SP 800-63-3, Table 6-1). */
static unsigned
level_nist(size_t of, carnet_impact impact)
{
    static const uint8_t level[CARNET_IMPACTS][4] = {
        { 1, 1, 2, 3 }, { 1, 1, 2, 3 }, { 1, 2, 2, 3 }, { 1, 2, 2, 3 }, { 1, 2, 3, 3 }, { 1, 2, 2, 3 },
    };

    return level[of][impact];
}

/* The same by P1940's decision matrix: its circles, not the captions that contradict them. */
static unsigned
level_p1940(size_t of, carnet_impact impact)
{
    static const uint8_t level[CARNET_IMPACTS][4] = {
        { 1, 2, 2, 3 }, { 1, 2, 2, 3 }, { 1, 2, 2, 3 }, { 1, 2, 2, 3 }, { 1, 2, 3, 3 }, { 1, 1, 2, 3 },
    };

    return level[of][impact];
}

static unsigned
level_grid(const carnet_risk *risk)
{
    static const uint8_t level[5][5] = { /* rows: rare ... very likely; columns: insignificant ... severe */
                                         { 1, 1, 1, 2, 2 },
                                         { 1, 1, 2, 2, 2 },
                                         { 1, 2, 2, 2, 3 },
                                         { 2, 2, 2, 3, 3 },
                                         { 2, 2, 3, 3, 3 }
    };

    return level[risk->likelihood][risk->severity];
}

static bool
risk_valid(const carnet_risk *risk)
{
    if (risk->profile == CARNET_ASSURANCE_GRID)
        return risk->likelihood <= CARNET_LIKELIHOOD_VERY_LIKELY && risk->severity <= CARNET_SEVERITY_SEVERE;
    for (size_t i = 0; i < CARNET_IMPACTS; i++)
        if ((unsigned)risk->impact[i] > CARNET_IMPACT_HIGH)
            return false;
    return (unsigned)risk->profile <= CARNET_ASSURANCE_GRID;
}

static unsigned
higher(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

unsigned
carnet_assurance_required(const carnet_risk *risk)
{
    unsigned level = risk->personal_data ? 2 : 1;

    if (!risk_valid(risk))
        return 3;
    if (risk->profile == CARNET_ASSURANCE_GRID)
        return higher(level, level_grid(risk));
    for (size_t i = 0; i < CARNET_IMPACTS; i++) {
        if (risk->profile != CARNET_ASSURANCE_P1940)
            level = higher(level, level_nist(i, risk->impact[i]));
        if (risk->profile != CARNET_ASSURANCE_NIST)
            level = higher(level, level_p1940(i, risk->impact[i]));
    }
    return level;
}

carnet_vector_request
carnet_assurance_default(unsigned level)
{
    static const char *const lists[] = { "Cg,Cx,Cc,Cd,Ce", "Ce.Cg.Cn,Cx.Cn,Cc.Cd.Cn,Cc.Ce.Cn",
                                         "Cf.Cg.Cj.Co,Cf.Cx.Co,Cc.Cf.Co" };
    carnet_vector_request request = { .trustmark = CARNET_TRUSTMARK_P1940 };

    if (level >= 1 && level <= 3 &&
        carnet_vector_request_list(carnet_str_of(lists[level - 1]), CARNET_TRUSTMARK_P1940, &request, NULL) !=
            CARNET_OK)
        request.count = 0;
    return request;
}

/* Whether every transaction of `later` is one of `row` already. */
static bool
covers(const carnet_risk_row *row, const carnet_risk_row *later)
{
    return (row->type.len == 0 || carnet_str_equal(row->type, later->type)) &&
           (row->currency.len == 0 || carnet_str_equal(row->currency, later->currency)) &&
           row->max_amount >= later->max_amount;
}

static const char *
row_complaint(const carnet_risk_row *rows, size_t at)
{
    if (rows[at].id.len == 0)
        return "a row has no id";
    if (!risk_valid(&rows[at].risk))
        return "a row rates its risk by a value that is none";
    if (rows[at].request != NULL && rows[at].request->count == 0)
        return "a row asks for no vector";
    for (size_t i = 0; i < at; i++) {
        if (carnet_str_equal(rows[i].id, rows[at].id))
            return "a row has the id of an earlier one";
        if (covers(&rows[i], &rows[at]))
            return "a row is never reached: an earlier one covers it";
    }
    return NULL;
}

carnet_rc
carnet_risk_check(const carnet_risk_row *rows, size_t count, carnet_err *err)
{
    for (size_t i = 0; i < count; i++) {
        const carnet_path at = { .index = i };
        const char *complaint = row_complaint(rows, i);

        if (complaint != NULL)
            return carnet_fail_at(err, CARNET_E_RISK_TABLE, NULL, complaint, CARNET_NO_OFFSET, &at);
    }
    return CARNET_OK;
}

carnet_rc
carnet_assurance_of(const carnet_risk_row *rows, size_t count, carnet_str type, carnet_str currency, uint64_t amount,
                    carnet_assurance *assurance, carnet_err *err)
{
    const carnet_risk_row transaction = { .type = type, .currency = currency, .max_amount = amount };

    *assurance = (carnet_assurance){ 0 };
    for (size_t i = 0; i < count; i++)
        if (covers(&rows[i], &transaction)) {
            assurance->row = rows[i].id;
            assurance->level = carnet_assurance_required(&rows[i].risk);
            assurance->request =
                rows[i].request != NULL ? *rows[i].request : carnet_assurance_default(assurance->level);
            return CARNET_OK;
        }
    return carnet_fail(err, CARNET_E_RISK_NONE, "P1940 4", NULL);
}
