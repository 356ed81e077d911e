/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/bops_session.h"
#include "bops_fields.h"

static const carnet_bops_field session_command_fields[] = {
    { .name = "sessionId",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_session_command, session_id),
      .max = CARNET_BOPS_SESSION },
    { .name = "ref", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_session_command, ref), .max = 22 },
};

BOPS_MESSAGE(session_command, session_command_fields)

static const carnet_bops_field session_state_fields[] = {
    { .name = "sessionId",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_session_state, session_id),
      .max = CARNET_BOPS_SESSION },
    { .name = "status",
      .kind = BOPS_NAME,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_session_state, status),
      .names = carnet_bops_status_names },
};

BOPS_MESSAGE(session_state, session_state_fields)

static const carnet_bops_field mdoc_fields[] = {
    { .name = "deviceResponse",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_submit_evidence, device_response),
      .max = CARNET_BOPS_MAX },
    { .name = "sessionTranscript",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_submit_evidence, transcript),
      .max = CARNET_BOPS_MAX },
};

static const carnet_bops_field submit_evidence_fields[] = {
    { .name = "sessionId",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_submit_evidence, session_id),
      .max = CARNET_BOPS_SESSION },
    { .name = "terminalId",
      .kind = BOPS_TEXT,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_submit_evidence, terminal),
      .max = 16 },
    { .name = "terminalSession",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_submit_evidence, terminal_session),
      .max = 64 },
    { .name = "mdoc", .kind = BOPS_OBJECT, .flags = BOPS_REQUIRED, .count = BOPS_NOWHERE, BOPS_SUB(mdoc_fields) },
    { .name = "readerSignature",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_submit_evidence, reader_signature),
      .max = 176 },
    { .name = "readerCertificate",
      .kind = BOPS_BASE64,
      .offset = offsetof(carnet_bops_submit_evidence, reader_certificate),
      .max = 8192 },
};

BOPS_MESSAGE(submit_evidence, submit_evidence_fields)

static void
add_hash(carnet_crypto *crypto, carnet_span of, carnet_rc *rc, carnet_buf *out, carnet_err *err)
{
    uint8_t hash[32];

    if (*rc == CARNET_OK)
        *rc = carnet_digest(crypto, CARNET_SHA256, &of, 1, hash, err);
    if (*rc == CARNET_OK)
        carnet_base64url_encode(carnet_span_of(hash, sizeof(hash)), out);
    carnet_buf_add_byte(out, '\n');
}

carnet_rc
carnet_bops_evidence_payload(carnet_str terminal, carnet_str terminal_session, carnet_span device_response,
                             carnet_span transcript, carnet_crypto *crypto, carnet_buf *out, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    carnet_buf_add_text(out, "P1940-EV1\n");
    carnet_buf_add_str(out, terminal);
    carnet_buf_add_byte(out, '\n');
    carnet_buf_add_str(out, terminal_session);
    carnet_buf_add_byte(out, '\n');
    add_hash(crypto, transcript, &rc, out, err);
    add_hash(crypto, device_response, &rc, out, err);
    return rc == CARNET_OK && out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : rc;
}
