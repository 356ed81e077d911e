/* SPDX-License-Identifier: Apache-2.0 */
/* Built without PC/SC. */
#include "carnet/link_pcsc.h"

static carnet_rc
absent(carnet_err *err)
{
    return carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, "built without PC/SC");
}

carnet_rc
carnet_pcsc_list(carnet_buf *names, carnet_err *err)
{
    (void)names;
    return absent(err);
}

carnet_rc
carnet_pcsc_open(carnet_pcsc **card, const carnet_pcsc_options *options, int timeout_ms, carnet_err *err)
{
    (void)options;
    (void)timeout_ms;
    *card = NULL;
    return absent(err);
}

const char *
carnet_pcsc_reader(const carnet_pcsc *card)
{
    (void)card;
    return "";
}

carnet_rc
carnet_pcsc_engage(carnet_pcsc *card, carnet_span handover_request, carnet_pcsc_engagement *engagement, int timeout_ms,
                   carnet_err *err)
{
    (void)card;
    (void)handover_request;
    (void)timeout_ms;
    *engagement = (carnet_pcsc_engagement){ 0 };
    return absent(err);
}

carnet_rc
carnet_pcsc_link(carnet_pcsc **card, carnet_nfc_limits peer, carnet_link *link, carnet_err *err)
{
    (void)card;
    (void)peer;
    *link = (carnet_link){ 0 };
    return absent(err);
}

void
carnet_pcsc_free(carnet_pcsc **card)
{
    *card = NULL;
}
