/* SPDX-License-Identifier: Apache-2.0 */
/* carnetd --offer: an offer made by hand, for a person whom the register knows. */
#include "carnet/issuing.h"
#include "carnet/service_config_services.h"
#include "carnetd.h"

#include <stdio.h>

enum { ROOM = 131072 };

static size_t
choose(const carnet_config_issuing *issuing, const carnetd_offer *wanted, carnet_str *ids, size_t cap)
{
    size_t count = 0;

    if (wanted->configuration_count > 0) {
        for (; count < wanted->configuration_count && count < cap; count++)
            ids[count] = carnet_str_of(wanted->configurations[count]);
        return count;
    }
    for (; count < issuing->configuration_count && count < cap; count++)
        ids[count] = carnet_str_of(issuing->configurations[count].id);
    return count;
}

static void
show(const carnetd *d, const carnet_issuing_offer *offer)
{
    const carnet_str base = carnet_service_base_url(d->context);

    (void)printf("%.*s\n\n  as a page    %.*s/offer/%s\n  by reference %.*s\n", (int)offer->link.len, offer->link.ptr,
                 (int)base.len, base.ptr, offer->reference, (int)offer->link_by_reference.len,
                 offer->link_by_reference.ptr);
    if (offer->tx_code[0] != '\0')
        (void)printf("  transaction code, to be told apart from it: %s\n", offer->tx_code);
}

static carnet_rc
make(const carnetd *d, const carnetd_offer *wanted, carnet_err *err)
{
    const carnet_issuing *issuing = carnet_service_part_find(d->parts, "issuing");
    carnet_str ids[CARNETD_CONFIGURATIONS];
    carnet_issuing_offer_spec spec = { .configurations = ids,
                                       .subject = carnet_str_of(wanted->subject),
                                       .pre_authorized = true,
                                       .tx_code = wanted->tx_code,
                                       .actor = carnet_str_of("command") };
    carnet_service_worker *worker;
    carnet_issuing_offer offer;
    carnet_buf room;
    carnet_rc rc;

    if (issuing == NULL)
        return carnet_fail(err, CARNET_E_CONFIG_KEY, NULL, "services.issuing is not configured");
    spec.configuration_count = choose(d->config->services->issuing, wanted, ids, CARNET_COUNT(ids));
    if ((rc = carnet_service_begin(d->context, NULL, &worker, err)) != CARNET_OK)
        return rc;
    room = carnet_service_scratch_buf(worker, ROOM);
    if ((rc = carnet_issuing_offer_make(issuing, worker, &spec, &room, &offer, err)) == CARNET_OK)
        show(d, &offer);
    carnet_wipe(&offer, sizeof(offer));
    return rc;
}

int
carnetd_make_offer(const char *file, const carnetd_offer *wanted)
{
    static carnetd d = { .quiet = true };
    carnet_err err = { 0 };
    int status = carnetd_prepare(&d, file);

    if (status == CARNETD_ENDED && make(&d, wanted, &err) != CARNET_OK) {
        carnetd_complain(d.config, &err);
        status = CARNETD_FAILED;
    }
    carnetd_stop(&d);
    return status;
}
