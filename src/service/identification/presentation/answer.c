/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a verified document identifies, and what of it goes into the new one. */
#include "carnet/json_build.h"
#include "internal.h"

#include <string.h>

#define NAME_MAX 257

static void
copy_name(char out[NAME_MAX], carnet_str name)
{
    size_t len = name.len < NAME_MAX - 1 ? name.len : NAME_MAX - 1;

    memcpy(out, name.ptr, len);
    out[len] = '\0';
}

/* Octets, as claims have them (carnet/claims.h). */
static void
add_octets(carnet_json_builder *json, const char *name, carnet_span octets)
{
    carnet_json_object_begin(json, name);
    carnet_json_add_base64(json, "$base64", octets);
    carnet_json_object_end(json);
}

/* A value as a claim; false: it is of a kind that cannot be carried. */
static bool
add_value(carnet_json_builder *json, const char *name, carnet_span value)
{
    carnet_cbor_reader r = carnet_cbor_open_within(&(carnet_cbor_reader){ .allow = CARNET_CBOR_LENIENT }, value, NULL);
    uint64_t tag = carnet_cbor_peek(&r) == CARNET_CBOR_TAG ? carnet_cbor_tag(&r) : 1004;

    if (tag != 0 && tag != 1004)
        return false;
    switch (carnet_cbor_peek(&r)) {
    case CARNET_CBOR_TSTR:
        carnet_json_add_string(json, name, carnet_cbor_tstr(&r));
        break;
    case CARNET_CBOR_UINT:
    case CARNET_CBOR_NINT:
        carnet_json_add_integer(json, name, carnet_cbor_int(&r));
        break;
    case CARNET_CBOR_BOOL:
        carnet_json_add_bool(json, name, carnet_cbor_bool(&r));
        break;
    case CARNET_CBOR_BSTR:
        add_octets(json, name, carnet_cbor_bstr(&r));
        break;
    default:
        return false;
    }
    return carnet_cbor_end(&r, NULL) == CARNET_OK;
}

/* Claims of one name space; each name space is written where it is first met. */
static bool
add_name_space(carnet_json_builder *json, const carnet_presentation_document *document,
               const carnet_issuer_signed *view, size_t first)
{
    carnet_str name_space = document->elements[first].claim.name_space;
    carnet_issuer_signed_item item;
    char name[NAME_MAX];
    bool good = true;

    for (size_t i = 0; i < first; i++)
        if (carnet_str_equal(document->elements[i].claim.name_space, name_space))
            return true;
    copy_name(name, name_space);
    carnet_json_object_begin(json, name);
    for (size_t i = first; i < document->count && good; i++) {
        const carnet_presentation_element *e = &document->elements[i];

        if (e->claim.identifier.len == 0 || !carnet_str_equal(e->claim.name_space, name_space))
            continue;
        copy_name(name, e->claim.identifier);
        good = carnet_issuer_signed_find(view, e->asked.name_space, e->asked.identifier, &item) &&
               add_value(json, name, item.value);
    }
    carnet_json_object_end(json);
    return good;
}

static carnet_rc
make_claims(carnet_service_worker *worker, const carnet_presentation_document *document,
            const carnet_issuer_signed *view, presentation_session *s, carnet_err *err)
{
    carnet_buf out = carnet_service_scratch_buf(worker, PRESENTATION_ROOM / 4);
    carnet_json_builder json = carnet_json_build(&out);
    bool any = false, good = true;
    carnet_rc rc;

    carnet_json_object_begin(&json, NULL);
    for (size_t i = 0; i < document->count && good; i++) {
        if (document->elements[i].claim.identifier.len == 0)
            continue;
        any = true;
        good = add_name_space(&json, document, view, i);
    }
    carnet_json_object_end(&json);
    rc = carnet_json_built(&json, err);
    if (rc == CARNET_OK && !good)
        rc = carnet_fail(err, CARNET_E_PRESENTATION_VALUE, NULL, NULL);
    if (rc == CARNET_OK && any)
        s->claims = carnet_buf_str(&out);
    return rc;
}

