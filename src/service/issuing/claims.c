/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the person: of the grant, as identified and confirmed, else of the attribute source. */
#include "internal.h"

#include "carnet/json_build.h"

#include <stdio.h>
#include <string.h>

/* --- claims for several documents --- */

/* A name space that this document's table has not, and another document type's has. */
static bool
is_of_another(const carnet_doctype *doctype, carnet_str name_space)
{
    const carnet_doctype *other;

    if (carnet_doctype_name_space(doctype, name_space) != NULL)
        return false;
    for (size_t i = 0; (other = carnet_doctype_at(i)) != NULL; i++)
        if (carnet_doctype_name_space(other, name_space) != NULL)
            return true;
    return false;
}

static bool
is_for_others_too(const carnet_issuer_policy *policy, const carnet_json *claims)
{
    carnet_json_member member = { 0 };

    if (policy->doctype == NULL || carnet_json_type_of(claims) != CARNET_JSON_OBJECT)
        return false;
    while (carnet_json_next(claims, &member))
        if (is_of_another(policy->doctype, member.name))
            return true;
    return false;
}

static carnet_rc
write_own(const carnet_issuer_policy *policy, const carnet_json *claims, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);
    carnet_json_member member = { 0 };
    char name[256];

    carnet_json_object_begin(&b, NULL);
    while (carnet_json_next(claims, &member)) {
        if (is_of_another(policy->doctype, member.name) || member.name.len >= sizeof(name))
            continue;
        memcpy(name, member.name.ptr, member.name.len);
        name[member.name.len] = '\0';
        carnet_json_add_value(&b, name, member.value);
    }
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

carnet_rc
carnet_issuing_claims_narrow(carnet_issuing_exchange *x, const carnet_issuing_document *document, carnet_json **claims,
                             carnet_err *err)
{
    carnet_buf own;
    carnet_rc rc;

    if (!is_for_others_too(&document->policy, *claims))
        return CARNET_OK;
    rc = carnet_issuing_room(x, CARNET_ISSUING_CLAIMS_MAX, &own, err);
    if (rc == CARNET_OK)
        rc = write_own(&document->policy, *claims, &own, err);
    if (rc != CARNET_OK)
        return rc;
    carnet_json_free(claims);
    return carnet_json_parse(carnet_buf_str(&own), claims, err);
}

/* --- where they come from --- */

/* The source's answer, or the same as it was typed before. */
static carnet_rc
of_source(carnet_issuing_exchange *x, const carnet_issuing_document *document, carnet_buf *room, carnet_str *claims,
          carnet_err *err)
{
    carnet_attribute_query query = { .subject = x->access.grant.subject,
                                     .configuration = document->policy.configuration,
                                     .doc_type = document->policy.doc_type,
                                     .stamp = &x->stamp };
    carnet_issuing_typed *before;
    carnet_str before_claims;
    carnet_rc rc;

    if (document->source == NULL)
        return carnet_fail(err, CARNET_E_ISSUING_SUBJECT, NULL, "nothing is known of the person for this document");
    before = carnet_issuing_typed_before(x, document, &query.known, &before_claims);
    rc = carnet_attribute_source_find(document->source, &query, room, err);
    if (rc == CARNET_OK && before != NULL && x->stamp == query.known) {
        x->typed = before;
        *claims = before_claims;
        return rc;
    }
    carnet_issuing_typed_done(before);
    *claims = carnet_buf_str(room);
    return rc;
}

carnet_rc
carnet_issuing_claims(carnet_issuing_exchange *x, const carnet_issuing_document *document, carnet_str *claims,
                      carnet_err *err)
{
    const carnet_store_grant *grant = &x->access.grant;
    carnet_buf text;
    carnet_rc rc = carnet_issuing_room(x, CARNET_ISSUING_CLAIMS_MAX, &text, err);

    *claims = (carnet_str){ 0 };
    if (rc != CARNET_OK)
        return rc;
    if (grant->claims.len != 0) {
        rc = carnet_authorization_claims_open(x->worker, grant->subject, grant->claims, &text, err);
        *claims = carnet_buf_str(&text);
    } else {
        rc = of_source(x, document, &text, claims, err);
    }
    carnet_issuing_settle(x, &text);
    if (rc != CARNET_OK)
        *claims = (carnet_str){ 0 };
    return rc;
}

void
carnet_issuing_claims_done(carnet_issuing_exchange *x)
{
    carnet_issuing_typed_done(x->typed);
    x->typed = NULL;
    x->stamp = 0;
}
