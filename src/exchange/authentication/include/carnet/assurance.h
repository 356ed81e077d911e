/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From risk to authenticator assurance level (NIST SP 800-63-3 6.2, Figure 6-2
 * and Table 6-1; P1940's decision matrix), and from a transaction, by a table
 * of risks, to what is asked of its authentication.
 *
 * The two sources differ in 4 of the 4096 ways to rate six impacts; the strict
 * profile, which is the default, takes the higher level of both.  Nothing is
 * guessed: a transaction that no row covers is refused.
 */
#ifndef CARNET_ASSURANCE_H
#define CARNET_ASSURANCE_H
#include "carnet/vector_request.h"
CARNET_BEGIN_DECLS

typedef enum carnet_impact {
    CARNET_IMPACT_NONE,
    CARNET_IMPACT_LOW,
    CARNET_IMPACT_MODERATE,
    CARNET_IMPACT_HIGH
} carnet_impact;

/** What the six impacts are of, in the order of SP 800-63-3. */
enum {
    CARNET_IMPACT_OF_INCONVENIENCE, /**< inconvenience, distress, damage to standing or reputation */
    CARNET_IMPACT_OF_LOSS,          /**< financial loss or liability */
    CARNET_IMPACT_OF_PROGRAMS,      /**< harm to programs or public interests */
    CARNET_IMPACT_OF_RELEASE,       /**< unauthorised release of sensitive information */
    CARNET_IMPACT_OF_SAFETY,        /**< personal safety */
    CARNET_IMPACT_OF_VIOLATIONS,    /**< civil or criminal violations */
    CARNET_IMPACTS
};

typedef enum carnet_assurance_profile {
    CARNET_ASSURANCE_STRICT, /**< the higher of the two below */
    CARNET_ASSURANCE_NIST,
    CARNET_ASSURANCE_P1940,
    CARNET_ASSURANCE_GRID /**< likelihood by severity instead of impacts */
} carnet_assurance_profile;

enum {
    CARNET_LIKELIHOOD_RARE,
    CARNET_LIKELIHOOD_UNLIKELY,
    CARNET_LIKELIHOOD_MODERATE,
    CARNET_LIKELIHOOD_LIKELY,
    CARNET_LIKELIHOOD_VERY_LIKELY
};
enum {
    CARNET_SEVERITY_INSIGNIFICANT,
    CARNET_SEVERITY_MINOR,
    CARNET_SEVERITY_SIGNIFICANT,
    CARNET_SEVERITY_MAJOR,
    CARNET_SEVERITY_SEVERE
};

typedef struct carnet_risk {
    carnet_assurance_profile profile;
    carnet_impact impact[CARNET_IMPACTS]; /**< all but GRID */
    bool personal_data;                   /**< personal data are made accessible: level 2 at least */
    unsigned likelihood, severity;        /**< GRID: 0 to 4 */
} carnet_risk;

/** Profiles by name: "strict", "nist", "p1940", "grid"; impacts: "none", "low", "moderate", "high".  False for another. */
CARNET_API bool carnet_assurance_profile_named(carnet_str name, carnet_assurance_profile *profile);
CARNET_API bool carnet_impact_named(carnet_str name, carnet_impact *impact);
/** The level that is required, 1 to 3; 3 for a risk with a value that is none. */
CARNET_API unsigned carnet_assurance_required(const carnet_risk *risk);
/** What is asked for at a level (1 to 3) if nothing else is said, under P1940's trustmark; count 0 at another level. */
CARNET_API carnet_vector_request carnet_assurance_default(unsigned level);

/** A row of the table of risks: transactions of a type and currency up to an amount. */
typedef struct carnet_risk_row {
    carnet_str id;       /**< for the audit log; not empty */
    carnet_str type;     /**< such as "ATM_CWD"; empty: any */
    carnet_str currency; /**< ISO 4217 number, such as "840"; empty: any */
    uint64_t max_amount; /**< in minor units, included; UINT64_MAX: no limit */
    carnet_risk risk;
    const carnet_vector_request *request; /**< what to ask for instead of the level's default; NULL: that */
} carnet_risk_row;

typedef struct carnet_assurance {
    carnet_str row; /**< id of the row that decided: views into the table */
    unsigned level; /**< 1 to 3 */
    carnet_vector_request request;
} carnet_assurance;

/** Check a table: CARNET_E_RISK_TABLE: a row without an id, an id twice, a risk with a value that is none, a row that is never
 *  reached because an earlier one covers it; the path is the row's index. */
CARNET_API carnet_rc carnet_risk_check(const carnet_risk_row *rows, size_t count, carnet_err *err);
/** What a transaction requires: by the first row that covers it.  CARNET_E_RISK_NONE: no row does. */
CARNET_API carnet_rc carnet_assurance_of(const carnet_risk_row *rows, size_t count, carnet_str type,
                                         carnet_str currency, uint64_t amount, carnet_assurance *assurance,
                                         carnet_err *err);

CARNET_END_DECLS
#endif
