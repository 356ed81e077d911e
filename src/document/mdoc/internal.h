/* SPDX-License-Identifier: Apache-2.0 */
/* What the sources of this folder share. */
#ifndef CARNET_MDOC_INTERNAL_H
#define CARNET_MDOC_INTERNAL_H
#include "carnet/device_response.h"
#include "carnet/issue.h"
#include "carnet/issuer_signed.h"
#include "carnet/mso.h"
#include "carnet/verify.h"

#include <string.h>

/* A step of a path: a member by name, an entry by index. */
static inline carnet_path
carnet_path_member(const carnet_path *up, const char *name)
{
    return (carnet_path){ .up = up, .name = { name, strlen(name) } };
}

static inline carnet_path
carnet_path_named(const carnet_path *up, carnet_str name)
{
    return (carnet_path){ .up = up, .name = name };
}

static inline carnet_path
carnet_path_entry(const carnet_path *up, uint64_t index)
{
    return (carnet_path){ .up = up, .index = index };
}

/* "major.minor", digits only. */
bool carnet_version_read(carnet_str text, uint32_t *major, uint32_t *minor);
/* Refuse a version whose major number is not 1. */
void carnet_version_check(carnet_cbor_reader *r, carnet_str version, const char *clause, uint32_t *minor);

/* Read one entry of an array or value of a map, where the reader stands; `limit` is the caller's. */
typedef void carnet_entry_check(carnet_cbor_reader *r, uint64_t limit);
/* Read an array that must have an entry, each by `check`. */
void carnet_array_check(carnet_cbor_reader *r, const char *clause, carnet_entry_check *check, uint64_t limit);
/* The same for an array seen before, `member` of what r's path names. */
void carnet_member_array_check(carnet_cbor_reader *r, carnet_span array, const char *member, const char *clause,
                               carnet_entry_check *check, uint64_t limit);

#define REQUEST_CLAUSE "18013-5 10.2"
/* Check what requestInfo and the content of deviceRequestInfo hold; `outer` stands for what they are members of. */
void carnet_request_info_check(carnet_cbor_reader *outer, carnet_span map);
void carnet_device_request_info_check(carnet_cbor_reader *outer, carnet_span content, size_t doc_requests);

#define RESPONSE_CLAUSE "18013-5 10.3"
/* A Document's members as received, each for itself; empty where absent. */
struct carnet_document_members {
    carnet_span doc_type, issuer_signed, device_signed, errors;
};
/* Each reads what stands under a reader to its end; a failure is the reader's. */
void carnet_device_response_read(carnet_cbor_reader *r, carnet_device_response *view);
void carnet_document_read(carnet_cbor_reader *r, struct carnet_document_members *members);
void carnet_device_signed_read(carnet_cbor_reader *r, carnet_device_signed *device_signed);
/* Check `errors` of the Document that `outer` stands for. */
void carnet_element_errors_check(carnet_cbor_reader *outer, carnet_span map);

/* keyAuthorizations, in mso->key_authorizations; a failure is r's.  `info` is the path of deviceKeyInfo. */
void carnet_mso_authorisations_read(carnet_cbor_reader *r, const carnet_path *info, carnet_mso *mso);
/* As carnet_mso_open(), but a device key that cannot be read is left out: for judging the rest. */
carnet_rc carnet_mso_open_keyless(carnet_span payload, const uint8_t *origin, unsigned allow, carnet_mso *mso,
                                  carnet_err *err);
/* status, in mso->status_bytes: what cannot be read is named in mso->odd and is no failure. */
void carnet_mso_status_read(const carnet_cbor_reader *r, carnet_mso *mso);

/* A document to be issued, checked and laid out: the same for every copy of it. */
typedef struct carnet_issue_plan {
    const carnet_issue *issue;
    const carnet_issue_signer *signer;
    carnet_hash hash;
    size_t hash_size, random_length;
    struct {
        carnet_str name;
        uint16_t first, count; /* a run of `order` */
    } name_spaces[CARNET_ISSUE_NAME_SPACES_MAX];
    size_t name_space_count;
    uint8_t name_space_of[CARNET_ISSUE_ELEMENTS_MAX];
    uint16_t order[CARNET_ISSUE_ELEMENTS_MAX]; /* elements by name space, in the order given */
} carnet_issue_plan;

carnet_rc carnet_issue_prepare(const carnet_issue *issue, const carnet_issue_signer *signer, carnet_issue_plan *plan,
                               carnet_err *err);
/* Append MobileSecurityObjectBytes.  `ids` and `digests` (one after the other) are in the order of plan->name_spaces and
 * ascending within each. */
void carnet_issue_mso_build(const carnet_issue_plan *plan, const carnet_public_key *device_key, const uint16_t *ids,
                            const uint8_t *digests, carnet_cbor_builder *b);
/* --- verification --- */

