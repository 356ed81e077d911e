/* SPDX-License-Identifier: Apache-2.0 */
/* All of floor 0: views, results, errors, reports, secrets, time, randomness. */
#ifndef CARNET_BASE_H
#define CARNET_BASE_H
#include "carnet/bytes.h"
#include "carnet/err.h"
#include "carnet/policy.h"
#include "carnet/random.h"
#include "carnet/rc.h"
#include "carnet/report.h"
#include "carnet/span.h"
#include "carnet/time.h"
#endif
