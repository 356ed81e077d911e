/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/authorization_judge.h"

static const carnet_judged_codes codes[CARNET_JUDGED_COUNT] = {
    [CARNET_JUDGED_APPROVED] = { "00", "000", "0000", "approved" },
    [CARNET_JUDGED_FORMAT] = { "30", "904", "9004", "format" },
    [CARNET_JUDGED_MAC] = { "63", "916", "9016", "mac" },
    [CARNET_JUDGED_DUPLICATE] = { "94", "913", "9013", "duplicate" },
    [CARNET_JUDGED_KIND] = { "12", "902", "9002", "kind" },
    [CARNET_JUDGED_UNKNOWN] = { "25", "914", "9014", "unknown" },
    [CARNET_JUDGED_USED] = { "94", "913", "9013", "used" },
    [CARNET_JUDGED_EXPIRED] = { "12", "902", "9002", "expired" },
    [CARNET_JUDGED_AMOUNT] = { "13", "110", "1010", "amount" },
    [CARNET_JUDGED_TERMINAL] = { "58", "120", "1020", "terminal" },
    [CARNET_JUDGED_SIGNATURE] = { "63", "122", "1022", "signature" },
    [CARNET_JUDGED_AGE] = { "63", "122", "1022", "age" },
    [CARNET_JUDGED_ASSURANCE] = { "1A", "122", "1022", "assurance" },
    [CARNET_JUDGED_ACCOUNT] = { "14", "111", "1011", "account" },
    [CARNET_JUDGED_RESTRICTED] = { "62", "104", "1004", "restricted" },
    [CARNET_JUDGED_PIN] = { "55", "117", "1017", "pin" },
    [CARNET_JUDGED_PIN_TRIES] = { "75", "106", "1006", "pin_tries" },
    [CARNET_JUDGED_LIMIT] = { "61", "121", "1021", "limit" },
    [CARNET_JUDGED_FREQUENCY] = { "65", "123", "1023", "frequency" },
    [CARNET_JUDGED_FUNDS] = { "51", "116", "1016", "funds" },
    [CARNET_JUDGED_UNAVAILABLE] = { "91", "907", "9007", "unavailable" },
    [CARNET_JUDGED_MALFUNCTION] = { "96", "909", "9009", "malfunction" },
};

carnet_judged_codes
carnet_judged_codes_of(carnet_judged judged)
{
    return codes[judged < CARNET_JUDGED_COUNT ? judged : CARNET_JUDGED_MALFUNCTION];
}

carnet_judged
carnet_judged_named(carnet_str word)
{
    for (unsigned i = 0; i < CARNET_JUDGED_COUNT; i++)
        if (carnet_str_is(word, codes[i].word))
            return (carnet_judged)i;
    return CARNET_JUDGED_MALFUNCTION;
}

unsigned
carnet_judge_level(carnet_trustmark trustmark, const carnet_vector *vector)
{
    carnet_vector some = { 0 };

    if (trustmark != CARNET_TRUSTMARK_P1940 && trustmark != CARNET_TRUSTMARK_PROJECT)
        return 0;
    if (carnet_vector_has(vector, "Co"))
        return 3;
    if (carnet_vector_has(vector, "Cn"))
        return 2;
    some.type['C' - 'A'] = vector->type['C' - 'A'];
    return carnet_vector_count(&some) > (unsigned)carnet_vector_has(vector, "C0") + carnet_vector_has(vector, "Ca");
}

/* What was proven, if the PIN is right, too: a second factor beside something the user has. */
static carnet_vector
with_pin(const carnet_vector *vector)
{
    carnet_vector more = *vector;

    carnet_vector_put(&more, "Cc");
    if (carnet_vector_has(vector, "Cd") || carnet_vector_has(vector, "Ce") || carnet_vector_has(vector, "Cf") ||
        carnet_vector_has(vector, "Cx"))
        carnet_vector_put(&more, "Cn");
    return more;
}

static bool
enough(const carnet_judge_facts *facts, const carnet_vector *vector, unsigned *level)
{
    int index = -1;

    *level = carnet_judge_level(facts->trustmark, vector);
    return *level >= facts->required->level &&
           carnet_vector_request_satisfied(&facts->required->request, facts->trustmark, vector, &index, NULL) ==
               CARNET_OK &&
           index >= 0;
}

