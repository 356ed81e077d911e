/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions in a row, and what they leave behind. */
#ifndef CARNET_TEST_SOAK_H
#define CARNET_TEST_SOAK_H
#include "carnet/link.h"

/** Make a fresh pair of links; the first is the reader's. */
typedef carnet_rc soak_connect(carnet_link *reader, carnet_link *mdoc, carnet_err *err);

/** Run argv[1] sessions, or 1,000; the exit status. */
int soak_run(const char *kind, soak_connect *connect, int argc, char **argv);

#endif
