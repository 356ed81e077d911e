/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of `carnet inspect` share: the tree that is shown, the shapes
 * that say what a standard calls the members of a CBOR item, and the readers of
 * each family.
 *
 * The tree is built first and printed afterwards.  Text that came from outside
 * enters it through inspect_safe() only.  Memory lives until the process ends.
 */
#ifndef CARNET_INSPECT_H
#define CARNET_INSPECT_H
#include "carnet/certificate.h"
#include "cli.h"

enum {
    INSPECT_NODES_MAX = 1000000, /**< nodes made before the reading stops */
    INSPECT_DEPTH_MAX = 64       /**< levels of CBOR or DER that are followed */
};

/* --- the tree --- */

typedef enum inspect_tone { INSPECT_PLAIN, INSPECT_GOOD, INSPECT_BAD } inspect_tone;

/** Something that is odd about a node. */
typedef struct inspect_oddity {
    struct inspect_oddity *next;
    const char *text;
    bool mild; /**< seen everywhere, and allowed: not marked in the tree */
} inspect_oddity;

/** One line of the tree.  All texts are safe to print. */
typedef struct inspect_node {
    struct inspect_node *up, *first, *last, *next;
    const char *name;                 /**< member name, "[3]" in a list */
    const char *key;                  /**< integer key as text, or NULL */
    const char *is;                   /**< the standard's name of the type, or NULL */
    const char *type;                 /**< "tstr"; NULL: not something encoded */
    const char *value, *note, *brief; /**< brief: shown where the children are not */
    inspect_tone tone;                /**< of the note */
    inspect_oddity *odd, *last_odd;
    size_t offset, length; /**< bytes in the input; offset CARNET_NO_OFFSET: elsewhere */
    carnet_span own;       /**< bytes of a hexdump: a leaf's, or a container's head; empty: none */
    carnet_str raw;        /**< text key as received; ptr NULL: none */
    int64_t number;        /**< integer key, or index in a list */
    int64_t integer;       /**< an integer's value; INT64_MIN if it does not fit */
    unsigned kind;         /**< INSPECT_ type bit of a CBOR item */
    carnet_span content;   /**< of a string; of an embedded item: what is inside */
} inspect_node;

struct inspect_digests;

typedef struct inspect {
    carnet_span base; /**< offsets count from here */
    carnet_time now;
    carnet_crypto *crypto;
    bool full;                       /**< nothing is cut */
    size_t nodes;                    /**< made so far */
    unsigned depth;                  /**< levels entered */
    carnet_err err;                  /**< the first thing that could not be read; rc CARNET_OK: nothing */
    struct inspect_digests *digests; /**< digests and items met, for comparing */
} inspect;

/** A node under `up` (NULL: a root).  `name` must be safe. */
inspect_node *inspect_add(inspect *in, inspect_node *up, const char *name);
/** Say where it stands: offset, length, and what a hexdump shows of it. */
void inspect_place(const inspect *in, inspect_node *node, carnet_span encoded, carnet_span own);
/** Outside text made printable: control characters, bytes that are not UTF-8 and what turns writing round become
 *  \xNN or \u{N}; `quotes`: between quotation marks. */
const char *inspect_safe(carnet_str text, bool quotes);
/** Text in the manner of printf; outside text only through inspect_safe(). */
const char *inspect_format(const char *format, ...) CARNET_PRINTF(1, 2);
/** Add a remark behind the value. */
void inspect_note(inspect_node *node, inspect_tone tone, const char *format, ...) CARNET_PRINTF(3, 4);
/** Remember something odd. */
void inspect_odd(inspect_node *node, const char *format, ...) CARNET_PRINTF(2, 3);
/** All of them as digits. */
const char *inspect_hex(carnet_span bytes);
/** Bytes as h'..', cut with length and digest when long. */
const char *inspect_bytes(const inspect *in, carnet_span bytes);
/** Text in quotation marks, cut with its length when long. */
const char *inspect_quoted(const inspect *in, carnet_str text);
/** A line of ours: name and value. */
inspect_node *inspect_line(inspect *in, inspect_node *up, const char *name, const char *format, ...)
    CARNET_PRINTF(4, 5);
/** The child of this name, or NULL. */
inspect_node *inspect_child(const inspect_node *node, const char *name);
/** The child shown under this name, or NULL; goes on to that one's child as long as names follow. */
inspect_node *inspect_at(inspect_node *node, const char *const *names, size_t count);
/** The same by integer key. */
inspect_node *inspect_child_at(const inspect_node *node, int64_t key);
/** Remember the first thing that cannot be read. */
void inspect_fail(inspect *in, carnet_rc rc, const uint8_t *at, const char *reason);
/** Note how a moment relates to now: "3 days ago", "in 2 years". */
const char *inspect_relative(const inspect *in, carnet_time time);