static void
add_would_do(carnet_vector_request *list, carnet_vector vector, unsigned level)
{
    if (level == 3)
        carnet_vector_put(&vector, "Co");
    else if (level == 2 && !carnet_vector_has(&vector, "Co"))
        carnet_vector_put(&vector, "Cn");
    for (unsigned i = 0; i < list->count; i++)
        if (carnet_vector_equal(&list->vector[i], &vector))
            return;
    list->vector[list->count++] = vector;
}

static unsigned
lacks(const carnet_vector *have, const carnet_vector *asked)
{
    carnet_vector rest = carnet_vector_lacking(have, asked);

    return carnet_vector_count(&rest);
}

/* Those that need least beside what is there come first. */
static void
sort_nearest(carnet_vector_request *list, const carnet_vector *have)
{
    for (unsigned i = 1; i < list->count; i++)
        for (unsigned k = i; k > 0 && lacks(have, &list->vector[k]) < lacks(have, &list->vector[k - 1]); k--) {
            carnet_vector swapped = list->vector[k];

            list->vector[k] = list->vector[k - 1];
            list->vector[k - 1] = swapped;
        }
}

static carnet_judged
judge_assurance(const carnet_judge_facts *facts, carnet_judge_verdict *verdict)
{
    const carnet_assurance *required = facts->required;
    carnet_vector more = with_pin(&facts->vector);

    if (enough(facts, &facts->vector, &verdict->level))
        return CARNET_JUDGED_APPROVED;
    if (facts->pin_given && enough(facts, &more, &verdict->level)) {
        verdict->pin_needed = true;
        return CARNET_JUDGED_APPROVED;
    }
    verdict->level = carnet_judge_level(facts->trustmark, &facts->vector);
    verdict->would_do.trustmark = required->request.trustmark;
    for (unsigned i = 0; i < required->request.count && i < CARNET_VECTOR_REQUEST_MAX; i++)
        add_would_do(&verdict->would_do, required->request.vector[i], required->level);
    if (facts->trustmark == required->request.trustmark)
        sort_nearest(&verdict->would_do, &facts->vector);
    return CARNET_JUDGED_ASSURANCE;
}

static carnet_str
trimmed(carnet_str text)
{
    while (text.len > 0 && text.ptr[text.len - 1] == ' ')
        text.len--;
    return text;
}

static bool
amount_good(const carnet_judge_facts *facts)
{
    if (facts->currency.len == 0 || !carnet_str_equal(facts->currency, facts->staged_currency) || facts->amount == 0)
        return false;
    return facts->ceiling ? facts->amount <= facts->staged_amount : facts->amount == facts->staged_amount;
}

static bool
terminal_good(const carnet_judge_facts *facts)
{
    carnet_str terminal = trimmed(facts->terminal);

    return terminal.len > 0 && carnet_str_equal(terminal, trimmed(facts->staged_terminal));
}

static bool
age_good(const carnet_judge_facts *facts)
{
    if (facts->auth_time <= 0 || facts->auth_time > facts->now + facts->skew)
        return false;
    return facts->now - facts->auth_time <= facts->active_period;
}

/* The order is the profile's: the first that fails names the code. */
static carnet_judged
judge_all(const carnet_judge_facts *facts, carnet_judge_verdict *verdict)
{
    if (!facts->mac_good)
        return CARNET_JUDGED_MAC;
    if (!facts->fresh)
        return CARNET_JUDGED_DUPLICATE;
    if (!facts->served)
        return CARNET_JUDGED_KIND;
    if (!facts->known)
        return CARNET_JUDGED_UNKNOWN;
    if (!facts->fulfilled || facts->used)
        return CARNET_JUDGED_USED;
    if (facts->expires + facts->skew < facts->now)
        return CARNET_JUDGED_EXPIRED;
    if (!amount_good(facts))
        return CARNET_JUDGED_AMOUNT;
    if (!terminal_good(facts))
        return CARNET_JUDGED_TERMINAL;
    if (facts->signature != CARNET_JUDGE_UNSIGNED_TRUSTED && facts->signature != CARNET_JUDGE_SIGNATURE_GOOD)
        return CARNET_JUDGED_SIGNATURE;
    if (!age_good(facts))
        return CARNET_JUDGED_AGE;
    if (facts->required == NULL)
        return CARNET_JUDGED_KIND;
    return judge_assurance(facts, verdict);
}

carnet_judge_verdict
carnet_judge(const carnet_judge_facts *facts)
{
    carnet_judge_verdict verdict = { 0 };

    verdict.judged = judge_all(facts, &verdict);
    return verdict;
}
