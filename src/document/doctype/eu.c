/* SPDX-License-Identifier: Apache-2.0 */
/* European Union: person identification data (PID) and the proof of age. */
#include "internal.h"

static const carnet_element_definition pid[] = {
    { "family_name", CARNET_ELEMENT_TEXT, CARNET_MANDATORY, 150, NULL },
    { "given_name", CARNET_ELEMENT_TEXT, CARNET_MANDATORY, 150, NULL },
    { "birth_date", CARNET_ELEMENT_FULL_DATE, CARNET_MANDATORY, 0, NULL },
    { "place_of_birth", CARNET_ELEMENT_PLACE, CARNET_MANDATORY, 0, NULL },
    { "nationality", CARNET_ELEMENT_ALPHA2_LIST, CARNET_MANDATORY, 0, NULL },
    { "portrait", CARNET_ELEMENT_IMAGE, CARNET_RECOMMENDED, 0, NULL },
    { "issuing_authority", CARNET_ELEMENT_TEXT, CARNET_MANDATORY, 150, NULL },
    { "issuing_country", CARNET_ELEMENT_ALPHA2, CARNET_MANDATORY, 0, NULL },
    { "resident_address", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "resident_country", CARNET_ELEMENT_ALPHA2, CARNET_OPTIONAL, 0, NULL },
    { "resident_state", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "resident_city", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "resident_postal_code", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "resident_street", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "resident_house_number", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "personal_administrative_number", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "family_name_birth", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "given_name_birth", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "sex", CARNET_ELEMENT_UINT_CHOICE, CARNET_OPTIONAL, 0, "0|1|2|3|4|5|6|9" },
    { "email_address", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "mobile_phone_number", CARNET_ELEMENT_PHONE, CARNET_OPTIONAL, 150, NULL },
    { "expiry_date", CARNET_ELEMENT_DATE, CARNET_OPTIONAL, 0, NULL },
    { "issuance_date", CARNET_ELEMENT_DATE, CARNET_OPTIONAL, 0, NULL },
    { "document_number", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "issuing_jurisdiction", CARNET_ELEMENT_SUBDIVISION, CARNET_OPTIONAL, 0, NULL },
    { "trust_anchor", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 0, NULL },
    { "attestation_legal_category", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    /* of earlier rule books, still in the field */
    { "birth_place", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "age_over_NN", CARNET_ELEMENT_BOOL, CARNET_OPTIONAL, 0, NULL },
    { "age_in_years", CARNET_ELEMENT_UINT, CARNET_OPTIONAL, 199, NULL },
    { "age_birth_year", CARNET_ELEMENT_UINT, CARNET_OPTIONAL, 9999, NULL },
};

static const carnet_name_space_definition pid_name_spaces[] = {
    { "eu.europa.ec.eudi.pid.1", pid, CARNET_COUNT(pid), true },
};

const carnet_doctype carnet_doctype_pid = { "eu.europa.ec.eudi.pid.1", "EU person identification data", pid_name_spaces,
                                            CARNET_COUNT(pid_name_spaces), false };

static const carnet_element_definition av[] = {
    { "age_over_18", CARNET_ELEMENT_BOOL, CARNET_MANDATORY, 0, NULL },
    { "age_over_NN", CARNET_ELEMENT_BOOL, CARNET_OPTIONAL, 0, NULL },
};

static const carnet_name_space_definition av_name_spaces[] = {
    { "eu.europa.ec.av.1", av, CARNET_COUNT(av), true },
};

const carnet_doctype carnet_doctype_av = { "eu.europa.ec.av.1", "EU proof of age", av_name_spaces,
                                           CARNET_COUNT(av_name_spaces), false };
