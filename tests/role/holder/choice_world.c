/* SPDX-License-Identifier: Apache-2.0 */
#include "choice_world.h"
#include "carnet/request_info.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1790000000)

static const struct {
    const char *name, *doc_type, *name_space;
} types[] = {
    { "mdl", MDL, MDL_NS },
    { "pid", "eu.europa.ec.eudi.pid.1", "eu.europa.ec.eudi.pid.1" },
    { "pho", "org.iso.23220.photoid.1", "org.iso.23220.1" },
};

/* --- words --- */

/* Copies of words, good until the program ends or the test begins anew. */
static char room[65536];
static size_t room_used;

static char *
keep(const char *text, size_t len)
{
    char *at = room + room_used;

    assert_true(room_used + len + 1 < sizeof(room));
    memcpy(at, text, len);
    at[len] = '\0';
    room_used += len + 1;
    return at;
}

/* A small number; anything else fails the test. */
static uint64_t
number_of(const char *text)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    assert_true(end != text && *end == '\0');
    return number;
}

/* The next word up to one of `stops`; NULL at the end. */
static char *
next_word(const char **at, const char *stops)
{
    size_t len;
    char *word;

    *at += strspn(*at, stops);
    len = strcspn(*at, stops);
    if (len == 0)
        return NULL;
    word = keep(*at, len);
    *at += len;
    return word;
}

static size_t
type_of(const char *name)
{
    for (size_t i = 0; i < CARNET_COUNT(types); i++)
        if (strncmp(name, types[i].name, 3) == 0)
            return i;
    fail_msg("no type %s", name);
    return 0;
}

/* An element's name; "x:" and credential holder verification have name spaces of their own. */
static carnet_element_name
name_of(size_t type, const char *word)
{
    if (strncmp(word, "x:", 2) == 0)
        return (carnet_element_name){ carnet_str_of("org.example.x"), carnet_str_of(word + 2) };
    if (strncmp(word, "CHV_", 4) == 0)
        return (carnet_element_name){ carnet_str_of("org.iso.23220.5.1"), carnet_str_of(word) };
    return (carnet_element_name){ carnet_str_of(types[type].name_space), carnet_str_of(word) };
}

/* --- the world --- */

static void
make_authority_b(choice_world *c)
{
    world *w = &c->w;
    carnet_certificate_spec spec = { .struct_size = sizeof(spec),
                                     .profile = &carnet_profile_iaca,
                                     .subject = { .country = carnet_str_of("UT"), .common_name = carnet_str_of("B") },
                                     .not_before = NOW - 10 * CARNET_TIME_DAY,
                                     .not_after = NOW + 200 * CARNET_TIME_DAY,
                                     .issuer_uri = carnet_str_of("https://b.example"),
                                     .crl_uri = carnet_str_of("https://b.example/crl") };
    carnet_buf root = carnet_buf_of(c->certificates_b[0], CARNET_CERTIFICATE_MAX);
    carnet_buf leaf = carnet_buf_of(c->certificates_b[1], CARNET_CERTIFICATE_MAX);
    carnet_certificate issuer;

    assert_carnet_ok(
        carnet_software_key_generate(&w->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &c->authority_b, &w->err),
        &w->err);
    assert_carnet_ok(
        carnet_software_key_generate(&w->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &c->signer_b, &w->err), &w->err);
    spec.public_key = c->authority_b.public_key;
    assert_carnet_ok(carnet_certificate_build(&spec, NULL, &c->authority_b, &w->crypto, &root, &w->err), &w->err);
    assert_carnet_ok(carnet_certificate_open(carnet_buf_span(&root), &issuer, &w->err), &w->err);
    c->authority_b_certificate = carnet_buf_span(&root);
    spec.profile = &carnet_profile_document_signer_mdl;
    spec.subject.common_name = carnet_str_of("B signer");
    spec.public_key = c->signer_b.public_key;
    assert_carnet_ok(carnet_certificate_build(&spec, &issuer, &c->authority_b, &w->crypto, &leaf, &w->err), &w->err);
    c->signer_b_certificate = carnet_buf_span(&leaf);
    c->key_ids[1] = issuer.subject_key_id;
    assert_carnet_ok(carnet_certificate_open(w->authority_certificate, &issuer, &w->err), &w->err);
    c->key_ids[0] = issuer.subject_key_id;
}

void
choice_world_begin(choice_world *c)
{
    memset(c, 0, sizeof(*c));
    room_used = 0;
    world_begin(&c->w, CARNET_CURVE_P256);
    make_authority_b(c);
}

