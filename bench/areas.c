/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures a second by each kind of secure area, beside what is behind it
 * asked directly: OpenSSL's EVP_DigestSign, the module's C_Sign, the TPM's
 * TPM2_Sign with a key that is loaded already.  ES256 over 256 octets, taking
 * turns; a second is one of this process's, but for a TPM, which works elsewhere,
 * one of the clock on the wall.
 *     areas [--ms MS]
 * A token and a TPM in software are started when SoftHSM and swtpm are there.
 */
#include "carnet/file_storage.h"
#include "carnet/pkcs11_area.h"
#include "carnet/sealed_area.h"
#include "carnet/tpm2_area.h"

#include <dlfcn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <p11-kit/pkcs11.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>
#include <unistd.h>

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"

static uint8_t text[256];
static char folder[] = "/tmp/carnet-areas-XXXXXX", path[64];
static carnet_crypto crypto;
static double limit_s = 0.5;
static clockid_t clock_of = CLOCK_PROCESS_CPUTIME_ID;

_Noreturn static void
die(const char *what, const carnet_err *err)
{
    (void)fprintf(stderr, "areas: %s: %s\n", what, err != NULL ? err->reason : "");
    exit(1);
}

static double
now(void)
{
    struct timespec t;

    (void)clock_gettime(clock_of, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* --- the two that are compared --- */

typedef void bench_sign(void *self);

static double
rate(bench_sign *sign, void *self)
{
    double began = now(), until = began + limit_s;
    unsigned count = 0;

    while (now() < until) {
        sign(self);
        count++;
    }
    return count / (now() - began);
}

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void
compare(const char *what, bench_sign *ours, void *key, bench_sign *raw, void *self)
{
    double a[5], b[5], ratio[5];

    for (int i = 0; i < 5; i++) {
        a[i] = rate(ours, key);
        b[i] = rate(raw, self);
        ratio[i] = a[i] / b[i];
    }
    qsort(a, 5, sizeof(a[0]), by_size);
    qsort(b, 5, sizeof(b[0]), by_size);
    qsort(ratio, 5, sizeof(ratio[0]), by_size);
    (void)printf("%-32s %9.0f /s   directly %9.0f /s   ratio %.2f\n", what, a[2], b[2], ratio[2]);
}

static void
by_carnet(void *key)
{
    const carnet_span message = { text, sizeof(text) };
    carnet_signature signature;
    carnet_err err = { 0 };

    if (carnet_key_sign(key, &crypto, CARNET_ES256, &message, 1, &signature, &err) != CARNET_OK)
        die("sign", &err);
}

static carnet_key
make_key(carnet_secure_area *area, carnet_key_description *made)
{
    const carnet_key_order order = { CARNET_CURVE_P256, CARNET_KEY_SIGN, { { 0 }, 0 } };
    carnet_err err = { 0 };
    carnet_key key;

    if (carnet_secure_area_create(area, &order, 1, made, &err) != CARNET_OK ||
        carnet_secure_area_open(area, &made->identifier, &key, &err) != CARNET_OK)
        die("key", &err);
    return key;
}

/* --- the sealed file beside OpenSSL --- */

static void
by_openssl(void *self)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t signature[80];
    size_t len = sizeof(signature);

    if (EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, self, NULL) != 1 ||
        EVP_DigestSign(ctx, signature, &len, text, sizeof(text)) != 1)
        die("OpenSSL", NULL);
    EVP_MD_CTX_free(ctx);
}

static void
sealed(void)
{
    static uint8_t memory[16384];
    const carnet_argon2_cost cost = { 64, 1, 1 };
    carnet_area_storage storage = carnet_file_storage(path);
    carnet_key_description made;
    carnet_sealed_area state;
    carnet_secure_area area;
    EVP_PKEY *raw = EVP_EC_gen("P-256");
    carnet_err err = { 0 };
    carnet_key key;

    (void)snprintf(path, sizeof(path), "%s/sealed", folder);
    if (raw == NULL || carnet_sealed_area_new(&state, &crypto, &storage, carnet_span_of("pass", 4), &cost,
                                              carnet_buf_of(memory, sizeof(memory)), &area, &err) != CARNET_OK)
        die("sealed file", &err);
    key = make_key(&area, &made);
    compare("sealed file, OpenSSL", by_carnet, &key, by_openssl, raw);
    EVP_PKEY_free(raw);
    carnet_key_done(&key);
    carnet_secure_area_done(&area);
}

