/* SPDX-License-Identifier: Apache-2.0 */
/* The module, its token, the session. */
#include "internal.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef CK_RV get_function_list(CK_FUNCTION_LIST_PTR_PTR);

carnet_rc
carnet_pkcs11_fail(carnet_err *err, CK_RV rv, carnet_rc usual)
{
    switch (rv) {
    case CKR_PIN_INCORRECT:
        return carnet_fail(err, CARNET_E_SEALED_PASSPHRASE, "PKCS#11 5.6", "the PIN is wrong");
    case CKR_PIN_LOCKED:
    case CKR_PIN_EXPIRED:
        return carnet_fail(err, CARNET_E_SEALED_PASSPHRASE, "PKCS#11 5.6", "the PIN is locked or has expired");
    case CKR_DEVICE_MEMORY:
    case CKR_HOST_MEMORY:
        return carnet_fail(err, CARNET_E_AREA_FULL, "PKCS#11 5.1", "the token has no memory left");
    case CKR_DEVICE_REMOVED:
    case CKR_TOKEN_NOT_PRESENT:
    case CKR_SESSION_HANDLE_INVALID:
        return carnet_fail(err, CARNET_E_AREA_STORAGE, "PKCS#11 5.1", "the token is gone");
    case CKR_MECHANISM_INVALID:
    case CKR_DOMAIN_PARAMS_INVALID:
    case CKR_CURVE_NOT_SUPPORTED:
    case CKR_KEY_FUNCTION_NOT_PERMITTED:
    case CKR_KEY_TYPE_INCONSISTENT:
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, "PKCS#11 5.1", "the token cannot do this");
    default:
        return carnet_fail(err, usual, "PKCS#11 5.1", "the token refused");
    }
}

/* --- opening --- */

static carnet_rc
load(carnet_pkcs11 *p, const char *module, carnet_err *err)
{
    CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
    get_function_list *get = NULL;
    CK_RV rv;

    p->library = dlopen(module, RTLD_NOW | RTLD_LOCAL);
    if (p->library != NULL) {
        void *symbol = dlsym(p->library, "C_GetFunctionList");

        memcpy(&get, &symbol, sizeof(get));
    }
    if (get == NULL || get(&p->functions) != CKR_OK || p->functions == NULL)
        return carnet_fail(err, CARNET_E_AREA_STORAGE, NULL, "the PKCS#11 module cannot be loaded");
    rv = p->functions->C_Initialize(&args);
    p->initialised = rv == CKR_OK;
    return rv == CKR_OK || rv == CKR_CRYPTOKI_ALREADY_INITIALIZED ? CARNET_OK
                                                                  : carnet_pkcs11_fail(err, rv, CARNET_E_AREA_STORAGE);
}

/* Labels are padded with spaces. */
static bool
label_is(const CK_TOKEN_INFO *info, const char *label)
{
    const size_t len = strlen(label);

    if (len > sizeof(info->label) || memcmp(info->label, label, len) != 0)
        return false;
    for (size_t i = len; i < sizeof(info->label); i++) {
        if (info->label[i] != ' ')
            return false;
    }
    return true;
}

static carnet_rc
choose_slot(carnet_pkcs11 *p, const char *label, carnet_err *err)
{
    CK_SLOT_ID slots[64];
    CK_ULONG count = CARNET_COUNT(slots);
    size_t found = 0;
    CK_RV rv = p->functions->C_GetSlotList(CK_TRUE, slots, &count);

    if (rv != CKR_OK)
        return carnet_pkcs11_fail(err, rv, CARNET_E_AREA_STORAGE);
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;

        if (p->functions->C_GetTokenInfo(slots[i], &info) != CKR_OK || !(info.flags & CKF_TOKEN_INITIALIZED) ||
            (label != NULL && !label_is(&info, label)))
            continue;
        p->slot = slots[i];
        found++;
    }
    if (found == 1)
        return CARNET_OK;
    return carnet_fail(err, CARNET_E_AREA_STORAGE, NULL,
                       found == 0 ? "there is no such token" : "there is more than one such token");
}

