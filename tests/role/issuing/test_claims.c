/* SPDX-License-Identifier: Apache-2.0 */
/* Claims: forms, conversions, and what is refused with which element's name. */
#include "carnet/claims.h"
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

#define NS "org.iso.18013.5.1"

/* What came of claims. */
typedef struct result {
    carnet_rc rc;
    carnet_err err;
    uint8_t room[1024];
    carnet_buf storage;
    carnet_element elements[16];
    size_t count, notes;
    char last_note[80];
} result;

static void
take_note(void *self, const carnet_element_name *name, const char *what)
{
    result *r = self;

    assert_true(name->identifier.len != 0);
    assert_in_range(strlen(what), 1, sizeof(r->last_note) - 1);
    memcpy(r->last_note, what, strlen(what) + 1);
    r->notes++;
}

static carnet_rc
read_file(void *self, carnet_str name, carnet_buf *out, carnet_err *err)
{
    (void)self;
    if (!carnet_str_is(name, "picture"))
        return carnet_fail(err, CARNET_E_USAGE, NULL, "no such file");
    carnet_buf_add(out, CARNET_TEST_BYTES("\xff\xd8\xff\xe0\0\0\0\0\0\0"));
    return CARNET_OK;
}

static result *
read_claims(const char *text, const char *doctype, bool complete)
{
    static result r;
    carnet_claims_options options = { .doctype = doctype != NULL ? carnet_doctype_named(carnet_str_of(doctype)) : NULL,
                                      .file = read_file,
                                      .note = take_note,
                                      .self = &r,
                                      .incomplete = !complete };
    carnet_json *json;

    memset(&r, 0, sizeof(r));
    r.storage = carnet_buf_of(r.room, sizeof(r.room));
    r.storage.len = 3; /* something was there before */
    assert_carnet_ok(carnet_json_parse(carnet_str_of(text), &json, &r.err), &r.err);
    r.rc = carnet_claims_read(json, &options, &r.storage, r.elements, CARNET_COUNT(r.elements), &r.count, &r.err);
    carnet_json_free(&json);
    assert_int_equal(r.count == 0, r.storage.len == 3);
    return &r;
}