/* --- printing --- */

typedef struct inspect_view {
    unsigned depth; /**< levels shown */
    bool full, hex, json;
} inspect_view;

/** What was made of one input. */
typedef struct inspect_result {
    const char *input;       /**< its name, safe */
    const char *form;        /**< "hexadecimal" */
    const char *label;       /**< of a PEM object, safe; or NULL */
    const char *kind, *what; /**< "DeviceResponse" and a few words about it; kind NULL: unknown */
    const char *clause;
    inspect_node *root;
    size_t length;
    carnet_err err; /**< why it could not all be read; rc CARNET_OK: it could */
    bool judged;    /**< there are signatures that verify could judge */
} inspect_result;

void inspect_print_text(const inspect_result *results, size_t count, const inspect_view *view);
void inspect_print_json(const inspect_result *results, size_t count, const inspect_view *view);

/* --- CBOR --- */

/** Types of an item, as bits. */
enum {
    INSPECT_UINT = 1,
    INSPECT_NINT = 2,
    INSPECT_INT = 3,
    INSPECT_BSTR = 4,
    INSPECT_TSTR = 8,
    INSPECT_ARRAY = 16,
    INSPECT_MAP = 32,
    INSPECT_BOOL = 64,
    INSPECT_NULL = 128,
    INSPECT_FLOAT = 256,
    INSPECT_OTHER = 512,      /**< undefined and simple values */
    INSPECT_EMBEDDED = 1024,  /**< #6.24(bstr) */
    INSPECT_TDATE = 2048,     /**< #6.0(tstr) */
    INSPECT_FULL_DATE = 4096, /**< #6.1004(tstr) */
    INSPECT_BIGNUM = 8192,
    INSPECT_TAG = 16384 /**< any other tag */
};

typedef struct inspect_name {
    int64_t value;
    const char *name; /**< NULL ends a table */
} inspect_name;

struct inspect_shape;

typedef struct inspect_member {
    const char *name;                  /**< text key; for an integer key what it is called */
    const struct inspect_shape *shape; /**< NULL: anything */
    bool required;
    bool labelled; /**< the key is the integer `key` */
    int64_t key;
} inspect_member;

/** What a standard says of an item: used for naming, and for saying what is odd. */
typedef struct inspect_shape {
    const char *is;
    unsigned types; /**< allowed; 0: all */
    const inspect_member *members;
    size_t count;                       /**< of members */
    bool open;                          /**< a map: other keys are nothing odd */
    const struct inspect_shape *others; /**< a map: values under other keys */
    const struct inspect_shape *entry;  /**< entries of an array */
    bool row;                           /**< an array: entries are `members`, in order */
    const struct inspect_shape *inside; /**< what a byte string or #6.24 holds */
    const inspect_name *names;          /**< of integers */
    bool secret;                        /**< never shown */
    /** Called when the item has been read to its end. */
    void (*done)(inspect *in, inspect_node *node);
} inspect_shape;

/** Members of a shape. */
#define INSPECT_REQUIRED(name, shape)                                                                                  \
    {                                                                                                                  \
        name, shape, true, false, 0                                                                                    \
    }
#define INSPECT_OPTIONAL(name, shape)                                                                                  \
    {                                                                                                                  \
        name, shape, false, false, 0                                                                                   \
    }
#define INSPECT_LABEL(key, name, shape)                                                                                \
    {                                                                                                                  \
        name, shape, true, true, key                                                                                   \
    }
#define INSPECT_LABEL_OPT(key, name, shape)                                                                            \
    {                                                                                                                  \
        name, shape, false, true, key                                                                                  \
    }
#define INSPECT_MEMBERS(table) .members = (table), .count = CARNET_COUNT(table)

/** Read one item of any kind into `node` (whose name the caller has set); what follows it, or NULL after a failure. */
const uint8_t *inspect_item(inspect *in, inspect_node *node, carnet_span cbor, const inspect_shape *shape);

/** A head. */
typedef struct inspect_head {
    uint8_t major, info;
    bool indefinite;
    uint64_t argument;
    const uint8_t *at, *next;
} inspect_head;
/* Reading one head, or an item that holds no others; see inspect_scalar.c. */
bool inspect_head_of(inspect *in, carnet_span cbor, inspect_head *head);
carnet_span inspect_rest(carnet_span cbor, const uint8_t *next);
void inspect_check_head(inspect_node *node, const inspect_head *head);
void inspect_read_integer(inspect_node *node, const inspect_head *head, const inspect_shape *shape);
bool inspect_read_simple(inspect *in, inspect_node *node, const inspect_head *head);
const uint8_t *inspect_read_content(inspect *in, inspect_node *node, carnet_span cbor, const inspect_head *head,
                                    bool secret);
