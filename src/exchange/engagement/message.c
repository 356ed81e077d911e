/* SPDX-License-Identifier: Apache-2.0 */
/* DeviceEngagementMessage (18013-7 A.7). */
#include "carnet/device_engagement_message.h"

typedef struct members {
    carnet_cbor_embedded device_engagement;
} members;

static const carnet_cbor_field fields[] = {
    CARNET_MEMBER(members, "deviceEngagementBytes", CARNET_FIELD_EMBEDDED, device_engagement),
};

void
carnet_device_engagement_message_build(carnet_cbor_builder *b, carnet_span device_engagement)
{
    carnet_cbor_add_map(b, 1);
    carnet_cbor_add_text(b, "deviceEngagementBytes");
    carnet_cbor_add_tag24(b, device_engagement);
}

carnet_rc
carnet_device_engagement_message_open(carnet_span cbor, carnet_span *device_engagement, carnet_err *err)
{
    carnet_path path = { .name = carnet_str_of("DeviceEngagementMessage") };
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    members got = { 0 };
    carnet_rc rc;

    r.path = &path;
    r.allow = CARNET_CBOR_LENIENT;
    carnet_cbor_fields(&r, fields, CARNET_COUNT(fields), &got);
    rc = carnet_cbor_end(&r, err);
    *device_engagement = rc == CARNET_OK ? got.device_engagement.content : (carnet_span){ 0 };
    return rc;
}
