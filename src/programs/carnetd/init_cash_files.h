/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a cardless withdrawal's parties, as they are in the source (dist/example/cash). */
#ifndef CARNETD_INIT_CASH_FILES_H
#define CARNETD_INIT_CASH_FILES_H
#include "init_embed.h"

EMBED(cash_identity_provider, CARNETD_CASH "/identity-provider.yaml");
EMBED(cash_mobile_app_server, CARNETD_CASH "/mobile-app-server.yaml");
EMBED(cash_issuing_authorization, CARNETD_CASH "/issuing-authorization.yaml");
EMBED(cash_acquiring_switch, CARNETD_CASH "/acquiring-switch.yaml");
EMBED(cash_accounts, CARNETD_CASH "/accounts.json");
EMBED(cash_person, CARNETD_CASH "/person.json");
EMBED(cash_picture, CARNETD_PORTRAIT);
EMBED(cash_cassettes, CARNETD_CASH "/cassettes.json");
EMBED(cash_start, CARNETD_CASH "/start.sh");
EMBED(cash_enrol, CARNETD_CASH "/enrol.sh");
EMBED(cash_atm, CARNETD_CASH "/atm.sh");
EMBED(cash_phone, CARNETD_CASH "/phone.sh");

static const struct {
    const char *name;
    const uint8_t *begin, *end;
} carnetd_init_cash_files[] = {
    { "identity-provider.yaml", carnetd_cash_identity_provider_begin, carnetd_cash_identity_provider_end },
    { "mobile-app-server.yaml", carnetd_cash_mobile_app_server_begin, carnetd_cash_mobile_app_server_end },
    { "issuing-authorization.yaml", carnetd_cash_issuing_authorization_begin, carnetd_cash_issuing_authorization_end },
    { "acquiring-switch.yaml", carnetd_cash_acquiring_switch_begin, carnetd_cash_acquiring_switch_end },
    { "accounts.json", carnetd_cash_accounts_begin, carnetd_cash_accounts_end },
    { "person.json", carnetd_cash_person_begin, carnetd_cash_person_end },
    { "portrait.jpg", carnetd_cash_picture_begin, carnetd_cash_picture_end },
    { "cassettes.json", carnetd_cash_cassettes_begin, carnetd_cash_cassettes_end },
    { "start.sh", carnetd_cash_start_begin, carnetd_cash_start_end },
    { "enrol.sh", carnetd_cash_enrol_begin, carnetd_cash_enrol_end },
    { "atm.sh", carnetd_cash_atm_begin, carnetd_cash_atm_end },
    { "phone.sh", carnetd_cash_phone_begin, carnetd_cash_phone_end },
};

#endif
