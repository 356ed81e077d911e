/* SPDX-License-Identifier: Apache-2.0 */
/* A recorded reading once more: the same messages, the same keys, judged now (or --at). */
#include "carnet/reader_replay.h"

#include "reader.h"

static carnet_rc
begin(reading *r, const carnet_recording_head *head, carnet_err *err)
{
    carnet_key key = { 0 };
    carnet_rc rc;

    if (!head->reader) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "this is a holder's recording");
    }
    if (head->ephemeral_key.len == 0) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the recording has no key (--record-key writes one)");
    }
    r->device_engagement = head->device_engagement;
    r->reader_engagement = head->reader_engagement;
    r->how = (carnet_session_transcript_parameters){ .handover = head->handover,
                                                     .select = head->select,
                                                     .request = head->request,
                                                     .reader_engagement = head->reader_engagement };
    rc = carnet_software_key_from_der(r->crypto, head->ephemeral_key, CARNET_KEY_AGREE, &key, err);
    if (rc == CARNET_OK) {
        rc = carnet_reader_replay_engage(&r->reader, r->crypto, &key, head->device_engagement, &r->how, &r->storage,
                                         err);
    }
    carnet_key_done(&key);
    return rc;
}

/** One message of the recording. */
static carnet_rc
take(reading *r, const carnet_recording_entry *entry, carnet_span *request, carnet_err *err)
{
    carnet_span copy = cli_keep(entry->message), plain;
    uint8_t *bytes = r->storage.ptr + (copy.ptr - r->storage.ptr); /* the copy is ours to write */
    uint64_t status;
    carnet_rc rc;

    if (entry->kind == CARNET_RECORDING_SENT) {
        rc = carnet_reader_replay_sent(&r->reader, bytes, copy.len, &plain, &status, err);
        *request = rc == CARNET_OK && plain.len > 0 ? plain : *request;
        return rc;
    }
    rc = carnet_reader_receive(&r->reader, bytes, copy.len, &plain, &r->status, err);
    if (rc == CARNET_OK && plain.len > 0) {
        reader_keep(r, *request, plain);
    }
    return rc;
}

carnet_rc
reader_replay(reading *r, carnet_err *err)
{
    carnet_recording recording;
    carnet_recording_cursor cursor = { 0 };
    carnet_recording_entry entry;
    carnet_span request = { 0 };
    bool over = false;
    carnet_rc rc = carnet_recording_open(cli_read(r->a->replay), &recording, err);

    r->step = r->a->replay;
    rc = rc == CARNET_OK ? begin(r, &recording.head, err) : rc;
    while (rc == CARNET_OK && !over && carnet_recording_next(&recording, &cursor, &entry, err)) {
        over = entry.kind == CARNET_RECORDING_ENDED || !r->reader.session.open;
        if (!over) {
            rc = take(r, &entry, &request, err);
        }
    }
    return rc == CARNET_OK ? cursor.rc : rc;
}
