/* SPDX-License-Identifier: Apache-2.0 */
/*
 * carnet iso8583: what its parts share.  A message is read in some specification
 * (a version, a flavour and what is added to them; or a file), becomes a tree of
 * what is in it, masked unless --unsafe, and is printed.
 */
#ifndef CARNET_PROGRAM_ISO8583_H
#define CARNET_PROGRAM_ISO8583_H
#include "carnet/iso8583.h"
#include "carnet/iso8583_data_set.h"
#include "carnet/iso8583_frame.h"
#include "carnet/json.h"
#include "cli.h"

#define ISO_INPUTS_MAX 300 /* arguments */

typedef enum iso_action {
    ISO_DESCRIBE = 1,
    ISO_BUILD = 2,
    ISO_DIFF = 4,
    ISO_DOCTOR = 8,
    ISO_SEND = 16,
    ISO_SERVE = 32
} iso_action;

typedef struct iso_arguments {
    iso_action action;
    const char *spec, *framing, *filter, *output, *to, *listen, *rules, *header;
    const char *ca, *certificate, *key;
    int header_size; /* -1: not said */
    unsigned wait_ms;
    uint64_t count;
    bool unsafe, json, binary;
    const char *inputs[ISO_INPUTS_MAX];
    size_t input_count;
} iso_arguments;

int iso_describe(const iso_arguments *a);
int iso_build(const iso_arguments *a);
int iso_diff(const iso_arguments *a);
int iso_doctor(const iso_arguments *a);
int iso_send(const iso_arguments *a);
int iso_serve(const iso_arguments *a);

/* --- specifications --- */

/** How an element is written that is not written as its flavour says. */
typedef enum iso_writing {
    ISO_AS_ASCII,
    ISO_AS_BCD,
    ISO_AS_BCD_RIGHT,
    ISO_AS_HEX,
    ISO_AS_RAW,
    ISO_AS_TEXT,
    ISO_AS_ASCII_LENGTH,
    ISO_AS_BCD_LENGTH,
    ISO_AS_BINARY_LENGTH,
    ISO_AS_LAYOUT /* of another type and length */
} iso_writing;

/** An element that is written otherwise. */
typedef struct iso_exception {
    uint8_t element, writing;
    uint8_t type, width; /* of ISO_AS_LAYOUT */
    uint16_t max;
} iso_exception;

#define ISO_EXCEPTIONS_MAX 6
#define ISO_REPAIRS_MAX    24

/** A built-in specification: which. */
typedef struct iso_choice {
    carnet_iso8583_version version;
    size_t flavour;            /* index of carnet_iso8583_flavour_name() */
    bool icc;                  /* element 55 in octets, where the table has characters */
    bool postilion;            /* element 127 with a bitmap and fields of its own */
    bool base24;               /* element 41 of 16 characters, 44 longer */
    uint8_t changes;           /* in how much `as` differs from the flavour */
    carnet_iso8583_flavour as; /* if it does */
    unsigned exceptions;
    iso_exception exception[ISO_EXCEPTIONS_MAX];
} iso_choice;

/** A specification in use. */
typedef struct iso_spec {
    const carnet_iso8583_spec *spec;
    const char *name;
} iso_spec;

/** "1987", "1987:bcd", "bcd", "1987:bcd,prefix=ascii+icc+postilion", or a file; dies on anything else. */
iso_spec iso_spec_of(const char *name);
/** The same, ready for messages with so many octets before the indicator. */
iso_spec iso_spec_with_header(iso_spec spec, size_t size);
/** A built-in one, made once; NULL if there is none such.  With exceptions it is made each time. */
const carnet_iso8583_spec *iso_spec_made(const iso_choice *choice);
void iso_spec_unmade(const iso_choice *choice, const carnet_iso8583_spec *spec);
const char *iso_choice_name(const iso_choice *choice);
/** A framing by name, "spec" being that of the specification's file; dies on anything else. */
carnet_framing iso_framing(const char *name);
/** The framing to be used where none is said: that of the specification's file, if it has one, or else post. */
const char *iso_framing_or_post(const iso_arguments *a);