/* A digest of what was shown that only this deployment can make. */
static carnet_rc
digest(carnet_service_worker *worker, const carnet_presentation_document *document, const carnet_issuer_signed *view,
       carnet_buf *out, carnet_err *err)
{
    carnet_buf text = carnet_service_scratch_buf(worker, PRESENTATION_ROOM);
    carnet_cbor_builder b = carnet_cbor_build(text.ptr, text.cap);
    carnet_issuer_signed_item item;
    uint8_t hash[CARNET_SERVICE_HASH];
    carnet_span bytes;
    carnet_rc rc;

    carnet_cbor_add_array(&b, document->count + 1);
    carnet_cbor_add_tstr(&b, document->doc_type);
    for (size_t i = 0; i < document->count; i++) {
        const carnet_requested_element *asked = &document->elements[i].asked;

        (void)carnet_issuer_signed_find(view, asked->name_space, asked->identifier, &item);
        carnet_cbor_add_bstr(&b, item.value);
    }
    if ((rc = carnet_cbor_built(&b, &bytes, err)) != CARNET_OK ||
        (rc = carnet_service_keyed_hash(worker, "presentation.subject",
                                        (carnet_str){ (const char *)bytes.ptr, bytes.len }, hash, err)) != CARNET_OK)
        return rc;
    carnet_base64url_encode(carnet_span_of(hash, sizeof(hash)), out);
    return CARNET_OK;
}

/* The element that is the reference: text, a date or a number. */
static bool
read_subject(const carnet_issuer_signed_item *item, carnet_buf *out)
{
    carnet_cbor_reader r =
        carnet_cbor_open_within(&(carnet_cbor_reader){ .allow = CARNET_CBOR_LENIENT }, item->value, NULL);

    if (carnet_cbor_peek(&r) == CARNET_CBOR_TAG)
        (void)carnet_cbor_tag(&r);
    if (carnet_cbor_peek(&r) == CARNET_CBOR_UINT)
        carnet_buf_add_uint(out, carnet_cbor_uint(&r));
    else
        carnet_buf_add_str(out, carnet_cbor_tstr(&r));
    return carnet_cbor_end(&r, NULL) == CARNET_OK && out->len > 0 && !out->overflow;
}

carnet_rc
carnet_presentation_answer(carnet_service_worker *worker, const carnet_presentation_heard *heard,
                           presentation_session *s, carnet_err *err)
{
    const carnet_presentation_document *document = heard->document;
    carnet_buf subject = carnet_service_scratch_buf(worker, 128), evidence = carnet_service_scratch_buf(worker, 120);
    carnet_issuer_signed view;
    carnet_issuer_signed_item item;
    carnet_rc rc = carnet_issuer_signed_open(heard->issuer_signed, CARNET_CBOR_LENIENT, &view, err);

    if (rc == CARNET_OK && document->subject.identifier.len == 0)
        rc = digest(worker, document, &view, &subject, err);
    else if (rc == CARNET_OK &&
             (!carnet_issuer_signed_find(&view, document->subject.name_space, document->subject.identifier, &item) ||
              !read_subject(&item, &subject)))
        rc = carnet_fail(err, CARNET_E_PRESENTATION_VALUE, NULL, NULL);
    if (rc == CARNET_OK)
        rc = make_claims(worker, document, &view, s, err);
    if (rc != CARNET_OK)
        return rc;
    carnet_buf_add_text(&evidence, "presentation of ");
    carnet_buf_add_str(&evidence, document->doc_type);
    s->subject = carnet_buf_str(&subject);
    s->evidence = evidence.overflow ? carnet_str_of("presentation") : carnet_buf_str(&evidence);
    return CARNET_OK;
}