/* One claim of an mDL, and the CBOR it becomes; or what it is refused with. */
static const struct {
    const char *claim, *hex, *note; /* hex NULL: refused with rc and path; note NULL: none */
    carnet_rc rc;
    const char *path;
} cases[] = {
#define AT(name) "[\"" NS "\"]." name
#define GOOD     CARNET_OK, ""
#define BAD      CARNET_E_DOCTYPE_ELEMENT
    { "\"family_name\": \"\\u00c4b\"", "63c38462", NULL, GOOD },
    { "\"birth_date\": \"2024-02-29\"", "d903ec6a323032342d30322d3239", "text converted to full-date", GOOD },
    { "\"birth_date\": {\"$tag\": 1004, \"value\": \"2024-02-29\"}", "d903ec6a323032342d30322d3239", NULL, GOOD },
    { "\"issue_date\": \"2024-02-29\"", "d903ec6a323032342d30322d3239", "text converted to full-date", GOOD },
    { "\"issue_date\": \"2024-02-29T12:00:00Z\"", "c074323032342d30322d32395431323a30303a30305a",
      "text converted to tdate", GOOD },
    { "\"issue_date\": \"2024-02-29T13:00:00+01:00\"", "c074323032342d30322d32395431323a30303a30305a",
      "text converted to tdate in UTC", GOOD },
    { "\"issue_date\": \"2024-02-29T12:00:00.5Z\"", "c074323032342d30322d32395431323a30303a30305a",
      "text converted to tdate, fraction of a second dropped", GOOD },
    { "\"portrait\": \"/9j/4AAAAAAAAA==\"",
      "4affd8ffe000000000000"
      "0",
      "base64 text converted to bytes", GOOD },
    { "\"portrait\": \"_9j_4AAAAAAAAA\"", "4affd8ffe0000000000000", "base64 text converted to bytes", GOOD },
    { "\"portrait\": {\"$bstr\": \"picture\"}", "4affd8ffe0000000000000", NULL, GOOD },
    { "\"portrait\": {\"$hex\": \"ffd8ffe0 000000000000\"}", "4affd8ffe0000000000000", NULL, GOOD },
    { "\"portrait\": {\"$base64\": \"/9j/4AAAAAAAAA==\"}", "4affd8ffe0000000000000", NULL, GOOD },
    { "\"sex\": 1", "01", NULL, GOOD },
    { "\"age_over_18\": true", "f5", NULL, GOOD },
    { "\"driving_privileges\": [{\"vehicle_category_code\": \"A\", \"issue_date\": \"2024-02-29\"}]",
      "81a27576656869636c655f63617465676f72795f636f646561416a69737375655f64617465d903ec6a323032342d30322d3239",
      "text converted to full-date", GOOD },
    { "\"unknown\": [1, -2, 0.5, {\"a\": \"2024-02-29\"}]", "840121f93800a161616a323032342d30322d3239", NULL, GOOD },
    { "\"unknown\": {\"$tag\": 24, \"value\": {\"$hex\": \"01\"}}", "d8184101", NULL, GOOD },
    { "\"unknown\": {\"$tag\": 9999999999, \"value\": [1]}", "db00000002540be3ff8101", NULL, GOOD },
    { "\"unknown\": 9223372036854775807", "1b7fffffffffffffff", NULL, GOOD },

    { "\"family_name\": 1", NULL, NULL, BAD, AT("family_name") },
    { "\"family_name\": \"\\u20ac\"", NULL, NULL, BAD, AT("family_name") },
    { "\"family_name\": null", NULL, NULL, BAD, AT("family_name") },
    { "\"family_name\": [\"a\"]", NULL, NULL, BAD, AT("family_name") },
    { "\"sex\": 3", NULL, NULL, BAD, AT("sex") },
    { "\"sex\": \"1\"", NULL, NULL, BAD, AT("sex") },
    { "\"sex\": 1.0", NULL, NULL, BAD, AT("sex") },
    { "\"age_over_18\": \"true\"", NULL, NULL, BAD, AT("age_over_18") },
    { "\"age_over_NN\": true, \"sex\": 3", NULL, NULL, BAD, AT("sex") },
    { "\"birth_date\": \"29.02.2024\"", NULL, NULL, BAD, AT("birth_date") },
    { "\"birth_date\": \"2023-02-29\"", NULL, NULL, BAD, AT("birth_date") },
    { "\"birth_date\": \"2024-02-29T12:00:00Z\"", NULL, NULL, BAD, AT("birth_date") },
    { "\"birth_date\": {\"$tag\": 0, \"value\": \"2024-02-29T12:00:00Z\"}", NULL, NULL, BAD, AT("birth_date") },
    { "\"birth_date\": 20240229", NULL, NULL, BAD, AT("birth_date") },
    { "\"portrait_capture_date\": \"2024-02-29\"", NULL, NULL, BAD, AT("portrait_capture_date") },
    { "\"portrait\": \"/9j/4AAAAAAAAA=\"", NULL, "base64 text converted to bytes", CARNET_E_BASE64, AT("portrait") },
    { "\"portrait\": \"/9j_4AAAAAAAAA\"", NULL, "base64 text converted to bytes", CARNET_E_BASE64, AT("portrait") },
    { "\"portrait\": \"iVBORw0KGgoAAA==\"", NULL, "base64 text converted to bytes", BAD, AT("portrait") },
    { "\"portrait\": {\"$bstr\": \"other\"}", NULL, NULL, CARNET_E_USAGE, AT("portrait") },
    { "\"portrait\": {\"$hex\": \"ffd\"}", NULL, NULL, CARNET_E_HEX, AT("portrait") },
    { "\"portrait\": {\"$base64\": \"!\"}", NULL, NULL, CARNET_E_BASE64, AT("portrait") },
    { "\"portrait\": {\"$hex\": 1}", NULL, NULL, BAD, AT("portrait") },
    { "\"unknown\": {\"$hex\": \"00\", \"x\": 1}", NULL, NULL, BAD, AT("unknown") },
    { "\"unknown\": {\"$other\": \"00\"}", NULL, NULL, BAD, AT("unknown") },
    { "\"unknown\": {\"$tag\": -1, \"value\": 1}", NULL, NULL, BAD, AT("unknown") },
    { "\"unknown\": {\"$tag\": \"1\", \"value\": 1}", NULL, NULL, BAD, AT("unknown") },
    { "\"unknown\": {\"$tag\": 1}", NULL, NULL, BAD, AT("unknown") },
    { "\"unknown\": {\"$tag\": 1, \"value\": 1, \"x\": 1}", NULL, NULL, BAD, AT("unknown") },
    { "\"unknown\": {\"$tag\": 24, \"value\": [1]}", NULL, NULL, BAD, AT("unknown") },
    { "\"unknown\": {\"$tag\": 0, \"value\": \"yesterday\"}", NULL, NULL, BAD, AT("unknown") },
    { "\"unknown\": {\"$tag\": 1004, \"value\": 1}", NULL, NULL, BAD, AT("unknown") },
    { "\"unknown\": [[null]]", NULL, NULL, BAD, AT("unknown") },
    { "\"driving_privileges\": [{}]", NULL, NULL, BAD, AT("driving_privileges") },
    { "\"driving_privileges\": [{\"vehicle_category_code\": \"A\", \"issue_date\": \"2024\"}]", NULL, NULL, BAD,
      AT("driving_privileges") },
    { "\"\": 1", NULL, NULL, BAD, "[\"" NS "\"][0]" },
};

