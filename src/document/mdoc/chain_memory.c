/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/chain_memory.h"

#include <string.h>

/* What a chain is remembered under. */
struct chain_key {
    uint8_t digest[32];
    uint64_t anchors_generation, revocation_generation;
};

void
carnet_chain_memory_init(carnet_chain_memory *memory, carnet_remembered_chain *slots, size_t cap)
{
    *memory = (carnet_chain_memory){ .slots = slots, .cap = cap };
    carnet_chain_memory_forget(memory);
}

void
carnet_chain_memory_forget(carnet_chain_memory *memory)
{
    for (size_t i = 0; i < memory->cap; i++)
        memory->slots[i].used = 0;
}

/* --- recalling --- */

/* Whether verdicts under these options may be remembered at all; the key if so. */
static bool
key_of(const carnet_cose_headers *headers, const carnet_path_options *options, carnet_crypto *crypto,
       struct chain_key *key)
{
    const carnet_revocation_source *revocation = options->revocation;
    uint8_t len[2] = { (uint8_t)(options->doc_type.len >> 8), (uint8_t)options->doc_type.len };
    carnet_span parts[3] = { { len, sizeof(len) }, carnet_str_bytes(options->doc_type), headers->x5chain };

    if (options->anchors == NULL || options->anchors->generation == NULL || options->doc_type.len > UINT16_MAX ||
        (revocation != NULL && revocation->generation == NULL))
        return false;
    key->anchors_generation = options->anchors->generation(options->anchors->self);
    key->revocation_generation = revocation != NULL ? revocation->generation(revocation->self) : 0;
    return carnet_digest(crypto, CARNET_SHA256, parts, CARNET_COUNT(parts), key->digest, NULL) == CARNET_OK;
}

static bool
fits(const carnet_remembered_chain *slot, const struct chain_key *key, const carnet_path_options *options,
     const carnet_report *report)
{
    return slot->used != 0 && memcmp(slot->digest, key->digest, sizeof(key->digest)) == 0 &&
           slot->profile == options->profile && slot->anchor_profile == options->anchor_profile &&
           slot->anchors == options->anchors->self && slot->anchors_generation == key->anchors_generation &&
           slot->revocation_checked == (options->revocation != NULL) &&
           (options->revocation == NULL || slot->revocation == options->revocation->self) &&
           slot->revocation_generation == key->revocation_generation && carnet_report_not_before(report, slot->from) &&
           carnet_report_not_after(report, slot->until);
}

static void
replay(const carnet_remembered_chain *slot, carnet_report *report)
{
    for (size_t i = 0; i < slot->count; i++) {
        const carnet_remembered_check *check = &slot->checks[i];
        carnet_report_entry *entry;

        carnet_report_add(report, (carnet_check)check->check, (carnet_outcome)check->outcome, NULL,
                          check->detail != 0 ? slot->text + check->detail : NULL);
        if ((entry = carnet_report_last(report)) == NULL)
            return;
        entry->rc = check->rc;
        entry->offset = check->offset;
        if (check->path != 0)
            memcpy(entry->path, slot->text + check->path, strlen(slot->text + check->path) + 1);
    }
}

static carnet_remembered_chain *
recall(carnet_chain_memory *memory, const struct chain_key *key, const carnet_path_options *options,
       const carnet_report *report)
{
    for (size_t i = 0; i < memory->cap; i++)
        if (fits(&memory->slots[i], key, options, report))
            return &memory->slots[i];
    return NULL;
}

/* --- remembering --- */

/* Only what no policy could object to more than the report shows: every check that protects was made and passed, or does
 * not apply. */
static bool
worth_remembering(const carnet_report *report, size_t first, const carnet_certificate_path *path)
{
    if (report->overflow || path->anchor == NULL || report->count - first > CARNET_REMEMBERED_CHECKS)
        return false;
    for (size_t i = first; i < report->count; i++)
        if (carnet_check_class_of(report->entries[i].check) == CARNET_CLASS_PROTECTS &&
            report->entries[i].outcome != CARNET_PASS && report->entries[i].outcome != CARNET_NOT_DONE)
            return false;
    return true;
}

/* Keep a text, zero-terminated; false if there is no room. */
static bool
keep(carnet_remembered_chain *slot, const char *text, size_t len, uint16_t *at)
{
    *at = 0;
    if (len == 0)
        return true;
    if (len >= sizeof(slot->text) - slot->text_len)
        return false;
    *at = slot->text_len;
    memcpy(slot->text + slot->text_len, text, len);
    slot->text[slot->text_len + len] = '\0';
    slot->text_len = (uint16_t)(slot->text_len + len + 1);
    return true;
}

static bool
keep_name(carnet_remembered_chain *slot, carnet_str name, carnet_str *kept)
{
    uint16_t at;

    if (!keep(slot, name.ptr, name.len, &at))
        return false;
    *kept = at != 0 ? (carnet_str){ slot->text + at, name.len } : (carnet_str){ 0 };
    return true;
}

