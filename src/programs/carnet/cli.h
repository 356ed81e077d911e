/* SPDX-License-Identifier: Apache-2.0 */
/* What the sub-commands share.  Memory lives until the process ends unless said otherwise. */
#ifndef CARNET_CLI_H
#define CARNET_CLI_H
#include "carnet/anchor_store.h"
#include "carnet/cbor.h"
#include "carnet/crypto.h"
#include "carnet/doctype.h"
#include "carnet/element_walk.h"
#include "carnet/issuer_signed.h"
#include "carnet/policy.h"
#include "carnet/verify.h"

#include <argp.h>
#include <stdio.h>

/** Exit status (see README). */
enum { CLI_VALID = 0, CLI_NEGATIVE = 1, CLI_USAGE = 2, CLI_UNJUDGED = 3 };

/** A sub-command.  argv[0] is "carnet NAME". */
typedef struct cli_command {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
} cli_command;
extern const cli_command cli_commands[]; /* ends with name NULL */
int cli_atm(int argc, char **argv);
int cli_ca(int argc, char **argv);
int cli_iso8583(int argc, char **argv);
int cli_issue(int argc, char **argv);
int cli_request(int argc, char **argv);
int cli_present(int argc, char **argv);
int cli_reader(int argc, char **argv);
int cli_verify(int argc, char **argv);
int cli_inspect(int argc, char **argv);
int cli_holder(int argc, char **argv);
int cli_wallet(int argc, char **argv);
int cli_phone(int argc, char **argv);
int cli_demo(int argc, char **argv);
int cli_scenario(int argc, char **argv);

/* --- complaining: to standard error, in the tone of one factual line, details below --- */

/** "carnet: WHAT: the reason", then place and code; returns CLI_UNJUDGED. */
int cli_complain(const char *what, const carnet_err *err);
/** The same for a failure that has only words; returns CLI_UNJUDGED. */
int cli_complain_text(const char *what, const char *reason);
/** Complain about the command line and point to --help; does not return (exit status 2). */
_Noreturn void cli_usage(const char *format, ...) CARNET_PRINTF(1, 2);
/** Complain and end with CLI_UNJUDGED. */
_Noreturn void cli_die(const char *what, const carnet_err *err);
_Noreturn void cli_die_text(const char *what, const char *reason);

/* --- options --- */

/** Where an option's text goes. */
typedef struct cli_place {
    int key;
    const char **place;
} cli_place;
/** The place of an option among these; NULL: it has none. */
const char **cli_place_of(const cli_place *places, size_t count, int key);

/* --- sub-commands with actions --- */

/** An option that goes with some actions only (bits). */
typedef struct cli_action_option {
    int key;
    unsigned actions;
} cli_action_option;
/** Which actions the options met so far leave. */
typedef struct cli_actions {
    unsigned allowed;
    const char *out_of_place; /* the last option that not every action takes */
} cli_actions;
/** An option was met; does not return if no action takes it beside those before it. */
void cli_note_option(cli_actions *actions, const struct argp_option *options, const cli_action_option *good_for,
                     size_t count, int key);

/* --- memory and files --- */

#define CLI_FILE_MAX ((size_t)64 << 20) /**< octets read from any file */

void *cli_alloc(size_t size); /**< zeroed; does not return without memory */
carnet_buf cli_buf(size_t cap);
/** A copy that lives until the process ends, with a terminating zero behind it. */
carnet_span cli_keep(carnet_span bytes);
/** Read a whole file, or standard input for "-"; dies when it cannot. */
carnet_span cli_read(const char *path);
/** The same, false with errno when it cannot. */
bool cli_try_read(const char *path, carnet_span *bytes);
/** Write a file at once (a temporary one renamed), or standard output for "-"; dies when it cannot.  `mode` such as 0644. */
void cli_write(const char *path, carnet_span bytes, unsigned mode);
/** Between these two, cli_write() does not wait for the disk; the second does, once, for all of the file system of `path`. */
void cli_batch_begin(void);
void cli_batch_end(const char *path);
/** A path within a directory. */
const char *cli_join(const char *directory, const char *name);
/** Make a directory unless it is there; dies when it cannot. */
void cli_make_directory(const char *path, unsigned mode);

/* --- what files hold --- */

/** Bytes that a file holds as they are, as hexadecimal, base64, base64url or a single PEM object: decoded.
 *  *how says which ("binary", "hexadecimal", ...). */