/** Change an element of a specification; false if it cannot be written so. */
bool iso_except(carnet_iso8583_spec *spec, const iso_exception *one);
/** "19=bcd", "41=ans16"; false if there is none such. */
bool iso_exception_take(carnet_str text, iso_exception *one);
void iso_exception_write(const iso_exception *one, carnet_buf *out);
/** How an element may be written otherwise, as far as it is met. */
size_t iso_repairs(const carnet_iso8583_field *field, unsigned element, iso_exception list[ISO_REPAIRS_MAX]);
/** Flavours with changes: take all from `as`, and the nearest named one. */
void iso_choice_change(iso_choice *choice, const carnet_iso8583_flavour *as);
/** ",prefix=ascii" and so on. */
void iso_changes_write(const iso_choice *choice, carnet_buf *out);
/** "prefix=ascii"; false if there is none such. */
bool iso_change_take(carnet_str text, iso_choice *choice);
/** The version of the indicator that octets begin with, if it makes sense in this encoding; or -1. */
int iso_version_in(carnet_span octets, uint8_t encoding);
/** Every flavour without a name that octets, which begin with the indicator, may be written in; `each` returns the element that
 *  it fails at, or 0. */
void iso_each_flavour(carnet_span octets, unsigned (*each)(void *self, const iso_choice *choice), void *self);

/* --- input --- */

/** One way to take an input: as it is, or decoded from hexadecimal, ... */
typedef struct iso_octets {
    carnet_span octets;
    const char *how;
    unsigned guess; /* how much it is guessed: taken out of a text, say */
} iso_octets;

/** A message, read. */
typedef struct iso_message {
    const char *input; /* as it was called */
    iso_spec spec;
    const char *framing; /* or NULL */
    const char *how;
    carnet_span header, trailer;
    carnet_iso8583_message *message; /* NULL: not a message, but data objects such as element 55 has */
    carnet_span objects;
} iso_message;

#define ISO_WAYS 12

/** An input as it is called in a complaint: a message that stands in the command line itself is not said again. */
const char *iso_called(const char *input);
/** What a file, standard input ("-") or the argument itself may stand for; returns how many ways. */
size_t iso_octets_of(const char *input, iso_octets ways[ISO_WAYS]);
/** What else a text may stand for: a dump, escapes, Base64, a line of a log; behind the `count` ways that are known. */
size_t iso_pasted(carnet_span text, iso_octets ways[ISO_WAYS], size_t count);
/** Octets that are data objects of payment cards and nothing else (BER-TLV): the way, or NULL if none is so. */
const iso_octets *iso_objects_in(const iso_octets *ways, size_t count, size_t *objects);
/** Every message of an input; dies, saying what is wrong where, when it cannot be read.  Without --spec the one that fits best is
 *  taken. */
size_t iso_messages_of(const iso_arguments *a, const char *input, iso_message **messages);

/* --- the doctor --- */

typedef struct iso_reason {
    bool good;
    const char *text;
} iso_reason;

#define ISO_REASONS_MAX 20

/** A way to read an input that reads all of it. */
typedef struct iso_fit {
    const iso_octets *way;
    iso_choice choice;
    const char *framing; /* or NULL */
    size_t header, messages, trailer;
    int score;
    unsigned count;
    iso_reason reasons[ISO_REASONS_MAX];
} iso_fit;

/** A way that fails, and where. */
typedef struct iso_misfit {
    const iso_octets *way;
    iso_choice choice;
    carnet_err err;
    carnet_span octets; /* the message that is meant */
    bool version_fits;
    const char *framing; /* or NULL */
    size_t messages, header;
} iso_misfit;

#define ISO_FITS_MAX    24
#define ISO_MISFITS_MAX 24

typedef struct iso_diagnosis {
    size_t fits, misfits;
    iso_fit fit[ISO_FITS_MAX];          /* the best first */
    iso_misfit misfit[ISO_MISFITS_MAX]; /* those that came furthest first; of which there are none if something fits */
} iso_diagnosis;

/** What is tried: a stretch of octets that should be one message. */
typedef struct iso_trial {
    const iso_octets *way;
    const char *framing;
    size_t header, messages; /* octets of `octets.ptr` are behind the header */
    carnet_span octets;      /* the first message */
    const carnet_framing *frame;
} iso_trial;

/** Try one choice, and keep what came of it; the element that it fails at, or 0. */
unsigned iso_try(iso_diagnosis *d, const iso_trial *t, const iso_choice *choice);
/** The number in a path such as DE19 or DE127.DE49; 0: none. */
unsigned iso_element_in(const char *path);
/** Octets of the indicator, and the i-th bit of what stands behind it in octets that begin with it. */
size_t iso_indicator_size(const carnet_iso8583_spec *spec);
bool iso_bit_at(const carnet_iso8583_spec *spec, carnet_span octets, unsigned i);
/** Try what came far with single elements written otherwise. */
void iso_mend(iso_diagnosis *d);
void iso_diagnose(const iso_octets *ways, size_t count, iso_diagnosis *diagnosis);
/** Judge how likely a message that was read is one. */
void iso_judge(const carnet_iso8583_message *message, iso_fit *fit);
/** What is known to stand before an indicator, in words; NULL if it is none of that. */
const char *iso_known_header(carnet_span header);

