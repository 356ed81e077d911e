/* SPDX-License-Identifier: Apache-2.0 */
/* Issuing: what can be wrong with a document is found before anything is made. */
#include "internal.h"

#include "carnet/certificate.h"

#define CLAUSE "18013-5 12.3"

static const carnet_time first_time = INT64_C(-62167219200); /* 0000-01-01T00:00:00Z */
static const carnet_time last_time = INT64_C(253402300799);  /* 9999-12-31T23:59:59Z */

carnet_rc
carnet_issue_signer_init(carnet_issue_signer *signer, carnet_key *key, const carnet_span *chain, size_t count,
                         carnet_err *err)
{
    carnet_certificate certificate;
    const carnet_curve_info *curve;
    carnet_rc rc;

    *signer = (carnet_issue_signer){ 0 };
    if (key == NULL || chain == NULL || count == 0)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a signer needs a key and its certificate");
    curve = carnet_curve_get(key->public_key.curve);
    if (curve == NULL || curve->algorithm == CARNET_SIGNATURE_NONE)
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, CLAUSE, "keys of this curve do not sign");
    rc = carnet_certificate_open(chain[0], &certificate, err);
    if (rc != CARNET_OK)
        return rc;
    if (!carnet_public_key_equal(&key->public_key, &certificate.public_key))
        return carnet_fail(err, CARNET_E_CRYPTO_MISMATCH, CLAUSE, "the key is not that of the signer's certificate");
    signer->key = key;
    signer->chain = chain;
    signer->chain_count = count;
    signer->not_before = certificate.not_before;
    signer->not_after = certificate.not_after;
    return CARNET_OK;
}

/* --- times --- */

static carnet_rc
fail_validity(carnet_err *err, const char *member, const char *reason)
{
    carnet_path info = { .name = carnet_str_of("validityInfo") };
    carnet_path step = { .up = &info, .name = carnet_str_of(member) };

    return carnet_fail_at(err, CARNET_E_MDOC_VALIDITY, CLAUSE, reason, CARNET_NO_OFFSET, &step);
}

static carnet_rc
check_validity(const carnet_issue *issue, const carnet_issue_signer *signer, carnet_err *err)
{
    if (issue->signed_at < first_time)
        return fail_validity(err, "signed", "the time is before the year 0");
    if (issue->valid_from < issue->signed_at)
        return fail_validity(err, "validFrom", "validity starts before the document is signed");
    if (issue->valid_until <= issue->valid_from)
        return fail_validity(err, "validUntil", "validity ends before it starts");
    if (issue->valid_until > last_time)
        return fail_validity(err, "validUntil", "the time is after the year 9999");
    if (issue->has_expected_update && (issue->expected_update < issue->signed_at || issue->expected_update > last_time))
        return fail_validity(err, "expectedUpdate", "the update is expected before the document is signed");
    if (issue->signed_at < signer->not_before || issue->signed_at > signer->not_after)
        return fail_validity(err, "signed", "the signer's certificate is not valid at this time");
    if (issue->valid_until > signer->not_after && !issue->allow_beyond_signer)
        return fail_validity(err, "validUntil", "the document would be valid longer than its signer");
    return CARNET_OK;
}

/* --- elements --- */

static carnet_rc
fail_element(carnet_err *err, carnet_rc rc, const char *reason, const carnet_element *element)
{
    carnet_path name_space = { .name = element->name_space };
    carnet_path step = { .up = &name_space, .name = element->identifier };

    return carnet_fail_at(err, rc, CLAUSE, reason, CARNET_NO_OFFSET, &step);
}

static bool
name_usable(carnet_str name)
{
    return name.len != 0 && carnet_utf8_valid(carnet_str_bytes(name));
}

static carnet_rc
check_value(const carnet_element *element, carnet_err *err)
{
    carnet_path name_space = { .name = element->name_space };
    carnet_path step = { .up = &name_space, .name = element->identifier };
    carnet_cbor_reader r = carnet_cbor_open(element->value);

    r.path = &step;
    (void)carnet_cbor_any(&r);
    return carnet_cbor_end(&r, err);
}

