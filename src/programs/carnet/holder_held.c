/* SPDX-License-Identifier: Apache-2.0 */
/* carnet holder present: documents and keys at hand, a fresh copy of each for each presentation. */
#include "holder_present.h"

#include <stdlib.h>

/** A document is presented with its key; one whose key is gone is said and left out. */
static void
hold(presentation *p, const store_document *d)
{
    const store_copy *copy = store_fresh_copy(d, cli_now());
    carnet_held_document *held = &p->held[p->count];
    carnet_key *key = cli_alloc(sizeof *key);
    carnet_key_description description;
    carnet_public_key public_key;
    cli_document document;
    carnet_err err = { 0 };

    store_read(p->store, copy, &document);
    store_device_key(p->store, p->store->directory, &document, &public_key);
    if (!store_key_for(p->store, &public_key, &description)) {
        fprintf(stderr, "carnet: document %llu has no key in this store\n", (unsigned long long)d->number);
        return;
    }
    if (carnet_secure_area_open(&p->store->area, &description.identifier, key, &err) != CARNET_OK) {
        cli_die(p->store->directory, &err);
    }
    *held = (carnet_held_document){
        .doc_type = document.mso.doc_type, .issuer_signed = document.issuer_signed, .device_key = key, .mac = p->a->mac
    };
    p->copies[p->count] = copy->number;
    p->which[p->count++] = d;
}

void
present_hold(presentation *p)
{
    const holder_arguments *a = p->a;
    size_t room = a->document_count > 0 ? a->document_count : p->store->count;

    p->held = cli_alloc(room * sizeof *p->held);
    p->which = cli_alloc(room * sizeof(const store_document *));
    p->copies = cli_alloc(room * sizeof *p->copies);
    for (size_t i = 0; i < a->document_count; i++) {
        const store_document *d = store_find(p->store, a->documents[i]);

        if (d == NULL) {
            cli_die_text(a->store, "there is no document of a number that was given");
        }
        hold(p, d);
    }
    for (size_t i = 0; a->document_count == 0 && i < p->store->count; i++) {
        hold(p, &p->store->documents[i]);
    }
    if (p->count == 0) {
        cli_die_text(a->store, "there is no document to present");
    }
}

void
present_let_go(presentation *p)
{
    for (size_t i = 0; i < p->count; i++) {
        carnet_key_done(p->held[i].device_key);
        free(p->held[i].device_key);
        free((void *)(uintptr_t)p->held[i].issuer_signed.ptr);
    }
    free(p->held);
    free(p->which);
    free(p->copies);
    p->count = 0;
}

/** Whether anything of a document leaves. */
static bool
leaves(const presentation *p, size_t candidate)
{
    carnet_offer *o;
    size_t index = 0;

    while (carnet_choice_next(p->choice, &index, &o)) {
        if (o->candidate == candidate && o->consented) {
            return true;
        }
    }
    return false;
}

/* Verifiers that compare what they saw could tell that it was the same copy. */
void
present_count_uses(presentation *p)
{
    for (size_t i = 0; i < p->choice->candidate_count; i++) {
        const carnet_candidate *candidate = &p->choice->candidates[i];

        if (candidate->taken && (p->choice->wanted >> candidate->doc_request & 1) != 0 && leaves(p, i)) {
            store_count_use(p->store, p->copies[candidate->document]);
        }
    }
}
