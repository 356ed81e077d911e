/* SPDX-License-Identifier: Apache-2.0 */
/* Credential offers (OpenID4VCI 4.1). */
#include "carnet/credential_offer.h"
#include "carnet/form.h"
#include "carnet/oauth_url.h"
#include "internal.h"

#include <stddef.h>
#include <string.h>

#define CLAUSE "OpenID4VCI 4.1"

static const carnet_path grants_path = CARNET_MESSAGE_STEP(NULL, "grants");
static const carnet_path code_path = CARNET_MESSAGE_STEP(&grants_path, "authorization_code");
static const carnet_path pre_authorized_path =
    CARNET_MESSAGE_STEP(&grants_path, "urn:ietf:params:oauth:grant-type:pre-authorized_code");
static const carnet_path tx_code_path = CARNET_MESSAGE_STEP(&pre_authorized_path, "tx_code");
static const carnet_path ids_path = CARNET_MESSAGE_STEP(NULL, "credential_configuration_ids");

static const carnet_message_text code_texts[] = {
    { "issuer_state", offsetof(carnet_credential_offer, issuer_state), false, false },
    { "authorization_server", offsetof(carnet_credential_offer, authorization_code_server), false, true },
};
static const carnet_message_text pre_authorized_texts[] = {
    { "pre-authorized_code", offsetof(carnet_credential_offer, pre_authorized_code), true, false },
    { "authorization_server", offsetof(carnet_credential_offer, pre_authorized_server), false, true },
};

static carnet_message_place
place_at(const carnet_path *path, bool insecure_loopback)
{
    return (carnet_message_place){ CARNET_E_OID4VCI_OFFER, CLAUSE, path, insecure_loopback };
}

/* --- the link --- */

static carnet_rc
no_link(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_OID4VCI_OFFER, CLAUSE ".3", why);
}

static carnet_str
query_of(carnet_str link)
{
    const char *mark = link.len != 0 ? memchr(link.ptr, '?', link.len) : NULL;
    const char *end;

    if (mark == NULL)
        return (carnet_str){ 0 };
    mark++;
    link = (carnet_str){ mark, link.len - (size_t)(mark - link.ptr) };
    end = link.len != 0 ? memchr(link.ptr, '#', link.len) : NULL;
    return (carnet_str){ link.ptr, end != NULL ? (size_t)(end - link.ptr) : link.len };
}

carnet_rc
carnet_credential_offer_link_open(carnet_str link, bool insecure_loopback, carnet_buf *storage,
                                  carnet_credential_offer_link *view, carnet_err *err)
{
    carnet_credential_offer_link got;
    carnet_oauth_url parts;
    carnet_form form;
    carnet_rc rc;

    *view = (carnet_credential_offer_link){ 0 };
    if (link.len > CARNET_CREDENTIAL_OFFER_MAX)
        return no_link(err, "it is longer than is taken here");
    rc = carnet_form_read(query_of(link), storage, &form, err);
    if (rc == CARNET_E_NO_SPACE)
        return rc;
    if (rc != CARNET_OK)
        return no_link(err, "its parameters are malformed, or one is there twice");
    got.json = carnet_form_get(&form, "credential_offer");
    got.uri = carnet_form_get(&form, "credential_offer_uri");
    if ((got.json.len == 0) == (got.uri.len == 0))
        return no_link(err, "it must have credential_offer or credential_offer_uri");
    if (got.uri.len != 0 && carnet_oauth_url_secure(got.uri, insecure_loopback, &parts, NULL) != CARNET_OK)
        return no_link(err, "the offer is said to lie at what is no https URL");
    *view = got;
    return CARNET_OK;
}

carnet_rc
carnet_credential_offer_link_build(carnet_str prefix, const carnet_credential_offer_link *link, carnet_buf *out,
                                   carnet_err *err)
{
    const bool by_value = link->json.len != 0;
    const size_t start = out->len;
    carnet_form_writer writer;

    if (prefix.len == 0 || by_value == (link->uri.len != 0))
        return no_link(err, "it must have credential_offer or credential_offer_uri");
    writer = carnet_form_write_query(prefix, out);
    carnet_form_add(&writer, by_value ? "credential_offer" : "credential_offer_uri", by_value ? link->json : link->uri);
    if (!out->overflow)
        return CARNET_OK;
    out->len = start;
    return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
}

