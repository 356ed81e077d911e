/* SPDX-License-Identifier: Apache-2.0 */
/* The payment network of the story: what crosses between two ends that speak ISO 8583 is told; some of it may be lost. */
#include "iso8583.h"
#include "scenario_cash.h"

#include "carnet/vector_carrier.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CALLS_MAX = 8, ROOM = 16384, LOST_MAX = 8 };

typedef struct end {
    int fd;
    uint8_t octets[ROOM];
    size_t len;
} end;

/** One connection, and the one that carries on. */
typedef struct call {
    end near, far;
} call;

typedef struct network {
    const cash_carrying *c;
    const carnet_iso8583_spec *spec;
    carnet_framing framing;
    call *calls[CALLS_MAX];
    char lost[LOST_MAX][8]; /* message types still to be lost */
} network;

static void
hang_up(network *n, size_t i)
{
    close(n->calls[i]->near.fd);
    close(n->calls[i]->far.fd);
    free(n->calls[i]);
    n->calls[i] = NULL;
}

static int
call_far(unsigned port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void
take_call(network *n)
{
    int near = accept(n->c->listener, NULL, NULL), far = near >= 0 ? call_far(n->c->port) : -1;

    for (size_t i = 0; far >= 0 && i < CALLS_MAX; i++) {
        if (n->calls[i] == NULL) {
            n->calls[i] = cli_alloc(sizeof *n->calls[i]);
            n->calls[i]->near.fd = near;
            n->calls[i]->far.fd = far;
            return;
        }
    }
    if (near >= 0) {
        close(near);
    }
    if (far >= 0) {
        close(far);
    }
}

/** The vector of trust that travels, or those that would do. */
static void
name_vector(const carnet_iso8583_message *m, char *out, size_t size)
{
    uint8_t room[1024];
    carnet_buf octets = carnet_buf_of(room, sizeof room);
    carnet_vector_carrier carrier = { 0 };
    carnet_rc rc = CARNET_E_CARRIER_ABSENT;

    if (carnet_iso8583_has(m, 48)) {
        rc = carnet_carrier_read_text(carnet_str_bytes(carnet_iso8583_text(m, 48, &octets)), &carrier, NULL);
    }
    if (rc != CARNET_OK && carnet_iso8583_has(m, 55)) {
        rc = carnet_carrier_read_tlv(carnet_iso8583_binary(m, 55, &octets), &carrier, NULL);
    }
    if (rc != CARNET_OK) {
        return;
    }
    if ((carrier.present & CARNET_CARRIER_REQUEST) != 0 && carrier.request_count > 0) {
        snprintf(out, size, " wants %.*s%s", (int)carrier.request[0].len, carrier.request[0].ptr,
                 carrier.request_count > 1 ? " or others" : "");
    } else if ((carrier.present & CARNET_CARRIER_VECTOR) != 0) {
        snprintf(out, size, " with %.*s", (int)carrier.vector.len, carrier.vector.ptr);
    } else {
        snprintf(out, size, " with a reference");
    }
}

/** "0210 00": the type, and the response; what its carrier says. */
static void
name_message(const network *n, carnet_span octets, char *name, size_t size)
{
    static carnet_iso8583_message m;
    uint8_t room[32];
    carnet_buf text = carnet_buf_of(room, sizeof room);
    char mti[5] = "?", vector[96] = "";
    carnet_str response = { 0 };

    if (carnet_iso8583_parse(n->spec, octets, &m, NULL) == CARNET_OK) {
        carnet_mti_write(m.mti, mti);
        if (!carnet_mti_asks(m.mti) && carnet_iso8583_has(&m, 39)) {
            response = carnet_iso8583_text(&m, 39, &text);
        }
        name_vector(&m, vector, sizeof vector);
    }
    snprintf(name, size, "%s%s%.*s%s", mti, response.len > 0 ? " " : "", (int)response.len, response.ptr, vector);
}

/** Whether this one is to be lost. */
static bool
loses(network *n, const char *name)
{
    for (size_t i = 0; i < LOST_MAX; i++) {
        if (n->lost[i][0] != '\0' && strncmp(name, n->lost[i], strlen(n->lost[i])) == 0) {
            n->lost[i][0] = '\0';
            return true;
        }
    }
    return false;
}

static bool
send_all(int fd, const uint8_t *octets, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, octets, len, MSG_NOSIGNAL);

        if (sent <= 0) {
            return false;
        }
        octets += sent;
        len -= (size_t)sent;
    }
    return true;
}

