/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The enrolment officer (ISO/IEC 23220-1, Figure 7, IS-4): a person comes, an
 * officer checks documents, types attributes and confirms.  Of it comes an offer
 * (a QR code and a transaction code), or the authorization flow goes on that
 * waits for it.
 *
 * Two parts of carnetd: "officer", the plug of user identification with the page
 * at which the applicant's browser waits; and "desk", the officers' own pages.
 */
#ifndef CARNET_DESK_H
#define CARNET_DESK_H
#include "carnet/identification.h"
#include "carnet/service_part.h"
#include "carnet/store_desk.h"
CARNET_BEGIN_DECLS

/** The plug; its `self` begins with a carnet_identification named "officer".  Needs the part "web". */
extern const carnet_service_part carnet_officer_part;
/** The officers' pages at /desk.  Needs the part "web". */
extern const carnet_service_part carnet_desk_part;

/** The authority's overview at /overview, for officers whose role has it.  Needs the part "web". */
extern const carnet_service_part carnet_overview_part;

/** What the issuing authorisation system answered, at /payments, for officers whose role has the overview.  Needs "web". */
extern const carnet_service_part carnet_payments_part;

#define CARNET_DESK_PASSWORD_MIN 10  /**< characters */
#define CARNET_DESK_PASSWORD_MAX 256 /**< octets */

/** Make an officer, or change one that is there: name, role and password; failures and lock are forgotten and sessions ended.
 *  CARNET_E_DESK_PASSWORD: too short or too long; CARNET_E_DESK_LOGIN: not 1 to 64 of letters, digits, `.`, `-`, `_`, `@`. */
carnet_rc carnet_desk_officer_put(carnet_store *store, carnet_crypto *crypto, carnet_str login, carnet_str name,
                                  carnet_store_role role, carnet_str password, carnet_time now, carnet_err *err);
/** "officer", "supervisor", "auditor", "administrator"; 0 for another word. */
carnet_store_role carnet_desk_role_named(carnet_str word);

CARNET_END_DECLS
#endif
