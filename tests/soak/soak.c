/* SPDX-License-Identifier: Apache-2.0 */
#include "soak.h"
#include "../role/world.h"

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SOON = 10000, WARM_UP = 20, REQUESTS = 3 };

/* One session, in storage that is used again. */
typedef struct session {
    carnet_link reader_link, mdoc_link;
    carnet_reader reader;
    carnet_holder holder;
    uint8_t reader_room[2048], holder_room[2048], message[MESSAGE], scratch[4 * MESSAGE], request[MESSAGE];
    carnet_buf reader_storage, holder_storage;
    carnet_offer offers[OFFERS];
} session;

static world w;

static void
must(carnet_rc rc, const carnet_err *err)
{
    if (rc != CARNET_OK) {
        fprintf(stderr, "%s: %s\n", carnet_rc_name(rc), err->reason);
        exit(1);
    }
}

static void
carry(session *s, carnet_link *from, carnet_link *to, size_t *len)
{
    carnet_buf got = carnet_buf_of(s->message, sizeof(s->message));
    carnet_err err = { 0 };

    must(carnet_link_send(from, carnet_span_of(s->message, *len), SOON, &err), &err);
    must(carnet_link_receive(to, &got, SOON, &err), &err);
    *len = got.len;
}

static void
meet(session *s)
{
    uint8_t room[64];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_span method;
    carnet_err err = { 0 };

    s->holder_storage = carnet_buf_of(s->holder_room, sizeof(s->holder_room));
    s->reader_storage = carnet_buf_of(s->reader_room, sizeof(s->reader_room));
    carnet_method_build_nfc(&b, 65535, 65536);
    must(carnet_cbor_built(&b, &method, &err), &err);
    must(carnet_holder_engage(&s->holder, &w.crypto, CARNET_CURVE_P256,
                              &(carnet_engagement_parameters){ .methods = &method, .method_count = 1 },
                              &s->holder_storage, &err),
         &err);
    must(carnet_reader_engage(&s->reader, &w.crypto, s->holder.device_engagement, NULL, &s->reader_storage, &err),
         &err);
}

/* Build the request into the message; the plain one stays in s->request. */
static size_t
ask(session *s)
{
    static const char *const names[] = { "family_name", "given_name", "age_over_18" };
    carnet_requested_element elements[CARNET_COUNT(names)];
    carnet_doc_request_draft doc = { .doc_type = carnet_str_of(MDL),
                                     .elements = elements,
                                     .count = CARNET_COUNT(names) };
    carnet_device_request_draft draft = { .documents = &doc, .count = 1 };
    carnet_buf plain = carnet_buf_of(s->request, sizeof(s->request));
    carnet_cbor_builder b = carnet_cbor_build(s->message, sizeof(s->message));
    carnet_err err = { 0 };

    for (size_t i = 0; i < CARNET_COUNT(names); i++) {
        elements[i] = (carnet_requested_element){ carnet_str_of(MDL_NS), carnet_str_of(names[i]), false };
    }
    must(carnet_reader_request(&s->reader, &draft, &plain, &b, &err), &err);
    return b.len;
}

static size_t
answer(session *s, size_t len, carnet_session_status status)
{
    carnet_buf scratch = carnet_buf_of(s->scratch, sizeof(s->scratch));
    carnet_cbor_builder b;
    carnet_device_request view;
    carnet_span request;
    uint64_t heard;
    size_t found;
    carnet_err err = { 0 };

    must(carnet_holder_receive(&s->holder, s->message, len, NULL, &request, &heard, &err), &err);
    memcpy(s->request, request.ptr, request.len); /* the message is written over */
    must(carnet_device_request_open(carnet_span_of(s->request, request.len), 0, &view, &err), &err);
    must(carnet_holder_match(&view, w.held, w.held_count, s->offers, OFFERS, &found, &err), &err);
    for (size_t i = 0; i < found; i++) {
        s->offers[i].consented = true;
    }
    b = carnet_cbor_build(s->message, sizeof(s->message));
    must(carnet_holder_answer(&s->holder, &view, w.held, w.held_count, s->offers, found, status, &scratch, &b, &err),
         &err);
    return b.len;
}

/* How a session ends: the reader says 20, the mdoc says it with its last answer, or nobody says anything. */
static void
part(session *s, size_t n)
{
    uint64_t heard = 0;
    carnet_span request;
    size_t len;
    carnet_err err = { 0 };

    if (n % 3 == 0) {
        carnet_cbor_builder b = carnet_cbor_build(s->message, sizeof(s->message));

        carnet_reader_end(&s->reader, CARNET_SESSION_TERMINATION, &b);
        len = b.len;
        carry(s, &s->reader_link, &s->mdoc_link, &len);
        must(carnet_holder_receive(&s->holder, s->message, len, NULL, &request, &heard, &err), &err);
        carnet_link_end(&s->mdoc_link, 0);
        carnet_link_end(&s->reader_link, 100);
    }
    if (n % 2 == 0) {
        carnet_link_close(&s->reader_link);
        carnet_link_close(&s->mdoc_link);
    } else {
        carnet_link_close(&s->mdoc_link);
        carnet_link_close(&s->reader_link);
    }
    carnet_reader_done(&s->reader);
    carnet_holder_done(&s->holder);
}

static void
run_session(soak_connect *connect, size_t n)
{
    static session s;
    carnet_err err = { 0 };

    must(connect(&s.reader_link, &s.mdoc_link, &err), &err);
    meet(&s);
    for (int i = 0; i < REQUESTS; i++) {
        bool last = i == REQUESTS - 1 && n % 3 == 1;
        size_t len = ask(&s);
        carnet_span response;
        uint64_t heard;

        carry(&s, &s.reader_link, &s.mdoc_link, &len);
        len = answer(&s, len, last ? CARNET_SESSION_TERMINATION : CARNET_SESSION_NO_STATUS);
        carry(&s, &s.mdoc_link, &s.reader_link, &len);
        must(carnet_reader_receive(&s.reader, s.message, len, &response, &heard, &err), &err);
        if (response.len == 0 || heard != (last ? 20u : 0u)) {
            fprintf(stderr, "session %zu: the answer is empty, or ends it\n", n);
            exit(1);
        }
    }
    part(&s, n);
}

static size_t
descriptors(void)
{
    DIR *list = opendir("/proc/self/fd");
    size_t count = 0;

    while (list != NULL && readdir(list) != NULL) {
        count++;
    }
    if (list != NULL) {
        closedir(list);
    }
    return count;
}

static double
seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int
soak_run(const char *kind, soak_connect *connect, int argc, char **argv)
{
    size_t sessions = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 1000, open_before, open_after;
    struct mallinfo2 before, after;
    double began;

    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    for (size_t n = 0; n < WARM_UP; n++) {
        run_session(connect, n);
    }
    open_before = descriptors();
    before = mallinfo2();
    began = seconds();
    for (size_t n = 0; n < sessions; n++) {
        run_session(connect, n);
    }
    after = mallinfo2();
    open_after = descriptors();
    printf("%s: %zu sessions in %.1f s; descriptors %zu before, %zu after; heap %zu octets before, %zu after\n", kind,
           sessions, seconds() - began, open_before, open_after, before.uordblks + before.hblkhd,
           after.uordblks + after.hblkhd);
    world_done(&w);
    return open_after > open_before || after.uordblks + after.hblkhd > before.uordblks + before.hblkhd;
}
