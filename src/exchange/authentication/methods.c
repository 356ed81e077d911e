/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/methods.h"

#define BIOMETRIC (CARNET_METHOD_BIOMETRIC_LOCAL | CARNET_METHOD_BIOMETRIC_SPLIT)
#define KEY                                                                                                            \
    (CARNET_METHOD_SA_KEY | CARNET_METHOD_SA_KEY_HW | CARNET_METHOD_FIDO | CARNET_METHOD_FIDO_UV | CARNET_METHOD_MDOC)

/* In the order of their bits, and which category each is there for; those for none come with others. */
static const struct {
    const char *name, *component;
} methods[CARNET_METHODS] = {
    { "DEVICE", "Cb" },
    { "PIN", "Cc" },
    { "OTP", "Cd" },
    { "SA_KEY", "Ce" },
    { "SA_KEY_HW", "Cf" },
    { "BIOMETRIC_LOCAL", "Cg" },
    { "BIOMETRIC_SPLIT", "Ch" },
    { "PAD", "Cj" },
    { "BEHAVIOUR", "Ck" },
    { "LOCATION", "Cl" },
    { "FIDO", "Cx" },
    { "FIDO_UV", NULL },
    { "MDOC", NULL },
};

const char *
carnet_method_name(uint32_t method)
{
    for (unsigned i = 0; i < CARNET_METHODS; i++)
        if (method == UINT32_C(1) << i)
            return methods[i].name;
    return NULL;
}

uint32_t
carnet_method_named(carnet_str name)
{
    for (unsigned i = 0; i < CARNET_METHODS; i++)
        if (carnet_str_is(name, methods[i].name))
            return UINT32_C(1) << i;
    return 0;
}

/* How many kinds of factors a set proves; a verified user of FIDO is a second one, whichever. */
static unsigned
kinds(uint32_t set)
{
    const bool have = (set & KEY) != 0 ||
                      (set & (CARNET_METHOD_DEVICE | CARNET_METHOD_OTP)) == (CARNET_METHOD_DEVICE | CARNET_METHOD_OTP);
    const bool know = (set & CARNET_METHOD_PIN) != 0, are = (set & BIOMETRIC) != 0;

    return (have ? 1u : 0u) + (know || are || (set & CARNET_METHOD_FIDO_UV) != 0 ? 1u : 0u) + (know && are ? 1u : 0u);
}

static uint32_t
tidy(uint32_t set)
{
    if ((set & CARNET_METHOD_SA_KEY_HW) != 0)
        set &= ~(uint32_t)CARNET_METHOD_SA_KEY;
    if ((set & CARNET_METHOD_FIDO_UV) != 0)
        set &= ~(uint32_t)CARNET_METHOD_FIDO;
    return set;
}

static bool
contains(uint32_t set, uint32_t part)
{
    if ((set & CARNET_METHOD_SA_KEY_HW) != 0)
        set |= CARNET_METHOD_SA_KEY;
    if ((set & CARNET_METHOD_FIDO_UV) != 0)
        set |= CARNET_METHOD_FIDO;
    return (part & ~set) == 0;
}

/* One alternative fewer is no harm when the list is full: each of them will do. */
static void
add(carnet_acceptable *acceptable, uint32_t set)
{
    set = tidy(set);
    for (unsigned i = 0; i < acceptable->count; i++)
        if (contains(set, acceptable->set[i]))
            return;
    if (acceptable->count < CARNET_ACCEPTABLE_MAX)
        acceptable->set[acceptable->count++] = set;
}

/* Every way to reach two kinds of factors from a set: `depth` more methods at most. */
static void
add_with_two_kinds(carnet_acceptable *acceptable, uint32_t set, unsigned depth)
{
    static const uint32_t ways[] = { CARNET_METHOD_FIDO_UV, CARNET_METHOD_SA_KEY, CARNET_METHOD_DEVICE,
                                     CARNET_METHOD_PIN, CARNET_METHOD_BIOMETRIC_LOCAL };

    if (kinds(set) >= 2) {
        add(acceptable, set);
        return;
    }
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]) && depth > 0; i++) {
        if (ways[i] == CARNET_METHOD_FIDO_UV && (set & CARNET_METHOD_FIDO) == 0)
            continue; /* FIDO is not asked of a device that need not have it */
        if (kinds(set | ways[i]) > kinds(set))
            add_with_two_kinds(acceptable, set | ways[i], depth - 1);
    }
}

/* What is never asserted here, whatever a device does. */
static bool
impossible(const carnet_vector *vector)
{
    static const char *const never[] = { "C0", "Ca", "P0", "Ma", "Aa", "Ab" };

    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
        if (carnet_vector_has(vector, never[i]))
            return true;
    return false;
}

static void
compile_vector(carnet_acceptable *acceptable, const carnet_vector *vector)
{
    const bool co = carnet_vector_has(vector, "Co");
    uint32_t set = 0;

    if (impossible(vector))
        return;
    for (unsigned i = 0; i < CARNET_METHODS; i++)
        if (methods[i].component != NULL && carnet_vector_has(vector, methods[i].component))
            set |= UINT32_C(1) << i;
    if (carnet_vector_has(vector, "P1") || carnet_vector_has(vector, "P2") || carnet_vector_has(vector, "P3"))
        set |= CARNET_METHOD_MDOC;
    if ((set & CARNET_METHOD_PAD) != 0 && (set & BIOMETRIC) == 0)
        set |= CARNET_METHOD_BIOMETRIC_LOCAL;
    if (co)
        set |= CARNET_METHOD_SA_KEY_HW;
    if (co || carnet_vector_has(vector, "Cn"))
        add_with_two_kinds(acceptable, set, 2);
    else if (set != 0)
        add(acceptable, set);
    else
        add(acceptable, CARNET_METHOD_SA_KEY); /* Ci, Cm: anything fresh */
}

