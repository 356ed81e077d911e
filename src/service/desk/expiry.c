/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that are about to expire: document signers, their roots, those of listeners, attesters' anchors. */
#include "carnet/certificate.h"
#include "internal.h"

#include <stdio.h>

#define PEM_MAX  65536
#define ROWS     64
#define NAME_MAX 120

typedef struct expiry_row {
    carnet_text what;
    char name[NAME_MAX];
    carnet_time until;
    bool unreadable;
} expiry_row;

typedef struct expiry_list {
    expiry_row *rows;
    size_t count;
    uint8_t *pem, *der; /* PEM_MAX octets each */
} expiry_list;

static expiry_row *
add(expiry_list *l, carnet_text what, carnet_str name)
{
    expiry_row *row = &l->rows[l->count < ROWS ? l->count++ : ROWS - 1];
    carnet_buf text = carnet_buf_of(row->name, NAME_MAX - 1);

    if (name.len > NAME_MAX - 1)
        name.len = NAME_MAX - 1;
    carnet_buf_add_str(&text, name);
    row->name[text.len] = '\0';
    row->what = what;
    row->unreadable = false;
    return row;
}

/* By its subject's names. */
static void
add_certificate(expiry_list *l, carnet_text what, carnet_span der)
{
    carnet_certificate certificate;
    uint8_t room[NAME_MAX];
    carnet_buf name = carnet_buf_of(room, sizeof(room));
    expiry_row *row;

    if (carnet_certificate_open(der, &certificate, NULL) != CARNET_OK) {
        add(l, what, (carnet_str){ 0 })->unreadable = true;
        return;
    }
    carnet_name_text(certificate.subject, &name);
    row = add(l, what, carnet_buf_str(&name));
    row->until = certificate.not_after;
}

static void
add_file(expiry_list *l, carnet_text what, const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t len = file != NULL ? fread(l->pem, 1, PEM_MAX, file) : 0;
    carnet_str text = { (const char *)l->pem, len }, label;
    carnet_buf der = carnet_buf_of(l->der, PEM_MAX);
    bool any = false;

    if (file != NULL)
        (void)fclose(file);
    while (carnet_pem_next(&text, &label, &der, NULL) == CARNET_OK) {
        if (carnet_str_is(label, "CERTIFICATE"))
            add_certificate(l, what, carnet_buf_span(&der));
        any = true;
        der.len = 0;
    }
    if (!any)
        add(l, what, carnet_str_of(path))->unreadable = true;
}

static bool
same_root(carnet_service_worker *worker, size_t before, carnet_span root)
{
    for (size_t i = 0; i < before; i++)
        if (carnet_span_equal(carnet_service_key_at(worker, i)->root, root))
            return true;
    return false;
}

static void
collect(expiry_list *l, const desk_call *call)
{
    const carnet_config *config = carnet_service_configuration(call->desk->context);
    const carnet_config_services *services = config->services;
    const carnet_service_key *key;

    for (size_t i = 0; (key = carnet_service_key_at(call->worker, i)) != NULL; i++) {
        if (key->chain_count > 0)
            add(l, CARNET_TEXT_EXPIRY_SIGNER, carnet_str_of(key->name))->until = key->not_after;
        if (key->root.len > 0 && !same_root(call->worker, i, key->root))
            add_certificate(l, CARNET_TEXT_EXPIRY_ROOT, key->root);
    }
    for (size_t i = 0; i < config->listener_count; i++)
        if (config->listeners[i].chain != NULL)
            add_file(l, CARNET_TEXT_EXPIRY_TLS, config->listeners[i].chain);
    for (size_t i = 0; services->authorization != NULL && i < services->authorization->wallet_attesters.count; i++)
        add_file(l, CARNET_TEXT_EXPIRY_WALLETS, services->authorization->wallet_attesters.list[i]);
    for (size_t i = 0; services->issuing != NULL && i < services->issuing->key_attesters.count; i++)
        add_file(l, CARNET_TEXT_EXPIRY_KEYS, services->issuing->key_attesters.list[i]);
}

