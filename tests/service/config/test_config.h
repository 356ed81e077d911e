/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CONFIG_H
#define TEST_CONFIG_H
#include "carnet/service_config.h"
#include "support/support.h"

/* test_config_page.c */
void the_page_names_each_key_and_no_other(void **state);
void the_examples_are_good(void **state);

#endif