static void
each_claim_becomes_its_cbor_or_is_refused_by_name(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        char text[256];
        carnet_buf out = carnet_buf_of(text, sizeof(text) - 1);
        const result *r;

        carnet_buf_add_text(&out, "{");
        carnet_buf_add_text(&out, cases[i].claim);
        carnet_buf_add_text(&out, "}");
        text[out.len] = '\0';
        r = read_claims(text, "mdl", false);
        if (r->rc != cases[i].rc || (r->rc != CARNET_OK && strcmp(r->err.path, cases[i].path) != 0)) {
            print_error("%s: code %#x in %s: %s\n", cases[i].claim, (unsigned)r->rc, r->err.path, r->err.reason);
            wrong++;
            continue;
        }
        assert_string_equal(r->last_note, cases[i].note != NULL ? cases[i].note : "");
        assert_int_equal(r->count, r->rc == CARNET_OK ? 1 : 0);
        if (r->rc == CARNET_OK) {
            assert_str_is(r->elements[0].name_space, NS);
            assert_span_equal(r->elements[0].value, carnet_test_hex(cases[i].hex));
        } else {
            assert_true(r->err.reason[0] != '\0');
        }
    }
    assert_int_equal(wrong, 0);
}

/* Elements as "name_space/identifier " each. */
static const char *
names_of(const result *r)
{
    static char text[512];
    carnet_buf out = carnet_buf_of(text, sizeof(text) - 1);

    for (size_t i = 0; i < r->count; i++) {
        carnet_buf_add_str(&out, r->elements[i].name_space);
        carnet_buf_add_text(&out, "/");
        carnet_buf_add_str(&out, r->elements[i].identifier);
        carnet_buf_add_text(&out, " ");
    }
    text[out.len] = '\0';
    return text;
}

