/* SPDX-License-Identifier: Apache-2.0 */
/* A specification in the ways of writing that published messages name. */
#ifndef CARNET_TEST_ISO8583_VECTORS_H
#define CARNET_TEST_ISO8583_VECTORS_H
#include "carnet/iso8583.h"
#include "carnet/json.h"
#include "support/support.h"

/** The flavour of an index entry. */
carnet_iso8583_flavour test_flavour_of(const carnet_json *entry);
/** Its specification, ready; with what it says of single elements. */
void test_spec_of(const carnet_json *entry, carnet_iso8583_spec *spec);

#endif
