/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in tables, element by element, and how they are searched; the age_over_NN rule. */
#include "carnet/doctype.h"
#include "support/support.h"

#include <string.h>

#define M       CARNET_MANDATORY
#define O       CARNET_OPTIONAL
#define R       CARNET_RECOMMENDED
#define C       CARNET_CONDITIONAL
#define T(type) CARNET_ELEMENT_##type

typedef struct row {
    const char *identifiers; /* separated by spaces */
    carnet_element_type type;
    carnet_presence presence;
    uint32_t max;
    const char *choices;
} row;

/* 18013-5 13.4 */
static const row mdl[] = {
    { "family_name given_name issuing_authority document_number un_distinguishing_sign", T(LATIN1), M, 150, NULL },
    { "birth_date", T(FULL_DATE), M, 0, NULL },
    { "issue_date expiry_date", T(DATE), M, 0, NULL },
    { "issuing_country", T(ALPHA2), M, 0, NULL },
    { "portrait", T(IMAGE), M, 0, NULL },
    { "driving_privileges", T(PRIVILEGES), M, 0, NULL },
    { "administrative_number birth_place resident_address resident_street resident_city resident_state "
      "resident_postal_code",
      T(LATIN1), O, 150, NULL },
    { "sex", T(UINT_CHOICE), O, 0, "0|1|2|9" },
    { "height weight", T(UINT), O, 999, NULL },
    { "eye_colour", T(CHOICE), O, 0, "black|blue|brown|dichromatic|grey|green|hazel|maroon|pink|unknown" },
    { "hair_colour", T(CHOICE), O, 0, "bald|black|blond|brown|grey|red|auburn|sandy|white|unknown" },
    { "portrait_capture_date", T(TDATE), O, 0, NULL },
    { "age_in_years", T(UINT), O, 199, NULL },
    { "age_birth_year", T(UINT), O, 9999, NULL },
    { "age_over_00 age_over_18 age_over_99", T(BOOL), O, 0, NULL },
    { "issuing_jurisdiction", T(SUBDIVISION), O, 0, NULL },
    { "nationality resident_country", T(ALPHA2), O, 0, NULL },
    { "biometric_template_face biometric_template_finger biometric_template_signature_sign", T(TEMPLATE), O, 0, NULL },
    { "family_name_national_character given_name_national_character", T(TEXT), O, 150, NULL },
    { "signature_usual_mark", T(BYTES), O, 0, NULL },
};

static const row aamva[] = {
    { "organ_donor veteran DHS_temporary_lawful_status", T(UINT_CHOICE), O, 0, "1" },
    { "family_name_truncation given_name_truncation", T(CHOICE), M, 0, "T|N|U" },
    { "name_suffix aka_family_name aka_given_name aka_suffix audit_information", T(TEXT), O, 150, NULL },
    { "weight_range", T(UINT), O, 9, NULL },
    { "race_ethnicity", T(CHOICE), O, 0, "AI|AP|BK|H|O|U|W" },
    { "DHS_compliance", T(CHOICE), O, 0, "F|N" },
    { "EDL_credential", T(UINT_CHOICE), O, 0, "1|2" },
    { "resident_county", T(DIGITS), O, 3, NULL },
    { "hazmat_endorsement_expiration_date", T(FULL_DATE), O, 0, NULL },
    { "sex", T(UINT_CHOICE), M, 0, "0|1|2|9" },
    { "aamva_version", T(UINT), M, 0, NULL },
    { "domestic_driving_privileges", T(ANY), O, 0, NULL },
};

/* TS 23220-4 Annex C */
static const row photoid_common[] = {
    { "family_name given_name issuing_authority", T(TEXT), M, 150, NULL },
    { "birth_date", T(BIRTH_DATE), M, 0, NULL },
    { "portrait", T(IMAGE), M, 0, NULL },
    { "issue_date expiry_date", T(DATE), M, 0, NULL },
    { "issuing_country", T(ALPHA23), M, 0, NULL },
    { "age_over_18", T(BOOL), M, 0, NULL },
    { "age_over_21", T(BOOL), R, 0, NULL },
    { "age_in_years", T(UINT), R, 199, NULL },
    { "family_name_viz given_name_viz birthplace name_at_birth resident_address resident_city resident_postal_code "
      "document_number",
      T(TEXT), O, 150, NULL },
    { "family_name_latin1 given_name_latin1 resident_city_latin1", T(LATIN1), O, 150, NULL },
    { "enrolment_portrait_image", T(BYTES), O, 0, NULL },
    { "portrait_capture_date", T(TDATE), O, 0, NULL },
    { "resident_country", T(ALPHA2), O, 0, NULL },
    { "nationality", T(ALPHA23), O, 0, NULL },
    { "sex", T(UINT_CHOICE), O, 0, "0|1|2|9" },
    { "issuing_subdivision", T(SUBDIVISION), O, 0, NULL },
};

