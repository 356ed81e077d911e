/* SPDX-License-Identifier: Apache-2.0 */
/* Photo ID (ISO/IEC TS 23220-4 Annex C): the elements of 23220-2, the document's own, and the eMRTD data groups. */
#include "internal.h"

#define WITH_DG1                                                                                                       \
    {                                                                                                                  \
        "org.iso.23220.datagroups.1", "dg1"                                                                            \
    }

static const carnet_element_definition common[] = {
    { "family_name", CARNET_ELEMENT_TEXT, CARNET_MANDATORY, 150, NULL },
    { "given_name", CARNET_ELEMENT_TEXT, CARNET_MANDATORY, 150, NULL },
    { "birth_date", CARNET_ELEMENT_BIRTH_DATE, CARNET_MANDATORY, 0, NULL },
    { "portrait", CARNET_ELEMENT_IMAGE, CARNET_MANDATORY, 0, NULL },
    { "issue_date", CARNET_ELEMENT_DATE, CARNET_MANDATORY, 0, NULL },
    { "expiry_date", CARNET_ELEMENT_DATE, CARNET_MANDATORY, 0, NULL },
    { "issuing_authority", CARNET_ELEMENT_TEXT, CARNET_MANDATORY, 150, NULL },
    { "issuing_country", CARNET_ELEMENT_ALPHA23, CARNET_MANDATORY, 0, NULL },
    { "age_over_18", CARNET_ELEMENT_BOOL, CARNET_MANDATORY, 0, NULL },
    { "age_in_years", CARNET_ELEMENT_UINT, CARNET_RECOMMENDED, 199, NULL },
    { "age_birth_year", CARNET_ELEMENT_UINT, CARNET_RECOMMENDED, 9999, NULL },
    { "age_over_NN", CARNET_ELEMENT_BOOL, CARNET_RECOMMENDED, 0, NULL },
    { "family_name_viz", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "given_name_viz", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "family_name_latin1", CARNET_ELEMENT_LATIN1, CARNET_OPTIONAL, 150, NULL },
    { "given_name_latin1", CARNET_ELEMENT_LATIN1, CARNET_OPTIONAL, 150, NULL },
    { "resident_city_latin1", CARNET_ELEMENT_LATIN1, CARNET_OPTIONAL, 150, NULL },
    { "enrolment_portrait_image", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
    { "portrait_capture_date", CARNET_ELEMENT_TDATE, CARNET_OPTIONAL, 0, NULL },
    { "birthplace", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "name_at_birth", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "resident_address", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "resident_city", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "resident_postal_code", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "resident_country", CARNET_ELEMENT_ALPHA2, CARNET_OPTIONAL, 0, NULL },
    { "nationality", CARNET_ELEMENT_ALPHA23, CARNET_OPTIONAL, 0, NULL },
    { "sex", CARNET_ELEMENT_UINT_CHOICE, CARNET_OPTIONAL, 0, "0|1|2|9" },
    { "document_number", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "issuing_subdivision", CARNET_ELEMENT_SUBDIVISION, CARNET_OPTIONAL, 0, NULL },
    { "HBCHV", CARNET_ELEMENT_ANY, CARNET_OPTIONAL, 0, NULL },
};

static const carnet_element_definition photoid[] = {
    { "person_id", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "administrative_number", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "birth_country", CARNET_ELEMENT_ALPHA2, CARNET_OPTIONAL, 0, NULL },
    { "birth_state", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "birth_city", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "resident_street", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "resident_house_number", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "resident_state", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "family_name_viz", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "given_name_viz", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "travel_document_type", CARNET_ELEMENT_TEXT, CARNET_CONDITIONAL, 150, NULL, WITH_DG1 },
    { "travel_document_number", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "travel_document_mrz", CARNET_ELEMENT_TEXT, CARNET_CONDITIONAL, 150, NULL, WITH_DG1 },
};

static const carnet_element_definition data_groups[] = {
    { "version", CARNET_ELEMENT_TEXT, CARNET_OPTIONAL, 150, NULL },
    { "dg1", CARNET_ELEMENT_BYTES, CARNET_MANDATORY, 0, NULL },
    { "dg2", CARNET_ELEMENT_BYTES, CARNET_MANDATORY, 0, NULL },
    { "sod", CARNET_ELEMENT_BYTES, CARNET_MANDATORY, 0, NULL },
    { "dg3", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
    { "dg4", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
    { "dg5", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
    { "dg6", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
    { "dg7", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
    { "dg8", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
    { "dg9", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
    { "dg10", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
    { "dg11", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
    { "dg12", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
    { "dg13", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
    { "dg14", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
    { "dg15", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
    { "dg16", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
};

/* The predecessor of the data groups' name space, in drafts and still in the field. */
static const carnet_element_definition dtc[] = {
    { "dtc_version", CARNET_ELEMENT_ANY, CARNET_OPTIONAL, 0, NULL },
    { "dtc_sod", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
    { "dtc_dgxx", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
    { "dg_content_info", CARNET_ELEMENT_BYTES, CARNET_OPTIONAL, 0, NULL },
};

static const carnet_element_definition holder_verification[] = {
    { "CHV_1", CARNET_ELEMENT_BOOL, CARNET_OPTIONAL, 0, NULL },
};

static const carnet_name_space_definition name_spaces[] = {
    { "org.iso.23220.1", common, CARNET_COUNT(common), true },
    { "org.iso.23220.photoid.1", photoid, CARNET_COUNT(photoid), false },
    { "org.iso.23220.datagroups.1", data_groups, CARNET_COUNT(data_groups), false },
    { "org.iso.23220.dtc.1", dtc, CARNET_COUNT(dtc), false },
    { "org.iso.23220.5.1", holder_verification, CARNET_COUNT(holder_verification), false },
};

const carnet_doctype carnet_doctype_photoid = { "org.iso.23220.photoid.1", "Photo ID", name_spaces,
                                                CARNET_COUNT(name_spaces), false };
