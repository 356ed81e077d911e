/* SPDX-License-Identifier: Apache-2.0 */
/* carnet phone serve: what browsers ask for, and the forms they send. */
#include "phone_page.h"
#include "carnet/multipart.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FIELDS = 8, PICTURE_MAX = 4 << 20, FORM_MAX = 16384 };

/** The fields of a form; views into the request. */
typedef struct form {
    struct {
        carnet_str name;
        carnet_span value;
    } list[FIELDS];
    size_t count;
} form;

static carnet_rc
read_form(const carnet_service_request *request, form *f, carnet_err *err)
{
    carnet_multipart multipart;
    carnet_multipart_part part;
    carnet_rc rc = carnet_multipart_open(request->content_type, request->body, &multipart, err);

    f->count = 0;
    while (rc == CARNET_OK && (rc = carnet_multipart_next(&multipart, &part, err)) == CARNET_OK && !multipart.done) {
        if (f->count == FIELDS) {
            return carnet_fail(err, CARNET_E_LIMIT, NULL, NULL);
        }
        f->list[f->count].name = part.name;
        f->list[f->count++].value = part.value;
    }
    return rc;
}

static carnet_str
field(const form *f, const char *name)
{
    for (size_t i = 0; i < f->count; i++) {
        if (carnet_str_is(f->list[i].name, name)) {
            return (carnet_str){ (const char *)f->list[i].value.ptr, f->list[i].value.len };
        }
    }
    return (carnet_str){ 0 };
}

static bool
take(const form *f, const char *name, char *out, size_t size)
{
    const carnet_str text = field(f, name);

    if (text.len >= size || memchr(text.len > 0 ? text.ptr : "", '\0', text.len) != NULL) {
        return false;
    }
    memcpy(out, text.len > 0 ? text.ptr : "", text.len);
    out[text.len] = '\0';
    return true;
}

/** "200", "200.5" or "200.00" in hundredths; 0: it is none. */
static uint64_t
hundredths(carnet_str text)
{
    uint64_t value = 0;
    int digits = -1;

    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];

        if ((c == '.' || c == ',') && digits < 0 && i > 0) {
            digits = 0;
        } else if (c >= '0' && c <= '9' && digits < 2 && value < 10000000000) {
            value = value * 10 + (uint64_t)(c - '0');
            digits += digits >= 0;
        } else {
            return 0;
        }
    }
    for (digits = digits < 0 ? 0 : digits; digits < 2; digits++) {
        value *= 10;
    }
    return value;
}

static carnet_rc
begin(phone_pages *s, const carnet_service_request *request, form *f, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;
    carnet_str token;

    f->count = 0;
    if (request->method != CARNET_SERVICE_GET) {
        rc = read_form(request, f, err);
    }
    token = field(f, "token");
    return rc == CARNET_OK ? cli_pages_check(&s->pages, request, &token, err) : rc;
}

static carnet_rc
fault(phone_pages *s, carnet_service_response *response, const char *why, const char *path, carnet_err *err)
{
    snprintf(s->trouble, sizeof s->trouble, "%s", why);
    return cli_page_see(response, path, err);
}

/* --- pages --- */

