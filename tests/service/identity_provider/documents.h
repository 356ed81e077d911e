/* SPDX-License-Identifier: Apache-2.0 */
/* Mobile documents of the tests: their authority, a terminal that reads them, and what it is shown. */
#ifndef TEST_IDENTITY_PROVIDER_DOCUMENTS_H
#define TEST_IDENTITY_PROVIDER_DOCUMENTS_H
#include "world.h"

/* A document of the phone's, whose key is enrolled with it from then on. */
void document_issue(phone *p);
/* What the terminal ATM00002, with its reader key, was shown of it in a session of its own; body of SubmitEvidence for w.session. */
const char *document_shown(const phone *p, const char *terminal, const char *terminal_session);

#endif