/* --- the offer --- */

/* At most `max` characters of a text. */
static carnet_str
first_characters(carnet_str text, size_t max)
{
    size_t characters = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (((uint8_t)text.ptr[i] & 0xc0) != 0x80 && characters++ == max)
            return (carnet_str){ text.ptr, i };
    }
    return text;
}

static carnet_rc
read_tx_code(const carnet_json *grant, carnet_tx_code *tx_code, carnet_err *err)
{
    const carnet_message_place outer = place_at(&pre_authorized_path, false), place = place_at(&tx_code_path, false);
    const carnet_json *object, *mode, *length, *description;
    carnet_rc rc = carnet_message_get(grant, "tx_code", CARNET_JSON_OBJECT, &outer, &object, err);

    if (rc != CARNET_OK || object == NULL)
        return rc;
    rc = carnet_message_get(object, "input_mode", CARNET_JSON_STRING, &place, &mode, err);
    if (rc == CARNET_OK)
        rc = carnet_message_get(object, "length", CARNET_JSON_INTEGER, &place, &length, err);
    if (rc == CARNET_OK)
        rc = carnet_message_get(object, "description", CARNET_JSON_STRING, &place, &description, err);
    if (rc != CARNET_OK)
        return rc;
    if (length != NULL && (carnet_json_integer(length) < 1 || carnet_json_integer(length) > UINT16_MAX))
        return carnet_message_refuse(&place, "length", "no code has this length", err);
    tx_code->required = true;
    tx_code->text = mode != NULL && !carnet_str_is(carnet_json_string(mode), "numeric");
    tx_code->length = (uint16_t)carnet_json_integer(length);
    tx_code->description = first_characters(carnet_json_string(description), CARNET_TX_CODE_DESCRIPTION_MAX);
    return CARNET_OK;
}

static carnet_rc
read_grants(const carnet_json *document, bool insecure_loopback, carnet_credential_offer *offer, carnet_err *err)
{
    const carnet_message_place top = place_at(NULL, insecure_loopback);
    const carnet_message_place grants_place = place_at(&grants_path, insecure_loopback);
    const carnet_message_place code_place = place_at(&code_path, insecure_loopback);
    const carnet_message_place pre_authorized_place = place_at(&pre_authorized_path, insecure_loopback);
    const carnet_json *grants, *code = NULL, *pre_authorized = NULL;
    carnet_rc rc = carnet_message_get(document, "grants", CARNET_JSON_OBJECT, &top, &grants, err);

    if (rc == CARNET_OK)
        rc = carnet_message_get(grants, "authorization_code", CARNET_JSON_OBJECT, &grants_place, &code, err);
    if (rc == CARNET_OK)
        rc = carnet_message_get(grants, pre_authorized_path.name.ptr, CARNET_JSON_OBJECT, &grants_place,
                                &pre_authorized, err);
    if (rc == CARNET_OK && code != NULL)
        rc = carnet_message_read_texts(code, code_texts, CARNET_COUNT(code_texts), &code_place, offer, err);
    if (rc == CARNET_OK && pre_authorized != NULL) {
        rc = carnet_message_read_texts(pre_authorized, pre_authorized_texts, CARNET_COUNT(pre_authorized_texts),
                                       &pre_authorized_place, offer, err);
        if (rc == CARNET_OK)
            rc = read_tx_code(pre_authorized, &offer->tx_code, err);
    }
    offer->authorization_code = code != NULL;
    offer->pre_authorized = pre_authorized != NULL;
    return rc;
}

