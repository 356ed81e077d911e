/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page of a credential offer (OpenID4VCI 1.0 4.1): what a holder sees who was
 * sent its address: GET /offer/{id}, with the reference of carnet/issuing.h as id.
 */
#ifndef CARNET_OFFER_PAGE_H
#define CARNET_OFFER_PAGE_H
#include "carnet/service_part.h"
CARNET_BEGIN_DECLS

/** The part, "offer".  Runs where documents are issued; needs the parts "web" and "issuing". */
extern const carnet_service_part carnet_offer_part;

CARNET_END_DECLS
#endif