carnet_rc
carnet_acceptable_compile(const carnet_vector_request *request, carnet_acceptable *acceptable, carnet_err *err)
{
    *acceptable = (carnet_acceptable){ 0 };
    if (request->trustmark != CARNET_TRUSTMARK_P1940 && request->trustmark != CARNET_TRUSTMARK_PROJECT)
        return carnet_fail(err, CARNET_E_TRUSTMARK_OTHER, "P1940 5", "methods are known of P1940's categories only");
    for (unsigned i = 0; i < request->count; i++)
        compile_vector(acceptable, &request->vector[i]);
    return acceptable->count != 0 ? CARNET_OK : carnet_fail(err, CARNET_E_VECTOR_UNSATISFIABLE, "P1940 5", NULL);
}

/* What no method is asked for: freshness, a step up, how credentials are managed and assertions conveyed. */
static void
put_unconditional(carnet_vector *vector)
{
    static const char *const components[] = { "Ci", "Cm", "Mb", "Mc", "Ac", "Ad" };

    for (size_t i = 0; i < sizeof(components) / sizeof(components[0]); i++)
        carnet_vector_put(vector, components[i]);
}

carnet_vector
carnet_methods_vector(uint32_t set)
{
    carnet_vector vector = { 0 };

    if (set == 0)
        return vector;
    put_unconditional(&vector);
    for (unsigned i = 0; i < CARNET_METHODS; i++)
        if ((set >> i & 1) != 0 && methods[i].component != NULL)
            carnet_vector_put(&vector, methods[i].component);
    if ((set & KEY) != 0)
        carnet_vector_put(&vector, "Ce");
    if ((set & CARNET_METHOD_FIDO_UV) != 0)
        carnet_vector_put(&vector, "Cx");
    if ((set & CARNET_METHOD_MDOC) != 0) {
        carnet_vector_put(&vector, "P1");
        carnet_vector_put(&vector, "P2");
        carnet_vector_put(&vector, "P3");
    }
    if ((set & BIOMETRIC) == 0)
        vector.type['C' - 'A'] &= ~(UINT64_C(1) << (10 + 'j' - 'a'));
    if (kinds(set) >= 2) {
        carnet_vector_put(&vector, "Cn");
        if ((set & CARNET_METHOD_SA_KEY_HW) != 0)
            carnet_vector_put(&vector, "Co");
    }
    return vector;
}

int
carnet_acceptable_choose(const carnet_acceptable *acceptable, uint32_t able)
{
    for (unsigned i = 0; i < acceptable->count; i++)
        if (contains(able, acceptable->set[i]))
            return (int)i;
    return -1;
}

void
carnet_acceptable_add(carnet_json_builder *b, const char *name, const carnet_acceptable *acceptable)
{
    carnet_json_array_begin(b, name);
    for (unsigned i = 0; i < acceptable->count; i++) {
        carnet_json_array_begin(b, NULL);
        for (unsigned k = 0; k < CARNET_METHODS; k++)
            if ((acceptable->set[i] >> k & 1) != 0)
                carnet_json_add_text(b, NULL, methods[k].name);
        carnet_json_array_end(b);
    }
    carnet_json_array_end(b);
}

/* 0 in *set: a method of it is unknown here. */
static carnet_rc
read_set(const carnet_json *json, const carnet_path *path, uint32_t *set, carnet_err *err)
{
    const size_t count = carnet_json_count(json);
    bool all = true;

    *set = 0;
    if (carnet_json_type_of(json) != CARNET_JSON_ARRAY || count == 0 || count > CARNET_ACCEPTABLE_MAX)
        return carnet_fail_at(err, CARNET_E_METHODS, NULL, "this is no list of methods", CARNET_NO_OFFSET, path);
    for (size_t i = 0; i < count; i++) {
        const carnet_json *one = carnet_json_at(json, i);
        const uint32_t method = carnet_method_named(carnet_json_string(one));

        if (carnet_json_type_of(one) != CARNET_JSON_STRING)
            return carnet_fail_at(err, CARNET_E_METHODS, NULL, "a method is no text", CARNET_NO_OFFSET, path);
        all = all && method != 0;
        *set |= method;
    }
    *set = all ? *set : 0;
    return CARNET_OK;
}

carnet_rc
carnet_acceptable_read(const carnet_json *json, carnet_acceptable *acceptable, carnet_err *err)
{
    const carnet_path list = { .name = carnet_str_of("acceptable") };
    const size_t count = carnet_json_count(json);
    carnet_acceptable got = { 0 };
    carnet_rc rc = CARNET_OK;

    *acceptable = got;
    if (carnet_json_type_of(json) != CARNET_JSON_ARRAY || count > CARNET_ACCEPTABLE_MAX)
        return carnet_fail_at(err, CARNET_E_METHODS, NULL, "this is no list, or too long a one", CARNET_NO_OFFSET,
                              &list);
    for (size_t i = 0; i < count && rc == CARNET_OK; i++) {
        const carnet_path at = { .up = &list, .index = i };
        uint32_t set;

        rc = read_set(carnet_json_at(json, i), &at, &set, err);
        if (rc == CARNET_OK && set != 0)
            got.set[got.count++] = set;
    }
    if (rc == CARNET_OK && got.count == 0)
        rc = carnet_fail_at(err, CARNET_E_METHODS, NULL, "no set of methods is known here", CARNET_NO_OFFSET, &list);
    if (rc == CARNET_OK)
        *acceptable = got;
    return rc;
}