static carnet_rc
log_in(carnet_pkcs11 *p, carnet_span pin, carnet_err *err)
{
    CK_UTF8CHAR copy[256];
    CK_RV rv = p->functions->C_OpenSession(p->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &p->session);

    if (rv != CKR_OK) {
        p->session = CK_INVALID_HANDLE;
        return carnet_pkcs11_fail(err, rv, CARNET_E_AREA_STORAGE);
    }
    if (pin.len == 0 || pin.len > sizeof(copy))
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a PIN of up to 256 octets is needed");
    memcpy(copy, pin.ptr, pin.len);
    rv = p->functions->C_Login(p->session, CKU_USER, copy, pin.len);
    carnet_wipe(copy, sizeof(copy));
    p->logged_in = rv == CKR_OK;
    return rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN ? CARNET_OK
                                                            : carnet_pkcs11_fail(err, rv, CARNET_E_AREA_STORAGE);
}

/* --- what the token can do --- */

static bool
mechanism(carnet_pkcs11 *p, CK_MECHANISM_TYPE type, size_t bits)
{
    CK_MECHANISM_INFO info;

    return p->functions->C_GetMechanismInfo(p->slot, type, &info) == CKR_OK && info.ulMinKeySize <= bits &&
           bits <= info.ulMaxKeySize;
}

static void
find_curves(carnet_pkcs11 *p)
{
    static const struct {
        carnet_curve curve;
        size_t bits;
    } known[] = {
        { CARNET_CURVE_P256, 256 },
        { CARNET_CURVE_P384, 384 },
        { CARNET_CURVE_P521, 521 },
        { CARNET_CURVE_BRAINPOOL_P256R1, 256 },
        { CARNET_CURVE_BRAINPOOL_P320R1, 320 },
        { CARNET_CURVE_BRAINPOOL_P384R1, 384 },
        { CARNET_CURVE_BRAINPOOL_P512R1, 512 },
    };

    for (size_t i = 0; i < CARNET_COUNT(known); i++) {
        const unsigned usage = (mechanism(p, CKM_ECDSA, known[i].bits) ? CARNET_KEY_SIGN : 0U) |
                               (mechanism(p, CKM_ECDH1_DERIVE, known[i].bits) ? CARNET_KEY_AGREE : 0U);

        if (usage != 0 && mechanism(p, CKM_EC_KEY_PAIR_GEN, known[i].bits))
            p->curves[p->curve_count++] = (carnet_secure_area_curve){ known[i].curve, usage, false };
    }
}

static bool
announce(carnet_secure_area *area, size_t i, carnet_secure_area_curve *curve)
{
    const carnet_pkcs11 *p = area->state;

    if (i >= p->curve_count)
        return false;
    *curve = p->curves[i];
    return true;
}

/* --- making and destroying --- */

static carnet_rc
choose_identifier(carnet_pkcs11 *p, const carnet_key_order *order, carnet_key_identifier *identifier, carnet_err *err)
{
    const carnet_random random = carnet_crypto_random(p->crypto);
    carnet_rc rc = CARNET_OK;

    *identifier = order->identifier;
    if (identifier->len == 0) {
        rc = carnet_random_fill(&random, identifier->bytes, 16, err);
        identifier->len = 16;
    }
    if (rc == CARNET_OK && carnet_pkcs11_find(p, CKO_PRIVATE_KEY, identifier) != CK_INVALID_HANDLE)
        rc = carnet_fail(err, CARNET_E_AREA_KEY_TWICE, NULL, NULL);
    return rc;
}