/* --- PKCS#11 --- */

typedef struct token {
    CK_FUNCTION_LIST *list;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key;
} token;

static void
by_module(void *self)
{
    token *t = self;
    CK_MECHANISM mechanism = { CKM_ECDSA, NULL, 0 };
    uint8_t digest[32], signature[64];
    CK_ULONG len = sizeof(signature);

    SHA256(text, sizeof(text), digest);
    if (t->list->C_SignInit(t->session, &mechanism, t->key) != CKR_OK ||
        t->list->C_Sign(t->session, digest, sizeof(digest), signature, &len) != CKR_OK)
        die("C_Sign", NULL);
}

static bool
make_token(void)
{
    char command[512], conf[96];
    FILE *file;

    if (access(MODULE, R_OK) != 0)
        return false;
    (void)snprintf(conf, sizeof(conf), "%s/conf", folder);
    file = fopen(conf, "we");
    if (file == NULL)
        return false;
    (void)fprintf(file, "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", folder);
    (void)fclose(file);
    (void)setenv("SOFTHSM2_CONF", conf, 1);
    (void)snprintf(command, sizeof(command),
                   "softhsm2-util --init-token --free --label bench --so-pin 12345678 --pin 1234 >/dev/null");
    return system(command) == 0;
}

/* The same key by the module's own functions; the area has logged in for all sessions. */
static void
find_raw(token *t, const carnet_key_description *made)
{
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE wanted[] = { { CKA_CLASS, &class, sizeof(class) },
                              { CKA_ID, (void *)(uintptr_t)made->identifier.bytes, made->identifier.len } };
    CK_C_GetFunctionList get;
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8, found = 0;
    void *module = dlopen(MODULE, RTLD_NOW);

    *(void **)&get = module != NULL ? dlsym(module, "C_GetFunctionList") : NULL;
    if (get == NULL || get(&t->list) != CKR_OK || t->list->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK ||
        t->list->C_OpenSession(slots[0], CKF_SERIAL_SESSION, NULL, NULL, &t->session) != CKR_OK ||
        t->list->C_FindObjectsInit(t->session, wanted, 2) != CKR_OK ||
        t->list->C_FindObjects(t->session, &t->key, 1, &found) != CKR_OK || found != 1 ||
        t->list->C_FindObjectsFinal(t->session) != CKR_OK)
        die("module", NULL);
}

static void
pkcs11(void)
{
    const carnet_pkcs11_parameters parameters = { MODULE, "bench", { (const uint8_t *)"1234", 4 } };
    carnet_key_description made;
    carnet_secure_area area;
    carnet_err err = { 0 };
    carnet_key key;
    token t;

    if (!make_token()) {
        (void)printf("PKCS#11: no SoftHSM here\n");
        return;
    }
    if (carnet_pkcs11_area_open(&parameters, &crypto, &area, &err) != CARNET_OK)
        die("token", &err);
    key = make_key(&area, &made);
    find_raw(&t, &made);
    compare("PKCS#11 (SoftHSM), C_Sign", by_carnet, &key, by_module, &t);
    (void)t.list->C_CloseSession(t.session);
    carnet_key_done(&key);
    carnet_secure_area_done(&area);
}

/* --- TPM 2.0 --- */

enum { ATTESTED = 10 }; /* keys of a key attestation */

static char tcti_text[64];

static pid_t
start_tpm(void)
{
    char server[80], control[80], state[64];
    int port = 26000 + (int)(getpid() % 2500) * 2;
    pid_t pid;

    (void)snprintf(tcti_text, sizeof(tcti_text), "swtpm:host=127.0.0.1,port=%d", port);
    (void)snprintf(server, sizeof(server), "type=tcp,port=%d,bindaddr=127.0.0.1,disconnect", port);
    (void)snprintf(control, sizeof(control), "type=tcp,port=%d,bindaddr=127.0.0.1", port + 1);
    (void)snprintf(state, sizeof(state), "dir=%s", folder);
    (void)setenv("TSS2_LOG", "all+NONE", 1);
    pid = fork();
    if (pid == 0) {
        (void)execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state, "--server", server, "--ctrl", control,
                     "--flags", "not-need-init,startup-clear", (char *)NULL);
        _exit(127);
    }
    return pid;
}

