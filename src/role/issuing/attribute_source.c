/* SPDX-License-Identifier: Apache-2.0 */
/* Attribute sources: what holds of all kinds. */
#include "carnet/attribute_source.h"

/* A subject reference as every source can take it. */
static bool
usable(carnet_str subject)
{
    if (subject.len == 0 || subject.len > CARNET_SOURCE_SUBJECT_MAX || !carnet_utf8_valid(carnet_str_bytes(subject)))
        return false;
    for (size_t i = 0; i < subject.len; i++)
        if ((unsigned char)subject.ptr[i] < 0x20 || subject.ptr[i] == 0x7f)
            return false;
    return true;
}

carnet_rc
carnet_attribute_source_find(carnet_attribute_source *source, const carnet_attribute_query *query, carnet_buf *claims,
                             carnet_err *err)
{
    size_t before = claims->len;
    carnet_rc rc;

    if (query->stamp != NULL)
        *query->stamp = 0;
    if (source->ops == NULL || source->ops->find == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the attribute source is closed");
    if (!usable(query->subject))
        return carnet_fail(err, CARNET_E_ISSUING_SUBJECT, NULL, "this is no subject reference");
    rc = source->ops->find(source, query, claims, err);
    if (rc == CARNET_OK && claims->overflow)
        rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, "the claims do not fit");
    if (rc != CARNET_OK && !claims->overflow) {
        carnet_wipe(claims->ptr + before, claims->len - before);
        claims->len = before;
    }
    return rc;
}

void
carnet_attribute_source_done(carnet_attribute_source *source)
{
    if (source->ops != NULL && source->ops->done != NULL)
        source->ops->done(source);
    *source = (carnet_attribute_source){ 0 };
}
