/* SPDX-License-Identifier: Apache-2.0 */
/* Element 127 of a widespread switch: a bitmap and fields of its own, in ASCII. */
#include "internal.h"

typedef struct inner {
    uint8_t number, type, width;
    uint16_t max;
    const char *name;
} inner;

static const inner fields[] = {
    { 2, ANS, 2, 32, "Switch key" },
    { 3, ANS, 0, 48, "Routing information" },
    { 4, ANS, 0, 22, "Point of service data" },
    { 5, ANS, 0, 73, "Service station data" },
    { 6, N, 0, 2, "Authorization profile" },
    { 7, ANS, 2, 50, "Check data" },
    { 8, ANS, 3, 128, "Retention data" },
    { 9, ANS, 3, 255, "Additional node data" },
    { 10, N, 0, 3, "Card verification value result data" },
    { 11, ANS, 2, 32, "Original key" },
    { 12, ANS, 2, 25, "Terminal owner" },
    { 13, ANS, 0, 17, "Point of service geographic data" },
    { 14, ANS, 0, 8, "Sponsor bank" },
    { 15, ANS, 2, 29, "Address verification data" },
    { 16, AN, 0, 1, "Address verification result" },
    { 17, ANS, 2, 50, "Cardholder information" },
    { 18, ANS, 2, 50, "Validation data" },
    { 19, ANS, 0, 31, "Bank details" },
    { 20, N, 0, 8, "Date of settlement" },
    { 21, ANS, 2, 12, "Record identification" },
    { 22, ANS, 5, 9999, "Structured data" },
    { 23, ANS, 0, 253, "Payee name and address" },
    { 24, ANS, 2, 28, "Payer account" },
    { 25, ANS, 4, 8000, "Integrated circuit card data" },
    { 26, ANS, 2, 12, "Original node" },
    { 27, AN, 0, 1, "Card verification result" },
    { 28, N, 0, 4, "American Express card identifier" },
    { 29, B, 0, 40, "Secure data" },
    { 30, AN, 0, 1, "Secure result" },
    { 31, ANS, 2, 11, "Issuer network identifier" },
    { 32, ANS, 2, 33, "Card data of the network" },
    { 33, N, 0, 4, "Extended transaction type" },
    { 34, N, 0, 2, "Account type qualifiers" },
    { 35, ANS, 2, 11, "Acquirer network identifier" },
    { 36, ANS, 2, 25, "Customer identification" },
    { 37, AN, 0, 4, "Extended response code" },
    { 38, ANS, 2, 28, "Additional point of service data code" },
    { 39, AN, 0, 2, "Original response code" },
};

carnet_rc
carnet_iso8583_spec_postilion_127(carnet_iso8583_spec *spec, carnet_err *err)
{
    carnet_iso8583_flavour flavour = carnet_iso8583_flavour_ascii();
    carnet_rc rc;

    flavour.bitmap = CARNET_ISO8583_BITMAP_RAW;
    flavour.binary = flavour.variable_binary = CARNET_ISO8583_RAW;
    flavour.secondary = CARNET_ISO8583_SECONDARY_NEVER;
    flavour.no_mti = true;
    if ((rc = carnet_iso8583_spec_init(spec, CARNET_ISO8583_EMPTY, &flavour, err)) != CARNET_OK)
        return rc;
    for (size_t i = 0; i < CARNET_COUNT(fields); i++)
        spec->fields[fields[i].number] = carnet_iso8583_field_of(&flavour, (carnet_iso8583_type)fields[i].type,
                                                                 fields[i].width, fields[i].max, fields[i].name);
    return carnet_iso8583_spec_ready(spec, err);
}