static carnet_rc
generate(carnet_pkcs11 *p, const carnet_key_order *order, carnet_key_description *made, carnet_err *err)
{
    carnet_span parameters = carnet_pkcs11_parameters_of(order->curve);
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_BBOOL signs = (order->usage & CARNET_KEY_SIGN) != 0, agrees = (order->usage & CARNET_KEY_AGREE) != 0;
    CK_MECHANISM how = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
    CK_OBJECT_HANDLE public_key, private_key;
    uint8_t curve[16];
    CK_ATTRIBUTE public_half[] = { { CKA_EC_PARAMS, curve, parameters.len },
                                   { CKA_TOKEN, &yes, 1 },
                                   { CKA_VERIFY, &signs, 1 },
                                   { CKA_ID, made->identifier.bytes, made->identifier.len } };
    CK_ATTRIBUTE private_half[] = { { CKA_TOKEN, &yes, 1 },
                                    { CKA_PRIVATE, &yes, 1 },
                                    { CKA_SENSITIVE, &yes, 1 },
                                    { CKA_EXTRACTABLE, &no, 1 },
                                    { CKA_SIGN, &signs, 1 },
                                    { CKA_DERIVE, &agrees, 1 },
                                    { CKA_ID, made->identifier.bytes, made->identifier.len } };
    CK_RV rv;

    memcpy(curve, parameters.ptr, parameters.len);
    rv = p->functions->C_GenerateKeyPair(p->session, &how, public_half, CARNET_COUNT(public_half), private_half,
                                         CARNET_COUNT(private_half), &public_key, &private_key);
    if (rv != CKR_OK)
        return carnet_pkcs11_fail(err, rv, CARNET_E_AREA_STORAGE);
    made->usage = order->usage;
    return carnet_pkcs11_public_key(p, public_key, &made->public_key, err);
}

/* Both halves; what is not there needs no destroying. */
static CK_RV
destroy_pair(carnet_pkcs11 *p, const carnet_key_identifier *identifier)
{
    static const CK_OBJECT_CLASS halves[] = { CKO_PUBLIC_KEY, CKO_PRIVATE_KEY };
    CK_RV first = CKR_OK;

    for (size_t i = 0; i < CARNET_COUNT(halves); i++) {
        CK_OBJECT_HANDLE object = carnet_pkcs11_find(p, halves[i], identifier);
        CK_RV rv = object != CK_INVALID_HANDLE ? p->functions->C_DestroyObject(p->session, object) : CKR_OK;

        first = first == CKR_OK ? rv : first;
    }
    return first;
}

static carnet_rc
create(carnet_secure_area *area, const carnet_key_order *orders, size_t count, carnet_key_description *keys,
       carnet_err *err)
{
    carnet_pkcs11 *p = area->state;
    carnet_rc rc = CARNET_OK;
    size_t done = 0;

    for (; rc == CARNET_OK && done < count; done++) {
        rc = choose_identifier(p, &orders[done], &keys[done].identifier, err);
        if (rc == CARNET_OK && (rc = generate(p, &orders[done], &keys[done], err)) != CARNET_OK)
            (void)destroy_pair(p, &keys[done].identifier);
    }
    for (size_t i = 0; rc != CARNET_OK && i + 1 < done; i++)
        (void)destroy_pair(p, &keys[i].identifier);
    return rc;
}

static carnet_rc
destroy(carnet_secure_area *area, const carnet_key_identifier *identifiers, size_t count, carnet_err *err)
{
    carnet_pkcs11 *p = area->state;

    for (size_t i = 0; i < count; i++) {
        if (carnet_pkcs11_find(p, CKO_PRIVATE_KEY, &identifiers[i]) == CK_INVALID_HANDLE)
            return carnet_fail(err, CARNET_E_AREA_KEY_ABSENT, NULL, NULL);
    }
    for (size_t i = 0; i < count; i++) {
        CK_RV rv = destroy_pair(p, &identifiers[i]);

        if (rv != CKR_OK)
            return carnet_pkcs11_fail(err, rv, CARNET_E_AREA_STORAGE);
    }
    return CARNET_OK;
}

static carnet_rc
open_key(carnet_secure_area *area, const carnet_key_identifier *identifier, carnet_key *key, carnet_err *err)
{
    return carnet_pkcs11_key_open(area->state, identifier, key, err);
}

/* --- listing --- */