static carnet_rc
check_issuer(carnet_str issuer, bool insecure_loopback, carnet_err *err)
{
    const carnet_message_place place = place_at(NULL, insecure_loopback);

    if (issuer.len == 0)
        return carnet_message_refuse(&place, "credential_issuer", "this member is missing", err);
    if (carnet_oauth_issuer_check(issuer, insecure_loopback, NULL) != CARNET_OK)
        return carnet_message_refuse(&place, "credential_issuer", "this is no issuer's https URL", err);
    return CARNET_OK;
}

static carnet_rc
read_offer(const carnet_json *document, bool insecure_loopback, carnet_credential_offer *offer, carnet_err *err)
{
    const carnet_message_place top = place_at(NULL, insecure_loopback), ids_place = place_at(&ids_path, false);
    const carnet_json *issuer, *ids;
    carnet_rc rc = carnet_message_get(document, "credential_issuer", CARNET_JSON_STRING, &top, &issuer, err);

    offer->credential_issuer = carnet_json_string(issuer);
    if (rc == CARNET_OK)
        rc = check_issuer(offer->credential_issuer, insecure_loopback, err);
    if (rc == CARNET_OK)
        rc = carnet_message_get(document, ids_path.name.ptr, CARNET_JSON_ARRAY, &top, &ids, err);
    if (rc == CARNET_OK)
        rc = carnet_message_read_list(ids, &ids_place, true, offer->configuration_ids,
                                      CARNET_CREDENTIAL_OFFER_CONFIGURATIONS_MAX, &offer->configuration_count, err);
    return rc == CARNET_OK ? read_grants(document, insecure_loopback, offer, err) : rc;
}

carnet_rc
carnet_credential_offer_open(carnet_str json, bool insecure_loopback, carnet_credential_offer *offer, carnet_err *err)
{
    const carnet_message_place top = place_at(NULL, insecure_loopback);
    carnet_rc rc;

    *offer = (carnet_credential_offer){ 0 };
    rc = carnet_message_parse(json, CARNET_CREDENTIAL_OFFER_MAX, &top, &offer->document, err);
    if (rc == CARNET_OK)
        rc = read_offer(offer->document, insecure_loopback, offer, err);
    if (rc != CARNET_OK)
        carnet_credential_offer_done(offer);
    return rc;
}

void
carnet_credential_offer_done(carnet_credential_offer *offer)
{
    carnet_json_free(&offer->document);
    *offer = (carnet_credential_offer){ 0 };
}

static void
add_tx_code(carnet_json_builder *b, const carnet_tx_code *tx_code)
{
    if (!tx_code->required)
        return;
    carnet_json_object_begin(b, "tx_code");
    if (tx_code->text)
        carnet_json_add_text(b, "input_mode", "text");
    if (tx_code->length != 0)
        carnet_json_add_integer(b, "length", tx_code->length);
    if (tx_code->description.len != 0)
        carnet_json_add_string(b, "description", tx_code->description);
    carnet_json_object_end(b);
}

static void
add_grants(carnet_json_builder *b, const carnet_credential_offer *offer)
{
    if (!offer->authorization_code && !offer->pre_authorized)
        return;
    carnet_json_object_begin(b, "grants");
    if (offer->authorization_code) {
        carnet_json_object_begin(b, code_path.name.ptr);
        carnet_message_add_texts(b, code_texts, CARNET_COUNT(code_texts), offer);
        carnet_json_object_end(b);
    }
    if (offer->pre_authorized) {
        carnet_json_object_begin(b, pre_authorized_path.name.ptr);
        carnet_message_add_texts(b, pre_authorized_texts, CARNET_COUNT(pre_authorized_texts), offer);
        add_tx_code(b, &offer->tx_code);
        carnet_json_object_end(b);
    }
    carnet_json_object_end(b);
}

