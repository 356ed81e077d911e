/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One-time passwords: HOTP (RFC 4226) and TOTP (RFC 6238).
 *
 * Pure: the caller keeps what was accepted last and hands in the time.  A
 * password is compared with every candidate, in time that does not tell which
 * one it was.  Counting failures, and letting nobody try for ever, is the
 * caller's to do (RFC 4226 7.3).
 */
#ifndef CARNET_OTP_H
#define CARNET_OTP_H
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

#define CARNET_OTP_DIGITS_MAX 8
#define CARNET_OTP_WINDOW_MAX 100 /**< candidates looked at in one call */
#define CARNET_OTP_SECRET_MIN 16  /**< octets of the shared secret (RFC 4226 4, R6) */
#define CARNET_TOTP_STEP      30  /**< seconds, unless agreed otherwise */

/** What generator and verifier agreed on.  The secret is the caller's; wipe it there. */
typedef struct carnet_otp {
    carnet_hash hash; /**< CARNET_SHA1; TOTP: CARNET_SHA256 and CARNET_SHA512 too */
    carnet_span secret;
    unsigned digits; /**< 6 to 8 */
} carnet_otp;

/** The password for a counter: `digits` characters and a zero.  Wipe it.  CARNET_E_USAGE: parameters that cannot be. */
CARNET_API carnet_rc carnet_otp_value(carnet_crypto *crypto, const carnet_otp *otp, uint64_t counter,
                                      char out[CARNET_OTP_DIGITS_MAX + 1], carnet_err *err);

/** Check an HOTP.  `*next` is the counter expected next; the password may be that of one of `window` counters from there
 *  on, for a generator that was played with.  Accepted: *next is behind it, to be kept before anything is answered, so
 *  that no password does twice.  CARNET_E_OTP: it is none of these; *next stays. */
CARNET_API carnet_rc carnet_hotp_check(carnet_crypto *crypto, const carnet_otp *otp, carnet_str value, unsigned window,
                                       uint64_t *next, carnet_err *err);
/** Find a generator that ran away: two passwords, made one after the other, within `window` counters (RFC 4226 7.4). */
CARNET_API carnet_rc carnet_hotp_resynchronise(carnet_crypto *crypto, const carnet_otp *otp, carnet_str first,
                                               carnet_str second, unsigned window, uint64_t *next, carnet_err *err);

/** The time step of a time: T of RFC 6238, from T0 = 0; 0 for times before. */
CARNET_API uint64_t carnet_totp_step(carnet_time time, unsigned step_seconds);
/** Check a TOTP at `now`: of this step, the one before or the one after.  `*next` is the first step that is still good: one
 *  more than that of the last password accepted, 0 at first.  Accepted: *next is behind it, to be kept as above.
 *  CARNET_E_OTP: it is none of these; CARNET_E_OTP_REPLAYED: it is, and was accepted before, or one after it. */
CARNET_API carnet_rc carnet_totp_check(carnet_crypto *crypto, const carnet_otp *otp, carnet_str value,
                                       unsigned step_seconds, carnet_time now, uint64_t *next, carnet_err *err);

CARNET_END_DECLS
#endif
