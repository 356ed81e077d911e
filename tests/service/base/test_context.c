/* SPDX-License-Identifier: Apache-2.0 */
/* Workers, sealing, nonces, tokens, events. */
#include "carnet/service_file.h"
#include "world.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static world w;

static int
begin(void **state)
{
    (void)state;
    if (world_begin(&w) != 0)
        return -1;
    world_open(&w);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    return world_end(&w);
}

static void
knows_its_base_url_and_path(void **state)
{
    (void)state;
    assert_true(carnet_str_is(carnet_service_base_url(w.context), "https://issuer.example/t"));
    assert_true(carnet_str_is(carnet_service_base_path(w.context), "/t"));
    assert_ptr_equal(carnet_service_configuration(w.context), &w.config);
    assert_int_equal(carnet_service_now(world_worker(&w)), 1800000000);
}

static void
opens_what_it_sealed_for_the_same_purpose_and_record_only(void **state)
{
    carnet_service_worker *worker = world_worker(&w);
    const carnet_span plain = CARNET_TEST_BYTES("{\"family_name\":\"M\"}"), to = CARNET_TEST_BYTES("record 1");
    uint8_t room[256], back[256];
    carnet_buf sealed = carnet_buf_of(room, sizeof(room)), out = carnet_buf_of(back, sizeof(back));
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_service_seal(worker, "offer", to, plain, &sealed, &err), &err);
    assert_int_equal(sealed.len, plain.len + CARNET_SERVICE_SEALING);
    assert_carnet_ok(carnet_service_open(worker, "offer", to, carnet_buf_span(&sealed), &out, &err), &err);
    assert_span_equal(carnet_buf_span(&out), plain);
    out.len = 0;
    assert_carnet_rc(carnet_service_open(worker, "grant", to, carnet_buf_span(&sealed), &out, NULL),
                     CARNET_E_SERVICE_SEALED);
    assert_carnet_rc(carnet_service_open(worker, "offer", plain, carnet_buf_span(&sealed), &out, NULL),
                     CARNET_E_SERVICE_SEALED);
    assert_int_equal(out.len, 0);
    out = carnet_buf_of(back, plain.len - 1);
    assert_carnet_rc(carnet_service_open(worker, "offer", to, carnet_buf_span(&sealed), &out, NULL), CARNET_E_NO_SPACE);
    sealed = carnet_buf_of(room, plain.len + CARNET_SERVICE_SEALING - 1);
    assert_carnet_rc(carnet_service_seal(worker, "offer", to, plain, &sealed, NULL), CARNET_E_NO_SPACE);
    assert_int_equal(sealed.len, 0);
}

static void
refuse_sealed(carnet_span mutated, void *context)
{
    uint8_t back[256];
    carnet_buf out = carnet_buf_of(back, sizeof(back));

    assert_carnet_rc(carnet_service_open(context, "p", (carnet_span){ 0 }, mutated, &out, NULL),
                     CARNET_E_SERVICE_SEALED);
    assert_int_equal(out.len, 0);
}

static void
refuses_every_prefix_and_every_bit_of_what_was_sealed(void **state)
{
    carnet_service_worker *worker = world_worker(&w);
    uint8_t room[128];
    carnet_buf sealed = carnet_buf_of(room, sizeof(room));

    (void)state;
    assert_carnet_ok(carnet_service_seal(worker, "p", (carnet_span){ 0 }, CARNET_TEST_BYTES("plain"), &sealed, NULL),
                     NULL);
    carnet_test_every_prefix(carnet_buf_span(&sealed), refuse_sealed, worker);
    carnet_test_every_bit(carnet_buf_span(&sealed), refuse_sealed, worker);
}

static carnet_str
nonce(carnet_service_worker *worker, carnet_service_nonce_kind kind, char room[CARNET_SERVICE_NONCE])
{
    carnet_buf out = carnet_buf_of(room, CARNET_SERVICE_NONCE);

    assert_carnet_ok(carnet_service_nonce_make(worker, kind, 300, &out, NULL), NULL);
    assert_int_equal(out.len, CARNET_SERVICE_NONCE);
    return carnet_buf_str(&out);
}