void
choice_world_done(choice_world *c)
{
    carnet_key_done(&c->authority_b);
    carnet_key_done(&c->signer_b);
    world_done(&c->w);
}

void
choice_world_forget(choice_world *c)
{
    c->held_count = 0;
    room_used = 0;
}

/* --- holding --- */

typedef struct holding {
    size_t type;
    bool b, expired;
    carnet_element elements[32], device[4];
    carnet_element_name authorised[8];
    size_t count, device_count, authorised_count;
} holding;

static carnet_span
value_of(char *word)
{
    static uint8_t portrait[3 + 1500] = { 0x59, 1500 >> 8, 1500 & 255 };
    size_t len = strlen(word);
    bool no = len > 9 && strncmp(word, "age_over_", 9) == 0 && word[len - 1] == '-';

    if (strcmp(word, "portrait") == 0)
        return carnet_span_of(portrait, sizeof(portrait));
    if (no)
        word[len - 1] = '\0';
    return strncmp(word, "age_over_", 9) == 0 ? carnet_span_of(no ? "\xf4" : "\xf5", 1) : carnet_span_of("\x61v", 2);
}

static void
read_held(holding *h, char *word)
{
    bool device = word[0] == '~' || word[0] == '?', authorised = word[0] == '~' || word[0] == '%';
    carnet_span value;
    carnet_element_name name;

    word += device || authorised;
    value = value_of(word);
    name = name_of(h->type, word);
    if (device)
        h->device[h->device_count++] = (carnet_element){ name.name_space, name.identifier, value };
    if (authorised)
        h->authorised[h->authorised_count++] = name;
    if (!device && !authorised)
        h->elements[h->count++] = (carnet_element){ name.name_space, name.identifier, value };
}

static void
issue(choice_world *c, const holding *h)
{
    carnet_issue issue = { .struct_size = sizeof(issue),
                           .doc_type = carnet_str_of(types[h->type].doc_type),
                           .elements = h->elements,
                           .count = h->count,
                           .signed_at = NOW - 9 * CARNET_TIME_DAY,
                           .valid_from = NOW - 9 * CARNET_TIME_DAY,
                           .valid_until = NOW + (h->expired ? -1 : 30) * CARNET_TIME_DAY,
                           .device_key = &c->w.device.public_key,
                           .authorised_elements = h->authorised,
                           .authorised_element_count = h->authorised_count };
    carnet_issue_signer signer;
    carnet_buf buf = carnet_buf_of(c->issued[c->held_count], sizeof(c->issued[0]));
    carnet_span out;

    assert_carnet_ok(carnet_issue_signer_init(&signer, h->b ? &c->signer_b : &c->w.signer,
                                              h->b ? &c->signer_b_certificate : &c->w.signer_certificate, 1, &c->w.err),
                     &c->w.err);
    assert_carnet_ok(carnet_issue_build(&issue, &signer, &c->w.crypto, &buf, &out, &c->w.err), &c->w.err);
    memcpy(c->device_elements[c->held_count], h->device, sizeof(h->device));
    c->held[c->held_count] = (carnet_held_document){ .doc_type = issue.doc_type,
                                                     .issuer_signed = out,
                                                     .device_key = &c->w.device,
                                                     .device_elements = c->device_elements[c->held_count],
                                                     .device_element_count = h->device_count };
    c->held_count++;
}

void
choice_world_hold(choice_world *c, const char *spec)
{
    holding h = { 0 };
    char *word = next_word(&spec, " ");

    assert_in_range(c->held_count, 0, CHOICE_DOCS - 1);
    h.type = type_of(word);
    h.b = strcmp(word + 3, "@B") == 0;
    while ((word = next_word(&spec, " ")) != NULL)
        if (strcmp(word, "!") == 0)
            h.expired = true;
        else
            read_held(&h, word);
    issue(c, &h);
}

/* --- asking --- */

typedef struct asking {
    size_t type;
    carnet_requested_element elements[16];
    size_t count;
    carnet_alternative_draft alternatives[8];
    carnet_element_set sets[16];
    carnet_element_name names[32];
    size_t alternative_count, set_count, name_count;
    carnet_span issuers[4];
    size_t issuer_count;
    bool unique;
    uint64_t maximum;
    carnet_doc_request_info_draft info;
    const char *format;
    bool zk;
    uint8_t info_room[2048];
} asking;