typedef struct tpm {
    TSS2_TCTI_CONTEXT *tcti;
    ESYS_CONTEXT *esys;
    ESYS_TR key;
} tpm;

static void
by_tpm(void *self)
{
    tpm *t = self;
    TPM2B_DIGEST digest = { .size = 32 };
    TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_ECDSA, .details.ecdsa.hashAlg = TPM2_ALG_SHA256 };
    TPMT_TK_HASHCHECK ticket = { .tag = TPM2_ST_HASHCHECK, .hierarchy = TPM2_RH_NULL };
    TPMT_SIGNATURE *signature = NULL;

    SHA256(text, sizeof(text), digest.buffer);
    if (Esys_Sign(t->esys, t->key, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &digest, &scheme, &ticket,
                  &signature) != TSS2_RC_SUCCESS)
        die("TPM2_Sign", NULL);
    Esys_Free(signature);
}

/* Ten keys certified that stay loaded: what a key attestation of ten cannot do without. */
static void
certified_by_tpm(void *self)
{
    tpm *t = self;
    TPM2B_DATA challenge = { .size = 32 };
    TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_ECDSA, .details.ecdsa.hashAlg = TPM2_ALG_SHA256 };

    for (int i = 0; i < ATTESTED; i++) {
        TPM2B_ATTEST *said = NULL;
        TPMT_SIGNATURE *signature = NULL;

        if (Esys_Certify(t->esys, t->key, t->key, ESYS_TR_PASSWORD, ESYS_TR_PASSWORD, ESYS_TR_NONE, &challenge, &scheme,
                         &said, &signature) != TSS2_RC_SUCCESS)
            die("TPM2_Certify", NULL);
        Esys_Free(said);
        Esys_Free(signature);
    }
}

typedef struct attesting {
    carnet_secure_area *area;
    carnet_key_identifier keys[ATTESTED];
} attesting;

static void
by_area(void *self)
{
    static uint8_t octets[32768], challenge[32];
    attesting *a = self;
    carnet_buf statement = carnet_buf_of(octets, sizeof(octets));
    const char *format;
    carnet_err err = { 0 };

    if (carnet_secure_area_attest(a->area, a->keys, ATTESTED, carnet_span_of(challenge, sizeof(challenge)), &statement,
                                  &format, &err) != CARNET_OK)
        die("attest", &err);
}

/* A key of the TPM that stays loaded. */
static void
open_raw_tpm(tpm *t)
{
    const TPM2B_PUBLIC template = {
        .publicArea = { .type = TPM2_ALG_ECC,
                        .nameAlg = TPM2_ALG_SHA256,
                        .objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                                            TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
                                            TPMA_OBJECT_SIGN_ENCRYPT,
                        .parameters.eccDetail = { .symmetric.algorithm = TPM2_ALG_NULL,
                                                  .scheme.scheme = TPM2_ALG_NULL,
                                                  .curveID = TPM2_ECC_NIST_P256,
                                                  .kdf.scheme = TPM2_ALG_NULL } },
    };
    const TPM2B_SENSITIVE_CREATE sensitive = { 0 };
    const TPM2B_DATA outside = { 0 };
    const TPML_PCR_SELECTION pcrs = { 0 };

    if (Tss2_TctiLdr_Initialize(tcti_text, &t->tcti) != TSS2_RC_SUCCESS ||
        Esys_Initialize(&t->esys, t->tcti, NULL) != TSS2_RC_SUCCESS ||
        Esys_CreatePrimary(t->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &sensitive,
                           &template, &outside, &pcrs, &t->key, NULL, NULL, NULL, NULL) != TSS2_RC_SUCCESS)
        die("TPM", NULL);
}