static const struct {
    const char *text, *doctype, *names; /* names NULL: refused */
    carnet_rc rc;
    const char *path;
} forms[] = {
    { "[[\"sex\", 1], [\"age_over_18\", true]]", "mdl", NS "/sex " NS "/age_over_18 ", GOOD },
    { "{\"sex\": 1, \"age_over_18\": true}", "mdl", NS "/sex " NS "/age_over_18 ", GOOD },
    { "{\"" NS "\": {\"sex\": 1}, \"" NS ".aamva\": {\"sex\": 2}}", "mdl", NS "/sex " NS ".aamva/sex ", GOOD },
    { "{\"" NS "\": [[\"sex\", 1]]}", "mdl", NS "/sex ", GOOD },
    { "{\"org.example\": {\"a\": 1}, \"" NS "\": {\"sex\": 1}}", "mdl", "org.example/a " NS "/sex ", GOOD },
    { "{\"org.example\": {\"a\": 1}}", NULL, "org.example/a ", GOOD },
    { "{\"unknown\": {\"a\": 1}}", "mdl", NS "/unknown ", GOOD },
    { "{}", "mdl", "", GOOD },
    { "[]", "mdl", "", GOOD },

    { "{\"a\": 1}", NULL, NULL, CARNET_E_DOCTYPE_UNKNOWN, "" },
    { "[[\"a\", 1]]", NULL, NULL, CARNET_E_DOCTYPE_UNKNOWN, "" },
    { "1", "mdl", NULL, CARNET_E_JSON_TYPE, "[\"" NS "\"]" },
    { "\"sex\"", "mdl", NULL, CARNET_E_JSON_TYPE, "[\"" NS "\"]" },
    { "null", "mdl", NULL, CARNET_E_JSON_TYPE, "[\"" NS "\"]" },
    { "[1]", "mdl", NULL, CARNET_E_JSON_TYPE, "[\"" NS "\"][0]" },
    { "[[\"sex\", 1], [\"sex\"]]", "mdl", NULL, CARNET_E_JSON_TYPE, "[\"" NS "\"][1]" },
    { "[[\"sex\", 1, 2]]", "mdl", NULL, CARNET_E_JSON_TYPE, "[\"" NS "\"][0]" },
    { "[[1, 1]]", "mdl", NULL, CARNET_E_JSON_TYPE, "[\"" NS "\"][0]" },
    { "[[\"sex\", 1], [\"sex\", 1]]", "mdl", NULL, CARNET_E_MDOC_ELEMENT_TWICE, AT("sex") },
    { "{\"" NS "\": {\"sex\": 1}, \"sex\": 1}", "mdl", NULL, CARNET_E_JSON_TYPE, "sex" },
    { "{\"sex\": 1, \"" NS "\": {\"sex\": 1}}", "mdl", NULL, CARNET_E_JSON_TYPE, "sex" },
    { "{\"" NS "\": 1}", "mdl", NULL, CARNET_E_JSON_TYPE, "[\"" NS "\"]" },
    { "{\"" NS "\": [1]}", "mdl", NULL, CARNET_E_JSON_TYPE, "[\"" NS "\"][0]" },
    { "{\"" NS ".aamva\": {\"organ_donor\": 2}}", "mdl", NULL, BAD, "[\"" NS ".aamva\"].organ_donor" },
};

