/* SPDX-License-Identifier: Apache-2.0 */
/* MobileSecurityObject: opening. */
#include "internal.h"

#include "carnet/mso.h"

#define CLAUSE "18013-5 12.3"

/* In `odd` while a view is being filled in: a device key that cannot be read is left out. */
#define KEY_MAY_FAIL 0x80000000u

/* The map's members as encoded. */
typedef struct members {
    carnet_str version, digest_algorithm, doc_type;
    carnet_span value_digests, device_key_info, validity_info, status;
} members;

static const carnet_cbor_field mso_fields[] = {
    CARNET_MEMBER(members, "version", CARNET_FIELD_TSTR, version),
    CARNET_MEMBER(members, "digestAlgorithm", CARNET_FIELD_TSTR, digest_algorithm),
    CARNET_MEMBER(members, "valueDigests", CARNET_FIELD_MAP, value_digests),
    CARNET_MEMBER(members, "deviceKeyInfo", CARNET_FIELD_MAP, device_key_info),
    CARNET_MEMBER(members, "docType", CARNET_FIELD_TSTR, doc_type),
    CARNET_MEMBER(members, "validityInfo", CARNET_FIELD_MAP, validity_info),
    CARNET_MEMBER_OPTIONAL(members, "status", CARNET_FIELD_ANY, status),
};

typedef struct key_members {
    carnet_span device_key, key_authorizations, key_info;
} key_members;

static const carnet_cbor_field key_fields[] = {
    CARNET_MEMBER(key_members, "deviceKey", CARNET_FIELD_ANY, device_key),
    CARNET_MEMBER_OPTIONAL(key_members, "keyAuthorizations", CARNET_FIELD_MAP, key_authorizations),
    CARNET_MEMBER_OPTIONAL(key_members, "keyInfo", CARNET_FIELD_MAP, key_info),
};

typedef struct validity_members {
    carnet_span signed_at, valid_from, valid_until, expected_update;
} validity_members;

static const carnet_cbor_field validity_fields[] = {
    CARNET_MEMBER(validity_members, "signed", CARNET_FIELD_ANY, signed_at),
    CARNET_MEMBER(validity_members, "validFrom", CARNET_FIELD_ANY, valid_from),
    CARNET_MEMBER(validity_members, "validUntil", CARNET_FIELD_ANY, valid_until),
    CARNET_MEMBER_OPTIONAL(validity_members, "expectedUpdate", CARNET_FIELD_ANY, expected_update),
};

static const struct {
    const char *name;
    carnet_hash hash;
} algorithms[] = {
    { "SHA-256", CARNET_SHA256 },
    { "SHA-384", CARNET_SHA384 },
    { "SHA-512", CARNET_SHA512 },
};

const char *
carnet_mso_hash_name(carnet_hash hash)
{
    size_t i;

    for (i = 0; i < CARNET_COUNT(algorithms); i++)
        if (algorithms[i].hash == hash)
            return algorithms[i].name;
    return NULL;
}

static void
algorithm_read(carnet_cbor_reader *r, carnet_mso *mso)
{
    size_t i;

    for (i = 0; i < CARNET_COUNT(algorithms); i++)
        if (carnet_str_is(mso->digest_algorithm, algorithms[i].name)) {
            mso->hash = algorithms[i].hash;
            mso->hash_size = carnet_hash_size(mso->hash);
            return;
        }
    carnet_cbor_refuse(r, CARNET_E_MDOC_ALGORITHM, (const uint8_t *)mso->digest_algorithm.ptr, CLAUSE, NULL);
}

/* The digests of one name space. */
static void
digests_read(carnet_cbor_reader *r, carnet_mso *mso)
{
    carnet_path step = { .up = r->path, .integer_key = true };
    const carnet_path *outer = r->path;
    const uint8_t *at;
    carnet_cbor_walk walk;

    carnet_cbor_map(r, &walk);
    r->path = &step;
    while (carnet_cbor_map_next(r, &walk)) {
        step.index = carnet_cbor_uint(r);
        if (step.index >= CARNET_DIGEST_ID_LIMIT)
            mso->odd |= CARNET_MSO_DIGEST_ID_LARGE;
        at = r->at;
        if (carnet_cbor_bstr(r).len != mso->hash_size)
            carnet_cbor_refuse(r, CARNET_E_MDOC_STRUCTURE, at, CLAUSE, "the digest is not as long as its algorithm's");
        if (++mso->digest_count > CARNET_MSO_DIGESTS_MAX)
            carnet_cbor_refuse(r, CARNET_E_CBOR_LIMIT, at, CLAUSE, NULL);
    }
    r->path = outer;
    if (walk.index == UINT64_MAX)
        mso->odd |= CARNET_MSO_NO_DIGESTS;
}

