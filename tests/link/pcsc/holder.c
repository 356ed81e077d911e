/* SPDX-License-Identifier: Apache-2.0 */
#include "holder.h"
#include "antenna.h"

#include "carnet/nfc_handover.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LONG_MS = 8000 };

void
carnet_test_fill(uint8_t *octets, size_t len, unsigned salt)
{
    for (size_t i = 0; i < len; i++) {
        octets[i] = (uint8_t)(i * 31 + i / 255 + salt);
    }
}

carnet_span
carnet_test_select(carnet_nfc_limits limits, uint8_t room[600])
{
    carnet_retrieval_method nfc = {
        .type = CARNET_METHOD_NFC, .version = 1, .usable = true, .nfc = { limits.command, limits.response }
    };
    uint8_t engagement[90] = { 0 };
    carnet_nfc_handover_parameters p = { .methods = &nfc,
                                         .method_count = 1,
                                         .engagement = carnet_span_of(engagement, sizeof engagement),
                                         .negotiated = true };
    carnet_span message = { 0 };

    carnet_test_fill(engagement, sizeof engagement, 1);
    (void)!carnet_nfc_handover_select_build(&p, room, 600, &message, NULL);
    return message;
}

carnet_span
carnet_test_request(carnet_nfc_limits limits, uint8_t room[600])
{
    carnet_retrieval_method nfc = {
        .type = CARNET_METHOD_NFC, .version = 1, .usable = true, .nfc = { limits.command, limits.response }
    };
    carnet_nfc_handover_parameters p = { .methods = &nfc, .method_count = 1 };
    carnet_span message = { 0 };

    (void)!carnet_nfc_handover_request_build(&p, room, 600, &message, NULL);
    return message;
}

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/** Serve the tag while the holder decides, then answer. */
static carnet_rc
decide(carnet_test_holder *h, carnet_vpcd *card)
{
    int64_t end = now_ms() + h->decide_ms;
    carnet_span request = carnet_vpcd_handover_request(card);
    uint8_t room[600];
    carnet_vpcd_event event;

    h->request_len = request.len < sizeof h->request ? request.len : 0;
    memcpy(h->request, request.ptr, h->request_len);
    while (now_ms() < end) {
        carnet_rc rc = carnet_vpcd_serve(card, &event, 5, &h->err);

        if (rc != CARNET_OK && rc != CARNET_E_LINK_TIMEOUT) {
            return rc;
        }
    }
    return carnet_vpcd_answer(card, carnet_test_select(h->limits, room), &h->err);
}

static carnet_rc
engage(carnet_test_holder *h, carnet_vpcd *card)
{
    uint8_t room[600];
    carnet_vpcd_event event;
    carnet_rc rc = h->negotiated ? carnet_vpcd_negotiate(card, h->wait_ms, 15, &h->err)
                                 : carnet_vpcd_offer(card, carnet_test_select(h->limits, room), &h->err);

    while (rc == CARNET_OK) {
        rc = carnet_vpcd_serve(card, &event, LONG_MS, &h->err);
        if (rc == CARNET_OK && event == CARNET_VPCD_SELECTED) {
            return CARNET_OK;
        }
        h->engaged += rc == CARNET_OK && event == CARNET_VPCD_ENGAGED;
        if (rc == CARNET_OK && event == CARNET_VPCD_REQUESTED) {
            rc = decide(h, card);
        }
        if (rc == CARNET_OK && event == CARNET_VPCD_LEFT && h->engaged > 0) {
            return carnet_fail(&h->err, CARNET_E_LINK_LOST, NULL, "left after the engagement");
        }
    }
    return rc;
}

static carnet_rc
transfer(carnet_test_holder *h, carnet_link *link)
{
    enum { ROOM = 70000 };
    uint8_t *expected = malloc(ROOM), *got = malloc(ROOM);
    carnet_rc rc = CARNET_OK;

    for (unsigned i = 0; rc == CARNET_OK; i++) {
        carnet_buf message = carnet_buf_of(got, ROOM);

        rc = carnet_link_receive(link, &message, LONG_MS, &h->err);
        if (rc != CARNET_OK || i >= MESSAGES_MAX) {
            break;
        }
        carnet_test_fill(expected, h->asks[i], i);
        h->wrong |= message.len != h->asks[i] || memcmp(got, expected, message.len) != 0;
        usleep(h->think_ms * 1000);
        if (h->answers[i] == 0) {
            carnet_link_end(link, LONG_MS);
            rc = carnet_fail(&h->err, CARNET_E_LINK_CLOSED, NULL, "ended");
        } else {
            carnet_test_fill(expected, h->answers[i], i + 100);
            rc = carnet_link_send(link, carnet_span_of(expected, h->answers[i]), LONG_MS, &h->err);
        }
    }
    h->traffic = link->traffic;
    free(expected);
    free(got);
    return rc;
}

static void *
run(void *context)
{
    carnet_test_holder *h = context;
    carnet_vpcd_options options = { .port = h->port, .limits = h->limits };
    carnet_vpcd *card;
    carnet_link link = { 0 };

    h->rc = carnet_vpcd_open(&card, &options, LONG_MS, &h->err);
    h->rc = h->rc == CARNET_OK ? engage(h, card) : h->rc;
    h->rc = h->rc == CARNET_OK ? carnet_vpcd_link(&card, &link, &h->err) : h->rc;
    h->linked = h->rc == CARNET_OK;
    h->rc = h->rc == CARNET_OK ? transfer(h, &link) : h->rc;
    carnet_link_close(&link);
    carnet_vpcd_free(&card);
    return NULL;
}

void
carnet_test_holder_start(carnet_test_holder *holder)
{
    holder->rc = CARNET_E_USAGE;
    holder->engaged = 0;
    holder->linked = holder->wrong = false;
    pthread_create(&holder->thread, NULL, run, holder);
}

void
carnet_test_holder_join(carnet_test_holder *holder)
{
    pthread_join(holder->thread, NULL);
}