/* One connection at a time is all that swtpm takes: each side measures on its own. */
static double
rate_of_area(const carnet_area_storage *storage, const carnet_key_description *made)
{
    const carnet_tpm2_parameters parameters = { .tcti = tcti_text, .storage = storage };
    carnet_secure_area area;
    carnet_err err = { 0 };
    carnet_key key;
    double found;

    if (carnet_tpm2_area_open(&parameters, &crypto, &area, &err) != CARNET_OK ||
        carnet_secure_area_open(&area, &made->identifier, &key, &err) != CARNET_OK)
        die("TPM's area", &err);
    found = rate(by_carnet, &key);
    carnet_key_done(&key);
    carnet_secure_area_done(&area);
    return found;
}

static double
rate_of_attesting(const carnet_area_storage *storage)
{
    const carnet_tpm2_parameters parameters = { .tcti = tcti_text, .storage = storage };
    carnet_secure_area area;
    attesting a = { .area = &area };
    carnet_err err = { 0 };
    double found;

    if (carnet_tpm2_area_open(&parameters, &crypto, &area, &err) != CARNET_OK)
        die("TPM's area", &err);
    for (int i = 0; i < ATTESTED; i++) {
        carnet_key_description made;
        carnet_key key = make_key(&area, &made);

        carnet_key_done(&key);
        a.keys[i] = made.identifier;
    }
    found = rate(by_area, &a);
    carnet_secure_area_done(&area);
    return found;
}

static double
rate_of_tpm(bench_sign *sign)
{
    double found;
    tpm t;

    open_raw_tpm(&t);
    found = rate(sign, &t);
    (void)Esys_FlushContext(t.esys, t.key);
    Esys_Finalize(&t.esys);
    Tss2_TctiLdr_Finalize(&t.tcti);
    return found;
}

static bool
first_key(const carnet_area_storage *storage, pid_t pid, carnet_key_description *made)
{
    const carnet_tpm2_parameters parameters = { .tcti = tcti_text, .storage = storage };
    carnet_secure_area area;

    for (int i = 0; i < 50 && waitpid(pid, NULL, WNOHANG) == 0; i++) {
        carnet_key key;

        (void)usleep(100000);
        if (carnet_tpm2_area_open(&parameters, &crypto, &area, NULL) != CARNET_OK)
            continue;
        key = make_key(&area, made);
        carnet_key_done(&key);
        carnet_secure_area_done(&area);
        return true;
    }
    return false;
}

static void
tpm2(void)
{
    carnet_area_storage storage = carnet_file_storage(path);
    carnet_key_description made;
    double a[5], b[5];
    pid_t pid = start_tpm();
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/tpm", folder);
    file = fopen(path, "we"); /* no keys yet */
    if (file != NULL)
        (void)fclose(file);
    if (first_key(&storage, pid, &made)) {
        for (int i = 0; i < 5; i++) {
            a[i] = rate_of_area(&storage, &made);
            b[i] = rate_of_tpm(by_tpm);
        }
        qsort(a, 5, sizeof(a[0]), by_size);
        qsort(b, 5, sizeof(b[0]), by_size);
        (void)printf("%-32s %9.0f /s   directly %9.0f /s   ratio %.2f (the key that signed last stays loaded)\n",
                     "TPM 2.0 (swtpm), TPM2_Sign", a[2], b[2], a[2] / b[2]);
        a[0] = rate_of_attesting(&storage);
        b[0] = rate_of_tpm(certified_by_tpm);
        (void)printf(
            "%-32s %9.0f /s   directly %9.0f /s   ratio %.2f (each key is loaded to be certified, and leaves)\n",
            "TPM 2.0, ten keys attested", a[0], b[0], a[0] / b[0]);
    } else {
        (void)printf("TPM 2.0: no swtpm here\n");
    }
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

int
main(int argc, char **argv)
{
    char command[64];

    if (argc == 3 && strcmp(argv[1], "--ms") == 0)
        limit_s = strtod(argv[2], NULL) / 1000;
    if (mkdtemp(folder) == NULL || carnet_crypto_init(&crypto, NULL) != CARNET_OK)
        die("begin", NULL);
    sealed();
    pkcs11();
    clock_of = CLOCK_MONOTONIC;
    tpm2();
    carnet_crypto_done(&crypto);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command);
}
