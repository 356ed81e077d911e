/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583 serve: rules in JSON (doc/iso8583-rules.schema.json), and answers by them. */
#include "carnet/json.h"
#include "iso8583.h"

#include <fnmatch.h>
#include <string.h>

struct iso_rules {
    carnet_json *document;
    const carnet_json *list;
};

static void
refuse(const char *path, size_t rule, const char *reason)
{
    char text[160];

    snprintf(text, sizeof text, "rule %zu: %s", rule + 1, reason);
    cli_die_text(path, text);
}

static void
check_elements(const char *path, size_t rule, const carnet_json *elements, bool indicator)
{
    carnet_json_member member = { 0 };

    while (carnet_json_next(elements, &member)) {
        const carnet_json_type type = carnet_json_type_of(member.value);

        if (type != CARNET_JSON_STRING && (indicator || type != CARNET_JSON_NULL)) {
            refuse(path, rule, "an element's value is no text");
        }
        if (!(indicator && carnet_str_is(member.name, "mti"))) {
            (void)iso_element(member.name);
        }
    }
}

static void
check_rule(const char *path, size_t at, const carnet_json *rule)
{
    static const carnet_json_rule members[] = {
        { "match", CARNET_JSON_OBJECT, false },     { "answer", CARNET_JSON_OBJECT, false },
        { "delay_ms", CARNET_JSON_INTEGER, false }, { "drop", CARNET_JSON_BOOL, false },
        { "hang_up", CARNET_JSON_BOOL, false },     { "comment", CARNET_JSON_STRING, false },
    };
    carnet_err err = { 0 };

    if (carnet_json_check(rule, members, CARNET_COUNT(members), CARNET_E_USAGE, NULL, &err) != CARNET_OK) {
        cli_die(path, &err);
    }
    check_elements(path, at, carnet_json_get(rule, "match"), true);
    check_elements(path, at, carnet_json_get(rule, "answer"), false);
    if (carnet_json_integer(carnet_json_get(rule, "delay_ms")) < 0 ||
        carnet_json_integer(carnet_json_get(rule, "delay_ms")) > 600000) {
        refuse(path, at, "delay_ms is 0 to 600000");
    }
}

iso_rules *
iso_rules_read(const char *path)
{
    iso_rules *rules = cli_alloc(sizeof *rules);
    carnet_err err = { 0 };
    carnet_span file;

    if (path == NULL) {
        return rules;
    }
    file = cli_read(path);
    if (carnet_json_parse((carnet_str){ (const char *)file.ptr, file.len }, &rules->document, &err) != CARNET_OK) {
        cli_die(path, &err);
    }
    rules->list = carnet_json_get(rules->document, "rules");
    if (carnet_json_type_of(rules->list) != CARNET_JSON_ARRAY) {
        cli_die_text(path, "there is no list of `rules`");
    }
    for (size_t i = 0; i < carnet_json_count(rules->list); i++) {
        check_rule(path, i, carnet_json_at(rules->list, i));
    }
    return rules;
}

static bool
meets(carnet_str pattern, carnet_str value)
{
    char a[1024], b[1024];

    if (value.ptr == NULL || pattern.len >= sizeof a || value.len >= sizeof b) {
        return false;
    }
    snprintf(a, sizeof a, "%.*s", (int)pattern.len, pattern.ptr);
    snprintf(b, sizeof b, "%.*s", (int)value.len, value.ptr);
    return fnmatch(a, b, 0) == 0;
}

static bool
rule_meets(const carnet_json *match, const carnet_iso8583_message *request)
{
    carnet_json_member member = { 0 };
    char storage[4096];

    while (match != NULL && carnet_json_next(match, &member)) {
        carnet_buf room = carnet_buf_of(storage, sizeof storage);
        char mti[5];
        carnet_str value;

        if (carnet_str_is(member.name, "mti")) {
            carnet_mti_write(request->mti, mti);
            value = carnet_str_of(mti);
        } else {
            value = carnet_iso8583_text(request, iso_element(member.name), &room);
        }
        if (!meets(carnet_json_string(member.value), value)) {
            return false;
        }
    }
    return true;
}

bool
iso_rules_find(const iso_rules *rules, const carnet_iso8583_message *request, iso_answer *answer)
{
    *answer = (iso_answer){ 0 };
    for (size_t i = 0; i < carnet_json_count(rules->list); i++) {
        const carnet_json *rule = carnet_json_at(rules->list, i);

        if (rule_meets(carnet_json_get(rule, "match"), request)) {
            answer->drop = carnet_json_bool(carnet_json_get(rule, "drop"));
            answer->hang_up = carnet_json_bool(carnet_json_get(rule, "hang_up"));
            answer->delay_ms = (unsigned)carnet_json_integer(carnet_json_get(rule, "delay_ms"));
            answer->elements = carnet_json_get(rule, "answer");
            return true;
        }
    }
    return false;
}

/** What an answer says again of its request. */
static void
copy_again(carnet_iso8583_builder *b, const carnet_iso8583_message *request)
{
    static const unsigned always[] = {
        2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 15, 24, 28, 32, 33, 37, 41, 42, 49, 50, 51
    };
    static const unsigned later[] = { 66, 70, 90, 95, 99, 100, 102, 103 };

    for (size_t i = 0; i < CARNET_COUNT(always); i++) {
        carnet_iso8583_set_from(b, always[i], request, always[i]);
    }
    for (size_t i = 0; i < CARNET_COUNT(later); i++) {
        carnet_iso8583_set_from(b, later[i], request, later[i]);
    }
}

/** What 39 says if no rule says it: echoes, sign-ons and reversals are accepted, others are not valid unless a rule was met. */
static const char *
code_of(const carnet_iso8583_message *request, bool known)
{
    const unsigned class = carnet_mti_class(request->mti);
    const carnet_iso8583_version version = request->spec->version;
    const char *code = known || class == CARNET_MTI_NETWORK ? "000" : "902";

    if (version == CARNET_ISO8583_1987) {
        return known || class == CARNET_MTI_NETWORK ? "00" : "12";
    }
    if (class == CARNET_MTI_NETWORK) {
        code = "800";
    } else if (class == CARNET_MTI_REVERSAL && known) {
        code = "400";
    }
    return code;
}

bool
iso_answer_build(const carnet_iso8583_message *request, const iso_answer *answer, bool known, carnet_buf *out,
                 carnet_err *err)
{
    const carnet_mti mti = carnet_mti_response(request->mti);
    static carnet_iso8583_builder b;
    carnet_json_member member = { 0 };
    const char *code = code_of(request, known);
    char four[8];

    if (mti == 0) {
        return false;
    }
    carnet_iso8583_builder_init(&b, request->spec, mti);
    copy_again(&b, request);
    if (request->spec->fields[39].max == 4) { /* 2003 */
        snprintf(four, sizeof four, "%s0", code);
        code = four;
    }
    carnet_iso8583_set(&b, 39, code);
    while (answer->elements != NULL && carnet_json_next(answer->elements, &member)) {
        const unsigned element = iso_element(member.name);

        if (carnet_json_type_of(member.value) == CARNET_JSON_NULL) {
            carnet_iso8583_unset(&b, element);
        } else {
            carnet_iso8583_set_text(&b, element, carnet_json_string(member.value));
        }
    }
    return carnet_iso8583_build(&b, out, err) == CARNET_OK;
}