/* What reading would refuse, but for what the JSON builder finds. */
static carnet_rc
check_offer(const carnet_credential_offer *offer, carnet_err *err)
{
    const carnet_message_place code_place = place_at(&code_path, true), ids_place = place_at(&ids_path, true);
    const carnet_message_place pre_authorized_place = place_at(&pre_authorized_path, true);
    const carnet_tx_code *tx_code = &offer->tx_code;
    carnet_rc rc = check_issuer(offer->credential_issuer, true, err);

    if (rc == CARNET_OK &&
        (offer->configuration_count == 0 || offer->configuration_count > CARNET_CREDENTIAL_OFFER_CONFIGURATIONS_MAX))
        rc = carnet_message_refuse(&ids_place, NULL, "there are none, or too many", err);
    for (size_t i = 0; rc == CARNET_OK && i < offer->configuration_count; i++) {
        for (size_t k = 0; rc == CARNET_OK && k < i; k++) {
            if (carnet_str_equal(offer->configuration_ids[k], offer->configuration_ids[i]))
                rc = carnet_message_refuse(&ids_place, NULL, "one is there twice", err);
        }
        if (rc == CARNET_OK && offer->configuration_ids[i].len == 0)
            rc = carnet_message_refuse(&ids_place, NULL, "one is empty", err);
    }
    if (rc == CARNET_OK && offer->authorization_code)
        rc = carnet_message_check_texts(code_texts, CARNET_COUNT(code_texts), &code_place, offer, err);
    if (rc == CARNET_OK && offer->pre_authorized)
        rc = carnet_message_check_texts(pre_authorized_texts, CARNET_COUNT(pre_authorized_texts), &pre_authorized_place,
                                        offer, err);
    if (rc == CARNET_OK && tx_code->required &&
        first_characters(tx_code->description, CARNET_TX_CODE_DESCRIPTION_MAX).len != tx_code->description.len)
        rc = carnet_message_refuse(&pre_authorized_place, "tx_code", "its description is too long", err);
    return rc;
}

carnet_rc
carnet_credential_offer_build(const carnet_credential_offer *offer, carnet_buf *out, carnet_err *err)
{
    const size_t start = out->len;
    carnet_json_builder b = carnet_json_build(out);
    carnet_rc rc = check_offer(offer, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "credential_issuer", offer->credential_issuer);
    carnet_json_array_begin(&b, ids_path.name.ptr);
    for (size_t i = 0; i < offer->configuration_count; i++)
        carnet_json_add_string(&b, NULL, offer->configuration_ids[i]);
    carnet_json_array_end(&b);
    add_grants(&b, offer);
    carnet_json_object_end(&b);
    return carnet_message_built(&b, out, start, err);
}

/* --- the transaction code --- */

static carnet_rc
no_code(const carnet_tx_code *tx_code, carnet_err *err)
{
    char text[80];
    carnet_buf buf = carnet_buf_of(text, sizeof(text) - 1);

    carnet_buf_add_text(&buf, "the code has ");
    if (tx_code->length != 0)
        carnet_buf_add_uint(&buf, tx_code->length);
    else
        carnet_buf_add_text(&buf, tx_code->text ? "one character" : "one digit");
    if (tx_code->length != 0)
        carnet_buf_add_text(&buf, tx_code->text ? " characters" : " digits");
    else
        carnet_buf_add_text(&buf, " or more");
    if (!tx_code->text)
        carnet_buf_add_text(&buf, " and nothing else");
    text[buf.len] = '\0';
    return carnet_fail(err, CARNET_E_OID4VCI_TX_CODE, CLAUSE ".1", text);
}

carnet_rc
carnet_tx_code_check(const carnet_tx_code *tx_code, carnet_str typed, carnet_err *err)
{
    size_t characters = 0;
    bool digits = true;

    if (!tx_code->required)
        return typed.len == 0 ? CARNET_OK : carnet_fail(err, CARNET_E_OID4VCI_TX_CODE, CLAUSE ".1", "none is wanted");
    for (size_t i = 0; i < typed.len; i++) {
        characters += ((uint8_t)typed.ptr[i] & 0xc0) != 0x80;
        digits = digits && typed.ptr[i] >= '0' && typed.ptr[i] <= '9';
    }
    if (typed.len == 0 || (!tx_code->text && !digits) || (tx_code->length != 0 && characters != tx_code->length))
        return no_code(tx_code, err);
    return CARNET_OK;
}