/* --- the tree --- */

/** Something with a value: an element, or a part of one. */
typedef struct iso_node {
    const char *id;      /* "55", "9F26", "P1", "1" */
    const char *name;    /* or NULL */
    carnet_str value;    /* safe to print, masked if it has to be; ptr NULL: none */
    const char *meaning; /* or NULL */
    bool masked;
    const char *padding;   /* nibble behind or before digits that is no part of the value, or NULL */
    size_t offset, length; /* octets in the message, or CARNET_NO_OFFSET */
    struct iso_node *parts, *next;
} iso_node;

/** The digits of an account number without the zero that pads them, where the length prefix counts octets: by the check digit,
 *  or as account numbers do not begin with 0. */
carnet_str iso_without_padding(const carnet_iso8583_message *message, unsigned element, carnet_str text, bool *padded);
/** What is in a message. */
iso_node *iso_tree(const carnet_iso8583_message *message, bool unsafe);
/** The same of what was read from an input: the elements of a message, or data objects. */
iso_node *iso_tree_of(const iso_message *message, bool unsafe);
/** Data objects, NULL if octets are none. */
iso_node *iso_objects(carnet_span octets, bool unsafe);
/** The parts of an element's value, NULL if it has no structure that is known. */
iso_node *iso_parts(const carnet_iso8583_message *message, unsigned element, carnet_str text, carnet_span octets,
                    bool unsafe);
iso_node *iso_node_add(iso_node ***tail, const char *id, const char *name, carnet_str value);
/** Leave only what is named: "2,4,55.8A". */
iso_node *iso_filter(iso_node *tree, const char *filter);
/** Whether something in it is masked. */
bool iso_any_masked(const iso_node *node);
/** Print what could be read of a message that cannot be read whole, and where it cannot; false: too little to be one. */
bool iso_show_partly(const iso_spec *spec, carnet_span octets, const carnet_err *err, bool unsafe);
void iso_print_message(const iso_message *message, const iso_node *tree);
void iso_print_json(const iso_message *message, const iso_node *tree, const char *indent);
void iso_json_text(FILE *out, carnet_str text);

/* --- values --- */

/** What a value means, for a person; NULL if nothing is known. */
const char *iso_meaning(const carnet_iso8583_message *message, unsigned element, carnet_str text);
const char *iso_currency(carnet_str code, unsigned *digits);
/** "200.00 USD". */
const char *iso_amount(carnet_str digits, carnet_str currency);
/** A name for a tag of EMV, what of it must not be seen, and whether it is text. */
typedef enum iso_secret { ISO_OPEN, ISO_PAN, ISO_TRACK, ISO_HIDDEN, ISO_ACCOUNT } iso_secret;
const char *iso_tag(uint32_t tag, iso_secret *secret, bool *text);
/** What of an element must not be seen. */
iso_secret iso_element_secret(const carnet_iso8583_message *message, unsigned element);
/** The value as it may be seen; *masked is set if something of it may not. */
carnet_str iso_mask(carnet_str text, iso_secret secret, bool *masked);
/** Text with what looks like an account number in it masked. */
carnet_str iso_mask_found(carnet_str text, bool *masked);
/** The check digit of an account number is right. */
bool iso_luhn(carnet_str digits);

/* --- building --- */

/** A message to be sent or printed, from the inputs: JSON, octets, or an indicator and ELEMENT=VALUE; dies when it cannot be.  In
 *  the specification that was said, else that of the octets, else 1987; *spec says which. */
carnet_span iso_built(const iso_arguments *a, size_t header, iso_spec *spec);
/** An element's number from text; dies on anything else. */
unsigned iso_element(carnet_str text);
/** A copy with a terminating zero. */
const char *iso_text(carnet_str text);
/** What stands before and behind the first '='; false if there is none. */
bool iso_halves(carnet_str text, carnet_str *name, carnet_str *word);

/* --- rules of serve --- */

typedef struct iso_rules iso_rules;

/** What to do with a request. */
typedef struct iso_answer {
    bool drop, hang_up;
    unsigned delay_ms;
    const carnet_json *elements; /* or NULL */
} iso_answer;

iso_rules *iso_rules_read(const char *path); /* NULL path: none */
/** The first rule that a request meets; false: none. */
bool iso_rules_find(const iso_rules *rules, const carnet_iso8583_message *request, iso_answer *answer);
/** The answer to a request; false: it asks for none. */
bool iso_answer_build(const carnet_iso8583_message *request, const iso_answer *answer, bool known, carnet_buf *out,
                      carnet_err *err);

#endif
