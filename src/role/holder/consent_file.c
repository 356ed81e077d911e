/* SPDX-License-Identifier: Apache-2.0 */
/* Consent policies from JSON. */
#include "carnet/consent_file.h"

#include <stddef.h>

#define DIGEST 32 /* octets of SHA-256 */

static const char *const verdict_names[] = {
    [CARNET_CONSENT_ASK] = "ask",
    [CARNET_CONSENT_ALLOW] = "allow",
    [CARNET_CONSENT_DENY] = "deny",
};

static const char *const reader_names[] = {
    [CARNET_READER_UNSIGNED] = "unsigned", [CARNET_READER_BAD] = "bad",         [CARNET_READER_UNKNOWN] = "unknown",
    [CARNET_READER_REJECTED] = "rejected", [CARNET_READER_TRUSTED] = "trusted",
};

static const carnet_json_rule policy_members[] = {
    { "$schema", CARNET_JSON_STRING, false },
    { "remote", CARNET_JSON_BOOL, false },
    { "rules", CARNET_JSON_ARRAY, true },
};

static const carnet_json_rule rule_members[] = {
    { "consent", CARNET_JSON_STRING, true },     { "docType", CARNET_JSON_STRING, false },
    { "nameSpace", CARNET_JSON_STRING, false },  { "element", CARNET_JSON_STRING, false },
    { "reader", CARNET_JSON_ARRAY, false },      { "readerCertificate", CARNET_JSON_STRING, false },
    { "readerName", CARNET_JSON_STRING, false }, { "retain", CARNET_JSON_BOOL, false },
};

static carnet_rc
refuse(const carnet_path *path, const char *reason, carnet_err *err)
{
    return carnet_fail_at(err, CARNET_E_ROLE_POLICY, NULL, reason, CARNET_NO_OFFSET, path);
}

/** The place of a word in a list of words; `count` if it is not there. */
static size_t
find_word(const char *const *words, size_t count, carnet_str word)
{
    size_t i = 0;

    while (i < count && !carnet_str_is(word, words[i])) {
        i++;
    }
    return i;
}

/** A text of the rule, in the storage; a member that is there must say something. */
static carnet_rc
read_text(const carnet_json *rule, const char *name, const carnet_path *path, carnet_buf *storage, carnet_str *text,
          carnet_err *err)
{
    const carnet_json *value = carnet_json_get(rule, name);
    carnet_path step = { .up = path, .name = carnet_str_of(name) };
    carnet_str given = carnet_json_string(value);
    size_t at = storage->len;

    if (value != NULL && given.len == 0) {
        return refuse(&step, "this is empty: leave it out for anything", err);
    }
    carnet_buf_add_str(storage, given);
    if (storage->overflow) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    *text = (carnet_str){ (const char *)storage->ptr + at, given.len };
    return CARNET_OK;
}

static carnet_rc
read_readers(const carnet_json *rule, const carnet_path *path, unsigned *readers, carnet_err *err)
{
    const carnet_json *list = carnet_json_get(rule, "reader");
    carnet_path step = { .up = path, .name = carnet_str_of("reader") };

    if (list != NULL && carnet_json_count(list) == 0) {
        return refuse(&step, "this is empty: leave it out for anybody", err);
    }
    for (size_t i = 0; i < carnet_json_count(list); i++) {
        carnet_path entry = { .up = &step, .index = i };
        size_t word = find_word(reader_names, CARNET_COUNT(reader_names), carnet_json_string(carnet_json_at(list, i)));

        if (word == CARNET_COUNT(reader_names)) {
            return refuse(&entry, "this says nothing about a reader", err);
        }
        *readers |= 1U << word;
    }
    return CARNET_OK;
}

static carnet_rc
read_certificate(const carnet_json *rule, const carnet_path *path, carnet_buf *storage, carnet_span *digest,
                 carnet_err *err)
{
    carnet_path step = { .up = path, .name = carnet_str_of("readerCertificate") };
    carnet_str text = carnet_json_string(carnet_json_get(rule, "readerCertificate"));
    uint8_t bytes[DIGEST];
    carnet_buf out = carnet_buf_of(bytes, sizeof bytes);
    size_t at = storage->len;

    if (carnet_json_get(rule, "readerCertificate") == NULL) {
        return CARNET_OK;
    }
    if (text.len != 2 * sizeof bytes || carnet_hex_decode(text, &out, NULL) != CARNET_OK || out.len != sizeof bytes) {
        return refuse(&step, "this is no SHA-256 in hexadecimal", err);
    }
    carnet_buf_add(storage, carnet_buf_span(&out));
    if (storage->overflow) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    *digest = carnet_span_of(storage->ptr + at, sizeof bytes);
    return CARNET_OK;
}