/* One verification under way. */
struct carnet_verify_run {
    const carnet_verification *with;
    carnet_report *report;
    const uint8_t *origin;   /* offsets are counted from here */
    const carnet_path *path; /* of the document */
    carnet_span document;    /* all of it */
    uint8_t seen;            /* CARNET_CBOR_ bits met anywhere */
    size_t structure, form;  /* entries of the document that stand as passed until something is found */
    bool mdl;                /* the document is an mDL */
    bool whole_document;     /* not an IssuerSigned alone */
};

/* What the issuer's part yields for the device's. */
struct carnet_verify_issuer {
    carnet_issuer_signed view;
    carnet_mso mso;
    bool has_items, has_mso; /* `view` and `mso` are filled in */
    bool has_key;            /* mso.device_key too */
};

/* Report a failure found by a reader, whose path and offset are those of the message. */
void carnet_verify_fail_reader(struct carnet_verify_run *run, carnet_check check, const carnet_cbor_reader *r);
/* Report a failure at `at`, below the document's path: members joined by points. */
void carnet_verify_fail(struct carnet_verify_run *run, carnet_check check, carnet_outcome outcome, carnet_err *err,
                        const char *member, const uint8_t *at);
/* The same for the structure or the form of the document, whose first entry no longer stands as passed. */
void carnet_verify_structure(struct carnet_verify_run *run, const carnet_cbor_reader *r);
void carnet_verify_form(struct carnet_verify_run *run, const char *detail);
/* A failure of the backend leaves a check undetermined; any other is an answer. */
carnet_outcome carnet_verify_outcome(carnet_rc rc);

/* Everything the issuer signed.  `part` is issuerSigned; doc_type may be empty. */
void carnet_verify_issuer_signed(struct carnet_verify_run *run, carnet_cbor_reader *part, carnet_str doc_type,
                                 struct carnet_verify_issuer *issuer);
/* The digests of all items, and whether one is there twice; what of them concerns the signer's names. */
void carnet_verify_items(struct carnet_verify_run *run, struct carnet_verify_issuer *issuer,
                         const carnet_signer *signer);
/* Everything the device signed.  `part` is deviceSigned. */
void carnet_verify_device_signed(struct carnet_verify_run *run, carnet_cbor_reader *part, carnet_str doc_type,
                                 const struct carnet_verify_issuer *issuer);

/* One IssuerSignedItemBytes, where the reader stands. */
void carnet_issuer_signed_item_read(carnet_cbor_reader *r, carnet_issuer_signed_item *item);
/* view->name_spaces, which is `member` of what outer's path names: all items checked and counted. */
void carnet_issuer_name_spaces_read(carnet_cbor_reader *outer, const char *member, carnet_issuer_signed *view);
/* Fail at an item: its place is known, the rest is said. */
carnet_rc carnet_issuer_signed_item_fail(carnet_err *err, carnet_rc rc, const char *clause, const char *reason,
                                         const carnet_issuer_signed_item *item);

/* The value of the item is null: to be filled in. */
bool carnet_item_is_dehydrated(const carnet_issuer_signed_item *item);
/* Which of the spans is there; `count` if none.  Two are refused. */
size_t carnet_one_name_of(carnet_cbor_reader *r, const carnet_span *spans, size_t count, const char *clause);
/* Append the map of name spaces anew, each item by `visit`, which ends it by anything but CARNET_OK. */
typedef carnet_rc carnet_item_visit(void *self, const carnet_issuer_signed_item *item, carnet_cbor_builder *b);
carnet_rc carnet_each_item(const carnet_issuer_signed *view, carnet_cbor_builder *b, carnet_item_visit *visit,
                           void *self);

/* A set of names that answers "no" or "maybe". */
typedef struct carnet_name_set {
    uint8_t bits[512];
} carnet_name_set;

/* Whether the name may be in the set; it is from now on.  Names that differ in length or in the octets at either end
 * nearly always give "no"; what "maybe" means is looked at. */
static inline bool
carnet_name_maybe_seen(carnet_name_set *set, carnet_str name)
{
    uint64_t front = 0, back = 0;
    size_t part = name.len < 8 ? name.len : 8;
    uint32_t hash;
    uint8_t bit;
    bool seen;

    if (part != 0) {
        memcpy(&front, name.ptr, part);
        memcpy(&back, name.ptr + name.len - part, part);
    }
    hash = (uint32_t)(((front ^ back << 1 ^ name.len) * UINT64_C(0x9e3779b97f4a7c15)) >> 52);
    bit = (uint8_t)(1u << (hash & 7));
    seen = (set->bits[hash >> 3] & bit) != 0;
    set->bits[hash >> 3] |= bit;
    return seen;
}

/* The head of an item whose argument is less than 65536; `first` is its major type. */
static inline uint8_t *
carnet_put_head(uint8_t *p, uint8_t first, size_t argument)
{
    if (argument < 24) {
        *p++ = (uint8_t)(first | argument);
        return p;
    }
    if (argument < 256) {
        *p++ = first | 24;
    } else {
        *p++ = first | 25;
        *p++ = (uint8_t)(argument >> 8);
    }
    *p++ = (uint8_t)argument;
    return p;
}

#endif
