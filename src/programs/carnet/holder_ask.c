/* SPDX-License-Identifier: Apache-2.0 */
/* carnet holder present: who asks for what, and what may leave. */
#include "holder_present.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 64, SLICE_MS = 200 };

/* --- showing --- */

void
present_reader_text(FILE *out, const carnet_reader_identity *reader)
{
    static const char *const worth[] = {
        [CARNET_READER_UNSIGNED] = "somebody who does not say who it is",
        [CARNET_READER_BAD] = "its signature is WRONG: somebody else may be asking",
        [CARNET_READER_UNKNOWN] = "not known here: the name is unproven",
        [CARNET_READER_REJECTED] = "its certificate is not to be used",
        [CARNET_READER_TRUSTED] = "trusted",
    };

    if (reader->trust == CARNET_READER_UNSIGNED) {
        fputs(worth[CARNET_READER_UNSIGNED], out);
        return;
    }
    cli_print_safe(out, reader->name.len > 0 ? reader->name : carnet_str_of("a reader without a name"));
    fprintf(out, " (%s", worth[reader->trust]);
    if (reader->trust != CARNET_READER_TRUSTED && reader->detail[0] != '\0') {
        fputs("; ", out);
        cli_print_safe(out, carnet_str_of(reader->detail));
    }
    fputs(")", out);
}

static const char *
purpose_text(int64_t purpose)
{
    static const char *const texts[] = { NULL, "to check an identity", "to check the right to drive",
                                         "to check an age" };

    return purpose > 0 && purpose < (int64_t)CARNET_COUNT(texts) ? texts[purpose] : NULL;
}

static void
show_purposes(const presentation *p)
{
    for (size_t i = 0; i < p->choice->use_case_count; i++) {
        const carnet_choice_use_case *u = &p->choice->use_cases[i];

        if (u->taken != CARNET_NO_SET && purpose_text(u->purpose) != NULL) {
            fprintf(p->out, "It says: %s%s\n", purpose_text(u->purpose), u->view.mandatory ? "" : " (not required)");
        }
    }
}

/** A use case that could be had besides those taken; SIZE_MAX: none. */
static size_t
further_use_case(const presentation *p)
{
    for (size_t i = 0; i < p->choice->use_case_count; i++) {
        if (p->choice->use_cases[i].taken == CARNET_NO_SET && p->choice->use_cases[i].satisfiable) {
            return i;
        }
    }
    return SIZE_MAX;
}

static void
show_further(const presentation *p)
{
    size_t i = further_use_case(p);
    const char *purpose = i != SIZE_MAX ? purpose_text(p->choice->use_cases[i].purpose) : NULL;

    if (i != SIZE_MAX) {
        fprintf(p->out, "It would like more%s%s, which it does not require.\n", purpose != NULL ? ", " : "",
                purpose != NULL ? purpose : "");
    }
}

static const char *
lack_text(carnet_lack lack)
{
    static const char *const texts[] = {
        [CARNET_LACK_NONE] = "",
        [CARNET_LACK_TYPE] = "no such document is held",
        [CARNET_LACK_ISSUER] = "none is held of an issuer it asks for",
        [CARNET_LACK_ELEMENTS] = "no document has all that is asked for",
        [CARNET_LACK_ZERO_KNOWLEDGE] = "it takes nothing but a zero-knowledge proof",
        [CARNET_LACK_FORMAT] = "another kind of document is asked for",
    };

    return texts[lack];
}

static void
show_offer(const presentation *p, const carnet_offer *o)
{
    const cli_colours *c = cli_colour();
    bool alone = carnet_str_equal(o->identifier, o->requested) && !o->verification && !o->retain;
    int pad = alone ? 0 : o->identifier.len < 30 ? (int)(30 - o->identifier.len) : 1;

    fprintf(p->out, "    %s",
            !p->has_policy                       ? ""
            : o->verdict == CARNET_CONSENT_ALLOW ? "yes  "
            : o->verdict == CARNET_CONSENT_DENY  ? "no   "
                                                 : "ask  ");
    cli_print_safe(p->out, o->identifier);
    fprintf(p->out, "%*s", pad, "");
    if (!carnet_str_equal(o->identifier, o->requested)) {
        fputs(" answers ", p->out);
        cli_print_safe(p->out, o->requested);
    }
    if (o->verification) {
        fputs(p->a->verified_holder ? " says that you were verified" : " stays: only with --verified-holder", p->out);
    }
    if (o->retain) {
        fprintf(p->out, " %sthe reader keeps it%s", c->doubt, c->off);
    }
    fputc('\n', p->out);
}

