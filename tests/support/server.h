/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what keeps its data in a store: on SQLite, or on a PostgreSQL server of the program's own. */
#ifndef CARNET_TEST_SERVER_H
#define CARNET_TEST_SERVER_H
#include "support/support.h"

/** Run tests; where the program's argument is "postgresql", with such a server, which ends with them.  The program's status;
 *  TAP is told when there is no such server here.  `end` may be NULL. */
int carnet_test_run_stored(int argc, char **argv, const char *name, const struct CMUnitTest *tests, size_t count,
                           CMFixtureFunction end);
/** For carnet_store_open(): `file`, or a database on that server, empty; not `fresh`: the one of the last call. */
void carnet_test_place(const char *file, bool fresh, char *place, size_t cap);

#endif