static void
read_alternatives(asking *a, const carnet_element_name *requested, const char *rest)
{
    carnet_alternative_draft *alternative = &a->alternatives[a->alternative_count++];
    const char *set;

    *alternative = (carnet_alternative_draft){ .requested = *requested, .sets = &a->sets[a->set_count] };
    while ((set = next_word(&rest, "|")) != NULL) {
        carnet_element_set *s = &a->sets[a->set_count++];
        char *word;

        *s = (carnet_element_set){ .elements = &a->names[a->name_count] };
        for (; (word = next_word(&set, "+")) != NULL; s->count++)
            a->names[a->name_count++] = name_of(a->type, word);
        alternative->count++;
    }
}

static bool
read_option(choice_world *c, asking *a, const char *word)
{
    static const uint8_t nobody[20] = { 1 };

    if (strncmp(word, "issuer=", 7) == 0)
        a->issuers[a->issuer_count++] = word[7] == 'A'   ? c->key_ids[0]
                                        : word[7] == 'B' ? c->key_ids[1]
                                                         : carnet_span_of(nobody, sizeof(nobody));
    else if (strncmp(word, "unique=", 7) == 0)
        a->unique = word[7] == 'y', a->info.unique_doc_set_required = &a->unique;
    else if (strncmp(word, "max=", 4) == 0)
        a->maximum = number_of(word + 4), a->info.maximum_response_size = &a->maximum;
    else if (strncmp(word, "format=", 7) == 0)
        a->format = word + 7;
    else if (strcmp(word, "zk") == 0)
        a->zk = true;
    else
        return false;
    return true;
}

static void
read_asked(choice_world *c, asking *a, const char *spec)
{
    char *word = next_word(&spec, " ");

    a->type = type_of(word);
    while ((word = next_word(&spec, " ")) != NULL) {
        const char *rest = word + strcspn(word, "|");
        char *plain;
        size_t len = (size_t)(rest - word);
        bool retain = len > 0 && word[len - 1] == '!';
        carnet_element_name name;

        if (read_option(c, a, word))
            continue;
        plain = keep(word, len - retain);
        name = name_of(a->type, plain);
        a->elements[a->count++] = (carnet_requested_element){ name.name_space, name.identifier, retain };
        if (*rest != '\0')
            read_alternatives(a, &name, rest);
    }
}

/* requestInfo; what the library does not write is written by hand. */
static carnet_span
info_of(asking *a)
{
    carnet_cbor_builder b = carnet_cbor_build(a->info_room, sizeof(a->info_room));
    carnet_span out;

    a->info.alternatives = a->alternatives;
    a->info.alternative_count = a->alternative_count;
    a->info.issuer_identifiers = a->issuers;
    a->info.issuer_identifier_count = a->issuer_count;
    if (a->format != NULL) {
        carnet_cbor_add_map(&b, 1);
        carnet_cbor_add_text(&b, "docFormat");
        carnet_cbor_add_text(&b, a->format);
    } else if (a->zk) {
        carnet_cbor_add_raw(&b, carnet_test_hex("a1697a6b52657175657374a26b73797374656d537065637381a36a7a6b53797374656d"
                                                "496461316673797374656d617366706172616d73a06a7a6b5265717569726564f5"));
    } else if (a->alternative_count + a->issuer_count != 0 || a->info.unique_doc_set_required != NULL ||
               a->info.maximum_response_size != NULL) {
        carnet_doc_request_info_build(&b, &a->info);
    } else {
        return (carnet_span){ 0 };
    }
    assert_carnet_ok(carnet_cbor_built(&b, &out, NULL), NULL);
    return out;
}

static carnet_span
use_cases_of(const char *spec, uint8_t *into, size_t cap)
{
    carnet_use_case_draft cases[CARNET_CHOICE_USE_CASES_MAX + 1] = { 0 };
    static carnet_document_set sets[CARNET_CHOICE_SETS_MAX + 1];
    static size_t indexes[256];
    static carnet_purpose_hint_draft hints[CARNET_CHOICE_USE_CASES_MAX + 1];
    carnet_cbor_builder b = carnet_cbor_build(into, cap);
    size_t count = 0, set_count = 0, index_count = 0;
    char *word, *set, *index;
    carnet_span out;

    for (; (word = next_word(&spec, " ")) != NULL; count++) {
        const char *rest = word + 1, *hint = strchr(word, '#');

        cases[count] = (carnet_use_case_draft){ .mandatory = word[0] == 'M', .sets = &sets[set_count] };
        if (hint != NULL) {
            hints[count] =
                (carnet_purpose_hint_draft){ carnet_str_of("org.iso.jtc1.sc17"), (int64_t)number_of(hint + 1) };
            cases[count].hints = &hints[count];
            cases[count].hint_count = 1;
            rest = keep(rest, (size_t)(hint - rest));
        }
        for (; (set = next_word(&rest, "/")) != NULL; cases[count].count++) {
            const char *at = set;

            sets[set_count] = (carnet_document_set){ .doc_requests = &indexes[index_count] };
            for (; (index = next_word(&at, ",")) != NULL; sets[set_count].count++)
                indexes[index_count++] = (size_t)number_of(index);
            set_count++;
        }
    }
    carnet_device_request_info_build(&b, cases, count);
    assert_carnet_ok(carnet_cbor_built(&b, &out, NULL), NULL);
    return out;
}