static void
takes_a_nonce_of_its_kind_until_its_end(void **state)
{
    carnet_service_worker *worker = world_worker(&w);
    char room[CARNET_SERVICE_NONCE], other[CARNET_SERVICE_NONCE];
    carnet_str n = nonce(worker, CARNET_NONCE_DPOP, room), m = nonce(worker, CARNET_NONCE_DPOP, other);
    uint8_t hash[CARNET_SERVICE_HASH], again[CARNET_SERVICE_HASH];
    carnet_time expiry = 0;
    int64_t at = 0, later = 0;
    carnet_err err = { 0 };

    (void)state;
    assert_false(carnet_str_equal(n, m));
    assert_carnet_ok(carnet_service_nonce_check(worker, CARNET_NONCE_DPOP, n, hash, &at, &expiry, &err), &err);
    assert_int_equal(expiry, w.now + 300);
    assert_int_equal(at >> 16, expiry);
    assert_carnet_ok(carnet_service_nonce_check(worker, CARNET_NONCE_DPOP, n, NULL, &later, NULL, &err), &err);
    assert_int_equal(later, at);
    assert_carnet_ok(carnet_service_hash(worker, n, again, &err), &err);
    assert_memory_equal(hash, again, sizeof(hash));
    assert_carnet_rc(carnet_service_nonce_check(worker, CARNET_NONCE_CREDENTIAL, n, NULL, NULL, NULL, NULL),
                     CARNET_E_SERVICE_NONCE);
    w.now += 300;
    assert_carnet_ok(carnet_service_nonce_check(worker, CARNET_NONCE_DPOP, n, NULL, NULL, NULL, NULL), NULL);
    w.now += 1;
    assert_carnet_rc(carnet_service_nonce_check(worker, CARNET_NONCE_DPOP, n, NULL, NULL, NULL, NULL),
                     CARNET_E_SERVICE_NONCE);
}

/* 65536ths of a second. */
static int64_t
ticks(void)
{
    struct timespec present;

    (void)clock_gettime(CLOCK_REALTIME, &present);
    return present.tv_sec * INT64_C(65536) + present.tv_nsec * INT64_C(65536) / 1000000000;
}

static void
knows_of_a_nonce_when_in_a_second_it_was_made(void **state)
{
    carnet_service_worker *worker = world_worker(&w);
    char room[CARNET_SERVICE_NONCE];
    int64_t before = ticks(), after, at = 0;
    carnet_str n = nonce(worker, CARNET_NONCE_CREDENTIAL, room);

    (void)state;
    after = ticks();
    assert_carnet_ok(carnet_service_nonce_check(worker, CARNET_NONCE_CREDENTIAL, n, NULL, &at, NULL, NULL), NULL);
    assert_true(after - before >= 65536 || ((at - before) & 65535) <= after - before);
}

static void
refuse_nonce(carnet_span mutated, void *context)
{
    assert_carnet_rc(carnet_service_nonce_check(context, CARNET_NONCE_DPOP,
                                                (carnet_str){ (const char *)mutated.ptr, mutated.len }, NULL, NULL,
                                                NULL, NULL),
                     CARNET_E_SERVICE_NONCE);
}

static void
refuses_every_prefix_and_every_bit_of_a_nonce(void **state)
{
    carnet_service_worker *worker = world_worker(&w);
    char room[CARNET_SERVICE_NONCE];
    carnet_span n = carnet_str_bytes(nonce(worker, CARNET_NONCE_DPOP, room));

    (void)state;
    carnet_test_every_prefix(n, refuse_nonce, worker);
    carnet_test_every_bit(n, refuse_nonce, worker);
}

