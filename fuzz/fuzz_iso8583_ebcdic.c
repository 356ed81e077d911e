/* SPDX-License-Identifier: Apache-2.0 */
/* Messages in one flavour. */
#define FLAVOUR "ebcdic"
#include "iso8583_flavour.h"
