/* SPDX-License-Identifier: Apache-2.0 */
/* JSON, compact JOSE and other URIs: said what they are, no more. */
#include "carnet/json.h"
#include "inspect.h"

#include <string.h>
#include <strings.h>

static void
say(inspect_result *result, const char *kind, const char *what, const char *clause)
{
    result->kind = kind;
    result->what = what;
    result->clause = clause;
}

static const char *
type_text(const carnet_json *value)
{
    static const char *const names[] = { "absent", "null", "boolean", "integer", "real", "string", "array", "object" };

    return names[carnet_json_type_of(value)];
}

/** The members by name and type, not by value: a JWK may be private. */
static void
members(inspect *in, inspect_node *node, const carnet_json *object)
{
    enum { SHOWN = 50 };
    carnet_json_member member = { 0 };
    size_t n = 0;

    while (n++ < SHOWN && carnet_json_next(object, &member)) {
        inspect_node *child = inspect_add(in, node, inspect_safe(member.name, false));

        child->type = type_text(member.value);
        if (carnet_json_type_of(member.value) == CARNET_JSON_ARRAY ||
            carnet_json_type_of(member.value) == CARNET_JSON_OBJECT) {
            child->value = inspect_format("%zu", carnet_json_count(member.value));
        }
    }
}

static bool
has(const carnet_json *object, const char *name)
{
    return carnet_json_get(object, name) != NULL;
}

static void
name_object(const carnet_json *object, inspect_result *result)
{
    if (has(object, "kty")) {
        bool private_key = has(object, "d") || has(object, "k");

        say(result, private_key ? "private JWK" : "public JWK",
            private_key ? "a private key; its values are not shown" : "a public key", "RFC 7517");
    } else if (has(object, "keys")) {
        say(result, "JWK set", "keys; their values are not shown", "RFC 7517 5");
    } else if (has(object, "dcql_query") || has(object, "response_type")) {
        say(result, "authorisation request", "OpenID4VP, in JSON", "OpenID4VP 5");
    } else if (has(object, "credentials") || has(object, "credential_sets")) {
        say(result, "DCQL query", "credentials asked for", "OpenID4VP 6");
    } else if (has(object, "status_list")) {
        say(result, "status list", "in JSON", NULL);
    } else if (has(object, "verdict") && has(object, "checks")) {
        say(result, "verification report", "what carnet verify --json prints", NULL);
    } else {
        say(result, "JSON object", "of no kind known here", "RFC 8259");
    }
}

static bool
json(inspect *in, carnet_str text, inspect_result *result)
{
    carnet_json *document = NULL;

    result->form = "JSON";
    if (carnet_json_parse(text, &document, &result->err) != CARNET_OK) {
        return true;
    }
    result->root = inspect_add(in, NULL, "JSON");
    result->root->type = type_text(document);
    result->root->value = inspect_format("%zu", carnet_json_count(document));
    say(result, "JSON", "of no kind known here", "RFC 8259");
    if (carnet_json_type_of(document) == CARNET_JSON_OBJECT) {
        name_object(document, result);
        members(in, result->root, document);
    }
    carnet_json_free(&document);
    return true;
}

/* --- compact serialisations --- */

/** Parts between dots; 0 if another character than base64url's is there. */
static size_t
compact_parts(carnet_str text)
{
    size_t parts = 1;

    for (size_t i = 0; i < text.len && text.ptr[i] != '~'; i++) {
        char c = text.ptr[i];

        if (c == '.') {
            parts++;
        } else if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-' &&
                   c != '_') {
            return 0;
        }
    }
    return parts;
}

static void
header(inspect *in, inspect_node *node, carnet_str text)
{
    static const char *const names[] = { "alg", "enc", "typ", "cty", "kid" };
    const char *dot = memchr(text.ptr, '.', text.len);
    carnet_str part = { text.ptr, (size_t)(dot - text.ptr) };
    carnet_buf out = cli_buf(part.len);
    carnet_json *document = NULL;

    if (carnet_base64url_decode(part, &out, NULL) != CARNET_OK ||
        carnet_json_parse(carnet_buf_str(&out), &document, NULL) != CARNET_OK) {
        inspect_odd(node, "its header is no JSON in base64url");
        return;
    }
    for (size_t i = 0; i < CARNET_COUNT(names); i++) {
        carnet_str value = carnet_json_string(carnet_json_get(document, names[i]));

        if (value.ptr != NULL && value.len > 0) {
            inspect_line(in, node, names[i], "%s", inspect_quoted(in, value));
        }
    }
    carnet_json_free(&document);
}

static bool
compact(inspect *in, carnet_str text, inspect_result *result)
{
    size_t parts = compact_parts(text);
    bool disclosures = memchr(text.ptr, '~', text.len) != NULL;

    if (!carnet_str_starts(text, "eyJ") || (parts != 3 && parts != 5)) {
        return false;
    }
    result->form = "compact serialisation";
    if (parts == 5) {
        say(result, "JWE", "something encrypted", "RFC 7516");
    } else if (disclosures) {
        say(result, "SD-JWT", "a token with selective disclosure", "RFC 9901");
    } else {
        say(result, "JWS", "something signed: a JWT", "RFC 7515");
    }
    result->root = inspect_add(in, NULL, result->kind);
    result->root->value = inspect_format("%zu parts", parts);
    header(in, result->root, text);
    return true;
}

/* --- invocations --- */

static bool
invocation(inspect *in, carnet_str text, inspect_result *result)
{
    const char *query = memchr(text.ptr, '?', text.len), *end = text.ptr + text.len;

    if (query == NULL || memmem(text.ptr, text.len, "://", 3) == NULL ||
        (memmem(query, (size_t)(end - query), "client_id=", 10) == NULL &&
         memmem(query, (size_t)(end - query), "credential_offer", 16) == NULL)) {
        return false;
    }
    result->form = "URI";
    if (memmem(query, (size_t)(end - query), "credential_offer", 16) != NULL) {
        say(result, "credential offer", "invites a wallet to fetch a document", "OpenID4VCI 4.1");
    } else {
        say(result, "authorisation request", "asks a wallet for a presentation", "OpenID4VP 5");
    }
    result->root =
        inspect_line(in, NULL, "URI", "%s", inspect_quoted(in, (carnet_str){ text.ptr, (size_t)(query - text.ptr) }));
    for (const char *at = query + 1; at < end;) {
        const char *next = memchr(at, '&', (size_t)(end - at)), *equals;

        next = next != NULL ? next : end;
        equals = memchr(at, '=', (size_t)(next - at));
        equals = equals != NULL ? equals : next;
        inspect_line(in, result->root, inspect_safe((carnet_str){ at, (size_t)(equals - at) }, false), "%s",
                     equals < next ? inspect_quoted(in, (carnet_str){ equals + 1, (size_t)(next - equals - 1) }) : "");
        at = next + 1;
    }
    return true;
}

bool
inspect_jose(inspect *in, carnet_str text, inspect_result *result)
{
    if (text.len == 0) {
        return false;
    }
    if (text.ptr[0] == '{' || text.ptr[0] == '[') {
        return json(in, text, result);
    }
    return compact(in, text, result) || invocation(in, text, result);
}
