/* SPDX-License-Identifier: Apache-2.0 */
/* Comma-separated values: the reader, cell by cell, and tables as sources of attributes. */
#include "internal.h"
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MDL "org.iso.18013.5.1.mDL"
#define NS  "{\"org.iso.18013.5.1\":"

/* --- the reader --- */

static const struct {
    const char *what, *text, *rows; /* cells in [], rows ended by ; -- NULL: refused */
    size_t line;
} cases[] = {
    { "one cell", "a", "[a];", 0 },
    { "an empty file", "", "", 0 },
    { "line ends of both kinds", "a,b\r\nc,d\n", "[a][b];[c][d];", 0 },
    { "no line end at the end", "a\nb", "[a];[b];", 0 },
    { "empty cells", ",,\n,\n", "[][][];[][];", 0 },
    { "an empty line is one empty cell", "\na", "[];[a];", 0 },
    { "quotes", "\"a\",\"b,c\"", "[a][b,c];", 0 },
    { "quotes in quotes", "\"a\"\"b\",\"\"\"\"", "[a\"b][\"];", 0 },
    { "line ends in quotes", "\"a\r\nb\"\nc", "[a\r\nb];[c];", 0 },
    { "spaces are kept", " a ,b", "[ a ][b];", 0 },
    { "a quotation mark in the midst", "x\na\"b", NULL, 2 },
    { "a quotation mark that is not closed", "x\n\"a\nb", NULL, 2 },
    { "text behind a closed quotation", "\"a\nb\"c", NULL, 2 },
    { "a carriage return alone", "a\rb", NULL, 1 },
    { "a carriage return behind quotes", "\"a\"\r\r\n", NULL, 1 },
    { "more cells than allowed", "a\n1,2,3,4,5", NULL, 2 },
};

static carnet_rc
read_rows(carnet_str text, carnet_buf *out, carnet_err *err)
{
    carnet_csv_reader reader = { .rest = text, .line = 1 };
    static uint8_t octets[256];
    carnet_str cells[4];
    size_t count;
    carnet_rc rc;

    for (;;) {
        carnet_buf room = carnet_buf_of(octets, sizeof(octets));

        rc = carnet_csv_row(&reader, cells, CARNET_COUNT(cells), &count, &room, err);
        if (rc != CARNET_OK || count == 0)
            return rc;
        for (size_t i = 0; i < count; i++) {
            carnet_buf_add_text(out, "[");
            carnet_buf_add_str(out, cells[i]);
            carnet_buf_add_text(out, "]");
        }
        carnet_buf_add_text(out, ";");
    }
}

static void
rows_are_read_as_RFC_4180_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        char room[256], line[16];
        carnet_buf out = carnet_buf_of(room, sizeof(room));
        carnet_str text = { (const char *)carnet_test_copy(carnet_str_bytes(carnet_str_of(cases[i].text))).ptr,
                            strlen(cases[i].text) };
        carnet_err err = { 0 };
        carnet_rc rc = read_rows(text, &out, &err);

        print_message("# %s\n", cases[i].what);
        if (cases[i].rows != NULL) {
            assert_carnet_ok(rc, &err);
            assert_str_is(carnet_buf_str(&out), cases[i].rows);
        } else {
            (void)snprintf(line, sizeof(line), "[%zu]", cases[i].line);
            assert_carnet_rc(rc, CARNET_E_ISSUING_SOURCE);
            assert_string_equal(err.path, line);
        }
    }
}

static void
read_one(carnet_span bytes, void *context)
{
    static char room[4096];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_err err = { 0 };
    carnet_rc rc = read_rows((carnet_str){ (const char *)bytes.ptr, bytes.len }, &out, &err);

    (void)context;
    assert_true(rc == CARNET_OK || (rc == CARNET_E_ISSUING_SOURCE && err.reason[0] != '\0'));
}

static void
every_cut_and_flipped_bit_is_read_or_refused(void **state)
{
    (void)state;
    carnet_test_every_prefix_and_bit(CARNET_TEST_BYTES("a,\"b\"\"c\"\r\n\"d\n\",e\n"), read_one, NULL);
}