static void
value_digests_read(carnet_cbor_reader *outer, carnet_mso *mso)
{
    carnet_path all = { .up = outer->path, .name = carnet_str_of("valueDigests") };
    carnet_path step = { .up = &all };
    carnet_cbor_reader r = carnet_cbor_open_within(outer, mso->value_digests, &all);
    carnet_cbor_walk walk;

    carnet_cbor_map(&r, &walk);
    while (carnet_cbor_map_next(&r, &walk)) {
        if (walk.index >= CARNET_MSO_DIGESTS_MAX)
            carnet_cbor_refuse(&r, CARNET_E_CBOR_LIMIT, NULL, CLAUSE, NULL);
        step.name = carnet_cbor_tstr(&r);
        r.path = &step;
        digests_read(&r, mso);
        r.path = &all;
    }
    if (walk.index == UINT64_MAX)
        mso->odd |= CARNET_MSO_NO_DIGESTS;
    carnet_cbor_join(outer, &r);
}

static void
device_key_info_read(carnet_cbor_reader *outer, carnet_span encoded, carnet_mso *mso)
{
    carnet_path info = { .up = outer->path, .name = carnet_str_of("deviceKeyInfo") };
    carnet_path step = { .up = &info, .name = carnet_str_of("deviceKey") };
    carnet_cbor_reader r = carnet_cbor_open_within(outer, encoded, &info);
    carnet_cbor_reader key;
    key_members got = { 0 };

    carnet_cbor_fields(&r, key_fields, CARNET_COUNT(key_fields), &got);
    carnet_cbor_join(outer, &r);
    if (outer->rc != CARNET_OK)
        return;
    key = carnet_cbor_open_within(outer, got.device_key, &step);
    carnet_cose_key_read(&key, &mso->device_key);
    if (key.rc == CARNET_OK || (mso->odd & KEY_MAY_FAIL) == 0)
        carnet_cbor_join(outer, &key);
    mso->key_authorizations = got.key_authorizations;
    mso->key_info = got.key_info;
    if (got.key_authorizations.ptr != NULL)
        carnet_mso_authorisations_read(outer, &info, mso);
}

/* tdate; what is in the field besides the right form is understood and named. */
static carnet_time
tdate_read(carnet_cbor_reader *outer, const carnet_path *info, const char *name, carnet_span encoded, unsigned *odd)
{
    carnet_path step = { .up = info, .name = carnet_str_of(name) };
    carnet_cbor_reader r = carnet_cbor_open_within(outer, encoded, &step);
    unsigned oddities = 0;
    carnet_time time = 0;
    carnet_str text;

    if (carnet_cbor_peek(&r) == CARNET_CBOR_TSTR)
        *odd |= CARNET_MSO_TIME_UNTAGGED;
    else
        carnet_cbor_expect_tag(&r, 0);
    text = carnet_cbor_tstr(&r);
    if (r.rc == CARNET_OK && carnet_time_parse(text, &time, &oddities, NULL) != CARNET_OK)
        carnet_cbor_refuse(&r, CARNET_E_TIME, (const uint8_t *)text.ptr, CLAUSE, NULL);
    carnet_cbor_join(outer, &r);
    *odd |= (oddities & CARNET_TIME_FRACTION) != 0 ? CARNET_MSO_TIME_FRACTION : 0u;
    *odd |= (oddities & CARNET_TIME_OFFSET) != 0 ? CARNET_MSO_TIME_OFFSET : 0u;
    *odd |= (oddities & (CARNET_TIME_LOWER | CARNET_TIME_DATE_ONLY)) != 0 ? CARNET_MSO_TIME_FORM : 0u;
    return time;
}

