/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_SERVICE_OFFER_INTERNAL_H
#define CARNET_SERVICE_OFFER_INTERNAL_H
#include "carnet/issuing.h"
#include "carnet/offer_page.h"
#include "carnet/web_svg.h"

typedef struct offer_page {
    const carnet_service_context *context;
    const carnet_web *web;
    const carnet_issuing *issuing;
} offer_page;

extern const carnet_service_route carnet_offer_show, carnet_offer_state;

#endif
