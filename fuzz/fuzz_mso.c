/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/mso.h"
#include "fuzz.h"

/* Every digest is as long as its algorithm says and is found where it was met. */
static void
check_digests(const carnet_mso *mso, carnet_span input)
{
    carnet_mso_walk walk = { 0 };
    carnet_mso_entry entry;
    carnet_span digest;
    uint32_t count = 0;

    for (; carnet_mso_next(mso, &walk, &entry); count++) {
        MUST(entry.digest.len == mso->hash_size && fuzz_inside(entry.digest, input));
        MUST(carnet_mso_digest(mso, entry.name_space, entry.digest_id, &digest) && digest.ptr == entry.digest.ptr);
    }
    MUST(count == mso->digest_count);
    MUST(!carnet_mso_digest(mso, (carnet_str){ 0 }, UINT64_MAX, &digest) || digest.len == mso->hash_size);
}

/* A refusal has a place in the input, what is strict is lenient too, and lookups stay inside. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_span input = { data, size };
    carnet_mso mso, strict;
    carnet_err err = { 0 };
    carnet_rc rc = carnet_mso_open(input, NULL, 0, &strict, NULL);

    if (carnet_mso_open(input, NULL, CARNET_CBOR_LENIENT, &mso, &err) != CARNET_OK) {
        MUST(rc != CARNET_OK && err.offset <= size && mso.encoded.ptr == NULL);
        return 0;
    }
    MUST((rc == CARNET_OK) == ((mso.seen & CARNET_CBOR_LENIENT) == 0));
    MUST(fuzz_inside(mso.encoded, input) && fuzz_inside(mso.value_digests, mso.encoded));
    MUST(fuzz_inside(mso.key_authorizations, input) && fuzz_inside(mso.key_info, input));
    MUST(mso.hash_size >= 32 && carnet_mso_hash_name(mso.hash) != NULL);
    MUST(mso.authorised_name_spaces.ptr != NULL || mso.authorised_elements.ptr != NULL ||
         !carnet_mso_authorises(&mso, mso.doc_type, mso.version));
    (void)carnet_mso_authorises(&mso, carnet_str_of("n"), carnet_str_of("e"));
    check_digests(&mso, input);
    return 0;
}
