/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the test programs share: test data from files, hexadecimal in the
 * source, mutations, repeatable randomness, and assertions on Carnet's types.
 *
 * Bytes returned here stay until the program ends.  All functions may end the
 * test, by failing or by skipping it; none is for use outside a running test.
 */
#ifndef CARNET_TEST_SUPPORT_H
#define CARNET_TEST_SUPPORT_H
#include "carnet/base.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/** Skip the running test and say why. */
void carnet_test_skip(const char *why);

/** A whole file of the shared test data ("vectors/index.json"), which lie in the folder named by the
 *  environment variable CARNET_SHARED, else beside the source tree.  Skips the test when it is not there. */
carnet_span carnet_test_shared(const char *path);
/** The same as text. */
carnet_str carnet_test_shared_text(const char *path);
/** The bytes that a file of hexadecimal text in the shared test data stands for. */
carnet_span carnet_test_shared_hex(const char *path);
/** A whole file of the source tree ("tests/mdoc/response.hex"); fails the test when it is not there. */
carnet_span carnet_test_source(const char *path);

/** The bytes that hexadecimal text in the test stands for; white space is skipped. */
carnet_span carnet_test_hex(const char *text);
/** A copy in a heap block of its own size, so that a sanitizer sees a byte read too far. */
carnet_span carnet_test_copy(carnet_span bytes);
/** The bytes of a string literal, embedded zeros included. */
#define CARNET_TEST_BYTES(literal) carnet_span_of("" literal, sizeof(literal) - 1)

typedef void carnet_test_visit(carnet_span mutated, void *context);
/** Call for every proper prefix, the empty one included, each in a heap block of its own size. */
void carnet_test_every_prefix(carnet_span bytes, carnet_test_visit *visit, void *context);
/** Call for the bytes with each bit flipped, one at a time. */
void carnet_test_every_bit(carnet_span bytes, carnet_test_visit *visit, void *context);
/** Both jointly: each prefix of each flip.  The cost is the cube of the length: up to 100 bytes. */
void carnet_test_every_prefix_and_bit(carnet_span bytes, carnet_test_visit *visit, void *context);

/** Repeatable numbers; the same seed gives the same sequence everywhere. */
typedef struct carnet_test_seed {
    uint64_t state;
} carnet_test_seed;
uint64_t carnet_test_number(carnet_test_seed *seed);
/** A source of "randomness" over a seed, which must outlive it. */
carnet_random carnet_test_random(carnet_test_seed *seed);

/** Fail unless the code is CARNET_OK; *err (may be NULL) is printed. */
#define assert_carnet_ok(rc, err) carnet_test_assert_rc((rc), CARNET_OK, (err), __FILE__, __LINE__)
/** Fail unless the code is the expected one; both are printed by name. */
#define assert_carnet_rc(rc, expected) carnet_test_assert_rc((rc), (expected), NULL, __FILE__, __LINE__)
/** Fail unless both views hold the same bytes; the first difference is printed. */
#define assert_span_equal(a, b) carnet_test_assert_span((a), (b), __FILE__, __LINE__)
/** Fail unless a text view equals a zero-terminated string. */
#define assert_str_is(a, text)                                                                                         \
    carnet_test_assert_span(carnet_str_bytes(a), carnet_str_bytes(carnet_str_of(text)), __FILE__, __LINE__)

void carnet_test_assert_rc(carnet_rc rc, carnet_rc expected, const carnet_err *err, const char *file, int line);
void carnet_test_assert_span(carnet_span a, carnet_span b, const char *file, int line);

#endif
