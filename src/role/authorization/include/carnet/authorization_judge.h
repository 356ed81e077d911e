/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an issuer checks before it authorises a transaction that brings a vector
 * of trust, and in which order (project profile, doc/p1940.md): the first check
 * that fails names the response.
 *
 * Pure: facts in, verdict out.  No clock, no key, no store, no message.  What the
 * account allows is judged after all of this, by its host
 * (carnet/authorization_host.h), with codes from the same list.  Any thread.
 */
#ifndef CARNET_AUTHORIZATION_JUDGE_H
#define CARNET_AUTHORIZATION_JUDGE_H
#include "carnet/assurance.h"
CARNET_BEGIN_DECLS

/** What was found wrong: in the order of the checks.  In comments: response code of 1987, action code of 1993. */
typedef enum carnet_judged {
    CARNET_JUDGED_APPROVED = 0, /**< 00, 000 */
    CARNET_JUDGED_FORMAT,       /**< 30, 904: an element that is needed is missing or has no form */
    CARNET_JUDGED_MAC,          /**< 63, 916 */
    CARNET_JUDGED_DUPLICATE,    /**< 94, 913: this message was answered, or its transaction reversed, before */
    CARNET_JUDGED_KIND,         /**< 12, 902: a kind of transaction that is not done here */
    CARNET_JUDGED_UNKNOWN,      /**< 25, 914: no such staged transaction */
    CARNET_JUDGED_USED,         /**< 94, 913: it is not fulfilled, or was used */
    CARNET_JUDGED_EXPIRED,      /**< 12, 902 */
    CARNET_JUDGED_AMOUNT,       /**< 13, 110: other amount or currency */
    CARNET_JUDGED_TERMINAL,     /**< 58, 120: bound to another terminal */
    CARNET_JUDGED_SIGNATURE,    /**< 63, 122: of the vector, or its key is not known */
    CARNET_JUDGED_AGE,          /**< 63, 122: authenticated too long ago, or in the future */
    CARNET_JUDGED_ASSURANCE,    /**< 1A or 63, 122: more is needed; the answer carries what would do */
    CARNET_JUDGED_ACCOUNT,      /**< 14, 111: no such account */
    CARNET_JUDGED_RESTRICTED,   /**< 62, 104: the account is blocked or closed */
    CARNET_JUDGED_PIN,          /**< 55, 117 */
    CARNET_JUDGED_PIN_TRIES,    /**< 75, 106 */
    CARNET_JUDGED_LIMIT,        /**< 61, 121: of one transaction or of the day */
    CARNET_JUDGED_FREQUENCY,    /**< 65, 123: too many today */
    CARNET_JUDGED_FUNDS,        /**< 51, 116 */
    CARNET_JUDGED_UNAVAILABLE,  /**< 91, 907: somebody who has to be asked does not answer */
    CARNET_JUDGED_MALFUNCTION,  /**< 96, 909 */
    CARNET_JUDGED_COUNT
} carnet_judged;

/** Codes of a finding, zero-terminated: data element 39 of each version.  2003 has four digits: the class, a zero, and the
 *  last two of 1993. */
typedef struct carnet_judged_codes {
    const char *of_1987, *of_1993, *of_2003;
    const char *word; /**< for logs, metrics and pages: "funds" */
} carnet_judged_codes;
/** Those of MALFUNCTION for what is no finding. */
CARNET_API carnet_judged_codes carnet_judged_codes_of(carnet_judged judged);
/** The finding of a word; MALFUNCTION for another. */
CARNET_API carnet_judged carnet_judged_named(carnet_str word);

typedef enum carnet_judge_signature {
    CARNET_JUDGE_UNSIGNED_TRUSTED, /**< who staged the transaction was asked, over a trusted connection */
    CARNET_JUDGE_SIGNATURE_GOOD,
    CARNET_JUDGE_SIGNATURE_BAD /**< wrong, absent though needed, or by a key that is not known */
} carnet_judge_signature;

/** What is known of a request and its staged transaction.  Zeroed facts are refused. */
typedef struct carnet_judge_facts {
    carnet_time now;
    bool mac_good; /**< or the link has none */
    bool fresh;    /**< no duplicate */
    bool served;   /**< a kind of transaction that is done here */
    bool known, fulfilled, used;
    carnet_time expires; /**< of the staged transaction */
    uint64_t amount, staged_amount;
    bool ceiling; /**< a purchase: less than was staged will do, more will not */
    carnet_str currency, staged_currency;
    carnet_str terminal, staged_terminal; /**< spaces at their ends do not count */
    carnet_judge_signature signature;
    carnet_time auth_time;
    int64_t active_period; /**< seconds for which an authentication is good */
    int64_t skew;          /**< seconds by which clocks may differ */
    carnet_trustmark trustmark;
    carnet_vector vector;
    bool pin_given; /**< the terminal sends a PIN: if the host finds it right, it is a shared secret (Cc) */
    const carnet_assurance *required; /**< NULL: no row of the table of risks covers it; refused as KIND */
} carnet_judge_facts;

typedef struct carnet_judge_verdict {
    carnet_judged judged;
    bool pin_needed;                /**< APPROVED only if the PIN is found right */
    unsigned level;                 /**< attained, with the PIN if it is needed */
    carnet_vector_request would_do; /**< ASSURANCE: whole vectors that would be accepted, nearest first */
} carnet_judge_verdict;

/** Judge up to and without the account. */
CARNET_API carnet_judge_verdict carnet_judge(const carnet_judge_facts *facts);
/** The level a vector attained by itself, under P1940's or the project's trustmark: 3 with Co, 2 with Cn, 1 with any other C but
 *  C0 and Ca, else 0. */
CARNET_API unsigned carnet_judge_level(carnet_trustmark trustmark, const carnet_vector *vector);

CARNET_END_DECLS
#endif
