/* SPDX-License-Identifier: Apache-2.0 */
/* carnet wallet: the browser goes to the issuer and comes back: to a listener on this machine (RFC 8252 7.3), or by hand. */
#include "wallet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_MAX = 8192, REQUEST_MS = 5000, BROWSER_S = 600 };

static const char callback[] = "/callback";

void
wallet_listen(wallet *w)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof address;
    char *uri = cli_alloc(64);

    w->listener = -1;
    if (w->a->redirect != NULL) {
        w->redirect = w->a->redirect;
        return;
    }
    w->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (w->listener < 0 || bind(w->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(w->listener, 4) != 0 || getsockname(w->listener, (struct sockaddr *)&address, &len) != 0) {
        cli_die_text("listening for the browser", strerror(errno));
    }
    snprintf(uri, 64, "http://127.0.0.1:%u%s", ntohs(address.sin_port), callback);
    w->redirect = uri;
}

/* --- starting it --- */

/** A program with the URL as its argument; no shell. */
static void
start(const char *program, const char *url)
{
    pid_t pid = fork();

    if (pid == 0) {
        if (fork() == 0) {
            execlp(program, program, url, (char *)NULL);
            fprintf(stderr, "carnet: %s: %s\n", program, strerror(errno));
        }
        _exit(0);
    }
    if (pid > 0) {
        waitpid(pid, NULL, 0);
    }
}

static void
show(const wallet *w, carnet_str url)
{
    char *text = cli_alloc(url.len + 1);

    memcpy(text, url.ptr, url.len);
    fprintf(w->out, "The issuer wants to know who you are.  Open this in a browser:\n\n  ");
    cli_print_safe(w->out, url);
    fputs("\n\n", w->out);
    fflush(w->out);
    if (w->a->browser != NULL) {
        start(w->a->browser, text);
    } else if (w->a->open) {
        start("xdg-open", text);
    }
    free(text);
}

/* --- its return --- */

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool
ready(int fd, int64_t until)
{
    struct pollfd polled = { .fd = fd, .events = POLLIN };
    int rc;

    do {
        int64_t left = until - now_ms();

        rc = left > 0 ? poll(&polled, 1, (int)left) : 0;
    } while (rc < 0 && errno == EINTR);
    return rc > 0;
}

/** The head of one request, in its own time and room. */
static bool
read_head(int fd, char head[REQUEST_MAX])
{
    int64_t until = now_ms() + REQUEST_MS;
    size_t len = 0;

    head[0] = '\0';
    while (strstr(head, "\r\n\r\n") == NULL && len < REQUEST_MAX - 1 && ready(fd, until)) {
        ssize_t got = recv(fd, head + len, REQUEST_MAX - 1 - len, 0);

        if (got <= 0) {
            return false;
        }
        len += (size_t)got;
        head[len] = '\0';
    }
    return strstr(head, "\r\n") != NULL;
}

static void
say(int fd, const char *status, const char *text)
{
    char answer[1024];
    int len =
        snprintf(answer, sizeof answer,
                 "HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
                 "Content-Security-Policy: default-src 'none'\r\nReferrer-Policy: no-referrer\r\n"
                 "Connection: close\r\n\r\n<!doctype html><html lang=\"en\"><title>Carnet</title><p>%s</p></html>\n",
                 status, text);

    (void)!send(fd, answer, (size_t)len, MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
}

/** GET /callback?... and no other request is the browser's return. */
static bool
take(const wallet *w, int fd, carnet_buf *url)
{
    char *head = cli_alloc(REQUEST_MAX), *end;
    bool good = read_head(fd, head) && strncmp(head, "GET ", 4) == 0 &&
                strncmp(head + 4, callback, sizeof callback - 1) == 0 && head[4 + sizeof callback - 1] == '?';

    end = good ? strpbrk(head + 4, " \r\n") : NULL;
    if (end == NULL) {
        say(fd, "404 Not Found", "There is nothing here.");
    } else {
        say(fd, "200 OK", "The wallet goes on.  You can close this window.");
        carnet_buf_add_text(url, w->redirect);
        carnet_buf_add_str(
            url, (carnet_str){ head + 4 + sizeof callback - 1, (size_t)(end - head) - 4 - (sizeof callback - 1) });
    }
    free(head);
    return end != NULL;
}

static bool
wait_for_return(const wallet *w, carnet_buf *url)
{
    int64_t until = now_ms() + (int64_t)BROWSER_S * 1000;
    bool taken = false;

    while (!taken && ready(w->listener, until)) {
        int fd = accept4(w->listener, NULL, NULL, SOCK_CLOEXEC);

        if (fd >= 0) {
            taken = take(w, fd, url);
            close(fd);
        }
    }
    return taken;
}

/** The holder brings the address the browser was sent to. */
static bool
read_return(const wallet *w, carnet_buf *url)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;

    fprintf(w->out, "Then paste the address it was sent back to:\n");
    fflush(w->out);
    len = getline(&line, &cap, stdin);
    while (len > 0 && strchr("\r\n \t", line[len - 1]) != NULL) {
        len--;
    }
    if (len > 0 && len < REQUEST_MAX) {
        carnet_buf_add(url, carnet_span_of(line, (size_t)len));
    }
    free(line);
    return len > 0;
}

void
wallet_browse(wallet *w, carnet_str url)
{
    carnet_buf back = cli_buf(2 * REQUEST_MAX);
    carnet_err err = { 0 };

    show(w, url);
    if (w->listener >= 0 ? wait_for_return(w, &back) : read_return(w, &back)) {
        carnet_obtain_returned(&w->obtain, carnet_buf_str(&back));
    } else {
        (void)!carnet_fail(&err, CARNET_E_OBTAIN_DECLINED, NULL, "the browser did not come back");
        carnet_obtain_declined(&w->obtain, &err);
    }
    carnet_wipe(back.ptr, back.cap);
    free(back.ptr);
}
