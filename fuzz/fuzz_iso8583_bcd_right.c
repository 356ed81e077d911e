/* SPDX-License-Identifier: Apache-2.0 */
/* Messages in one flavour. */
#define FLAVOUR "bcd-right"
#include "iso8583_flavour.h"
