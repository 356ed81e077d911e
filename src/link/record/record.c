/* SPDX-License-Identifier: Apache-2.0 */
/* A link that writes down what another link carries. */
#include "carnet/link_record.h"
#include "link_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PARTS = 2 };

/* --- writing --- */

static carnet_rc
write_file(carnet_recorder *recorder, const carnet_span *parts, size_t count, carnet_err *err)
{
    struct iovec vector[PARTS] = { 0 }, *at = vector;
    size_t left = 0;

    for (size_t i = 0; i < count; i++) {
        vector[i] = (struct iovec){ (void *)(uintptr_t)parts[i].ptr, parts[i].len };
        left += parts[i].len;
    }
    /* One call for a whole entry, so that a kill comes before or after it; a disk may take it in pieces all the same. */
    while (left > 0) {
        ssize_t put = writev(recorder->fd, at, (int)count);

        if (put < 0 && errno != EINTR) {
            return carnet_fail(err, CARNET_E_LINK_IO, NULL, strerror(errno));
        }
        left -= put > 0 ? (size_t)put : 0;
        while (put > 0 && count > 0 && (size_t)put >= at->iov_len) {
            put -= (ssize_t)at->iov_len;
            at++;
            count--;
        }
        if (put > 0) {
            at->iov_base = (uint8_t *)at->iov_base + put;
            at->iov_len -= (size_t)put;
        }
    }
    return CARNET_OK;
}

static carnet_rc
write_parts(carnet_recorder *recorder, const carnet_span *parts, size_t count, carnet_err *err)
{
    return recorder->fd >= 0 ? write_file(recorder, parts, count, err)
                             : recorder->sink.write(recorder->sink.self, parts, count, err);
}

/** Write an entry, unless the end was written or writing has failed before. */
static void
write_entry(carnet_recorder *recorder, carnet_recording_kind kind, carnet_span message, carnet_rc code)
{
    uint8_t room[32];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof room);
    int64_t ms = carnet_link_now_ms() - recorder->started_ms;
    carnet_recording_entry entry = {
        .kind = kind, .ms = ms > 0 ? (uint64_t)ms : 0, .message = message, .code = (uint64_t)code
    };

    if (recorder->ended || recorder->failure.rc != CARNET_OK) {
        return;
    }
    carnet_recording_build_entry(&b, &entry);
    recorder->ended = kind == CARNET_RECORDING_ENDED;
    if (write_parts(recorder, (carnet_span[]){ { room, b.len }, message }, message.len != 0 ? 2 : 1,
                    &recorder->failure) == CARNET_OK) {
        recorder->failure = (carnet_err){ 0 };
    }
}

/* --- the link --- */

static void
before(const carnet_link *link, carnet_recorder *recorder)
{
    recorder->inner.progress = link->progress;
    recorder->inner.progress_context = link->progress_context;
}

static carnet_rc
record_send(carnet_link *link, carnet_span message, int timeout_ms, carnet_err *err)
{
    carnet_recorder *recorder = link->state;
    carnet_rc rc;

    before(link, recorder);
    rc = carnet_link_send(&recorder->inner, message, timeout_ms, err);
    link->traffic = recorder->inner.traffic;
    if (rc == CARNET_OK) {
        write_entry(recorder, CARNET_RECORDING_SENT, message, CARNET_OK);
    } else {
        write_entry(recorder, CARNET_RECORDING_ENDED, (carnet_span){ 0 }, rc);
    }
    return rc;
}

static carnet_rc
record_receive(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err)
{
    carnet_recorder *recorder = link->state;
    size_t start = message->len;
    carnet_rc rc;

    before(link, recorder);
    rc = carnet_link_receive(&recorder->inner, message, timeout_ms, err);
    link->traffic = recorder->inner.traffic;
    if (rc == CARNET_OK) {
        write_entry(recorder, CARNET_RECORDING_RECEIVED, carnet_span_of(message->ptr + start, message->len - start),
                    CARNET_OK);
    } else if (rc != CARNET_E_LINK_TIMEOUT) { /* after which it may be called again */
        write_entry(recorder, CARNET_RECORDING_ENDED, (carnet_span){ 0 }, rc);
    }
    return rc;
}

static void
record_end(carnet_link *link, int timeout_ms)
{
    carnet_recorder *recorder = link->state;

    before(link, recorder);
    carnet_link_end(&recorder->inner, timeout_ms);
    link->traffic = recorder->inner.traffic;
}

static void
record_close(carnet_link *link)
{
    carnet_recorder *recorder = link->state;

    write_entry(recorder, CARNET_RECORDING_ENDED, (carnet_span){ 0 }, CARNET_OK);
    carnet_link_close(&recorder->inner);
    carnet_recorder_done(recorder);
}

static const carnet_link_ops record_ops = {
    .name = "recording", .send = record_send, .receive = record_receive, .end = record_end, .close = record_close
};

/* --- beginning and end --- */

carnet_rc
carnet_recorder_to_file(carnet_recorder *recorder, const char *path, carnet_err *err)
{
    *recorder = (carnet_recorder){ .fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600) };
    return recorder->fd >= 0 ? CARNET_OK : carnet_fail(err, CARNET_E_LINK_IO, NULL, strerror(errno));
}

void
carnet_recorder_to_sink(carnet_recorder *recorder, const carnet_recorder_sink *sink)
{
    *recorder = (carnet_recorder){ .fd = -1, .sink = *sink };
}

void
carnet_recorder_done(carnet_recorder *recorder)
{
    if (recorder->fd >= 0) {
        close(recorder->fd);
    }
    recorder->fd = -1;
}

static carnet_rc
write_head(carnet_recorder *recorder, const carnet_recording_head *head, carnet_err *err)
{
    carnet_cbor_builder b = carnet_cbor_measure();
    uint8_t *room;
    carnet_span bytes;
    size_t len;
    carnet_rc rc;

    carnet_recording_build_head(&b, head);
    len = b.len;
    room = b.rc == CARNET_OK ? malloc(len) : NULL;
    if (room == NULL) {
        return carnet_fail(err, b.rc != CARNET_OK ? b.rc : CARNET_E_LINK_IO, NULL, "the head cannot be written");
    }
    b = carnet_cbor_build(room, len);
    carnet_recording_build_head(&b, head);
    rc = carnet_cbor_built(&b, &bytes, err);
    if (rc == CARNET_OK) {
        rc = write_parts(recorder, &bytes, 1, err);
    }
    carnet_wipe(room, len); /* it may hold the ephemeral key */
    free(room);
    return rc;
}

carnet_rc
carnet_link_record(carnet_link *link, carnet_recorder *recorder, const carnet_recording_head *head, carnet_err *err)
{
    carnet_recording_head named = *head;
    carnet_rc rc;

    if (link->ops == NULL || (recorder->fd < 0 && recorder->sink.write == NULL)) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "an open link and somewhere to write are needed");
    }
    if (named.medium.len == 0) {
        named.medium = carnet_str_of(link->ops->name);
    }
    recorder->started_ms = carnet_link_now_ms();
    rc = write_head(recorder, &named, err);
    if (rc == CARNET_OK) {
        recorder->inner = *link;
        link->ops = &record_ops;
        link->state = recorder;
    }
    return rc;
}