static carnet_rc
read_rule(const carnet_json *json, const carnet_path *path, carnet_buf *storage, carnet_consent_rule *rule,
          carnet_err *err)
{
    const carnet_json *retain = carnet_json_get(json, "retain");
    carnet_path step = { .up = path, .name = carnet_str_of("consent") };
    carnet_rc rc = carnet_json_check(json, rule_members, CARNET_COUNT(rule_members), CARNET_E_ROLE_POLICY, path, err);
    size_t verdict;

    *rule = (carnet_consent_rule){ 0 };
    if (rc != CARNET_OK) {
        return rc;
    }
    verdict =
        find_word(verdict_names, CARNET_COUNT(verdict_names), carnet_json_string(carnet_json_get(json, "consent")));
    if (verdict == CARNET_COUNT(verdict_names)) {
        return refuse(&step, "this is none of allow, ask and deny", err);
    }
    rule->verdict = (carnet_consent_verdict)verdict;
    if (retain != NULL) {
        rule->retain = carnet_json_bool(retain) ? CARNET_RETAIN_ONLY : CARNET_RETAIN_NOT;
    }
    if ((rc = read_text(json, "docType", path, storage, &rule->doc_type, err)) != CARNET_OK ||
        (rc = read_text(json, "nameSpace", path, storage, &rule->name_space, err)) != CARNET_OK ||
        (rc = read_text(json, "element", path, storage, &rule->element, err)) != CARNET_OK ||
        (rc = read_text(json, "readerName", path, storage, &rule->reader_name, err)) != CARNET_OK ||
        (rc = read_readers(json, path, &rule->readers, err)) != CARNET_OK) {
        return rc;
    }
    return read_certificate(json, path, storage, &rule->reader_certificate, err);
}

/** Room for `count` rules; NULL if there is none. */
static carnet_consent_rule *
take_rules(carnet_buf *storage, size_t count)
{
    size_t align = _Alignof(max_align_t);
    size_t skip = (align - (uintptr_t)(storage->ptr + storage->len) % align) % align;
    void *at = storage->ptr + storage->len + skip;

    if (storage->overflow || storage->cap - storage->len < skip ||
        (storage->cap - storage->len - skip) / sizeof(carnet_consent_rule) < count) {
        return NULL;
    }
    storage->len += skip + count * sizeof(carnet_consent_rule);
    return at;
}

carnet_rc
carnet_consent_file_read(const carnet_json *json, carnet_buf *storage, carnet_consent_policy *policy, carnet_err *err)
{
    const carnet_json *list = carnet_json_get(json, "rules");
    carnet_path step = { .name = carnet_str_of("rules") };
    size_t count;
    carnet_consent_rule *rules;
    carnet_rc rc =
        carnet_json_check(json, policy_members, CARNET_COUNT(policy_members), CARNET_E_ROLE_POLICY, NULL, err);

    *policy = (carnet_consent_policy){ 0 };
    if (rc != CARNET_OK) {
        return rc;
    }
    count = carnet_json_count(list);
    if (count > CARNET_CONSENT_RULES_MAX) {
        return carnet_fail_at(err, CARNET_E_LIMIT, NULL, "a policy of too many rules", CARNET_NO_OFFSET, &step);
    }
    rules = take_rules(storage, count);
    if (rules == NULL) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    for (size_t i = 0; rc == CARNET_OK && i < count; i++) {
        carnet_path entry = { .up = &step, .index = i };

        rc = read_rule(carnet_json_at(list, i), &entry, storage, &rules[i], err);
    }
    if (rc == CARNET_OK) {
        *policy = (carnet_consent_policy){ rules, count, carnet_json_bool(carnet_json_get(json, "remote")) };
    }
    return rc;
}