void
choice_world_ask(choice_world *c, const char *spec, const char *use_cases, carnet_span transcript)
{
    static asking asked[CARNET_DOC_REQUESTS_MAX];
    static uint8_t info_room[4096];
    carnet_doc_request_draft documents[CARNET_DOC_REQUESTS_MAX];
    carnet_device_request_draft draft = { .documents = documents, .session_transcript = transcript };
    carnet_cbor_builder b = carnet_cbor_build(c->request_room, sizeof(c->request_room));
    char *word;

    memset(asked, 0, sizeof(asked));
    for (; (word = next_word(&spec, ";")) != NULL; draft.count++) {
        asking *a = &asked[draft.count];

        read_asked(c, a, word);
        documents[draft.count] = (carnet_doc_request_draft){ .doc_type = carnet_str_of(types[a->type].doc_type),
                                                             .elements = a->elements,
                                                             .count = a->count,
                                                             .request_info = info_of(a) };
    }
    if (use_cases != NULL)
        draft.device_request_info = use_cases_of(use_cases, info_room, sizeof(info_room));
    draft.all_signers = &c->w.reader_signer;
    draft.all_signer_count = transcript.len != 0;
    assert_carnet_ok(carnet_device_request_build(&draft, &c->w.crypto, &b, &c->w.err), &c->w.err);
    assert_carnet_ok(carnet_cbor_built(&b, &c->request, &c->w.err), &c->w.err);
    assert_carnet_ok(carnet_device_request_open(c->request, 0, &c->view, &c->w.err), &c->w.err);
}

carnet_rc
choice_world_make(choice_world *c, const carnet_choice_options *options)
{
    return carnet_choice_make(&c->choice, &c->view, c->held, c->held_count, options, c->offers, CHOICE_OFFERS,
                              &c->w.err);
}

/* --- telling --- */

static const char *
tell(const choice_world *c, bool only_consented)
{
    static char text[4096];
    size_t index = 0, len = 0, request = SIZE_MAX, document = SIZE_MAX;
    carnet_offer *o;

    text[0] = '\0';
    while (carnet_choice_next(&c->choice, &index, &o)) {
        if (only_consented && !o->consented)
            continue;
        if (o->doc_request != request || o->document != document)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%zu:%zu", len != 0 ? "; " : "", o->doc_request,
                                    o->document);
        request = o->doc_request;
        document = o->document;
        len += (size_t)snprintf(text + len, sizeof(text) - len, " %s%.*s%s", o->device_signed ? "~" : "",
                                (int)o->identifier.len, o->identifier.ptr, o->retain ? "!" : "");
    }
    return len != 0 ? text : "-";
}

const char *
choice_world_text(const choice_world *c)
{
    return tell(c, false);
}

const char *
choice_world_settled(const choice_world *c)
{
    return tell(c, true);
}

carnet_rc
choice_world_respond(choice_world *c)
{
    carnet_buf scratch = carnet_buf_of(c->scratch, sizeof(c->scratch));
    carnet_cbor_builder b = carnet_cbor_build(c->response_room, sizeof(c->response_room));
    carnet_span transcript = carnet_test_hex("83f6f6f6");
    carnet_rc rc = carnet_choice_respond(&c->choice, &c->w.crypto, transcript, NULL, &scratch, &b, &c->w.err);

    c->response = (carnet_span){ 0 };
    if (rc == CARNET_OK)
        assert_carnet_ok(carnet_cbor_built(&b, &c->response, &c->w.err), &c->w.err);
    return rc;
}

void
choice_world_deny(choice_world *c, const char *identifier)
{
    size_t index = 0;
    carnet_offer *o;

    while (carnet_choice_next(&c->choice, &index, &o))
        if (carnet_str_is(o->identifier, identifier))
            o->consented = false;
}
