/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/trustmark.h"

#define CLAUSE "RFC 8485 5"

/* Every component that is valid, under each trustmark. */
#define P1940_C    "C0.Ca.Cb.Cc.Cd.Ce.Cf.Cg.Ch.Ci.Cj.Ck.Cl.Cm.Cn.Co.Cx"
#define RFC_8485_C "C0.Ca.Cb.Cc.Cd.Ce.Cf"
#define RFC_8485_P "P0.P1.P2.P3."
#define RFC_8485_A ".Ma.Mb.Mc.Aa.Ab.Ac.Ad"

static const char *const values[] = { "", P1940_C, RFC_8485_P RFC_8485_C RFC_8485_A, RFC_8485_P P1940_C RFC_8485_A };

static bool
known(carnet_trustmark trustmark)
{
    return trustmark >= CARNET_TRUSTMARK_P1940 && trustmark <= CARNET_TRUSTMARK_PROJECT;
}

carnet_rc
carnet_trustmark_of(carnet_str url, carnet_str project, carnet_trustmark *trustmark, carnet_err *err)
{
    *trustmark = CARNET_TRUSTMARK_NONE;
    if (carnet_str_is(url, CARNET_TRUSTMARK_URL_P1940))
        *trustmark = CARNET_TRUSTMARK_P1940;
    else if (carnet_str_is(url, CARNET_TRUSTMARK_URL_RFC_8485))
        *trustmark = CARNET_TRUSTMARK_RFC_8485;
    else if (project.len != 0 && carnet_str_equal(url, project))
        *trustmark = CARNET_TRUSTMARK_PROJECT;
    return *trustmark != CARNET_TRUSTMARK_NONE ? CARNET_OK : carnet_fail(err, CARNET_E_TRUSTMARK, CLAUSE, NULL);
}

carnet_str
carnet_trustmark_url(carnet_trustmark trustmark, carnet_str project)
{
    switch (trustmark) {
    case CARNET_TRUSTMARK_P1940:
        return carnet_str_of(CARNET_TRUSTMARK_URL_P1940);
    case CARNET_TRUSTMARK_RFC_8485:
        return carnet_str_of(CARNET_TRUSTMARK_URL_RFC_8485);
    case CARNET_TRUSTMARK_PROJECT:
        return project;
    case CARNET_TRUSTMARK_NONE:
        break;
    }
    return (carnet_str){ 0 };
}

carnet_vector
carnet_trustmark_values(carnet_trustmark trustmark)
{
    carnet_vector all = { 0 };

    if (known(trustmark))
        for (const char *at = values[trustmark];; at += 3) {
            carnet_vector_put(&all, at);
            if (at[2] == 0)
                break;
        }
    return all;
}

/* A conflict is blamed on no octet: both components are right by themselves. */
static carnet_rc
check_conflicts(carnet_trustmark trustmark, const carnet_vector *vector, carnet_err *err)
{
    const uint64_t p = vector->type['P' - 'A'], c = vector->type['C' - 'A'];

    if ((p & (p - 1)) != 0)
        return carnet_fail(err, CARNET_E_VECTOR_CONFLICT, "RFC 8485 A.1", "there is more than one P");
    if (trustmark != CARNET_TRUSTMARK_RFC_8485 && (c & 1) != 0 && c != 1)
        return carnet_fail(err, CARNET_E_VECTOR_CONFLICT, "P1940 5",
                           "C0, no authentication, is not said beside another C");
    return CARNET_OK;
}

carnet_rc
carnet_trustmark_check(carnet_trustmark trustmark, const carnet_vector *vector, carnet_err *err)
{
    const carnet_vector all = carnet_trustmark_values(trustmark);
    const carnet_vector strange = carnet_vector_lacking(&all, vector);
    char reason[] = "?? is not a component of this trustmark";
    char component[3];
    unsigned at = 0;

    if (!known(trustmark))
        return carnet_fail(err, CARNET_E_TRUSTMARK, CLAUSE, NULL);
    if (!carnet_vector_next(&strange, &at, component))
        return check_conflicts(trustmark, vector, err);
    reason[0] = component[0];
    reason[1] = component[1];
    return carnet_fail(err, CARNET_E_VECTOR_VALUE, trustmark == CARNET_TRUSTMARK_RFC_8485 ? "RFC 8485 A" : "P1940 5",
                       reason);
}

/* Where in the text the first component is that the trustmark does not know. */
static size_t
strange_at(carnet_trustmark trustmark, carnet_str text)
{
    const carnet_vector all = carnet_trustmark_values(trustmark);

    for (size_t at = 0; at + 1 < text.len; at += 3)
        if (!carnet_vector_has(&all, text.ptr + at))
            return at;
    return CARNET_NO_OFFSET;
}

carnet_rc
carnet_trustmark_read(carnet_trustmark trustmark, carnet_str text, carnet_vector *vector, carnet_err *err)
{
    carnet_rc rc = carnet_vector_read(text, vector, err);

    if (rc == CARNET_OK && (rc = carnet_trustmark_check(trustmark, vector, err)) != CARNET_OK) {
        if (rc == CARNET_E_VECTOR_VALUE && err != NULL)
            err->offset = strange_at(trustmark, text);
        *vector = (carnet_vector){ 0 };
    }
    return rc;
}