void inspect_show_text(inspect *in, inspect_node *node);
/** Read a head; false, and why, if there is none. */
bool inspect_head_read(carnet_span cbor, inspect_head *head, carnet_rc *rc, const char **reason);

/* --- guessing --- */

/** The shape of what looks like a known structure; NULL: none.  `within`: as a part of something, where only what
 *  cannot be mistaken is named. */
const inspect_shape *inspect_guess(carnet_span cbor, bool within);

typedef struct inspect_kind {
    const char *name, *what, *clause;
    const inspect_shape *shape; /**< NULL: not CBOR */
    bool signatures;            /**< verify could judge it */
    /** The library's own opinion of it; NULL: none. */
    carnet_rc (*open)(carnet_span bytes, carnet_err *err);
} inspect_kind;
/** By name, upper and lower case alike; NULL if there is none. */
const inspect_kind *inspect_kind_named(const char *name);
/** Of a shape; NULL if there is none. */
const inspect_kind *inspect_kind_of(const inspect_shape *shape);
/** All names, for --help. */
extern const inspect_kind inspect_kinds[]; /* ends with name NULL */

/* --- the families --- */

extern const inspect_shape inspect_tdate, inspect_full_date, inspect_tstr, inspect_bstr, inspect_uint, inspect_int,
    inspect_bool, inspect_text_list;
extern const inspect_shape inspect_device_response, inspect_document, inspect_issuer_signed, inspect_dehydrated,
    inspect_name_spaced_data, inspect_mso, inspect_mso_bytes, inspect_signed_item, inspect_signed_item_bytes,
    inspect_device_signed, inspect_device_auth, inspect_device_authentication, inspect_device_authentication_bytes,
    inspect_driving_privileges, inspect_dehydrated_list;
extern const inspect_shape inspect_issuer_name_spaces, inspect_device_response_bytes;
extern const inspect_shape inspect_device_request, inspect_doc_request, inspect_items_request,
    inspect_items_request_bytes, inspect_reader_authentication, inspect_reader_authentication_bytes,
    inspect_reader_authentication_all;
extern const inspect_shape inspect_cose_sign1, inspect_cose_mac0, inspect_cose_key, inspect_cose_key_bytes,
    inspect_cose_headers, inspect_sig_structure, inspect_mac_structure;
extern const inspect_shape inspect_device_engagement, inspect_reader_engagement, inspect_device_engagement_bytes,
    inspect_session_establishment, inspect_session_data, inspect_session_transcript, inspect_session_transcript_bytes,
    inspect_engagement_message;
extern const inspect_shape inspect_encryption_info, inspect_encrypted_response, inspect_encryption_parameters,
    inspect_encryption_parameters_bytes;
extern const inspect_shape inspect_vical, inspect_vical_payload, inspect_status_claims, inspect_status_token;
extern const inspect_name inspect_algorithms[], inspect_curves[];

/** An IssuerSigned has been read to its end: compare its items with its digests. */
void inspect_compare_digests(inspect *in, inspect_node *issuer_signed);
/** Read a date's text: what is odd, and how it relates to now. */
bool inspect_date(inspect *in, inspect_node *node, carnet_time *time);
/** A data element's value: what its document type says of it. */
void inspect_element(inspect *in, inspect_node *node, carnet_str name_space, carnet_str identifier,
                     carnet_span encoded);
/** Images and other content known by its first bytes. */
void inspect_content(inspect_node *node, carnet_span bytes);

/** A certificate in DER, under `node`. */
bool inspect_certificate(inspect *in, inspect_node *node, carnet_span der);
bool inspect_crl(inspect *in, inspect_node *node, carnet_span der);
/** A public or private key in DER; the private part is not shown. */
bool inspect_der_key(inspect *in, inspect_node *node, carnet_span der);
/** Any DER, as values within values. */
void inspect_der(inspect *in, inspect_node *node, carnet_span der);
/** Name of an object identifier with its dotted text. */
const char *inspect_oid(carnet_span oid);
/** A public key: curve and coordinates. */
void inspect_public_key(inspect *in, inspect_node *node, const carnet_public_key *key);
/** An NDEF message that begins with a handover record; false if it is none. */
bool inspect_ndef(inspect *in, inspect_node *node, carnet_span message);
/** What the carriers of such a message come to. */
void inspect_carriers(inspect *in, inspect_node *node, carnet_span message);
/** A recorded session; false if it is none. */
bool inspect_recording(inspect *in, carnet_span bytes, inspect_result *result);
/** JSON and compact JOSE: only what it is. */
bool inspect_jose(inspect *in, carnet_str text, inspect_result *result);

/** What an argument or file holds: one result or, of PEM, several. */
size_t inspect_input(inspect *in, const char *argument, const char *as, inspect_result *results, size_t cap);

#endif