/** Network management is no part of the story. */
static bool
is_management(const char *name)
{
    return name[1] == '8';
}

static bool
carry(network *n, const carnet_frame *frame, const uint8_t *octets, bool outward, int to)
{
    const struct timespec pause = { .tv_sec = n->c->slow_ms / 1000, .tv_nsec = n->c->slow_ms % 1000 * 1000000L };
    const char *from = outward ? n->c->near : n->c->far, *at = outward ? n->c->far : n->c->near;
    char name[128], what[160];
    bool lost;

    if (frame->keep_alive) {
        return send_all(to, octets, frame->size);
    }
    name_message(n, frame->message, name, sizeof name);
    lost = loses(n, name);
    if (!is_management(name)) {
        snprintf(what, sizeof what, "%s%s", name, lost ? ", and is lost" : "");
        cli_cross(n->c->tell, "8583", from, at, what, frame->message, frame->message.len);
        nanosleep(&pause, NULL);
    }
    return lost || send_all(to, octets, frame->size);
}

/** What came from one end goes to the other; false: the call is over. */
static bool
pass(network *n, end *from, const end *to, bool outward)
{
    ssize_t got = recv(from->fd, from->octets + from->len, ROOM - from->len, 0);
    size_t at = 0;
    carnet_frame frame;

    if (got <= 0) {
        return false;
    }
    from->len += (size_t)got;
    for (;;) {
        const carnet_span rest = carnet_span_of(from->octets + at, from->len - at);

        if (carnet_frame_next(&n->framing, rest, &frame, NULL) != CARNET_OK) {
            return false;
        }
        if (frame.size == 0) {
            break;
        }
        if (!carry(n, &frame, from->octets + at, outward, to->fd)) {
            return false;
        }
        at += frame.size;
    }
    memmove(from->octets, from->octets + at, from->len - at);
    from->len -= at;
    return from->len < ROOM;
}

static void
read_lost(network *n)
{
    const char *at = n->c->lost;

    for (size_t i = 0; at != NULL && *at != '\0' && i < LOST_MAX; i++) {
        size_t len = strcspn(at, ",");

        snprintf(n->lost[i], sizeof n->lost[i], "%.*s", (int)len, at);
        at += len + (at[len] == ',');
    }
}

static void
turn(network *n)
{
    struct pollfd list[1 + 2 * CALLS_MAX];
    size_t which[1 + 2 * CALLS_MAX];
    nfds_t count = 0;

    list[count++] = (struct pollfd){ .fd = n->c->listener, .events = POLLIN };
    for (size_t i = 0; i < CALLS_MAX; i++) {
        if (n->calls[i] != NULL) {
            which[count] = i;
            list[count++] = (struct pollfd){ .fd = n->calls[i]->near.fd, .events = POLLIN };
            which[count] = i;
            list[count++] = (struct pollfd){ .fd = n->calls[i]->far.fd, .events = POLLIN };
        }
    }
    if (poll(list, count, -1) <= 0) {
        return;
    }
    for (nfds_t k = 1; k < count; k++) {
        call *one = n->calls[which[k]];
        bool outward = k % 2 == 1;

        if (list[k].revents != 0 && one != NULL &&
            !pass(n, outward ? &one->near : &one->far, outward ? &one->far : &one->near, outward)) {
            hang_up(n, which[k]);
        }
    }
    if (list[0].revents != 0) {
        take_call(n);
    }
}

void
cash_carry(void *carrying)
{
    static network n;

    n = (network){ .c = carrying, .framing = iso_framing("post") };
    n.spec = iso_spec_of(n.c->spec).spec;
    read_lost(&n);
    for (;;) {
        turn(&n);
    }
}