static const row photoid_own[] = {
    { "person_id administrative_number birth_state birth_city resident_street resident_house_number resident_state "
      "travel_document_number",
      T(TEXT), O, 150, NULL },
    { "birth_country", T(ALPHA2), O, 0, NULL },
    { "travel_document_type travel_document_mrz", T(TEXT), C, 150, NULL },
};

static const row data_groups[] = {
    { "version", T(TEXT), O, 150, NULL },
    { "dg1 dg2 sod", T(BYTES), M, 0, NULL },
    { "dg3 dg9 dg10 dg16", T(BYTES), O, 0, NULL },
};

static const row dtc[] = {
    { "dtc_sod dtc_dg1 dtc_dg2 dtc_dg11 dtc_dg16 dg_content_info", T(BYTES), O, 0, NULL },
    { "dtc_version", T(ANY), O, 0, NULL },
};

/* EU PID rule book, 1.7 */
static const row pid[] = {
    { "family_name given_name issuing_authority", T(TEXT), M, 150, NULL },
    { "birth_date", T(FULL_DATE), M, 0, NULL },
    { "place_of_birth", T(PLACE), M, 0, NULL },
    { "nationality", T(ALPHA2_LIST), M, 0, NULL },
    { "portrait", T(IMAGE), R, 0, NULL }, /* the person may opt out */
    { "issuing_country", T(ALPHA2), M, 0, NULL },
    { "resident_address resident_state resident_city resident_postal_code resident_street "
      "personal_administrative_number family_name_birth given_name_birth email_address document_number "
      "attestation_legal_category",
      T(TEXT), O, 150, NULL },
    { "resident_country", T(ALPHA2), O, 0, NULL },
    { "sex", T(UINT_CHOICE), O, 0, "0|1|2|3|4|5|6|9" },
    { "mobile_phone_number", T(PHONE), O, 150, NULL },
    { "expiry_date issuance_date", T(DATE), O, 0, NULL },
    { "issuing_jurisdiction", T(SUBDIVISION), O, 0, NULL },
    { "trust_anchor", T(TEXT), O, 0, NULL },
};

static const row av[] = {
    { "age_over_18", T(BOOL), M, 0, NULL },
    { "age_over_16 age_over_21", T(BOOL), O, 0, NULL },
};

static const struct {
    const char *doc_type, *name_space;
    const row *rows;
    size_t count, mandatory; /* mandatory: so many elements, and no other */
    bool required;
} tables[] = {
    { "org.iso.18013.5.1.mDL", "org.iso.18013.5.1", mdl, CARNET_COUNT(mdl), 11, true },
    { "org.iso.18013.5.1.mDL", "org.iso.18013.5.1.aamva", aamva, CARNET_COUNT(aamva), 4, false },
    { "org.iso.23220.photoid.1", "org.iso.23220.1", photoid_common, CARNET_COUNT(photoid_common), 9, true },
    { "org.iso.23220.photoid.1", "org.iso.23220.photoid.1", photoid_own, CARNET_COUNT(photoid_own), 0, false },
    { "org.iso.23220.photoid.1", "org.iso.23220.datagroups.1", data_groups, CARNET_COUNT(data_groups), 3, false },
    { "org.iso.23220.photoid.1", "org.iso.23220.dtc.1", dtc, CARNET_COUNT(dtc), 0, false },
    { "eu.europa.ec.eudi.pid.1", "eu.europa.ec.eudi.pid.1", pid, CARNET_COUNT(pid), 7, true },
    { "eu.europa.ec.av.1", "eu.europa.ec.av.1", av, CARNET_COUNT(av), 1, true },
};

