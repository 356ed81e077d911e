/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of the QR code that a terminal shows to be fulfilled (project
 * profile, doc/p1940.md): which terminal, which of its sessions, until when,
 * under a MAC by the acquirer's key.
 *
 *   P1940.1.<base64url(CBOR)>.<base64url(first 16 octets of HMAC-SHA-256)>
 *
 * The MAC is over the text before its last period.  A phone reads the code
 * without the key, and shows nothing of it as true: the server that has the key
 * checks it.  Views point into the caller's storage.
 */
#ifndef CARNET_TERMINAL_CODE_H
#define CARNET_TERMINAL_CODE_H
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

#define CARNET_TERMINAL_CODE_MAX     160 /**< characters */
#define CARNET_TERMINAL_CODE_STORAGE 96  /**< octets of CBOR in it */
#define CARNET_TERMINAL_CODE_LIFE    60  /**< seconds a code is good for, if nothing else is said */

typedef struct carnet_terminal_code {
    carnet_str terminal; /**< as in DE 41, without spaces at the end: 1 to 16 printable characters */
    uint8_t session[16]; /**< random, the terminal's for this showing */
    carnet_time expiry;
    carnet_str label; /**< for a person; may be empty */
} carnet_terminal_code;

/** Make with the acquirer's key (16 octets at least) and append.  CARNET_E_LIMIT: longer than CARNET_TERMINAL_CODE_MAX. */
CARNET_API carnet_rc carnet_terminal_code_make(const carnet_terminal_code *code, carnet_span key, carnet_crypto *crypto,
                                               carnet_buf *out, carnet_err *err);
/** Read without checking the MAC: to find out whose key it should be under.  `storage` has CARNET_TERMINAL_CODE_STORAGE octets.
 *  CARNET_E_TERMINAL_CODE: no such code, with the offset in the text. */
CARNET_API carnet_rc carnet_terminal_code_read(carnet_str text, carnet_buf *storage, carnet_terminal_code *code,
                                               carnet_err *err);
/** Read and check: CARNET_E_TERMINAL_CODE_MAC: not by this key; CARNET_E_TERMINAL_CODE_EXPIRED: at `now`.  Nothing is handed out
 *  on failure. */
CARNET_API carnet_rc carnet_terminal_code_check(carnet_str text, carnet_span key, carnet_time now,
                                                carnet_crypto *crypto, carnet_buf *storage, carnet_terminal_code *code,
                                                carnet_err *err);

CARNET_END_DECLS
#endif