/* Another instance with a newer key in front: it opens what this one sealed, and this one not the other's. */
static void
opens_with_every_secret_and_seals_with_the_first(void **state)
{
    static const char old[] = "carnet-secret 1 0a0b0c0d AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
    static const char both[] = "# newer\n\ncarnet-secret 1 01020304 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\r\n"
                               "carnet-secret 1 0a0b0c0d AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    carnet_config config = w.config;
    carnet_service_context *first = NULL, *second = NULL;
    carnet_service_worker *a, *b;
    char room[CARNET_SERVICE_NONCE], newer[CARNET_SERVICE_NONCE];
    carnet_str n, m;

    (void)state;
    config.secrets = strdup(world_write(&w, "old", carnet_span_of(old, sizeof(old) - 1)));
    assert_carnet_ok(carnet_service_context_new(&config, &w.hooks, &first, NULL), NULL);
    free(config.secrets);
    config.secrets = strdup(world_write(&w, "both", carnet_span_of(both, sizeof(both) - 1)));
    assert_carnet_ok(carnet_service_context_new(&config, &w.hooks, &second, NULL), NULL);
    free(config.secrets);
    assert_carnet_ok(carnet_service_begin(first, NULL, &a, NULL), NULL);
    assert_carnet_ok(carnet_service_begin(second, NULL, &b, NULL), NULL);
    assert_ptr_not_equal(a, b);
    n = nonce(a, CARNET_NONCE_STATE, room);
    m = nonce(b, CARNET_NONCE_STATE, newer);
    assert_carnet_ok(carnet_service_nonce_check(b, CARNET_NONCE_STATE, n, NULL, NULL, NULL, NULL), NULL);
    assert_carnet_rc(carnet_service_nonce_check(a, CARNET_NONCE_STATE, m, NULL, NULL, NULL, NULL),
                     CARNET_E_SERVICE_NONCE);
    carnet_service_context_free(&second);
    carnet_service_context_free(&first);
}

static void
refuses_secrets_that_are_none(void **state)
{
    static const char *const wrong[] = {
        "",
        "# only words\n",
        "carnet-secret 2 0a0b0c0d AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "carnet-secret 1 0a0b0c0 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "carnet-secret 1 0a0b0c0d AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "carnet-secret 1 0a0b0c0d AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "carnet-secret 1 0a0b0c0d AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA \n",
        ("carnet-secret 1 0a0b0c0d AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
         "carnet-secret 1 0a0b0c0d AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\n"),
    };
    carnet_config config = w.config;
    carnet_service_context *context;
    char path[160];
    carnet_err err;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(wrong); i++) {
        (void)snprintf(path, sizeof(path), "%s", world_write(&w, "wrong", carnet_str_bytes(carnet_str_of(wrong[i]))));
        config.secrets = path;
        assert_carnet_rc(carnet_service_context_new(&config, &w.hooks, &context, &err), CARNET_E_SERVICE_SECRETS);
        assert_null(context);
        assert_string_equal(err.path, "secrets");
    }
    config.secrets = (char *)(uintptr_t) "/nonexistent/secrets";
    assert_carnet_rc(carnet_service_context_new(&config, &w.hooks, &context, &err), CARNET_E_CONFIG_FILE);
    assert_string_equal(err.path, "secrets");
}

static void
makes_tokens_that_are_known_by_their_hash(void **state)
{
    carnet_service_worker *worker = world_worker(&w);
    char a[CARNET_SERVICE_TOKEN + 1], b[CARNET_SERVICE_TOKEN + 1];
    uint8_t ha[CARNET_SERVICE_HASH], hb[CARNET_SERVICE_HASH], again[CARNET_SERVICE_HASH];

    (void)state;
    assert_carnet_ok(carnet_service_token_make(worker, a, ha, NULL), NULL);
    assert_carnet_ok(carnet_service_token_make(worker, b, hb, NULL), NULL);
    assert_int_equal(strlen(a), CARNET_SERVICE_TOKEN);
    assert_string_not_equal(a, b);
    assert_carnet_ok(carnet_service_hash(worker, carnet_str_of(a), again, NULL), NULL);
    assert_memory_equal(ha, again, sizeof(ha));
    assert_memory_not_equal(ha, hb, sizeof(ha));
}