static void
check_row(const carnet_doctype *doctype, const char *name_space, const row *want)
{
    const char *at = want->identifiers;

    while (*at != '\0') {
        carnet_str identifier = { at, strcspn(at, " ") };
        const carnet_element_definition *e = carnet_doctype_element(doctype, carnet_str_of(name_space), identifier);

        if (e == NULL || e->type != want->type || e->presence != want->presence || e->max != want->max ||
            (e->choices == NULL) != (want->choices == NULL) ||
            (e->choices != NULL && strcmp(e->choices, want->choices) != 0))
            fail_msg("%s: %.*s is not as specified", name_space, (int)identifier.len, identifier.ptr);
        at += identifier.len + strspn(at + identifier.len, " ");
    }
}

static void
every_element_is_as_its_document_specifies(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(tables); i++) {
        const carnet_doctype *doctype = carnet_doctype_find(carnet_str_of(tables[i].doc_type));
        const carnet_name_space_definition *ns =
            carnet_doctype_name_space(doctype, carnet_str_of(tables[i].name_space));
        size_t mandatory = 0;

        assert_non_null(ns);
        assert_int_equal(ns->required, tables[i].required);
        for (size_t k = 0; k < tables[i].count; k++)
            check_row(doctype, tables[i].name_space, &tables[i].rows[k]);
        for (size_t k = 0; k < ns->count; k++)
            mandatory += ns->elements[k].presence == M;
        assert_int_equal(mandatory, tables[i].mandatory);
    }
}

static void
tables_are_sound(void **state)
{
    (void)state;
    for (size_t d = 0; carnet_doctype_at(d) != NULL; d++)
        for (size_t n = 0; n < carnet_doctype_at(d)->count; n++) {
            const carnet_name_space_definition *ns = &carnet_doctype_at(d)->name_spaces[n];

            for (size_t e = 0; e < ns->count; e++) {
                const carnet_element_definition *element = &ns->elements[e];
                bool choice = element->type == T(CHOICE) || element->type == T(UINT_CHOICE);
                bool conditional = element->presence == C;

                assert_int_equal(choice, element->choices != NULL);
                assert_int_equal(conditional, element->needed_with.name_space != NULL);
                for (size_t k = 0; k < e; k++)
                    assert_string_not_equal(element->identifier, ns->elements[k].identifier);
            }
        }
}

static void
a_conditional_element_is_needed_with_dg1(void **state)
{
    const carnet_doctype *doctype = carnet_doctype_named(carnet_str_of("photoid"));
    const carnet_element_definition *e =
        carnet_doctype_element(doctype, carnet_str_of("org.iso.23220.photoid.1"), carnet_str_of("travel_document_mrz"));

    (void)state;
    assert_string_equal(e->needed_with.name_space, "org.iso.23220.datagroups.1");
    assert_string_equal(e->needed_with.identifier, "dg1");
}

static void
what_no_table_has_is_not_found(void **state)
{
    static const char *const unknown[] = {
        "",
        "family_nam",
        "family_names",
        "Family_name",
        "age_over_",
        "age_over_1",
        "age_over_1x",
        "age_over_NN",
        "age_over_180",
        "biometric_template_",
        "age_over_18 ",
        "xx",
    };
    const carnet_doctype *doctype = carnet_doctype_named(carnet_str_of("mdl"));
    carnet_str ns = carnet_str_of("org.iso.18013.5.1");

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(unknown); i++)
        if (carnet_doctype_element(doctype, ns, carnet_str_of(unknown[i])) != NULL)
            fail_msg("%s was found", unknown[i]);
    assert_null(carnet_doctype_element(doctype, carnet_str_of("org.example"), carnet_str_of("family_name")));
    assert_null(carnet_doctype_element(NULL, ns, carnet_str_of("family_name")));
    assert_null(carnet_doctype_name_space(doctype, carnet_str_of("org.iso.18013.5")));
    assert_null(carnet_doctype_name_space(NULL, ns));
    assert_null(carnet_doctype_find(carnet_str_of("org.iso.18013.5.1")));
    assert_null(carnet_doctype_find(carnet_str_of("org.iso.18013.5.1.mdl")));
    assert_null(carnet_doctype_find((carnet_str){ 0 }));
    assert_null(carnet_doctype_named(carnet_str_of("MDL")));
    assert_null(carnet_doctype_at(4));
}