/* --- tables --- */

typedef struct table {
    char folder[64], path[96];
    carnet_attribute_source source;
    char room[8192];
    carnet_buf claims;
    carnet_err err;
} table;

static table t;

static void
write_table(const char *text)
{
    char other[112];
    FILE *f;

    (void)snprintf(other, sizeof(other), "%s.new", t.path);
    f = fopen(other, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
    assert_int_equal(rename(other, t.path), 0);
}

static int
begin(void **state)
{
    (void)state;
    memset(&t, 0, sizeof(t));
    (void)snprintf(t.folder, sizeof(t.folder), "/tmp/carnet-csv-XXXXXX");
    if (mkdtemp(t.folder) == NULL)
        return -1;
    (void)snprintf(t.path, sizeof(t.path), "%s/people.csv", t.folder);
    return 0;
}

static int
end(void **state)
{
    char path[112];

    (void)state;
    carnet_attribute_source_done(&t.source);
    (void)unlink(t.path);
    (void)snprintf(path, sizeof(path), "%s/p.jpg", t.folder);
    (void)unlink(path);
    return rmdir(t.folder);
}

static carnet_rc
open_table(const char *text, const char *key)
{
    carnet_csv_source_config config = { .path = t.path, .key = key, .files = t.folder };

    write_table(text);
    return carnet_csv_source_open(&config, &t.source, &t.err);
}

static carnet_rc
find(const char *subject, const char *doc_type)
{
    carnet_attribute_query query = { .subject = carnet_str_of(subject), .doc_type = carnet_str_of(doc_type) };

    t.claims = carnet_buf_of(t.room, sizeof(t.room));
    t.err = (carnet_err){ 0 };
    return carnet_attribute_source_find(&t.source, &query, &t.claims, &t.err);
}

static void
a_row_becomes_claims_by_the_documents_table(void **state)
{
    (void)state;
    assert_carnet_ok(open_table("family_name,id,age_over_18,height,driving_privileges,remark,org.example/badge\n"
                                "\"M\xc3\xbcller, A\",7,true,178,\"[{\"\"a\"\":1}]\",not shown,x\n"
                                "B,8,,,,,\n",
                                "id"),
                     &t.err);
    assert_carnet_ok(find("7", MDL), &t.err);
    assert_str_is(carnet_buf_str(&t.claims),
                  NS "{\"family_name\":\"M\xc3\xbcller, A\",\"age_over_18\":true,\"height\":178,"
                     "\"driving_privileges\":[{\"a\":1}]},\"org.example\":{\"badge\":\"x\"}}");
    assert_carnet_ok(find("8", MDL), &t.err);
    assert_str_is(carnet_buf_str(&t.claims), NS "{\"family_name\":\"B\"}}");
    assert_carnet_ok(find("7", "org.example.unknown"), &t.err); /* only what names its name space */
    assert_str_is(carnet_buf_str(&t.claims), "{\"org.example\":{\"badge\":\"x\"}}");
    assert_carnet_rc(find("9", MDL), CARNET_E_ISSUING_SUBJECT);
    assert_int_equal(t.claims.len, 0);
}

static void
a_person_who_is_there_twice_is_nobody(void **state)
{
    (void)state;
    assert_carnet_ok(open_table("id,family_name\n1,A\n2,B\n1,C\n", NULL), &t.err);
    assert_carnet_rc(find("1", MDL), CARNET_E_ISSUING_SUBJECT);
    assert_non_null(strstr(t.err.reason, "more than one"));
    assert_carnet_ok(find("2", MDL), &t.err);
}

/* What changed is seen from now on. */
static void
pass_a_moment(void)
{
    struct timespec moment = { .tv_nsec = 30000000 };

    assert_int_equal(nanosleep(&moment, NULL), 0);
}

static void
a_table_that_changed_is_read_again(void **state)
{
    (void)state;
    assert_carnet_ok(open_table("id,family_name\n1,A\n", NULL), &t.err);
    assert_carnet_ok(find("1", MDL), &t.err);
    write_table("id,family_name\n1,Other\n2,B\n");
    pass_a_moment();
    assert_carnet_ok(find("1", MDL), &t.err);
    assert_str_is(carnet_buf_str(&t.claims), NS "{\"family_name\":\"Other\"}}");
    assert_carnet_ok(find("2", MDL), &t.err);
    write_table("id,family_name\n1\n"); /* half a table is none */
    pass_a_moment();
    assert_carnet_rc(find("1", MDL), CARNET_E_ISSUING_SOURCE);
    assert_int_equal(unlink(t.path), 0);
    assert_carnet_rc(find("1", MDL), CARNET_E_ISSUING_SOURCE);
    write_table("id,family_name\n1,Again\n");
    assert_carnet_ok(find("1", MDL), &t.err);
    assert_int_equal(unlink(t.path), 0);
    pass_a_moment();
    for (int i = 0; i < 3; i++)
        assert_carnet_rc(find("1", MDL), CARNET_E_ISSUING_SOURCE);
}

static void
a_table_that_is_asked_without_pause_is_read_again_all_the_same(void **state)
{
    struct timespec began, now;

    (void)state;
    assert_carnet_ok(open_table("id,family_name\n1,A\n", NULL), &t.err);
    assert_carnet_ok(find("1", MDL), &t.err);
    write_table("id,family_name\n1,Other\n");
    (void)clock_gettime(CLOCK_MONOTONIC, &began);
    do {
        assert_carnet_ok(find("1", MDL), &t.err);
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
    } while (!carnet_str_is(carnet_buf_str(&t.claims), NS "{\"family_name\":\"Other\"}}") &&
             now.tv_sec - began.tv_sec < 10);
    assert_str_is(carnet_buf_str(&t.claims), NS "{\"family_name\":\"Other\"}}");
}

static void
thousands_of_rows_are_each_found(void **state)
{
    enum { ROWS = 5000 };
    char *text = malloc((size_t)ROWS * 20 + 32), subject[16], expected[64];
    int len = 0;

    (void)state;
    assert_non_null(text);
    len = snprintf(text, 32, "id,family_name\n");
    for (unsigned i = 0; i < ROWS; i++)
        len += snprintf(text + len, 20, "s%u,n%u\n", i, i);
    assert_carnet_ok(open_table(text, NULL), &t.err);
    free(text);
    for (unsigned i = 0; i < ROWS; i += 7) {
        (void)snprintf(subject, sizeof(subject), "s%u", i);
        (void)snprintf(expected, sizeof(expected), NS "{\"family_name\":\"n%u\"}}", i);
        assert_carnet_ok(find(subject, MDL), &t.err);
        assert_str_is(carnet_buf_str(&t.claims), expected);
    }
    assert_carnet_rc(find("s5000", MDL), CARNET_E_ISSUING_SUBJECT);
}

static void
files_are_taken_of_the_folder_and_of_nowhere_else(void **state)
{
    static const char *const outside[] = { "file:/etc/passwd", "file:../x", "file:a/../../x", "file:..", "file:" };
    char path[112], row[128];
    FILE *f;

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/p.jpg", t.folder);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fputs("\xff\xd8\xff", f) >= 0, 1);
    assert_int_equal(fclose(f), 0);
    assert_carnet_ok(open_table("id,portrait\n1,file:p.jpg\n2,file:q.jpg\n3,/9j/\n", NULL), &t.err);
    assert_carnet_ok(find("1", MDL), &t.err);
    assert_str_is(carnet_buf_str(&t.claims), NS "{\"portrait\":{\"$base64\":\"/9j/\"}}}");
    assert_carnet_rc(find("2", MDL), CARNET_E_DOCTYPE_ELEMENT);
    assert_carnet_ok(find("3", MDL), &t.err); /* base64 as it is; the claims' reader decodes it */
    for (size_t i = 0; i < CARNET_COUNT(outside); i++) {
        (void)snprintf(row, sizeof(row), "id,portrait\n1,%s\n", outside[i]);
        write_table(row);
        pass_a_moment();
        assert_carnet_rc(find("1", MDL), CARNET_E_DOCTYPE_ELEMENT);
        assert_non_null(strstr(t.err.reason, "outside"));
    }
}

static void
write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void
settle(void)
{
    struct timespec moment = { .tv_nsec = 300000000 };

    assert_int_equal(nanosleep(&moment, NULL), 0);
}

/* Its next change might bear the same time. */
static void
an_answer_of_a_file_that_was_just_written_is_not_kept(void **state)
{
    carnet_source_files files = { 0 };
    char path[112];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/p.jpg", t.folder);
    for (size_t i = 0; !files.unknown && i < 1000; i++) { /* until there was no pause between the two */
        carnet_source_files_done(&files);
        write_file(path, "abc");
        carnet_source_files_note(&files, path);
    }
    assert_true(files.unknown);
    carnet_source_files_done(&files);
    settle();
    carnet_source_files_note(&files, path);
    assert_true(carnet_source_files_unchanged(&files));
    write_file(path, "xyz");
    assert_false(carnet_source_files_unchanged(&files));
    carnet_source_files_done(&files);
}

static void
a_file_that_changed_is_read_again_however_often_it_was_asked_for(void **state)
{
    char path[112], other[112];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/p.jpg", t.folder);
    (void)snprintf(other, sizeof(other), "%s/q.jpg", t.folder);
    write_file(path, "abc");
    write_file(other, "xyz");
    assert_carnet_ok(open_table("id,portrait,family_name\n1,file:p.jpg,A\n2,file:q.jpg,B\n", NULL), &t.err);
    settle(); /* what was just written is not kept */
    for (size_t i = 0; i < 3; i++) {
        assert_carnet_ok(find("1", MDL), &t.err);
        assert_str_is(carnet_buf_str(&t.claims), NS "{\"portrait\":{\"$base64\":\"YWJj\"},\"family_name\":\"A\"}}");
        assert_carnet_ok(find("2", MDL), &t.err);
        assert_str_is(carnet_buf_str(&t.claims), NS "{\"portrait\":{\"$base64\":\"eHl6\"},\"family_name\":\"B\"}}");
        assert_carnet_ok(find("1", "org.example.unknown"), &t.err); /* the same person's, but no such document */
        assert_str_is(carnet_buf_str(&t.claims), "{}");
    }
    write_file(path, "xyz"); /* of the same length, in the same place */
    pass_a_moment();
    for (size_t i = 0; i < 2; i++) {
        assert_carnet_ok(find("1", MDL), &t.err);
        assert_str_is(carnet_buf_str(&t.claims), NS "{\"portrait\":{\"$base64\":\"eHl6\"},\"family_name\":\"A\"}}");
    }
    assert_int_equal(unlink(other), 0);
    pass_a_moment();
    assert_carnet_rc(find("2", MDL), CARNET_E_DOCTYPE_ELEMENT);
}

/* Ask with an answer's stamp; how many octets came. */
static size_t
ask_again(const char *subject, uint64_t known, uint64_t *stamp)
{
    carnet_attribute_query query = {
        .subject = carnet_str_of(subject), .doc_type = carnet_str_of(MDL), .known = known, .stamp = stamp
    };

    t.claims = carnet_buf_of(t.room, sizeof(t.room));
    assert_carnet_ok(carnet_attribute_source_find(&t.source, &query, &t.claims, &t.err), &t.err);
    return t.claims.len;
}

static void
an_answer_that_is_known_is_not_given_again(void **state)
{
    uint64_t one = 7, other = 7, again = 7;

    (void)state;
    assert_carnet_ok(open_table("id,family_name\n1,A\n2,A\n", NULL), &t.err);
    assert_int_not_equal(ask_again("1", 0, &one), 0);
    assert_int_not_equal(ask_again("2", 0, &other), 0);
    assert_true(one != 0 && other != 0 && one != other);
    assert_int_equal(ask_again("1", one, &again), 0);
    assert_true(again == one);
    assert_int_not_equal(ask_again("2", one, &again), 0); /* another person's, though it reads the same */
    assert_true(again == other);
    assert_int_not_equal(ask_again("1", 0, &again), 0);
    assert_true(again == one);
    write_table("id,family_name\n1,B\n2,A\n");
    pass_a_moment();
    assert_int_not_equal(ask_again("1", one, &again), 0);
    assert_str_is(carnet_buf_str(&t.claims), NS "{\"family_name\":\"B\"}}");
    assert_true(again != 0 && again != one && again != other);
}

static void
an_answer_that_is_not_kept_goes_by_nothing(void **state)
{
    uint64_t stamp = 7;

    (void)state;
    for (size_t i = 0; stamp != 0 && i < 1000; i++) { /* until there was no pause between the two */
        char path[112];

        (void)snprintf(path, sizeof(path), "%s/p.jpg", t.folder);
        if (i == 0)
            assert_carnet_ok(open_table("id,portrait\n1,file:p.jpg\n", NULL), &t.err);
        write_file(path, "abc");
        pass_a_moment();
        write_file(path, "abc");
        assert_int_not_equal(ask_again("1", stamp, &stamp), 0);
    }
    assert_true(stamp == 0);
}

static void
cells_of_another_type_are_refused_by_name(void **state)
{
    static const struct {
        const char *column, *cell;
    } bad[] = { { "age_over_18", "perhaps" },
                { "height", "1.78" },
                { "height", "9999999999999999" },
                { "driving_privileges", "B" },
                { "family_name", "\xff" } };
    char text[128];

    (void)state;
    assert_carnet_ok(open_table("id\n1\n", NULL), &t.err);
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        (void)snprintf(text, sizeof(text), "id,%s\n1,%s\n", bad[i].column, bad[i].cell);
        write_table(text);
        pass_a_moment();
        assert_carnet_rc(find("1", MDL), CARNET_E_DOCTYPE_ELEMENT);
        assert_non_null(strstr(t.err.path, bad[i].column));
        assert_null(strstr(t.err.reason, bad[i].cell)); /* never the value */
    }
}