static void
hashes_short_texts_with_a_key_and_for_a_purpose(void **state)
{
    carnet_service_worker *worker = world_worker(&w);
    uint8_t a[CARNET_SERVICE_HASH], b[CARNET_SERVICE_HASH], c[CARNET_SERVICE_HASH];

    (void)state;
    assert_carnet_ok(carnet_service_keyed_hash(worker, "tx", carnet_str_of("1234"), a, NULL), NULL);
    assert_carnet_ok(carnet_service_keyed_hash(worker, "tx", carnet_str_of("1234"), b, NULL), NULL);
    assert_memory_equal(a, b, sizeof(a));
    assert_carnet_ok(carnet_service_keyed_hash(worker, "tx1", carnet_str_of("234"), c, NULL), NULL);
    assert_memory_not_equal(a, c, sizeof(a));
    assert_carnet_ok(carnet_service_hash(worker, carnet_str_of("1234"), c, NULL), NULL);
    assert_memory_not_equal(a, c, sizeof(a));
}

static void
gives_scratch_that_is_empty_again_at_the_next_begin(void **state)
{
    carnet_service_worker *worker = world_worker(&w);
    uint8_t *a = carnet_service_scratch(worker, 100), *b = carnet_service_scratch(worker, 1);
    carnet_buf buf;

    (void)state;
    assert_non_null(a);
    assert_int_equal((uintptr_t)a % 16, 0);
    assert_int_equal((uintptr_t)b % 16, 0);
    memset(a, 0xaa, 100);
    buf = carnet_service_scratch_buf(worker, 1000);
    assert_int_equal(buf.cap, 1000);
    assert_null(carnet_service_scratch(worker, 65536));
    buf = carnet_service_scratch_buf(worker, SIZE_MAX);
    assert_int_equal(buf.cap, 0);
    worker = world_worker(&w);
    assert_ptr_equal(carnet_service_scratch(worker, 100), a);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(a[i], 0);
}

static void
keeps_a_scratch_that_was_put_aside(void **state)
{
    carnet_service_worker *worker = world_worker(&w);
    uint8_t *a = carnet_service_scratch(worker, 100), *b;
    carnet_buf parked;

    (void)state;
    memset(a, 0xaa, 100);
    assert_true(carnet_service_park(worker, &parked));
    assert_ptr_equal(world_worker(&w), worker);
    b = carnet_service_scratch(worker, 100);
    assert_ptr_not_equal(b, a);
    memset(b, 0xbb, 100);
    assert_ptr_equal(world_worker(&w), worker);
    carnet_service_unpark(worker, &parked);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(a[i], 0xaa);
    assert_ptr_not_equal(carnet_service_scratch(worker, 100), a); /* it goes on behind that */
    (void)world_worker(&w);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(a[i] | b[i], 0);
}

/* Where the store commits at once, the handler goes on with what it put aside, and nothing began in between. */
static void
what_is_put_aside_and_taken_back_is_the_same_request(void **state)
{
    static const carnet_service_request request = { .identifier = "AAAAAAAAAAAAAAAAAAAAAA" };
    carnet_service_worker *worker;
    carnet_buf parked;

    (void)state;
    assert_carnet_ok(carnet_service_begin(w.context, &request, &worker, NULL), NULL);
    assert_true(carnet_service_park(worker, &parked));
    carnet_service_unpark(worker, &parked);
    assert_ptr_equal(worker->request, &request);
    assert_ptr_equal(world_worker(&w), worker);
}