static void
tables_go_by_short_and_by_full_name(void **state)
{
    static const char *const names[] = { "mdl", "photoid", "pid", "av" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(names); i++) {
        const carnet_doctype *doctype = carnet_doctype_at(i);

        assert_ptr_equal(carnet_doctype_named(carnet_str_of(names[i])), doctype);
        assert_ptr_equal(carnet_doctype_named(carnet_str_of(doctype->doc_type)), doctype);
        assert_ptr_equal(carnet_doctype_find(carnet_str_of(doctype->doc_type)), doctype);
        assert_int_equal(doctype->mdl, i == 0);
    }
}

/* --- ages --- */

static void
an_age_is_two_digits_behind_age_over(void **state)
{
    static const struct {
        const char *identifier;
        int age;
    } cases[] = {
        { "age_over_00", 0 },   { "age_over_18", 18 },  { "age_over_99", 99 }, { "age_over_", -1 },
        { "age_over_1", -1 },   { "age_over_100", -1 }, { "age_over_1a", -1 }, { "age_over_-1", -1 },
        { "age_over_ 1", -1 },  { "Age_over_18", -1 },  { "age_over_NN", -1 }, { "", -1 },
        { "xage_over_18", -1 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++)
        if (carnet_age_over(carnet_str_of(cases[i].identifier)) != cases[i].age)
            fail_msg("%s: %d", cases[i].identifier, carnet_age_over(carnet_str_of(cases[i].identifier)));
    assert_int_equal(carnet_age_over((carnet_str){ 0 }), -1);
}

static void
the_nearest_attestation_answers(void **state)
{
    static const carnet_age_attestation mixed[] = { { 65, false }, { 18, true }, { 21, true }, { 60, false } };
    static const carnet_age_attestation young[] = { { 18, false }, { 16, false }, { 14, true } };
    static const struct {
        const carnet_age_attestation *held;
        size_t count;
        int wanted, answer;
    } cases[] = {
        { mixed, 4, 18, 18 },                                             /* itself */
        { mixed, 4, 16, 18 },                                             /* the smallest at or above that is true */
        { mixed, 4, 0, 18 },  { mixed, 4, 19, 21 }, { mixed, 4, 60, 60 }, /* the largest at or below that is false */
        { mixed, 4, 62, 60 }, { mixed, 4, 70, 65 }, { mixed, 4, 99, 65 }, { mixed, 4, 30, -1 }, /* nothing says so */
        { young, 3, 14, 14 }, { young, 3, 10, 14 }, { young, 3, 16, 16 }, { young, 3, 18, 18 },
        { young, 3, 17, 16 }, { young, 3, 15, -1 }, { mixed, 0, 18, -1 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++)
        assert_int_equal(carnet_age_over_answer(cases[i].held, cases[i].count, cases[i].wanted), cases[i].answer);
}

/* Whatever is held: an answer is held, and says what was asked. */
static void
every_answer_implies_what_was_asked(void **state)
{
    carnet_test_seed seed = { 1 };

    (void)state;
    for (int round = 0; round < 2000; round++) {
        carnet_age_attestation held[6];
        int wanted = (int)(carnet_test_number(&seed) % 100), age = (int)(carnet_test_number(&seed) % 100), answer;
        bool found = false;

        for (size_t i = 0; i < CARNET_COUNT(held); i++) {
            held[i].age = (int)(carnet_test_number(&seed) % 100);
            held[i].over = age >= held[i].age; /* of one person */
        }
        answer = carnet_age_over_answer(held, CARNET_COUNT(held), wanted);
        for (size_t i = 0; i < CARNET_COUNT(held); i++)
            found |= held[i].age == answer && (held[i].over ? answer >= wanted : answer <= wanted);
        assert_true(answer == -1 || found);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_element_is_as_its_document_specifies),
        cmocka_unit_test(tables_are_sound),
        cmocka_unit_test(a_conditional_element_is_needed_with_dg1),
        cmocka_unit_test(what_no_table_has_is_not_found),
        cmocka_unit_test(tables_go_by_short_and_by_full_name),
        cmocka_unit_test(an_age_is_two_digits_behind_age_over),
        cmocka_unit_test(the_nearest_attestation_answers),
        cmocka_unit_test(every_answer_implies_what_was_asked),
    };

    return cmocka_run_group_tests_name("document/doctype tables", tests, NULL, NULL);
}
