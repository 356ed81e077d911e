/* SPDX-License-Identifier: Apache-2.0 */
/* A network of its own for a test: two interfaces, nan0 (fe80::1) and nan1 (fe80::2, fe80::3), joined by a cable. */
#ifndef CARNET_TEST_NETWORK_H
#define CARNET_TEST_NETWORK_H
#include <stdbool.h>

/** Move this process there; false, and *why, where the machine has none to give. */
bool test_network_enter(const char **why);

#endif