static void
tables_that_are_none_are_not_opened(void **state)
{
    static const struct {
        const char *text, *key;
    } bad[] = { { "", NULL }, { "a,b\n1,2\n", "id" }, { "id\n\"1", NULL }, { "id,b\n1\n", NULL } };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++)
        assert_carnet_rc(open_table(bad[i].text, bad[i].key), CARNET_E_ISSUING_SOURCE);
    assert_int_equal(unlink(t.path), 0);
    assert_carnet_rc(carnet_csv_source_open(&(carnet_csv_source_config){ .path = t.path }, &t.source, NULL),
                     CARNET_E_ISSUING_SOURCE);
    assert_carnet_rc(carnet_csv_source_open(&(carnet_csv_source_config){ .path = t.folder }, &t.source, NULL),
                     CARNET_E_ISSUING_SOURCE);
    write_table("id\n");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_read_as_RFC_4180_says),
        cmocka_unit_test(every_cut_and_flipped_bit_is_read_or_refused),
        TEST(a_row_becomes_claims_by_the_documents_table),
        TEST(a_person_who_is_there_twice_is_nobody),
        TEST(a_table_that_changed_is_read_again),
        TEST(a_table_that_is_asked_without_pause_is_read_again_all_the_same),
        TEST(thousands_of_rows_are_each_found),
        TEST(files_are_taken_of_the_folder_and_of_nowhere_else),
        TEST(an_answer_that_is_known_is_not_given_again),
        TEST(an_answer_that_is_not_kept_goes_by_nothing),
        TEST(an_answer_of_a_file_that_was_just_written_is_not_kept),
        TEST(a_file_that_changed_is_read_again_however_often_it_was_asked_for),
        TEST(cells_of_another_type_are_refused_by_name),
        TEST(tables_that_are_none_are_not_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