static bool
keep_checks(carnet_remembered_chain *slot, const carnet_report *report, size_t first)
{
    for (size_t i = first; i < report->count; i++) {
        const carnet_report_entry *entry = &report->entries[i];
        carnet_remembered_check *check = &slot->checks[slot->count++];

        check->check = (uint16_t)entry->check;
        check->outcome = (uint8_t)entry->outcome;
        check->rc = entry->rc;
        check->offset = entry->offset;
        if (!keep(slot, entry->path, strlen(entry->path), &check->path) ||
            !keep(slot, entry->detail, strlen(entry->detail), &check->detail))
            return false;
    }
    return true;
}

static carnet_remembered_chain *
least_used(carnet_chain_memory *memory)
{
    carnet_remembered_chain *slot = &memory->slots[0];

    for (size_t i = 1; i < memory->cap; i++)
        if (memory->slots[i].used < slot->used)
            slot = &memory->slots[i];
    return slot;
}

static void
remember(carnet_chain_memory *memory, const struct chain_key *key, const carnet_path_options *options,
         const carnet_certificate_path *path, const carnet_signer *signer, const carnet_report *report, size_t first)
{
    carnet_remembered_chain *slot;

    if (memory->cap == 0 || !worth_remembering(report, first, path))
        return;
    slot = least_used(memory);
    slot->used = 0;
    slot->count = 0;
    slot->text_len = 1; /* 0 stands for the empty text */
    slot->text[0] = '\0';
    slot->signer = *signer;
    if (!keep_name(slot, signer->country, &slot->signer.country) ||
        !keep_name(slot, signer->state, &slot->signer.state) || !keep_checks(slot, report, first))
        return;
    memcpy(slot->digest, key->digest, sizeof(slot->digest));
    slot->profile = options->profile;
    slot->anchor_profile = options->anchor_profile;
    slot->anchors = options->anchors->self;
    slot->anchors_generation = key->anchors_generation;
    slot->revocation_checked = options->revocation != NULL;
    slot->revocation = options->revocation != NULL ? options->revocation->self : NULL;
    slot->revocation_generation = key->revocation_generation;
    slot->from = path->not_before;
    slot->until = carnet_certificate_path_until(path);
    slot->used = ++memory->clock;
}

/* --- judging --- */

static carnet_rc
judge(const carnet_cose_headers *headers, const carnet_path_options *options, carnet_crypto *crypto,
      carnet_report *report, carnet_certificate_path *path, carnet_signer *signer)
{
    carnet_span chain[CARNET_CHAIN_MAX], at = { 0 };
    size_t count = 0;
    carnet_err err;
    carnet_rc rc;

    if (headers->x5chain_count == 0 || headers->x5chain_count > CARNET_CHAIN_MAX) {
        rc = headers->x5chain_count == 0
                 ? carnet_fail(&err, CARNET_E_COSE_X5CHAIN, "18013-5 12.3", "there is no x5chain")
                 : carnet_fail(&err, CARNET_E_LIMIT, "18013-5 12.3", "the x5chain has too many certificates");
        carnet_report_add_err(report, CARNET_CHECK_PATH_FOUND, CARNET_FAIL, &err);
        return rc;
    }
    while (count < CARNET_CHAIN_MAX && carnet_cose_x5chain_next(headers, &at, &chain[count]))
        count++;
    rc = carnet_certificate_path_validate(chain, count, options, crypto, report, path);
    if (rc != CARNET_OK)
        return rc;
    signer->key = path->certificates[0].public_key;
    signer->not_before = path->certificates[0].not_before;
    signer->not_after = path->certificates[0].not_after;
    signer->country = path->country;
    signer->state = path->state;
    return CARNET_OK;
}

carnet_rc
carnet_chain_judge(carnet_chain_memory *memory, const carnet_cose_headers *headers, const carnet_path_options *options,
                   carnet_crypto *crypto, carnet_report *report, carnet_signer *signer)
{
    carnet_certificate_path path;
    carnet_remembered_chain *slot;
    struct chain_key key;
    size_t first = report->count;
    bool remembering = memory != NULL && headers->x5chain_count != 0 && key_of(headers, options, crypto, &key);
    carnet_rc rc;

    *signer = (carnet_signer){ 0 };
    if (remembering && (slot = recall(memory, &key, options, report)) != NULL) {
        slot->used = ++memory->clock;
        memory->recalled++;
        replay(slot, report);
        *signer = slot->signer;
        signer->recalled = true;
        return CARNET_OK;
    }
    if (memory != NULL)
        memory->judged++;
    rc = judge(headers, options, crypto, report, &path, signer);
    if (rc == CARNET_OK && remembering)
        remember(memory, &key, options, &path, signer, report, first);
    return rc;
}