static carnet_rc
home(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    phone_pages *s = self;
    carnet_html html;
    form f;
    carnet_rc rc = begin(s, request, &f, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    pthread_mutex_lock(&s->lock);
    if (s->asked.open) {
        rc = cli_page_see(response, "/approve", err);
    } else {
        /* Forms are on pages of their own: this one comes anew. */
        cli_page_begin(&html, response, "Cash without a card", "phone", 2);
        phone_page_home(&html, s);
        rc = cli_page_end(&html, response, err);
    }
    pthread_mutex_unlock(&s->lock);
    return rc;
}

static carnet_rc
approve_page(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    phone_pages *s = self;
    carnet_html html;
    form f;
    carnet_rc rc = begin(s, request, &f, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    pthread_mutex_lock(&s->lock);
    if (!s->asked.open) {
        rc = cli_page_see(response, "/", err);
    } else {
        cli_page_begin(&html, response, "Approve", "phone", s->asked.takes_pin ? 0 : 5);
        phone_page_approve(&html, s);
        rc = cli_page_end(&html, response, err);
    }
    pthread_mutex_unlock(&s->lock);
    return rc;
}

static carnet_rc
scan_page(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    phone_pages *s = self;
    const carnet_str *reference = carnet_service_parameter_get(&request->query, "ref");
    const page_transaction *t;
    carnet_html html;
    form f;
    carnet_rc rc = begin(s, request, &f, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    pthread_mutex_lock(&s->lock);
    t = reference != NULL ? phone_page_find(s, *reference) : NULL;
    if (t == NULL) {
        rc = cli_page_see(response, "/", err);
    } else {
        cli_page_begin(&html, response, "The terminal's code", "phone", 0);
        phone_page_scan(&html, s, t);
        rc = cli_page_end(&html, response, err);
    }
    pthread_mutex_unlock(&s->lock);
    return rc;
}

static carnet_rc
new_page(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    phone_pages *s = self;
    carnet_html html;
    form f;
    carnet_rc rc = begin(s, request, &f, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    pthread_mutex_lock(&s->lock);
    cli_page_begin(&html, response, "Prepare a withdrawal", "phone", 0);
    phone_page_new(&html, s);
    rc = cli_page_end(&html, response, err);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

/* --- forms --- */

static carnet_rc
stage(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    phone_pages *s = self;
    page_order order = { .wish = PAGE_STAGE };
    form f;
    carnet_rc rc = begin(s, request, &f, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    order.amount = hundredths(field(&f, "amount"));
    pthread_mutex_lock(&s->lock);
    if (order.amount == 0 || !take(&f, "currency", order.currency, sizeof order.currency) ||
        !take(&f, "type", order.type, sizeof order.type) || !take(&f, "account", order.account, sizeof order.account)) {
        rc = fault(s, response, "an amount is a number such as 200 or 12.50", "/new", err);
    } else {
        rc = cli_page_see(response, phone_page_do(s, &order) ? "/" : "/new", err);
    }
    pthread_mutex_unlock(&s->lock);
    return rc;
}

/** The code in a picture that was sent, by way of a file that has no name. */
static const char *
read_picture(carnet_span picture, char *out, size_t size)
{
    const int fd = memfd_create("picture", MFD_CLOEXEC);
    char path[64];
    const char *why = "the picture cannot be kept";
    carnet_str text = { 0 };

    if (fd >= 0 && write(fd, picture.ptr, picture.len) == (ssize_t)picture.len) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        why = cli_qr_scan(path, &text);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (why == NULL && text.len >= size) {
        why = "the picture's code is not a terminal's";
    }
    if (why == NULL) {
        snprintf(out, size, "%.*s", (int)text.len, text.ptr);
    }
    return why;
}

static carnet_rc
fulfil(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    phone_pages *s = self;
    page_order order = { .wish = PAGE_FULFIL };
    carnet_str picture;
    const char *why = NULL;
    form f;
    carnet_rc rc = begin(s, request, &f, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    picture = field(&f, "picture");
    if (!take(&f, "ref", order.reference, sizeof order.reference) || !take(&f, "code", order.code, sizeof order.code)) {
        why = "the code is too long to be a terminal's";
    } else if (order.code[0] == '\0') {
        why = picture.len > 0 ? read_picture(carnet_str_bytes(picture), order.code, sizeof order.code)
                              : "type the terminal's code, or choose a picture of it";
    }
    order.code[strcspn(order.code, " \r\n\t")] = '\0';
    pthread_mutex_lock(&s->lock);
    if (why != NULL || !phone_page_do(s, &order)) {
        char path[64];

        snprintf(path, sizeof path, "/scan?ref=%s",
                 phone_page_find(s, carnet_str_of(order.reference)) != NULL ? order.reference : "");
        rc = why != NULL ? fault(s, response, why, path, err) : cli_page_see(response, path, err);
    } else {
        rc = cli_page_see(response, "/", err);
    }
    pthread_mutex_unlock(&s->lock);
    return rc;
}

static carnet_rc
cancel(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    phone_pages *s = self;
    page_order order = { .wish = PAGE_CANCEL };
    form f;
    carnet_rc rc = begin(s, request, &f, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    pthread_mutex_lock(&s->lock);
    if (take(&f, "ref", order.reference, sizeof order.reference)) {
        (void)phone_page_do(s, &order);
    }
    rc = cli_page_see(response, "/", err);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

static carnet_rc
answer(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    phone_pages *s = self;
    form f;
    carnet_rc rc = begin(s, request, &f, err);
    const bool approved = rc == CARNET_OK && carnet_str_is(field(&f, "answer"), "approve");

    if (rc != CARNET_OK) {
        return rc;
    }
    pthread_mutex_lock(&s->lock);
    /* Of the session that was shown, not of another that came meanwhile. */
    if (s->asked.open && carnet_str_is(field(&f, "session"), s->asked.session)) {
        if (!approved || take(&f, "pin", s->pin, sizeof s->pin)) {
            s->answer = approved ? PAGE_APPROVE : PAGE_DECLINE;
            s->asked.open = false;
            pthread_cond_broadcast(&s->news);
        }
    }
    rc = cli_page_see(response, "/", err);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

static carnet_rc
dismiss(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    phone_pages *s = self;
    form f;
    carnet_rc rc = begin(s, request, &f, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    pthread_mutex_lock(&s->lock);
    s->outcome = (page_outcome){ 0 };
    s->trouble[0] = '\0';
    pthread_mutex_unlock(&s->lock);
    return cli_page_see(response, "/", err);
}

const carnet_service_route phone_page_routes[] = {
    { .method = CARNET_SERVICE_GET, .name = "home", .path = "/", .run = home },
    { .method = CARNET_SERVICE_GET, .name = "new", .path = "/new", .run = new_page },
    { .method = CARNET_SERVICE_GET, .name = "scan", .path = "/scan", .run = scan_page },
    { .method = CARNET_SERVICE_GET, .name = "approve", .path = "/approve", .run = approve_page },
    { .method = CARNET_SERVICE_POST, .name = "stage", .path = "/stage", .run = stage, .body_max = FORM_MAX },
    { .method = CARNET_SERVICE_POST, .name = "fulfil", .path = "/fulfil", .run = fulfil, .body_max = PICTURE_MAX },
    { .method = CARNET_SERVICE_POST, .name = "cancel", .path = "/cancel", .run = cancel, .body_max = FORM_MAX },
    { .method = CARNET_SERVICE_POST, .name = "answer", .path = "/answer", .run = answer, .body_max = FORM_MAX },
    { .method = CARNET_SERVICE_POST, .name = "dismiss", .path = "/dismiss", .run = dismiss, .body_max = FORM_MAX },
};
const size_t phone_page_route_count = CARNET_COUNT(phone_page_routes);