static void
sort(expiry_list *l)
{
    for (size_t i = 1; i < l->count; i++)
        for (size_t j = i; j > 0 && l->rows[j].until < l->rows[j - 1].until; j--) {
            expiry_row row = l->rows[j];

            l->rows[j] = l->rows[j - 1];
            l->rows[j - 1] = row;
        }
}

static void
add_state(carnet_page *page, const desk_call *call, const expiry_row *row)
{
    const carnet_config_overview *overview = carnet_service_configuration(call->desk->context)->services->overview;
    carnet_time soon = overview != NULL && overview->expiry_days > 0 ? overview->expiry_days : 30;

    if (row->unreadable)
        carnet_page_badge(page, CARNET_TONE_BAD, CARNET_TEXT_EXPIRY_UNREADABLE);
    else if (row->until <= call->now)
        carnet_page_badge(page, CARNET_TONE_BAD, CARNET_TEXT_EXPIRY_OVER);
    else if (row->until <= call->now + soon * CARNET_TIME_DAY)
        carnet_page_badge(page, CARNET_TONE_CAUTION, CARNET_TEXT_EXPIRY_SOON);
    else
        carnet_page_badge(page, CARNET_TONE_GOOD, CARNET_TEXT_EXPIRY_GOOD);
}

static void
add_row(carnet_page *page, const desk_call *call, const expiry_row *row)
{
    carnet_html *h = &page->html;

    carnet_html_open(h, "tr");
    carnet_html_open(h, "th");
    carnet_html_set_text(h, "scope", "row");
    carnet_html_set_text(h, "data-label", carnet_page_text(page, CARNET_TEXT_EXPIRY_WHAT));
    carnet_html_value(h, carnet_str_of(row->name));
    carnet_html_close(h);
    carnet_html_open(h, "td");
    carnet_html_set_text(h, "data-label", carnet_page_text(page, CARNET_TEXT_EXPIRY_USE));
    carnet_html_say(h, carnet_page_text(page, row->what));
    carnet_html_close(h);
    carnet_html_open(h, "td");
    carnet_html_set_text(h, "data-label", carnet_page_text(page, CARNET_TEXT_CASE_STATE));
    add_state(page, call, row);
    carnet_html_close(h);
    carnet_html_open(h, "td");
    carnet_html_set_text(h, "data-label", carnet_page_text(page, CARNET_TEXT_EXPIRY_UNTIL));
    if (!row->unreadable)
        carnet_page_time(page, row->until);
    carnet_html_close(h);
    carnet_html_close(h);
}

void
carnet_desk_expiry(carnet_page *page, desk_call *call)
{
    static const carnet_text columns[] = { CARNET_TEXT_EXPIRY_WHAT, CARNET_TEXT_EXPIRY_USE, CARNET_TEXT_CASE_STATE,
                                           CARNET_TEXT_EXPIRY_UNTIL };
    carnet_html *h = &page->html;
    expiry_list l = { .rows = carnet_service_scratch(call->worker, ROWS * sizeof(expiry_row)),
                      .pem = carnet_service_scratch(call->worker, PEM_MAX),
                      .der = carnet_service_scratch(call->worker, PEM_MAX) };

    if (l.rows == NULL || l.pem == NULL || l.der == NULL)
        return;
    collect(&l, call);
    sort(&l);
    carnet_html_open_class(h, "section", "card");
    carnet_page_element(page, "h2", NULL, CARNET_TEXT_EXPIRY_TITLE);
    carnet_html_open_class(h, "table", "stack");
    carnet_page_head_row(page, columns, CARNET_COUNT(columns), CARNET_COUNT(columns));
    carnet_html_open(h, "tbody");
    for (size_t i = 0; i < l.count; i++)
        add_row(page, call, &l.rows[i]);
    carnet_html_close(h);
    carnet_html_close(h);
    carnet_html_close(h);
}