static void
each_form_gives_its_elements_or_is_refused(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(forms); i++) {
        const result *r = read_claims(forms[i].text, forms[i].doctype, false);

        if (r->rc != forms[i].rc || strcmp(r->err.path, forms[i].path) != 0 ||
            strcmp(names_of(r), forms[i].names != NULL ? forms[i].names : "") != 0) {
            print_error("%s: code %#x in %s, %s\n", forms[i].text, (unsigned)r->rc, r->err.path, names_of(r));
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void
a_dotted_element_of_the_table_is_no_name_space(void **state)
{
    carnet_claims_options options = { .doctype = carnet_doctype_named(carnet_str_of("mdl")),
                                      .name_space = carnet_str_of(NS ".aamva"),
                                      .incomplete = true };
    carnet_element elements[2];
    uint8_t room[128];
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_json *json;
    carnet_err err = { 0 };
    size_t count;

    (void)state;
    assert_carnet_ok(carnet_json_parse(carnet_str_of("{\"aka_family_name.v2\": [\"a\"]}"), &json, &err), &err);
    assert_carnet_ok(carnet_claims_read(json, &options, &storage, elements, 2, &count, &err), &err);
    assert_int_equal(count, 1);
    assert_str_is(elements[0].name_space, NS ".aamva");
    assert_str_is(elements[0].identifier, "aka_family_name.v2");
    carnet_json_free(&json);
}

#define PHOTOID_COMMON                                                                                                 \
    "\"org.iso.23220.1\": {\"family_name\": \"a\", \"given_name\": \"a\", \"birth_date\": \"2000-01-01\","             \
    "\"portrait\": {\"$bstr\": \"picture\"}, \"issue_date\": \"2024-01-01\", \"expiry_date\": \"2034-01-01\","         \
    "\"issuing_authority\": \"a\", \"issuing_country\": \"UT\", \"age_over_18\": true}"

static void
what_is_mandatory_must_be_there(void **state)
{
    static const struct {
        const char *text, *doctype, *missing; /* missing NULL: complete */
    } all[] = {
        { "{\"age_over_18\": true}", "av", NULL },
        { "{\"age_over_21\": true}", "av", "[\"eu.europa.ec.av.1\"].age_over_18" },
        { "{}", "av", "[\"eu.europa.ec.av.1\"].age_over_18" },
        { "{}", "mdl", AT("family_name") },
        { "{\"org.example\": {\"a\": 1}}", "mdl", AT("family_name") },
        { "{" PHOTOID_COMMON "}", "photoid", NULL },
        { "{" PHOTOID_COMMON ", \"org.iso.23220.datagroups.1\": {\"version\": \"1\"}}", "photoid",
          "[\"org.iso.23220.datagroups.1\"].dg1" },
        { "{" PHOTOID_COMMON ", \"org.iso.23220.datagroups.1\": {\"dg1\": \"\", \"dg2\": \"\", \"sod\": \"\"}}",
          "photoid", "[\"org.iso.23220.photoid.1\"].travel_document_type" },
        { "{" PHOTOID_COMMON ", \"org.iso.23220.datagroups.1\": {\"dg1\": \"\", \"dg2\": \"\", \"sod\": \"\"},"
          "\"org.iso.23220.photoid.1\": {\"travel_document_type\": \"P\"}}",
          "photoid", "[\"org.iso.23220.photoid.1\"].travel_document_mrz" },
        { "{" PHOTOID_COMMON ", \"org.iso.23220.datagroups.1\": {\"dg1\": \"\", \"dg2\": \"\", \"sod\": \"\"},"
          "\"org.iso.23220.photoid.1\": {\"travel_document_type\": \"P\", \"travel_document_mrz\": \"P<\"}}",
          "photoid", NULL },
        { "{" PHOTOID_COMMON ", \"org.iso.23220.photoid.1\": {\"person_id\": \"1\"}}", "photoid", NULL },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(all); i++) {
        const result *r = read_claims(all[i].text, all[i].doctype, true);

        if (r->rc != (all[i].missing != NULL ? CARNET_E_DOCTYPE_MISSING : CARNET_OK) ||
            (all[i].missing != NULL && strcmp(r->err.path, all[i].missing) != 0))
            fail_msg("%s: code %#x, missing %s: %s", all[i].text, (unsigned)r->rc, r->err.path, r->err.reason);
        assert_int_equal(read_claims(all[i].text, all[i].doctype, false)->rc, CARNET_OK);
    }
}

/* Every size of storage and of the list: either all is there or nothing is added. */
static void
too_little_room_is_said_wherever_it_ends(void **state)
{
    static const char text[] = "{\"family_name\": \"Doe\", \"portrait\": {\"$bstr\": \"picture\"}, \"sex\": 1,"
                               "\"birth_date\": \"2024-02-29\", \"unknown\": {\"a\": [1, \"b\", {\"$hex\": \"00\"}]}}";
    carnet_claims_options options = { .doctype = carnet_doctype_named(carnet_str_of("mdl")),
                                      .file = read_file,
                                      .incomplete = true };
    carnet_element elements[5];
    carnet_json *json;
    carnet_err err = { 0 };
    size_t count, needed = 0;

    (void)state;
    assert_carnet_ok(carnet_json_parse(carnet_str_of(text), &json, &err), &err);
    for (size_t cap = 0; needed == 0; cap++) {
        uint8_t *room = malloc(cap > 0 ? cap : 1); /* so that a sanitizer sees a byte too many */
        carnet_buf storage = carnet_buf_of(room, cap);
        carnet_rc rc = carnet_claims_read(json, &options, &storage, elements, 5, &count, &err);

        assert_in_range(cap, 0, 500);
        if (rc == CARNET_OK) {
            needed = cap;
            assert_int_equal(count, 5);
        } else {
            assert_carnet_rc(rc, CARNET_E_NO_SPACE);
            assert_int_equal(count, 0);
            assert_int_equal(storage.len, 0);
        }
        free(room);
    }
    assert_in_range(needed, 60, 200);
    for (size_t cap = 0; cap < 5; cap++) {
        uint8_t room[500];
        carnet_buf storage = carnet_buf_of(room, sizeof(room));

        assert_carnet_rc(carnet_claims_read(json, &options, &storage, elements, cap, &count, &err), CARNET_E_NO_SPACE);
    }
    carnet_json_free(&json);
}

static void
files_are_refused_where_nobody_reads_them(void **state)
{
    carnet_claims_options options = { .name_space = carnet_str_of("org.example"), .incomplete = true };
    uint8_t room[100];
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_element elements[1];
    carnet_json *json;
    carnet_err err = { 0 };
    size_t count;

    (void)state;
    assert_carnet_ok(carnet_json_parse(carnet_str_of("{\"a\": {\"$bstr\": \"/etc/passwd\"}}"), &json, &err), &err);
    assert_carnet_rc(carnet_claims_read(json, &options, &storage, elements, 1, &count, &err), CARNET_E_DOCTYPE_ELEMENT);
    assert_string_equal(err.reason, "files are not read here");
    assert_string_equal(err.path, "[\"org.example\"].a");
    carnet_json_free(&json);
}

static void
no_error_repeats_a_value(void **state)
{
    const result *r = read_claims("{\"issuing_country\": \"secret\"}", "mdl", false);

    (void)state;
    assert_carnet_rc(r->rc, BAD);
    assert_null(strstr(r->err.reason, "secret"));
    assert_null(strstr(r->err.path, "secret"));
}

static carnet_rc
read_shared_file(void *self, carnet_str name, carnet_buf *out, carnet_err *err)
{
    (void)self;
    (void)err;
    assert_str_is(name, "portrait.jpg");
    carnet_buf_add(out, carnet_test_shared("bench/inputs/portrait.jpg"));
    return CARNET_OK;
}

static void
the_claims_of_the_benchmarks_are_complete(void **state)
{
    static const struct {
        const char *path;
        size_t count;
    } files[] = { { "bench/inputs/claims-11.json", 11 }, { "bench/inputs/claims-30.json", 30 } };
    static uint8_t room[65536];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(files); i++) {
        carnet_claims_options options = { .doctype = carnet_doctype_named(carnet_str_of("mdl")),
                                          .file = read_shared_file };
        carnet_buf storage = carnet_buf_of(room, sizeof(room));
        carnet_element elements[40];
        carnet_json *json;
        carnet_err err = { 0 };
        size_t count;

        assert_carnet_ok(carnet_json_parse(carnet_test_shared_text(files[i].path), &json, &err), &err);
        assert_carnet_ok(carnet_claims_read(json, &options, &storage, elements, 40, &count, &err), &err);
        assert_int_equal(count, files[i].count);
        carnet_json_free(&json);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_claim_becomes_its_cbor_or_is_refused_by_name),
        cmocka_unit_test(each_form_gives_its_elements_or_is_refused),
        cmocka_unit_test(a_dotted_element_of_the_table_is_no_name_space),
        cmocka_unit_test(what_is_mandatory_must_be_there),
        cmocka_unit_test(too_little_room_is_said_wherever_it_ends),
        cmocka_unit_test(files_are_refused_where_nobody_reads_them),
        cmocka_unit_test(no_error_repeats_a_value),
        cmocka_unit_test(the_claims_of_the_benchmarks_are_complete),
    };

    return cmocka_run_group_tests_name("role/issuing claims", tests, NULL, NULL);
}
