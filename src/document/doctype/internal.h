/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_DOCTYPE_INTERNAL_H
#define CARNET_DOCTYPE_INTERNAL_H
#include "carnet/doctype.h"

extern const carnet_doctype carnet_doctype_mdl, carnet_doctype_photoid, carnet_doctype_pid, carnet_doctype_av;

/** Read a DrivingPrivileges (18013-5 13.4); what is wrong with it makes the reader fail. */
void carnet_doctype_read_privileges(carnet_cbor_reader *r);

#endif