/** Whether an element asked for is answered by what would leave. */
static bool
answered(const presentation *p, size_t doc_request, const carnet_requested_element *element)
{
    carnet_offer *o;
    size_t index = 0;

    while (carnet_choice_next(p->choice, &index, &o)) {
        if (o->doc_request == doc_request && carnet_str_equal(o->requested, element->identifier) &&
            carnet_str_equal(o->requested_name_space, element->name_space)) {
            return true;
        }
    }
    return false;
}

static void
show_missing(const presentation *p, const carnet_choice_request *r)
{
    carnet_requested_element element;
    carnet_element_walk walk;

    carnet_element_begin(&walk, r->view.name_spaces);
    while (carnet_requested_element_next(&walk, &element)) {
        if (!answered(p, r->view.index, &element)) {
            fputs(p->has_policy ? "         " : "    ", p->out);
            cli_print_safe(p->out, element.identifier);
            fprintf(p->out, "%*s not held\n", element.identifier.len < 30 ? (int)(30 - element.identifier.len) : 1, "");
        }
    }
}

/** What would leave of one document. */
static void
show_candidate(const presentation *p, const carnet_candidate *candidate)
{
    const cli_colours *c = cli_colour();
    carnet_offer *o;
    size_t index = 0;

    fprintf(p->out, "\n  %s", c->bold);
    cli_print_safe(p->out, holder_title(p->held[candidate->document].doc_type));
    fprintf(p->out, "%s, document %llu%s\n", c->off, (unsigned long long)p->which[candidate->document]->number,
            candidate->current ? "" : " (no longer valid)");
    while (carnet_choice_next(p->choice, &index, &o)) {
        if (o->candidate == (size_t)(candidate - p->choice->candidates)) {
            show_offer(p, o);
        }
    }
}

static void
show_request(const presentation *p, size_t i)
{
    const carnet_choice_request *r = &p->choice->requests[i];
    bool wanted = (p->choice->wanted >> i & 1) != 0;
    carnet_doc_request_info info;

    if (!wanted && r->lack == CARNET_LACK_NONE) {
        return;
    }
    if (!wanted) {
        fputs("\n  ", p->out);
        cli_print_safe(p->out, holder_title(r->view.doc_type));
        fprintf(p->out, ": %s\n", lack_text(r->lack));
        return;
    }
    for (size_t n = 0; n < r->count; n++) {
        if (p->choice->candidates[r->first + n].taken) {
            show_candidate(p, &p->choice->candidates[r->first + n]);
        }
    }
    show_missing(p, r);
    if (carnet_doc_request_info_get(&r->view, &info) && info.doc_response_encryption.encoded.len > 0) {
        fputs("    encrypted to a key that the request names: its owner alone can read this\n", p->out);
    }
}

static void
show(const presentation *p)
{
    const cli_colours *c = cli_colour();

    fprintf(p->out, "\n%sWho asks:%s ", c->bold, c->off);
    present_reader_text(p->out, carnet_reader_of(p->readers, 0));
    fputc('\n', p->out);
    for (size_t i = 1; i < p->choice->request_count; i++) {
        const carnet_reader_identity *before = carnet_reader_of(p->readers, i - 1),
                                     *now = carnet_reader_of(p->readers, i);

        if (before->trust != now->trust || !carnet_str_equal(before->name, now->name)) {
            fprintf(p->out, "and, for request %zu: ", i + 1);
            present_reader_text(p->out, now);
            fputc('\n', p->out);
        }
    }
    show_purposes(p);
    for (size_t i = 0; i < p->choice->request_count; i++) {
        show_request(p, i);
    }
    fputc('\n', p->out);
    if (p->choice->satisfiable) {
        show_further(p);
    }
}

