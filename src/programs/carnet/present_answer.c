/* SPDX-License-Identifier: Apache-2.0 */
/* carnet present: the response, and what is said of it. */
#include "present.h"

#include <stdlib.h>

#define OFFERS_MAX 1024

void
present_say_name(carnet_str name_space, carnet_str identifier)
{
    fputs("  ", stderr);
    cli_print_safe(stderr, name_space);
    fputs(" ", stderr);
    cli_print_safe(stderr, identifier);
}

/** One offer in words. */
static void
say_offer(const carnet_offer *offer)
{
    present_say_name(offer->name_space, offer->requested);
    if (offer->document == CARNET_NO_HELD_DOCUMENT || offer->identifier.len == 0) {
        fputs(": not held\n", stderr);
        return;
    }
    if (!offer->consented) {
        fputs(": held, kept back\n", stderr);
        return;
    }
    fputs(": leaves", stderr);
    if (!carnet_str_equal(offer->identifier, offer->requested)) {
        fputs(" as ", stderr);
        cli_print_safe(stderr, offer->identifier);
    }
    fputs(offer->retain ? ", the reader keeps it\n" : "\n", stderr);
}

static void
json_member(const char *name, carnet_str text)
{
    printf("\"%s\": ", name);
    cli_json_string(stdout, text);
}

static void
json_reader(const presenter *p, const present_reader *reader)
{
    fputs("  \"reader\": ", stdout);
    if (p->a->trust_readers == NULL) {
        fputs("null", stdout);
        return;
    }
    fputs("{", stdout);
    json_member("subject", reader->name);
    printf(", \"verified\": %s}", reader->verified ? "true" : "false");
}

void
present_json_element(size_t n, carnet_str doc_type, carnet_str name_space, carnet_str requested,
                     const carnet_str *returned, bool held, bool retain)
{
    fputs(n > 0 ? ",\n    {" : "\n    {", stdout);
    json_member("docType", doc_type);
    fputs(", ", stdout);
    json_member("nameSpace", name_space);
    fputs(", ", stdout);
    json_member("requested", requested);
    fputs(", ", stdout);
    if (returned != NULL) {
        json_member("returned", *returned);
    } else {
        fputs("\"returned\": null", stdout);
    }
    printf(", \"held\": %s, \"retain\": %s}", held ? "true" : "false", retain ? "true" : "false");
}

static void
json_offers(const carnet_device_request *request, const carnet_offer *offers, size_t count)
{
    carnet_doc_request doc;

    for (size_t i = 0; i < count; i++) {
        const carnet_offer *o = &offers[i];

        carnet_doc_request_at(request, o->doc_request, &doc);
        present_json_element(i, doc.doc_type, o->name_space, o->requested, o->consented ? &o->identifier : NULL,
                             o->identifier.len > 0, o->retain);
    }
}

/** A builder large enough for all that is held. */
carnet_cbor_builder
present_builder(const presenter *p)
{
    size_t room = (size_t)64 << 10;
    carnet_buf buf;

    for (size_t i = 0; i < p->count; i++) {
        room += p->held[i].issuer_signed.len;
    }
    buf = cli_buf(room);
    return carnet_cbor_build(buf.ptr, buf.cap);
}

void
present_write(const presenter *p, const carnet_cbor_builder *b)
{
    carnet_err err = { 0 };
    carnet_span response;

    if (carnet_cbor_built(b, &response, &err) != CARNET_OK) {
        cli_die("the response", &err);
    }
    cli_write(p->a->output != NULL ? p->a->output : "-", response, 0600);
    if (p->a->json) {
        printf("  \"octets\": %zu\n}\n", response.len);
    }
}

/** Say of each offer whether it leaves; returns how many do. */
static size_t
decide(const presenter *p, const carnet_device_request *request, const present_reader *reader, carnet_offer *offers,
       size_t count)
{
    size_t leaving = 0, last = SIZE_MAX;
    carnet_doc_request doc;

    for (size_t i = 0; i < count; i++) {
        carnet_offer *o = &offers[i];

        o->consented = o->identifier.len > 0 && o->document != CARNET_NO_HELD_DOCUMENT &&
                       (p->a->trust_readers == NULL || reader->trusted[o->doc_request]) &&
                       present_disclosed(p, o->document, o->name_space, o->identifier);
        leaving += o->consented;
        if (o->doc_request != last && carnet_doc_request_at(request, o->doc_request, &doc)) {
            last = o->doc_request;
            cli_print_safe(stderr, doc.doc_type);
            fputs("\n", stderr);
        }
        say_offer(o);
    }
    return leaving;
}

static void
hold(presenter *p, carnet_held_document *documents)
{
    for (size_t i = 0; i < p->count; i++) {
        documents[i] = (carnet_held_document){ .doc_type = p->held[i].mso.doc_type,
                                               .issuer_signed = p->held[i].issuer_signed,
                                               .device_key = &p->keys[i],
                                               .mac = p->a->mac };
    }
}

static void
say_reader(const presenter *p, const present_reader *reader)
{
    if (p->a->trust_readers == NULL) {
        fputs("reader: not verified (--trust-readers)\n", stderr);
        return;
    }
    fputs(reader->verified ? "reader: verified: " : "reader: not verified: ", stderr);
    cli_print_safe(stderr, reader->name.len > 0 ? reader->name : carnet_str_of("the request is not signed"));
    fputs("\n", stderr);
}

int
present_answer(presenter *p)
{
    carnet_span cbor = cli_read_decoded(p->a->request);
    carnet_held_document documents[PRESENT_DOCUMENTS_MAX];
    carnet_offer *offers = cli_alloc(OFFERS_MAX * sizeof *offers);
    carnet_cbor_builder b = present_builder(p);
    carnet_device_request request;
    present_reader reader = { 0 };
    carnet_err err = { 0 };
    carnet_buf scratch;
    size_t count;

    if (carnet_device_request_open(cbor, CARNET_CBOR_LENIENT, &request, &err) != CARNET_OK) {
        cli_die(p->a->request, &err);
    }
    if (p->a->trust_readers != NULL) {
        present_check_reader(p, cbor, &request, &reader);
    }
    hold(p, documents);
    if (carnet_holder_match(&request, documents, p->count, offers, OFFERS_MAX, &count, &err) != CARNET_OK) {
        cli_die(p->a->request, &err);
    }
    say_reader(p, &reader);
    if (decide(p, &request, &reader, offers, count) == 0) {
        fputs("nothing leaves\n", stderr);
        return CLI_NEGATIVE;
    }
    scratch = cli_buf((count + p->count) * p->count * sizeof(carnet_issuer_signed_item) + 64);
    if (carnet_holder_respond(p->crypto, p->session_transcript, p->has_reader_key ? &p->reader_key : NULL, &request,
                              documents, p->count, offers, count, &scratch, &b, &err) != CARNET_OK) {
        cli_die("the response", &err);
    }
    if (p->a->json) {
        fputs("{\n", stdout);
        json_reader(p, &reader);
        fputs(",\n  \"elements\": [", stdout);
        json_offers(&request, offers, count);
        fputs("\n  ],\n", stdout);
    }
    present_write(p, &b);
    return CLI_VALID;
}
