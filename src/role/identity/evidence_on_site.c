/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence that a terminal took: bound to its reader key and its session's nonce. */
#include "carnet/session_transcript.h"
#include "internal.h"

#define NAMES_MAX   384               /* octets of terminal and its session */
#define PAYLOAD_MAX (NAMES_MAX + 128) /* both, and two digests, in lines */

static void
refuse(carnet_evidence_run *run, const char *reason)
{
    carnet_evidence_find(run, CARNET_EVIDENCE_TERMINAL, CARNET_EVIDENCE_REMOVED, CARNET_E_EVIDENCE_TERMINAL, reason);
}

static void
check_terminal(carnet_evidence_run *run, const carnet_evidence_terminal *terminal,
               const carnet_bops_submit_evidence *submitted, carnet_span response, carnet_span transcript)
{
    uint8_t payload[PAYLOAD_MAX];
    carnet_buf out = carnet_buf_of(payload, sizeof(payload));
    carnet_span signature, signed_octets;
    carnet_err err = { 0 };
    carnet_rc rc;

    if (submitted->terminal.len + submitted->terminal_session.len > NAMES_MAX) {
        refuse(run, "the terminal's names are too long");
        return;
    }
    if (!carnet_evidence_decode(run, CARNET_EVIDENCE_TERMINAL, submitted->reader_signature, &signature))
        return;
    rc = carnet_bops_evidence_payload(submitted->terminal, submitted->terminal_session, response, transcript,
                                      run->crypto, &out, &err);
    signed_octets = carnet_buf_span(&out);
    if (rc == CARNET_OK)
        rc = carnet_verify(run->crypto, &terminal->key, CARNET_ES256, &signed_octets, 1, signature, &err);
    if (rc != CARNET_OK)
        carnet_evidence_find_err(run, CARNET_EVIDENCE_TERMINAL, CARNET_EVIDENCE_REMOVED, rc, &err);
    else
        carnet_evidence_find(run, CARNET_EVIDENCE_TERMINAL, CARNET_EVIDENCE_VERIFIED, CARNET_OK, NULL);
}

static void
look(carnet_evidence_run *run, const carnet_evidence_terminal *terminal, const carnet_bops_submit_evidence *submitted)
{
    carnet_span response, transcript;
    carnet_session_transcript view;

    if (!carnet_str_equal(submitted->session_id, run->session->session_id) ||
        (terminal->id.len != 0 && !carnet_str_equal(terminal->id, submitted->terminal)) ||
        (terminal->session.len != 0 && !carnet_str_equal(terminal->session, submitted->terminal_session)))
        refuse(run, "the evidence is of another session or terminal");
    else if (carnet_evidence_decode(run, CARNET_EVIDENCE_MDOC, submitted->device_response, &response) &&
             carnet_evidence_decode(run, CARNET_EVIDENCE_MDOC, submitted->transcript, &transcript)) {
        check_terminal(run, terminal, submitted, response, transcript);
        if (run->rc != CARNET_OK ||
            run->evidence->findings[CARNET_EVIDENCE_TERMINAL].outcome != CARNET_EVIDENCE_VERIFIED)
            return;
        if (carnet_session_transcript_open(transcript, &view, NULL) != CARNET_OK)
            carnet_evidence_find(run, CARNET_EVIDENCE_MDOC, CARNET_EVIDENCE_REMOVED, CARNET_E_EVIDENCE_USELESS,
                                 "the session transcript cannot be read");
        else
            carnet_evidence_look_mdoc(run, response, view.array);
    }
}

carnet_rc
carnet_evidence_verify_on_site(const carnet_evidence_session *session, const carnet_enrolled_device *device,
                               const carnet_evidence_trust *trust, const carnet_evidence_terminal *terminal,
                               const carnet_bops_submit_evidence *submitted, carnet_crypto *crypto,
                               carnet_evidence_room *room, carnet_evidence *evidence, carnet_err *err)
{
    carnet_evidence_run run = { .session = session,
                                .device = device,
                                .trust = trust,
                                .response = NULL,
                                .crypto = crypto,
                                .room = room,
                                .evidence = evidence,
                                .err = err };
    carnet_evidence_facts *facts = &evidence->facts;

    carnet_evidence_begin(&run);
    if (trust->struct_size != sizeof(*trust) || room->report == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the judgement of evidence lacks something");
    if (device->revoked)
        carnet_evidence_find(&run, CARNET_EVIDENCE_DEVICE, CARNET_EVIDENCE_FATAL, CARNET_E_EVIDENCE_REVOKED,
                             "the device was revoked");
    if (carnet_evidence_goes_on(&run))
        look(&run, terminal, submitted);
    facts->impersonation_resistant = facts->mdoc_device_authentication;
    return carnet_evidence_finish(&run);
}

/* --- kept until the device answers --- */

enum { KEPT_MDOC = 1, KEPT_ATTESTED = 2, KEPT_CERTIFIED = 4, KEPT_EXPORTABLE = 8, KEPT_RANK = 8, KEPT_PROOF = 16 };

uint64_t
carnet_evidence_keep(const carnet_evidence *evidence)
{
    const carnet_evidence_facts *facts = &evidence->facts;

    if (evidence->fatal || !facts->mdoc_device_authentication)
        return 0;
    return KEPT_MDOC | (facts->key_attested ? KEPT_ATTESTED : 0U) | (facts->key_certified ? KEPT_CERTIFIED : 0U) |
           (facts->key_exportable ? KEPT_EXPORTABLE : 0U) | (uint64_t)(facts->key_rank & 0xff) << KEPT_RANK |
           (uint64_t)((unsigned)facts->identity_proof & 0xff) << KEPT_PROOF;
}

void
carnet_evidence_restore(uint64_t kept, carnet_evidence_facts *facts)
{
    const bool strong = (kept & KEPT_ATTESTED) && !(kept & KEPT_EXPORTABLE);
    const unsigned rank = (kept >> KEPT_RANK) & 0xff, proof = (kept >> KEPT_PROOF) & 0xff;

    if (!(kept & KEPT_MDOC))
        return;
    facts->mdoc_device_authentication = true;
    facts->impersonation_resistant = true;
    if (proof > (unsigned)facts->identity_proof && proof <= CARNET_IDENTITY_HIGH)
        facts->identity_proof = (carnet_identity_proof)proof;
    if (strong && (!facts->key_attested || facts->key_exportable || rank > facts->key_rank)) {
        facts->key_attested = true;
        facts->key_exportable = false;
        facts->key_certified = (kept & KEPT_CERTIFIED) != 0;
        facts->key_rank = rank;
    }
}