/* --- asking --- */

bool
present_can_ask(void)
{
    int fd = isatty(STDIN_FILENO) ? STDIN_FILENO : open("/dev/tty", O_RDONLY | O_CLOEXEC);

    if (fd > STDIN_FILENO) {
        close(fd);
    }
    return fd >= 0;
}

/** Over NFC the reader waits and cannot speak; that its driver does means that the field is gone. */
static carnet_rc
is_field_gone(const carnet_link *link)
{
    struct pollfd fd = { .fd = link->fd, .events = POLLIN };

    return poll(&fd, 1, 0) > 0 ? CARNET_E_LINK_LOST : CARNET_E_LINK_TIMEOUT;
}

/** A message may come while the holder thinks: the reader ends the session, or the link breaks. */
static bool
interrupted(presentation *p)
{
    if (onsite_stopped()) {
        return true;
    }
    p->message.len = 0;
    p->pending_rc = p->meeting.way == ONSITE_NFC ? is_field_gone(&p->meeting.link)
                                                 : carnet_link_receive(&p->meeting.link, &p->message, 1, NULL);
    p->pending = p->pending_rc != CARNET_E_LINK_TIMEOUT;
    return p->pending;
}

/** A line from the terminal, in small letters; false when something else came first or the terminal is gone. */
static bool
read_line(presentation *p, char line[LINE])
{
    int fd = isatty(STDIN_FILENO) ? STDIN_FILENO : open("/dev/tty", O_RDONLY | O_CLOEXEC);
    struct pollfd polled = { .fd = fd, .events = POLLIN };
    ssize_t len = 0;
    int ready = 0;

    fflush(p->out);
    while (fd >= 0 && (ready = poll(&polled, 1, SLICE_MS)) <= 0 && (ready == 0 || errno == EINTR)) {
        if (interrupted(p)) {
            break;
        }
    }
    if (ready > 0) {
        len = read(fd, line, LINE - 1);
    }
    if (fd > STDIN_FILENO) {
        close(fd);
    }
    line[len > 0 ? len : 0] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    return len > 0;
}

/** One letter of those given; 0 when there is no answer to be had. */
static char
ask_letter(presentation *p, const char *letters)
{
    char line[LINE];

    while (read_line(p, line)) {
        char c = line[0] >= 'A' && line[0] <= 'Z' ? (char)(line[0] + 32) : line[0];

        if (c != '\0' && strchr(letters, c) != NULL) {
            return c;
        }
        fprintf(p->out, "Please type one of: %s\n", letters);
    }
    fputc('\n', p->out);
    return 0;
}

static bool
is_open_question(const presentation *p, const carnet_offer *o)
{
    return !p->has_policy || o->verdict == CARNET_CONSENT_ASK;
}

static size_t
count_questions(presentation *p)
{
    carnet_offer *o;
    size_t index = 0, count = 0;

    while (carnet_choice_next(p->choice, &index, &o)) {
        count += is_open_question(p, o);
    }
    return count;
}

static void
answer_all(presentation *p, bool consented)
{
    carnet_offer *o;
    size_t index = 0;

    while (carnet_choice_next(p->choice, &index, &o)) {
        if (is_open_question(p, o)) {
            o->consented = consented;
        }
    }
}

/** Element by element. */
static bool
answer_each(presentation *p)
{
    carnet_offer *o;
    size_t index = 0;

    while (carnet_choice_next(p->choice, &index, &o)) {
        char c;

        if (!is_open_question(p, o)) {
            continue;
        }
        fputs("  ", p->out);
        cli_print_safe(p->out, o->identifier);
        fprintf(p->out, "%s? [y/n] ", o->retain ? ", which the reader keeps" : "");
        c = ask_letter(p, "yn");
        if (c == 0) {
            return false;
        }
        o->consented = c == 'y';
    }
    return true;
}

/** The first DocRequest whose document could be another one; SIZE_MAX: there is none. */
static size_t
other_document(const presentation *p)
{
    for (size_t i = 0; i < p->choice->request_count; i++) {
        if ((p->choice->wanted >> i & 1) != 0 && p->choice->requests[i].count > 1) {
            return i;
        }
    }
    return SIZE_MAX;
}