static void
validity_read(carnet_cbor_reader *outer, carnet_span encoded, carnet_mso *mso)
{
    carnet_path info = { .up = outer->path, .name = carnet_str_of("validityInfo") };
    carnet_cbor_reader r = carnet_cbor_open_within(outer, encoded, &info);
    validity_members got = { 0 };

    carnet_cbor_fields(&r, validity_fields, CARNET_COUNT(validity_fields), &got);
    carnet_cbor_join(outer, &r);
    if (outer->rc != CARNET_OK)
        return;
    mso->signed_at = tdate_read(outer, &info, "signed", got.signed_at, &mso->odd);
    mso->valid_from = tdate_read(outer, &info, "validFrom", got.valid_from, &mso->odd);
    mso->valid_until = tdate_read(outer, &info, "validUntil", got.valid_until, &mso->odd);
    mso->has_expected_update = got.expected_update.ptr != NULL;
    if (mso->has_expected_update)
        mso->expected_update = tdate_read(outer, &info, "expectedUpdate", got.expected_update, &mso->odd);
    if (mso->valid_from < mso->signed_at)
        mso->odd |= CARNET_MSO_VALID_BEFORE_SIGNED;
    if (mso->valid_until <= mso->valid_from)
        mso->odd |= CARNET_MSO_VALIDITY_EMPTY;
}

/* A later major version may have other members: that it is one says more than what it lacks. */
static void
version_read(carnet_cbor_reader *r, const carnet_cbor_reader *before, carnet_str version)
{
    carnet_cbor_reader again = *before;
    carnet_path step = { .up = before->path, .name = carnet_str_of("version") };
    members got = { .version = version };
    uint32_t minor;

    if (r->rc != CARNET_OK)
        carnet_cbor_fields(&again, mso_fields, 1, &got);
    if (again.rc != CARNET_OK)
        return;
    again.path = &step;
    carnet_version_check(&again, got.version, CLAUSE, &minor);
    if (again.rc == CARNET_OK)
        return;
    again.path = before->path;
    *r = again;
}

static void
mso_read(carnet_cbor_reader *r, carnet_mso *mso)
{
    const carnet_cbor_reader before = *r;
    members got = { 0 };

    carnet_cbor_fields(r, mso_fields, CARNET_COUNT(mso_fields), &got);
    version_read(r, &before, got.version);
    if (r->rc != CARNET_OK)
        return;
    mso->encoded = carnet_span_of(before.at, (size_t)(r->at - before.at));
    mso->version = got.version;
    mso->odd |= carnet_str_is(got.version, "1.0") ? 0u : CARNET_MSO_MINOR_VERSION;
    mso->digest_algorithm = got.digest_algorithm;
    mso->value_digests = got.value_digests;
    mso->doc_type = got.doc_type;
    mso->status_bytes = got.status;
    algorithm_read(r, mso);
    if (r->rc != CARNET_OK)
        return;
    value_digests_read(r, mso);
    device_key_info_read(r, got.device_key_info, mso);
    validity_read(r, got.validity_info, mso);
    if (got.status.ptr != NULL)
        carnet_mso_status_read(r, mso);
}

static carnet_rc
open_with(carnet_span payload, const uint8_t *origin, unsigned allow, unsigned may, carnet_mso *mso, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(payload), inside;
    carnet_mso got = { .odd = may };
    carnet_rc rc;

    r.allow = (uint8_t)(allow & CARNET_CBOR_LENIENT);
    if (origin != NULL)
        r.origin = origin;
    if (carnet_cbor_peek(&r) == CARNET_CBOR_MAP) {
        got.odd |= CARNET_MSO_WITHOUT_TAG24;
        mso_read(&r, &got);
    } else {
        inside = carnet_cbor_open_within(&r, carnet_cbor_tag24(&r).content, NULL);
        if (r.rc == CARNET_OK) {
            mso_read(&inside, &got);
            if (inside.rc == CARNET_OK && inside.at != inside.end)
                carnet_cbor_refuse(&inside, CARNET_E_CBOR_TRAILING, NULL, CLAUSE, NULL);
            carnet_cbor_join(&r, &inside);
        }
    }
    rc = carnet_cbor_end(&r, err);
    got.odd &= ~may;
    got.allow = r.allow;
    got.seen = r.seen;
    got.origin = r.origin;
    *mso = rc == CARNET_OK ? got : (carnet_mso){ 0 };
    return rc;
}

carnet_rc
carnet_mso_open(carnet_span payload, const uint8_t *origin, unsigned allow, carnet_mso *mso, carnet_err *err)
{
    return open_with(payload, origin, allow, 0, mso, err);
}

carnet_rc
carnet_mso_open_keyless(carnet_span payload, const uint8_t *origin, unsigned allow, carnet_mso *mso, carnet_err *err)
{
    return open_with(payload, origin, allow, KEY_MAY_FAIL, mso, err);
}