static bool
describe(carnet_pkcs11 *p, CK_OBJECT_HANDLE object, carnet_key_description *key)
{
    CK_ATTRIBUTE identifier = { CKA_ID, key->identifier.bytes, sizeof(key->identifier.bytes) };
    CK_OBJECT_HANDLE public_half;

    *key = (carnet_key_description){ 0 };
    if (p->functions->C_GetAttributeValue(p->session, object, &identifier, 1) != CKR_OK || identifier.ulValueLen == 0 ||
        identifier.ulValueLen > sizeof(key->identifier.bytes))
        return false;
    key->identifier.len = (uint8_t)identifier.ulValueLen;
    key->usage = carnet_pkcs11_usage(p, object);
    public_half = carnet_pkcs11_find(p, CKO_PUBLIC_KEY, &key->identifier);
    return key->usage != 0 && public_half != CK_INVALID_HANDLE &&
           carnet_pkcs11_public_key(p, public_half, &key->public_key, NULL) == CARNET_OK;
}

static carnet_rc
list(carnet_secure_area *area, size_t start, carnet_key_description *keys, size_t cap, size_t *found, carnet_err *err)
{
    carnet_pkcs11 *p = area->state;
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_KEY_TYPE type = CKK_EC;
    CK_ATTRIBUTE wanted[] = { { CKA_CLASS, &class, sizeof(class) }, { CKA_KEY_TYPE, &type, sizeof(type) } };
    CK_OBJECT_HANDLE *objects = calloc(CARNET_PKCS11_KEYS_MAX, sizeof(*objects));
    CK_ULONG count = 0;
    CK_RV rv = objects == NULL ? CKR_HOST_MEMORY : p->functions->C_FindObjectsInit(p->session, wanted, 2);
    carnet_key_description one;
    size_t at = 0;

    if (rv == CKR_OK) {
        rv = p->functions->C_FindObjects(p->session, objects, CARNET_PKCS11_KEYS_MAX, &count);
        (void)p->functions->C_FindObjectsFinal(p->session);
    }
    for (CK_ULONG i = 0; rv == CKR_OK && i < count && *found < cap; i++) {
        if (describe(p, objects[i], &one) && at++ >= start)
            keys[(*found)++] = one;
    }
    free(objects);
    return rv == CKR_OK ? CARNET_OK : carnet_pkcs11_fail(err, rv, CARNET_E_AREA_STORAGE);
}

/* --- closing --- */

static void
close_state(carnet_pkcs11 *p)
{
    if (p->functions != NULL && p->session != CK_INVALID_HANDLE) {
        if (p->logged_in)
            (void)p->functions->C_Logout(p->session);
        (void)p->functions->C_CloseSession(p->session);
    }
    if (p->functions != NULL && p->initialised)
        (void)p->functions->C_Finalize(NULL);
    if (p->library != NULL)
        (void)dlclose(p->library);
    free(p);
}

static void
done(carnet_secure_area *area)
{
    close_state(area->state);
}

static const carnet_secure_area_ops area_ops = {
    .size = sizeof(area_ops),
    .name = "PKCS#11",
    .curve = announce,
    .create = create,
    .open = open_key,
    .destroy = destroy,
    .list = list,
    .done = done,
};

carnet_rc
carnet_pkcs11_area_open(const carnet_pkcs11_parameters *parameters, carnet_crypto *crypto, carnet_secure_area *area,
                        carnet_err *err)
{
    carnet_pkcs11 *p = calloc(1, sizeof(*p));
    carnet_rc rc;

    *area = (carnet_secure_area){ 0 };
    if (p == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "no memory");
    p->session = CK_INVALID_HANDLE;
    p->crypto = crypto;
    rc = load(p, parameters->module, err);
    if (p->functions == NULL) {
        close_state(p);
        return rc;
    }
    if (rc == CARNET_OK)
        rc = choose_slot(p, parameters->token, err);
    if (rc == CARNET_OK)
        rc = log_in(p, parameters->pin, err);
    if (rc != CARNET_OK) {
        close_state(p);
        return rc;
    }
    find_curves(p);
    *area = (carnet_secure_area){ .ops = &area_ops, .state = p };
    return CARNET_OK;
}