static bool
came_before(const carnet_element *elements, size_t i)
{
    size_t j;

    for (j = 0; j < i; j++)
        if (carnet_str_equal(elements[j].identifier, elements[i].identifier) &&
            carnet_str_equal(elements[j].name_space, elements[i].name_space))
            return true;
    return false;
}

static carnet_rc
check_elements(const carnet_issue *issue, carnet_err *err)
{
    carnet_name_set seen = { 0 };
    carnet_str name_space = { 0 }; /* checked last */
    size_t i;
    carnet_rc rc;

    for (i = 0; i < issue->count; i++) {
        const carnet_element *element = &issue->elements[i];

        if (!name_usable(element->identifier) ||
            ((i == 0 || !carnet_str_equal(element->name_space, name_space)) && !name_usable(element->name_space)))
            return fail_element(err, CARNET_E_MDOC_STRUCTURE, "a name is empty or no UTF-8", element);
        name_space = element->name_space;
        rc = check_value(element, err);
        if (rc != CARNET_OK)
            return rc;
        if (carnet_name_maybe_seen(&seen, element->identifier) && came_before(issue->elements, i))
            return fail_element(err, CARNET_E_MDOC_ELEMENT_TWICE, NULL, element);
    }
    return CARNET_OK;
}

/* The number of a name space, counted anew if it is; CARNET_ISSUE_NAME_SPACES_MAX if there are too many. */
static size_t
name_space_number(carnet_issue_plan *plan, carnet_str name, size_t likely)
{
    size_t i;

    if (likely < plan->name_space_count && carnet_str_equal(plan->name_spaces[likely].name, name))
        return likely;
    for (i = 0; i < plan->name_space_count; i++)
        if (carnet_str_equal(plan->name_spaces[i].name, name))
            return i;
    if (i < CARNET_ISSUE_NAME_SPACES_MAX) {
        plan->name_spaces[i].name = name;
        plan->name_spaces[i].count = 0;
        plan->name_space_count++;
    }
    return i;
}

/* Group the elements by name space: name spaces in the order of their first element, elements in the order given. */
static carnet_rc
group_elements(carnet_issue_plan *plan, carnet_err *err)
{
    const carnet_issue *issue = plan->issue;
    uint16_t at[CARNET_ISSUE_NAME_SPACES_MAX];
    uint16_t first = 0;
    size_t i, number = 0;

    for (i = 0; i < issue->count; i++) {
        number = name_space_number(plan, issue->elements[i].name_space, number);
        if (number == CARNET_ISSUE_NAME_SPACES_MAX)
            return carnet_fail(err, CARNET_E_LIMIT, NULL, "too many name spaces");
        plan->name_spaces[number].count++;
        plan->name_space_of[i] = (uint8_t)number;
    }
    for (i = 0; i < plan->name_space_count; i++) {
        plan->name_spaces[i].first = at[i] = first;
        first = (uint16_t)(first + plan->name_spaces[i].count);
    }
    for (i = 0; i < issue->count; i++)
        plan->order[at[plan->name_space_of[i]]++] = (uint16_t)i;
    return CARNET_OK;
}

/* --- key authorisations --- */

static carnet_rc
fail_authorisation(carnet_err *err, const char *reason, carnet_str name)
{
    carnet_path all = { .name = carnet_str_of("keyAuthorizations") };
    carnet_path step = { .up = &all, .name = name };

    return carnet_fail_at(err, CARNET_E_MDOC_STRUCTURE, CLAUSE, reason, CARNET_NO_OFFSET, &step);
}

static bool
name_in(const carnet_str *names, size_t count, carnet_str name)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (carnet_str_equal(names[i], name))
            return true;
    return false;
}

