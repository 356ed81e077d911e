/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP GET by libcurl; redirects are followed here, one by one, so that each is looked at. */
#include "internal.h"

#include <curl/curl.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { OCTETS = 1 << 20, TIMEOUT_MS = 10000, CONNECT_MS = 5000 };

/** What comes in, bounded. */
typedef struct taking {
    carnet_buf *out;
    size_t begin, most;
    bool too_long;
} taking;

static size_t
take(char *ptr, size_t size, size_t count, void *self)
{
    taking *t = self;
    size_t len = size * count, have = t->out->len - t->begin;

    if (len > t->most - have || len > t->out->cap - t->out->len) {
        t->too_long = true;
        return 0;
    }
    carnet_buf_add(t->out, carnet_span_of(ptr, len));
    return len;
}

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
begin_curl(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

void
carnet_fetch_begin(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, begin_curl);
}

void
carnet_fetch_options(void *curl, char *message)
{
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

/** Everything a request may do, and no more. */
static void
set_options(CURL *curl, const carnet_fetch_rules *rules, taking *t, char *message)
{
    carnet_fetch_options(curl, message);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "carnet");
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->most);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
    if (rules->ca != NULL) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, rules->ca);
    }
}

carnet_rc
carnet_fetch_failure(int code, bool too_long, const char *message, carnet_err *err)
{
    const char *why = message[0] != '\0' ? message : curl_easy_strerror((CURLcode)code);

    if (too_long || code == CURLE_FILESIZE_EXCEEDED) {
        return carnet_fail(err, CARNET_E_LINK_TOO_LONG, NULL, "what is fetched is longer than allowed");
    }
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return carnet_fail(err, CARNET_E_LINK_TIMEOUT, NULL, "the server did not answer in time");
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
        return carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, why);
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return carnet_fail(err, CARNET_E_LINK_PROTOCOL, NULL, why);
    default:
        return carnet_fail(err, CARNET_E_LINK_IO, NULL, why);
    }
}

/** Whether a redirect may be followed: to the host first asked, or one that was named; never from https to http. */
static bool
may_follow(carnet_str from, const char *to, const carnet_fetch_rules *rules)
{
    carnet_fetch_rules named = *rules;
    char old_host[256], new_host[256];
    carnet_str uri = carnet_str_of(to);

    named.only_hosts = true;
    if (uri.len > CARNET_FETCH_URI_MAX || !carnet_fetch_authority(from, old_host, sizeof old_host) ||
        !carnet_fetch_authority(uri, new_host, sizeof new_host) ||
        (strncasecmp(from.ptr, "https:", 6) == 0 && strncasecmp(to, "https:", 6) != 0)) {
        return false;
    }
    return strcasecmp(old_host, new_host) == 0 || carnet_fetch_allowed(uri, &named);
}

/** One request; *next, of CARNET_FETCH_URI_MAX + 1 octets, is where a redirect leads, or empty. */
static carnet_rc
get_once(CURL *curl, const char *uri, carnet_str first, const carnet_fetch_rules *rules, taking *t, int64_t left,
         char *next, carnet_err *err)
{
    char message[CURL_ERROR_SIZE] = "", *location = NULL;
    CURLcode code;
    long status = 0;

    set_options(curl, rules, t, message);
    curl_easy_setopt(curl, CURLOPT_URL, uri);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)left);
    t->out->len = t->begin;
    next[0] = '\0';
    code = left > 0 ? curl_easy_perform(curl) : CURLE_OPERATION_TIMEDOUT;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &location);
    if (status >= 300 && status < 400 && location != NULL && (code == CURLE_OK || t->too_long)) {
        t->too_long = false;
        if (!may_follow(first, location, rules)) {
            return carnet_fail(err, CARNET_E_LINK_PROTOCOL, NULL, "it redirects to a host that was not allowed");
        }
        memcpy(next, location, strlen(location) + 1);
        return CARNET_OK;
    }
    if (code != CURLE_OK) {
        return carnet_fetch_failure((int)code, t->too_long, message, err);
    }
    return status == 200 ? CARNET_OK
                         : carnet_fail(err, CARNET_E_LINK_PROTOCOL, NULL, "the server's answer was not 200");
}

static carnet_rc
get(CURL *curl, carnet_str uri, const carnet_fetch_rules *rules, taking *t, carnet_err *err)
{
    int64_t until = now_ms() + (rules->timeout_ms > 0 ? rules->timeout_ms : TIMEOUT_MS);
    char at[CARNET_FETCH_URI_MAX + 1], next[CARNET_FETCH_URI_MAX + 1];
    carnet_rc rc;

    memcpy(at, uri.ptr, uri.len);
    at[uri.len] = '\0';
    for (unsigned followed = 0;; followed++) {
        rc = get_once(curl, at, uri, rules, t, until - now_ms(), next, err);
        if (rc != CARNET_OK || next[0] == '\0') {
            return rc;
        }
        if (followed >= rules->redirects) {
            return carnet_fail(err, CARNET_E_LINK_PROTOCOL, NULL, "it redirects too often");
        }
        memcpy(at, next, sizeof at);
    }
}

carnet_rc
carnet_fetch(carnet_str uri, const carnet_fetch_rules *rules, carnet_buf *out, carnet_err *err)
{
    taking t = { .out = out, .begin = out->len, .most = rules->octets > 0 ? rules->octets : OCTETS };
    CURL *curl;
    carnet_rc rc;

    if (!carnet_fetch_allowed(uri, rules)) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "this address may not be fetched");
    }
    carnet_fetch_begin();
    curl = curl_easy_init();
    if (curl == NULL) {
        return carnet_fail(err, CARNET_E_LINK_IO, NULL, "there is no memory");
    }
    rc = get(curl, uri, rules, &t, err);
    curl_easy_cleanup(curl);
    if (rc != CARNET_OK) {
        out->len = t.begin;
    }
    return rc;
}
