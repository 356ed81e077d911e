/* SPDX-License-Identifier: Apache-2.0 */
/* Mobile driving licence (18013-5 13.4) with the AAMVA domestic name space. */
#include "internal.h"

#define EYES "black|blue|brown|dichromatic|grey|green|hazel|maroon|pink|unknown"
#define HAIR "bald|black|blond|brown|grey|red|auburn|sandy|white|unknown"

static const carnet_element_definition mdl[] = {
    { "family_name", CARNET_ELEMENT_LATIN1, CARNET_MANDATORY, 150, NULL },
    { "given_name", CARNET_ELEMENT_LATIN1, CARNET_MANDATORY, 150, NULL },
    { "birth_date", CARNET_ELEMENT_FULL_DATE, CARNET_MANDATORY, 0, NULL },
    { "issue_date", CARNET_ELEMENT_DATE, CARNET_MANDATORY, 0, NULL },
    { "expiry_date", CARNET_ELEMENT_DATE, CARNET_MANDATORY, 0, NULL },
    { "issuing_country", CARNET_ELEMENT_ALPHA2, CARNET_MANDATORY, 0, NULL },
    { "issuing_authority", CARNET_ELEMENT_LATIN1, CARNET_MANDATORY, 150, NULL },
    { "document_number", CARNET_ELEMENT_LATIN1, CARNET_MANDATORY, 150, NULL },
    { "portrait", CARNET_ELEMENT_IMAGE, CARNET_MANDATORY, 0, NULL },
    { "driving_privileges", CARNET_ELEMENT_PRIVILEGES, CARNET_MANDATORY, 0, NULL },
    { "un_distinguishing_sign", CARNET_ELEMENT_LATIN1, CARNET_MANDATORY, 150, NULL },
    { "administrative_number", CARNET_ELEMENT_LATIN1, CARNET_OPTIONAL, 150, NULL },
    { "sex", CARNET_ELEMENT_UINT_CHOICE, CARNET_OPTIONAL, 0, "0|1|2|9" },
    { "height", CARNET_ELEMENT_UINT, CARNET_OPTIONAL, 999, NULL },
    { "weight", CARNET_ELEMENT_UINT, CARNET_OPTIONAL, 999, NULL },
    { "eye_colour", CARNET_ELEMENT_CHOICE, CARNET_OPTIONAL, 0, EYES },
    { "hair_colour", CARNET_ELEMENT_CHOICE, CARNET_OPTIONAL, 0, HAIR },
    { "birth_place", CARNET_ELEMENT_LATIN1, CARNET_OPTIONAL, 150, NULL },
    { "resident_address", CARNET_ELEMENT_LATIN1, CARNET_OPTIONAL, 150, NULL },
    { "portrait_capture_date", CARNET_ELEMENT_TDATE, CARNET_OPTIONAL, 0, NULL },
    { "age_in_years", CARNET_ELEMENT_UINT, CARNET_OPTIONAL, 199, NULL },
    { "age_birth_year", CARNET_ELEMENT_UINT, CARNET_OPTIONAL, 9999, NULL },
    { "age_over_NN", CARNET_ELEMENT_BOOL, CARNET_OPTIONAL, 0, NULL },
    { "issuing_jurisdiction", CARNET_ELEMENT_SUBDIVISION, CARNET_OPTIONAL, 0, NULL },
    { "nationality", CARNET_ELEMENT_ALPHA2, CARNET_OPTIONAL, 0, NULL },
    { "resident_street", CARNET_ELEMENT_LATIN1, CARNET_OPTIONAL, 150, NULL },
    { "resident_city", CARNET_ELEMENT_LATIN1, CARNET_OPTIONAL, 150, NULL },
    { "resident_state", CARNET_ELEMENT_LATIN1, CARNET_OPTIONAL, 150, NULL },
    { "resident_postal_code", CARNET_ELEMENT_LATIN1, CARNET_OPTIONAL, 150, NULL },
    { "resident_country", CARNET_ELEMENT_ALPHA2, CARNET_OPTIONAL, 0, NULL },
    { "biometric_template_xx", CARNET_ELEMENT_TEMPLATE, CARNET_OPTIONAL, 0, NULL },
    { "family_name_national_character", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "given_name_national_character", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "signature_usual_mark", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
    { "webapi_info", CARNET_ELEMENT_ANY, CARNET_OPTIONAL, 0, NULL },
    { "oidc_info", CARNET_ELEMENT_ANY, CARNET_OPTIONAL, 0, NULL },
};

static const carnet_element_definition aamva[] = {
    { "domestic_driving_privileges", CARNET_ELEMENT_ANY, CARNET_OPTIONAL, 0, NULL },
    { "name_suffix", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "organ_donor", CARNET_ELEMENT_UINT_CHOICE, CARNET_OPTIONAL, 0, "1" },
    { "veteran", CARNET_ELEMENT_UINT_CHOICE, CARNET_OPTIONAL, 0, "1" },
    { "family_name_truncation", CARNET_ELEMENT_CHOICE, CARNET_MANDATORY, 0, "T|N|U" },
    { "given_name_truncation", CARNET_ELEMENT_CHOICE, CARNET_MANDATORY, 0, "T|N|U" },
    { "aka_family_name", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "aka_family_name.v2", CARNET_ELEMENT_ANY, CARNET_OPTIONAL, 0, NULL },
    { "aka_given_name", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "aka_given_name.v2", CARNET_ELEMENT_ANY, CARNET_OPTIONAL, 0, NULL },
    { "aka_suffix", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "weight_range", CARNET_ELEMENT_UINT, CARNET_OPTIONAL, 9, NULL },
    { "race_ethnicity", CARNET_ELEMENT_CHOICE, CARNET_OPTIONAL, 0, "AI|AP|BK|H|O|U|W" },
    { "DHS_compliance", CARNET_ELEMENT_CHOICE, CARNET_OPTIONAL, 0, "F|N" },
    { "DHS_temporary_lawful_status", CARNET_ELEMENT_UINT_CHOICE, CARNET_OPTIONAL, 0, "1" },
    { "EDL_credential", CARNET_ELEMENT_UINT_CHOICE, CARNET_OPTIONAL, 0, "1|2" },
    { "resident_county", CARNET_ELEMENT_DIGITS, CARNET_OPTIONAL, 3, NULL },
    { "hazmat_endorsement_expiration_date", CARNET_ELEMENT_FULL_DATE, CARNET_OPTIONAL, 0, NULL },
    { "sex", CARNET_ELEMENT_UINT_CHOICE, CARNET_MANDATORY, 0, "0|1|2|9" },
    { "audit_information", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "aamva_version", CARNET_ELEMENT_UINT, CARNET_MANDATORY, 0, NULL },
};

static const carnet_name_space_definition name_spaces[] = {
    { "org.iso.18013.5.1", mdl, CARNET_COUNT(mdl), true },
    { "org.iso.18013.5.1.aamva", aamva, CARNET_COUNT(aamva), false },
};

const carnet_doctype carnet_doctype_mdl = { "org.iso.18013.5.1.mDL", "Mobile driving licence", name_spaces,
                                            CARNET_COUNT(name_spaces), true };