static carnet_rc
check_authorisations(const carnet_issue *issue, carnet_err *err)
{
    const carnet_element_name *elements = issue->authorised_elements;
    size_t i, j;

    if (issue->authorised_name_space_count > CARNET_ISSUE_NAME_SPACES_MAX ||
        issue->authorised_element_count > CARNET_ISSUE_ELEMENTS_MAX)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "too many key authorisations");
    for (i = 0; i < issue->authorised_name_space_count; i++) {
        carnet_str name = issue->authorised_name_spaces[i];

        if (!name_usable(name) || name_in(issue->authorised_name_spaces, i, name))
            return fail_authorisation(err, "a name space is empty or there twice", name);
    }
    for (i = 0; i < issue->authorised_element_count; i++) {
        if (!name_usable(elements[i].name_space) || !name_usable(elements[i].identifier))
            return fail_authorisation(err, "a name is empty", elements[i].name_space);
        if (name_in(issue->authorised_name_spaces, issue->authorised_name_space_count, elements[i].name_space))
            return fail_authorisation(err, "a name space is authorised as a whole and by element",
                                      elements[i].name_space);
        for (j = 0; j < i; j++)
            if (carnet_str_equal(elements[j].name_space, elements[i].name_space) &&
                carnet_str_equal(elements[j].identifier, elements[i].identifier))
                return fail_authorisation(err, "an element is there twice", elements[i].name_space);
    }
    return CARNET_OK;
}

/* --- all together --- */

static carnet_rc
check_key_info(carnet_span key_info, carnet_err *err)
{
    carnet_path step = { .name = carnet_str_of("keyInfo") };
    carnet_cbor_reader r = carnet_cbor_open(key_info);

    if (key_info.len == 0)
        return CARNET_OK;
    r.path = &step;
    if (carnet_cbor_peek(&r) != CARNET_CBOR_MAP)
        carnet_cbor_refuse(&r, CARNET_E_CBOR_TYPE, NULL, CLAUSE, "a map is required");
    (void)carnet_cbor_any(&r);
    return carnet_cbor_end(&r, err);
}

static carnet_rc
check_parameters(carnet_issue_plan *plan, carnet_err *err)
{
    const carnet_issue *issue = plan->issue;

    if (issue->struct_size != sizeof(*issue) || plan->signer->key == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "struct_size is not set or the signer is not prepared");
    plan->hash = issue->hash == 0 ? CARNET_SHA256 : issue->hash;
    if (carnet_mso_hash_name(plan->hash) == NULL)
        return carnet_fail(err, CARNET_E_MDOC_ALGORITHM, CLAUSE, NULL);
    plan->hash_size = carnet_hash_size(plan->hash);
    plan->random_length = issue->random_length == 0 ? CARNET_ISSUE_RANDOM_DEFAULT : issue->random_length;
    if (plan->random_length < CARNET_ITEM_RANDOM_MIN || plan->random_length > CARNET_ISSUE_RANDOM_MAX)
        return carnet_fail(err, CARNET_E_USAGE, CLAUSE, "randoms have 16 to 64 octets");
    if (!name_usable(issue->doc_type))
        return carnet_fail(err, CARNET_E_MDOC_STRUCTURE, CLAUSE, "the document type is empty or no UTF-8");
    if (issue->count > CARNET_ISSUE_ELEMENTS_MAX)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "too many data elements");
    if (issue->count == 0 && !issue->without_elements)
        return carnet_fail(err, CARNET_E_MDOC_EMPTY, CLAUSE, "there are no data elements");
    return CARNET_OK;
}

carnet_rc
carnet_issue_prepare(const carnet_issue *issue, const carnet_issue_signer *signer, carnet_issue_plan *plan,
                     carnet_err *err)
{
    carnet_rc rc;

    plan->issue = issue;
    plan->signer = signer;
    plan->name_space_count = 0;
    rc = check_parameters(plan, err);
    if (rc == CARNET_OK)
        rc = check_validity(issue, signer, err);
    if (rc == CARNET_OK)
        rc = check_elements(issue, err);
    if (rc == CARNET_OK)
        rc = group_elements(plan, err);
    if (rc == CARNET_OK)
        rc = check_authorisations(issue, err);
    if (rc == CARNET_OK)
        rc = check_key_info(issue->key_info, err);
    return rc;
}
