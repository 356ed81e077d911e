/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/acquiring_switch.h"
#include "carnet/authorization.h"
#include "carnet/desk.h"
#include "carnet/identity_provider.h"
#include "carnet/issuing.h"
#include "carnet/issuing_authorization.h"
#include "carnet/mobile_app_server.h"
#include "carnet/offer_page.h"
#include "carnet/oidc_identification.h"
#include "carnet/presentation.h"
#include "carnet/provider.h"
#include "carnet/web.h"
#include "carnetd.h"

/* Each may ask for those above it. */
const carnet_service_part *const carnetd_parts[] = {
    &carnetd_operations_part,
    &carnet_web_part,
    &carnet_officer_part,
    &carnet_oidc_part,
    &carnet_presentation_part,
    &carnet_authorization_part,
    &carnet_issuing_part,
    &carnet_provider_part,
    &carnet_issuing_authorization_part,
    &carnet_desk_part,
    &carnet_offer_part,
    &carnet_overview_part,
    &carnet_payments_part,
    &carnet_mobile_app_server_part,
    &carnet_acquiring_switch_part,
    &carnet_identity_provider_part,
};
const size_t carnetd_part_count = CARNET_COUNT(carnetd_parts);