/* As many as there are; each comes back with what is its own, and then there are as many again. */
static void
puts_so_many_scratches_aside_and_no_more(void **state)
{
    carnet_service_worker *worker = world_worker(&w);
    carnet_buf parked[200];
    size_t count, before = 0;

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (count = 0; count < 200; count++) {
            *(uint8_t *)carnet_service_scratch(worker, 1) = (uint8_t)count;
            if (!carnet_service_park(worker, &parked[count]))
                break;
        }
        assert_in_range(count, 1, 199);
        assert_true(round == 0 || count == before);
        for (before = count; count-- > 0;) {
            carnet_service_unpark(worker, &parked[count]);
            assert_int_equal(worker->scratch.ptr[0], count);
        }
        (void)world_worker(&w);
    }
}

/* --- threads --- */

static pthread_barrier_t barrier;

static void *
take_a_seat(void *self)
{
    carnet_service_worker *worker = NULL, *again = NULL;
    carnet_rc rc = carnet_service_begin(w.context, NULL, &worker, NULL);

    *(carnet_rc *)self = rc;
    if (rc == CARNET_OK && (carnet_service_begin(w.context, NULL, &again, NULL) != CARNET_OK || again != worker))
        *(carnet_rc *)self = CARNET_E_USAGE;
    (void)pthread_barrier_wait(&barrier);
    return NULL;
}

static unsigned
seats_taken(unsigned threads)
{
    pthread_t ids[8];
    carnet_rc rc[8];
    unsigned taken = 0;

    (void)pthread_barrier_init(&barrier, NULL, threads);
    for (unsigned i = 0; i < threads; i++)
        assert_int_equal(pthread_create(&ids[i], NULL, take_a_seat, &rc[i]), 0);
    for (unsigned i = 0; i < threads; i++) {
        (void)pthread_join(ids[i], NULL);
        assert_true(rc[i] == CARNET_OK || rc[i] == CARNET_E_SERVICE_BUSY);
        taken += rc[i] == CARNET_OK;
    }
    (void)pthread_barrier_destroy(&barrier);
    return taken;
}

static void
has_a_worker_for_each_thread_until_the_thread_ends(void **state)
{
    (void)state;
    (void)world_worker(&w); /* this thread has one of the three */
    assert_int_equal(seats_taken(4), 2);
    assert_int_equal(seats_taken(2), 2);
    assert_int_equal(seats_taken(2), 2);
}

static void
logs_and_counts_events(void **state)
{
    carnet_service_request request = { .identifier = "0123456789012345678901" };
    const carnet_service_event done = { .interface = "IS-6", .kind = "token" };
    const carnet_service_event event = { .interface = "IS-6",
                                         .kind = "credential",
                                         .outcome = "refused",
                                         .configuration = "mdl",
                                         .reason = "invalid_nonce",
                                         .reference = carnet_str_of("r\"1") };
    carnet_service_parts *parts;
    carnet_service_worker *worker;
    static uint8_t room[8192];
    carnet_buf out = carnet_buf_of(room, sizeof(room) - 1);

    (void)state;
    w.now = 1800000000;
    w.log_len = w.successes = 0;
    assert_carnet_ok(carnet_service_begin(w.context, &request, &worker, NULL), NULL);
    carnet_service_event_log(worker, &event);
    carnet_service_event_log(worker, &event);
    assert_int_equal(w.successes, 0);
    carnet_service_event_log(worker, &done);
    assert_int_equal(w.successes, 1);
    assert_non_null(strstr(w.log,
                           "{\"time\":\"2027-01-15T08:00:00Z\",\"request\":\"0123456789012345678901\","
                           "\"interface\":\"IS-6\",\"event\":\"credential\",\"outcome\":\"refused\","
                           "\"configuration\":\"mdl\",\"reason\":\"invalid_nonce\",\"reference\":\"r\\\"1\"}\n"));
    assert_carnet_ok(carnet_service_parts_new(w.context, NULL, 0, &parts, NULL), NULL);
    carnet_service_parts_metrics(parts, &out);
    room[out.len] = 0;
    assert_non_null(strstr((char *)room, "carnet_events_total{interface=\"IS-6\",event=\"credential\","
                                         "outcome=\"refused\",configuration=\"mdl\"} 2\n"));
    carnet_service_parts_free(&parts);
}

