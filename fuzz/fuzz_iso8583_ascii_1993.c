/* SPDX-License-Identifier: Apache-2.0 */
/* Messages in one flavour. */
#define FLAVOUR "ascii-1993"
#include "iso8583_flavour.h"