static void
show_again(presentation *p)
{
    if (p->has_policy) {
        carnet_consent_apply(&p->policy, p->readers, p->choice, NULL, NULL);
    }
    show(p);
}

/** Take the next document, in turn. */
static void
take_other(presentation *p, size_t doc_request)
{
    const carnet_choice_request *r = &p->choice->requests[doc_request];
    size_t now = 0;

    if (r->count == 0) {
        return;
    }
    for (size_t n = 0; n < r->count; n++) {
        now = p->choice->candidates[r->first + n].taken ? n : now;
    }
    (void)!carnet_choice_take(p->choice, r->first + (now + 1) % r->count, NULL);
    show_again(p);
}

/** The question; a letter of the answers that there are now. */
static char
ask_once(presentation *p)
{
    bool other = other_document(p) != SIZE_MAX, more = further_use_case(p) != SIZE_MAX;

    fprintf(p->out, "Let %s leave? [y]es, [n]o, [c]hoose%s%s: ",
            p->has_policy             ? "what is marked \"ask\""
            : count_questions(p) == 1 ? "this"
                                      : "these",
            other ? ", [s]witch document" : "", more ? ", [+] more" : "");
    return ask_letter(p, other && more ? "yncs+" : other ? "yncs" : more ? "ync+" : "ync");
}

static void
ask_holder(presentation *p)
{
    char c;

    while ((c = ask_once(p)) == 's' || c == '+') {
        if (c == 's') {
            take_other(p, other_document(p));
        } else {
            carnet_choice_take_all_use_cases(p->choice);
            show_again(p);
        }
    }
    if (c == 'c' && !answer_each(p)) {
        c = 0;
    }
    if (c != 'c') {
        answer_all(p, c == 'y');
    }
    if (c == 0) { /* no answer is no consent, to nothing */
        carnet_choice_consent(p->choice, false);
    }
}

/* --- credential holder verification --- */

/** Who is there has to show it: the passphrase again. */
static bool
is_the_holder(presentation *p)
{
    passphrase given;
    bool good;

    fprintf(p->out, "The reader asks whether you were verified.\n");
    fflush(p->out);
    passphrase_get(&p->a->passphrase, "Passphrase", false, &given);
    good = store_is_passphrase(p->store, passphrase_span(&given));
    passphrase_done(&given);
    if (!good) {
        fprintf(p->out, "This is not the passphrase: the reader is not told that you were verified.\n");
    }
    return good;
}

/** Only a verification that was made may be told. */
static void
verify_holder(presentation *p)
{
    carnet_offer *o;
    size_t index = 0;
    int good = -1;

    while (carnet_choice_next(p->choice, &index, &o)) {
        if (!o->verification || !o->consented) {
            continue;
        }
        if (good < 0) {
            good = p->a->verified_holder && is_the_holder(p);
        }
        if (good != 1 || carnet_choice_verified(p->choice, index - 1, (carnet_span){ 0 }, NULL) != CARNET_OK) {
            o->consented = false;
        }
    }
}

void
present_ask(presentation *p, const carnet_device_request *request)
{
    (void)request;
    /* Whoever is not asked has said beforehand what may leave: of all that is asked for. */
    if (p->has_policy || p->a->consent == HOLDER_CONSENT_ALL) {
        carnet_choice_take_all_use_cases(p->choice);
    }
    if (p->has_policy) {
        carnet_consent_apply(&p->policy, p->readers, p->choice, NULL, NULL);
    }
    show(p);
    if (!p->choice->satisfiable) {
        fputs("This cannot be answered with what is held: nothing leaves.\n", p->out);
        return;
    }
    if (p->a->consent != HOLDER_CONSENT_PROMPT) {
        carnet_choice_consent(p->choice, p->a->consent == HOLDER_CONSENT_ALL);
    } else if (count_questions(p) > 0 && present_can_ask()) {
        ask_holder(p);
    }
    if (!p->pending) {
        verify_holder(p);
    }
}