static void
reads_keys_in_hexadecimal_digits(void **state)
{
    static const struct {
        const char *text;
        size_t len;
    } rows[] = { { "00010203", 4 }, { "0a0B\r\n", 2 }, { "0001020304\n", 0 }, { "000", 0 }, { "0x", 0 } };
    uint8_t key[4];
    size_t len;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        const char *path = world_write(&w, "key", carnet_str_bytes(carnet_str_of(rows[i].text)));

        memset(key, 0xff, sizeof(key));
        assert_carnet_ok(carnet_service_hex_file_read(path, key, sizeof(key), &len, NULL), NULL);
        assert_int_equal(len, rows[i].len);
        assert_int_equal(key[0], len == 2 ? 0x0a : 0);
    }
    assert_carnet_rc(carnet_service_hex_file_read("/nowhere", key, sizeof(key), &len, NULL), CARNET_E_CONFIG_FILE);
    assert_int_equal(len, 0);
}

static void
copies_what_fits_and_no_part_of_a_character(void **state)
{
    static const struct {
        const char *text, *copy;
        size_t cap;
    } rows[] = {
        { "", "", 1 },
        { "a", "", 1 },
        { "abc", "abc", 4 },
        { "abcd", "abc", 4 },
        { "ab\xc3\xa9", "ab\xc3\xa9", 5 }, /* fits to the last octet */
        { "ab\xc3\xa9", "ab", 4 },         /* two octets, room for one */
        { "a\xe2\x82\xac", "a", 4 },       /* three, room for two */
        { "a\xf0\x9f\x92\xb6z", "a", 5 },  /* four, room for three */
        { "\xf0\x9f\x92\xb6z", "\xf0\x9f\x92\xb6", 5 },
        { "\xe2\x82\xac", "", 2 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        char out[8];

        memset(out, 'x', sizeof(out));
        carnet_service_copy(out, rows[i].cap, carnet_str_of(rows[i].text));
        assert_string_equal(out, rows[i].copy);
        assert_int_equal(out[rows[i].cap], 'x');
    }
    {
        char out[2] = "x";

        carnet_service_copy(out, sizeof(out), (carnet_str){ 0 });
        assert_string_equal(out, "");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_its_base_url_and_path),
        cmocka_unit_test(opens_what_it_sealed_for_the_same_purpose_and_record_only),
        cmocka_unit_test(refuses_every_prefix_and_every_bit_of_what_was_sealed),
        cmocka_unit_test(takes_a_nonce_of_its_kind_until_its_end),
        cmocka_unit_test(knows_of_a_nonce_when_in_a_second_it_was_made),
        cmocka_unit_test(refuses_every_prefix_and_every_bit_of_a_nonce),
        cmocka_unit_test(opens_with_every_secret_and_seals_with_the_first),
        cmocka_unit_test(refuses_secrets_that_are_none),
        cmocka_unit_test(makes_tokens_that_are_known_by_their_hash),
        cmocka_unit_test(hashes_short_texts_with_a_key_and_for_a_purpose),
        cmocka_unit_test(gives_scratch_that_is_empty_again_at_the_next_begin),
        cmocka_unit_test(keeps_a_scratch_that_was_put_aside),
        cmocka_unit_test(what_is_put_aside_and_taken_back_is_the_same_request),
        cmocka_unit_test(puts_so_many_scratches_aside_and_no_more),
        cmocka_unit_test(has_a_worker_for_each_thread_until_the_thread_ends),
        cmocka_unit_test(logs_and_counts_events),
        cmocka_unit_test(reads_keys_in_hexadecimal_digits),
        cmocka_unit_test(copies_what_fits_and_no_part_of_a_character),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
