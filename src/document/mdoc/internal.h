/* SPDX-License-Identifier: Apache-2.0 */
/* What the sources of this folder share. */
#ifndef CARNET_MDOC_INTERNAL_H
#define CARNET_MDOC_INTERNAL_H
#include "carnet/device_response.h"
#include "carnet/issue.h"

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

#endif
