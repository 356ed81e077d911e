/* SPDX-License-Identifier: Apache-2.0 */
/* carnet atm: the terminal as a reader of mobile documents (18013-5): what it is shown is evidence of the session that its user
 * has at the mobile app server. */
#include "atm.h"
#include "reader.h"

#include <stdlib.h>
#include <string.h>

bool
atm_onsite(atm *t)
{
    (void)t;
    return false;
}