carnet_span cli_decode(carnet_span file, const char **how);
/** Read and decode. */
carnet_span cli_read_decoded(const char *path);
/** Certificates of a file (PEM, one or many, or DER); returns their number.  Dies when there is none. */
size_t cli_read_certificates(const char *path, carnet_span *certificates, size_t cap);
/** A private key (PKCS#8 or SEC 1, PEM or DER; a private JWK or COSE_Key; 32 octets: a P-256 scalar).  Warns when others may read the file. */
void cli_read_key(const char *path, carnet_crypto *crypto, unsigned usage, carnet_key *key);
/** A public key: SubjectPublicKeyInfo or certificate (PEM or DER), COSE_Key, JWK; or of a private key's file. */
void cli_read_public_key(const char *path, carnet_crypto *crypto, carnet_public_key *key);
/** Write a private key as PKCS#8 PEM, mode 0600. */
void cli_write_key(const char *path, carnet_key *key);
/** Write PEM, mode 0644. */
void cli_write_pem(const char *path, const char *label, carnet_span der);
/** A SessionTranscript array from a file that holds it, or it in tag 24. */
carnet_span cli_read_transcript(const char *path);
/** A document held: views into its bytes.  Nothing of it is verified. */
typedef struct cli_document {
    carnet_span issuer_signed;
    carnet_issuer_signed view;
    carnet_mso mso;
} cli_document;
/** Open an IssuerSigned and the MSO in it. */
bool cli_open_document(carnet_span issuer_signed, cli_document *document, carnet_err *err);
/** The same of a file; dies when it cannot. */
void cli_read_document(const char *path, cli_document *document);
/** A store of the certificates and revocation lists of a file or directory: PEM bundles and DER; a directory's
 *  sub-directories are named after the document type their certificates are good for. */
carnet_anchor_store *cli_read_trust(const char *path);

/* --- arguments --- */

/** "now", a date, a date-time, or such as "+90d", "-1h" from `from`; dies on anything else. */
carnet_time cli_time(const char *argument, carnet_time from);
carnet_time cli_now(void);
/** "P-256", "brainpoolP256r1", ...; dies on anything else. */
carnet_curve cli_curve(const char *argument);
/** A document type's table: of a JSON file if `file` is given, else by short name or in full; NULL for a type in full that
 *  has no table.  Dies on anything else. */
const carnet_doctype *cli_doctype(const char *name, const char *file);
/** "NAMESPACE:ELEMENT", or "ELEMENT" of the table's first name space; dies on anything else. */
carnet_element_name cli_element_name(const char *argument, const carnet_doctype *doctype);
/** "SHA-256", "sha384", ...; dies on anything else. */
carnet_hash cli_hash(const char *argument);
/** A non-negative number up to `max`; dies on anything else. */
uint64_t cli_number(const char *argument, uint64_t max, const char *what);
/** "HOST:PORT", "[ADDRESS]:PORT" or "PORT", for `otherwise` as host; NULL: it must be said.  The host, without brackets; dies on
 *  anything else. */
const char *cli_address(const char *argument, const char *otherwise, uint16_t *port);

/* --- the terminal --- */

/** Escape sequences, empty unless standard output is a terminal and NO_COLOR is not set. */
typedef struct cli_colours {
    const char *bold, *dim, *good, *bad, *doubt, *off;
} cli_colours;
const cli_colours *cli_colour(void);
/** A progress bar on standard error, only on a terminal and for `all` in the thousands; done == all ends it. */
void cli_progress(const char *what, uint64_t done, uint64_t all);
/** Print text that came from outside: control characters as \xNN. */
void cli_print_safe(FILE *out, carnet_str text);

/* --- reports --- */

/** A report with room for what any message may need. */
carnet_report *cli_report(carnet_time now, int64_t skew);
/** The report as a person reads it, with the documents' types in `doc_types`.  `verbose`: every check with its clause, otherwise passed form checks are summed up. */
void cli_report_text(const char *what, const carnet_report *report, const carnet_policy *policy,
                     const carnet_str *doc_types, size_t doc_count, bool verbose);
/** The report as JSON (doc/report.schema.json), with the documents' types in `doc_types`. */
void cli_report_json(const char *what, const carnet_report *report, const carnet_policy *policy,
                     const carnet_str *doc_types, size_t doc_count);
/** A JSON string with its quotes. */
void cli_json_string(FILE *out, carnet_str text);

/* --- QR codes --- */

/** Draw on standard output with half blocks. */
void cli_qr_print(carnet_str text);
/** Write a PNG or SVG, as the file's name ends. */
void cli_qr_write(const char *path, carnet_str text);
/** The text of the QR code in an image; dies when there is none or this build cannot read images. */
carnet_str cli_qr_read(const char *path);
/** The same; returns why there is none, or NULL. */
const char *cli_qr_scan(const char *path, carnet_str *text);
/** Whether this build can read images. */
bool cli_qr_can_read(void);

/** A message crosses a numbered interface of ISO/IEC 23220-1: a line of JSON to the descriptor.  `message` is the plain one,
 *  named `what`; `octets` of it crossed, as it was protected. */
void cli_cross(int fd, const char *interface, const char *from, const char *to, const char *what, carnet_span message,
               size_t octets);

#endif
