/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583 doctor: how a message of unknown origin is written. */
#include "iso8583.h"

#include <stdlib.h>
#include <string.h>

#define MISFITS_SHOWN 8
#define TRAILER_LIMIT 4  /* octets behind the last element that are let be */
#define HEADER_LIMIT  48 /* octets before the indicator that are tried */

static void
keep_fit(iso_diagnosis *d, const iso_fit *fit)
{
    size_t at = d->fits;

    while (at > 0 && d->fit[at - 1].score < fit->score) {
        at--;
    }
    if (at == ISO_FITS_MAX) {
        return;
    }
    if (d->fits < ISO_FITS_MAX) {
        d->fits++;
    }
    memmove(&d->fit[at + 1], &d->fit[at], (d->fits - at - 1) * sizeof *fit);
    d->fit[at] = *fit;
}

/** How much of a message was read, in thousandths, and what speaks for that it is one: its version, a header that is known. */
static long
came(const iso_misfit *misfit)
{
    const bool known = iso_known_header(carnet_span_of(misfit->octets.ptr - misfit->header, misfit->header)) != NULL;
    const long share = (long)(misfit->err.offset * 1000 / (misfit->octets.len + 1)),
               named = misfit->choice.changes == 0 ? 300 : -8L * misfit->choice.changes,
               place = known                 ? 3000
                       : misfit->header == 0 ? 2000
                                             : 1000 - 5 * (long)misfit->header;

    return share + named - 50 * (long)misfit->way->guess + (misfit->version_fits ? place : 0);
}

/** Failures are worth keeping if they came far: past the indicator and the bitmap. */
static void
keep_misfit(iso_diagnosis *d, const iso_trial *t, const iso_choice *choice, const carnet_iso8583_spec *spec,
            const carnet_err *err)
{
    const iso_misfit one = { t->way,
                             *choice,
                             *err,
                             t->octets,
                             iso_version_in(t->octets, spec->flavour.mti) == (int)spec->version,
                             t->framing,
                             t->messages,
                             t->header };
    size_t at = d->misfits;

    if (err->offset == CARNET_NO_OFFSET || (t->header != 0 && !one.version_fits)) {
        return;
    }
    for (size_t i = 0; i < d->misfits; i++) {
        if (d->misfit[i].octets.ptr == t->octets.ptr && d->misfit[i].err.offset == err->offset &&
            strcmp(d->misfit[i].err.path, err->path) == 0) {
            return; /* the same trouble in another flavour */
        }
    }
    while (at > 0 && came(&d->misfit[at - 1]) < came(&one)) {
        at--;
    }
    if (at == ISO_MISFITS_MAX) {
        return;
    }
    if (d->misfits < ISO_MISFITS_MAX) {
        d->misfits++;
    }
    memmove(&d->misfit[at + 1], &d->misfit[at], (d->misfits - at - 1) * sizeof *d->misfit);
    d->misfit[at] = one;
}

static void
judge_place(const iso_trial *t, iso_fit *fit)
{
    const char *known = iso_known_header(carnet_span_of(t->octets.ptr - t->header, t->header));

    if (t->framing != NULL) {
        fit->score += 20;
        fit->reasons[fit->count++] = (iso_reason){ true, "the frames' lengths are right" };
    }
    fit->score -= (int)t->way->guess;
    if (fit->trailer > 0) {
        fit->score -= 14 + 2 * (int)fit->trailer;
        fit->reasons[fit->count++] = (iso_reason){ false, "there are octets behind the last data element" };
    }
    if (known != NULL) {
        fit->score -= 3; /* a framing that has it is better */
        fit->reasons[fit->count++] = (iso_reason){ true, known };
    } else if (t->header != 0) {
        fit->score -= 10 + (int)t->header;
        fit->reasons[fit->count++] = (iso_reason){ false, "there are octets before the message type indicator" };
    }
}

/** Every message of the stream can be read, not only the first. */
static bool
rest_fits(const iso_trial *t, const carnet_iso8583_spec *spec)
{
    size_t at = 0;

    while (t->frame != NULL && at < t->way->octets.len) {
        carnet_iso8583_message message;
        carnet_frame frame;

        if (carnet_frame_next(t->frame, carnet_span_of(t->way->octets.ptr + at, t->way->octets.len - at), &frame,
                              NULL) != CARNET_OK ||
            frame.size == 0) {
            return false;
        }
        at += frame.size;
        if (!frame.keep_alive &&
            (frame.message.len <= t->header ||
             carnet_iso8583_parse(spec, carnet_span_of(frame.message.ptr + t->header, frame.message.len - t->header),
                                  &message, NULL) != CARNET_OK)) {
            return false;
        }
    }
    return true;
}

/** Among equals, the commonest is best. */
static int
cost(const iso_choice *choice)
{
    int sum = 4 * choice->changes + (int)choice->flavour + (choice->base24 ? 3 : 0);

    for (unsigned i = 0; i < choice->exceptions; i++) {
        const uint8_t writing = choice->exception[i].writing;

        sum += writing == ISO_AS_RAW || writing == ISO_AS_HEX ? 10 : writing >= ISO_AS_TEXT ? 7 : 5;
    }
    return sum;
}

/** A few octets may stand behind a message that is not in a frame: a sign of its end, or what was copied with it. */
static bool
parse_with_trailer(const carnet_iso8583_spec *spec, const iso_trial *t, carnet_iso8583_message *message,
                   carnet_err *err, size_t *trailer)
{
    *trailer = 0;
    if (carnet_iso8583_parse(spec, t->octets, message, err) == CARNET_OK) {
        return true;
    }
    if (err->rc != CARNET_E_ISO8583_TRAILING || t->frame != NULL || t->octets.len - err->offset > TRAILER_LIMIT ||
        err->offset < 16) {
        return false;
    }
    *trailer = t->octets.len - err->offset;
    return carnet_iso8583_parse(spec, carnet_span_of(t->octets.ptr, err->offset), message, NULL) == CARNET_OK;
}

unsigned
iso_try(iso_diagnosis *d, const iso_trial *t, const iso_choice *choice)
{
    const carnet_iso8583_spec *spec = iso_spec_made(choice);
    carnet_iso8583_message message;
    carnet_err err = { 0 };
    iso_fit fit = {
        .way = t->way, .choice = *choice, .framing = t->framing, .header = t->header, .messages = t->messages
    };

    if (spec == NULL) {
        return 0;
    }
    if (!parse_with_trailer(spec, t, &message, &err, &fit.trailer)) {
        if (choice->exceptions == 0) {
            keep_misfit(d, t, choice, spec, &err);
        }
    } else if ((!choice->icc || carnet_iso8583_has(&message, 55)) &&
               (!choice->postilion || carnet_iso8583_has(&message, 127)) &&
               (!choice->base24 || carnet_iso8583_has(&message, 41)) && rest_fits(t, spec)) {
        iso_judge(&message, &fit);
        judge_place(t, &fit);
        fit.score -= cost(choice);
        keep_fit(d, &fit);
    }
    iso_spec_unmade(choice, spec);
    return iso_element_in(err.path);
}

static void
try_all_choices(iso_diagnosis *d, const iso_trial *t)
{
    for (unsigned version = CARNET_ISO8583_1987; version <= CARNET_ISO8583_2003; version++) {
        for (size_t flavour = 0; carnet_iso8583_flavour_name(flavour) != NULL; flavour++) {
            for (unsigned more = 0; more < 8; more++) {
                const iso_choice choice = { .version = (carnet_iso8583_version)version,
                                            .flavour = flavour,
                                            .icc = (more & 1) != 0,
                                            .postilion = (more & 2) != 0,
                                            .base24 = (more & 4) != 0 };

                /* The others have octets in 55 anyway, and nobody else has both of the switches. */
                if (choice.version == CARNET_ISO8583_1987 ? !choice.postilion || !choice.base24
                                                          : !choice.icc && !choice.base24) {
                    (void)iso_try(d, t, &choice);
                }
            }
        }
    }
}

/** A flavour without a name, and the same with chip data in octets. */
typedef struct unnamed {
    iso_diagnosis *d;
    const iso_trial *t;
} unnamed;

static unsigned
try_unnamed(void *self, const iso_choice *choice)
{
    const unnamed *u = self;
    iso_choice with = *choice;
    unsigned failed = iso_try(u->d, u->t, choice);

    if (choice->version == CARNET_ISO8583_1987 && (failed == 0 || failed >= 55)) {
        with.icc = true;
        failed = iso_try(u->d, u->t, &with);
    }
    return failed;
}

static void
try_all_unnamed(iso_diagnosis *d, const iso_trial *t)
{
    iso_each_flavour(t->octets, try_unnamed, &(unnamed){ d, t });
}

/** Frames that take all of the octets: how many, and the first message. */
static size_t
frames_of(const carnet_framing *framing, carnet_span octets, carnet_span *first)
{
    size_t count = 0;

    for (size_t at = 0; at < octets.len;) {
        carnet_frame frame;

        if (carnet_frame_next(framing, carnet_span_of(octets.ptr + at, octets.len - at), &frame, NULL) != CARNET_OK ||
            frame.size == 0) {
            return 0;
        }
        at += frame.size;
        if (!frame.keep_alive && count++ == 0) {
            *first = frame.message;
        }
    }
    return count;
}

/** With ever more octets before the indicator, until something fits. */
static void
try_headers(iso_diagnosis *d, iso_trial *t, carnet_span octets, void (*all)(iso_diagnosis *d, const iso_trial *t))
{
    for (t->header = 0; t->header < HEADER_LIMIT && t->header + 12 < octets.len; t->header++) {
        size_t before = d->fits;

        t->octets = carnet_span_of(octets.ptr + t->header, octets.len - t->header);
        all(d, t);
        if (d->fits > before && t->header == 0) {
            break;
        }
    }
}

/** As it is and in every framing that takes all of the octets. */
static void
try_all(iso_diagnosis *d, const iso_octets *ways, size_t count, void (*all)(iso_diagnosis *d, const iso_trial *t))
{
    for (size_t i = 0; i < count; i++) {
        iso_trial t = { .way = &ways[i], .messages = 1 };

        try_headers(d, &t, ways[i].octets, all);
        for (size_t f = 0; carnet_framing_name(f) != NULL; f++) {
            carnet_framing framing = iso_framing(carnet_framing_name(f));
            carnet_span first = { 0 };

            t = (iso_trial){ .way = &ways[i], .framing = carnet_framing_name(f), .frame = &framing };
            t.messages = frames_of(&framing, ways[i].octets, &first);
            if (t.messages > 0) {
                try_headers(d, &t, first, all);
            }
        }
    }
}

/** The first message again as it was tried. */
static iso_trial
trial_of(const iso_fit *fit, carnet_framing *framing)
{
    iso_trial t = { .way = fit->way, .framing = fit->framing, .header = fit->header, .messages = fit->messages };
    carnet_span first = fit->way->octets;

    if (fit->framing != NULL) {
        *framing = iso_framing(fit->framing);
        t.frame = framing;
        (void)frames_of(framing, fit->way->octets, &first);
    }
    t.octets = carnet_span_of(first.ptr + fit->header, first.len - fit->header);
    return t;
}

/** Where digits are counted by octets, whether the account number is read as one: it has its check digit and begins like one. */
static bool
doubts_account(const iso_fit *fit, carnet_span octets, carnet_iso8583_flavour *flavour)
{
    const carnet_iso8583_spec *spec = iso_spec_made(&fit->choice);
    carnet_iso8583_message message;
    char storage[64];
    carnet_buf room = carnet_buf_of(storage, sizeof storage);
    carnet_str pan = { 0 };

    if (spec != NULL && spec->fields[2].unit == CARNET_ISO8583_OCTETS &&
        spec->fields[2].encoding == CARNET_ISO8583_BCD &&
        carnet_iso8583_parse(spec, carnet_span_of(octets.ptr, octets.len - fit->trailer), &message, NULL) ==
            CARNET_OK) {
        pan = carnet_iso8583_text(&message, 2, &room);
        *flavour = spec->flavour;
    }
    iso_spec_unmade(&fit->choice, spec);
    return pan.len > 0 && (pan.ptr[0] == '0' || !iso_luhn(pan));
}

/** What pads odd digits, and where, is not in the length then: only what comes of it tells. */
static void
try_paddings(iso_diagnosis *d)
{
    carnet_iso8583_flavour as;
    carnet_framing framing;
    iso_choice choice;
    iso_trial t;

    if (d->fits == 0) {
        return;
    }
    t = trial_of(&d->fit[0], &framing);
    choice = d->fit[0].choice;
    if (!doubts_account(&d->fit[0], t.octets, &as)) {
        return;
    }
    for (unsigned i = 0; i < 4; i++) {
        const bool behind = i % 2 == 0;
        const uint8_t fill = i < 2 ? 0 : 15;

        if (as.variable_right != behind || as.variable_fill != fill) {
            carnet_iso8583_flavour other = as;

            other.variable_right = behind;
            other.variable_fill = fill;
            iso_choice_change(&choice, &other);
            (void)iso_try(d, &t, &choice);
        }
    }
}

/** Whether something fits better than what chance makes of any octets. */
static bool
good_fit(const iso_diagnosis *d)
{
    return d->fits > 0 && d->fit[0].score >= 20;
}

void
iso_diagnose(const iso_octets *ways, size_t count, iso_diagnosis *diagnosis)
{
    *diagnosis = (iso_diagnosis){ 0 };
    try_all(diagnosis, ways, count, try_all_choices);
    if (!good_fit(diagnosis)) {
        try_all(diagnosis, ways, count, try_all_unnamed);
    }
    if (!good_fit(diagnosis)) {
        iso_mend(diagnosis);
    }
    try_paddings(diagnosis);
    while (diagnosis->fits > 0 && diagnosis->fit[diagnosis->fits - 1].score < 0) {
        diagnosis->fits--; /* anything can be read in some way */
    }
    if (diagnosis->fits > 0) {
        diagnosis->misfits = 0;
    }
}

/* --- printing --- */

static bool
same_reasons(const iso_fit *a, const iso_fit *b)
{
    bool same = a->count == b->count;

    for (unsigned i = 0; same && i < a->count; i++) {
        same = strcmp(a->reasons[i].text, b->reasons[i].text) == 0;
    }
    return same;
}

/** The reasons, too, unless they are those of the one before. */
static void
print_fit(const iso_fit *fit, const iso_fit *before, size_t rank)
{
    const cli_colours *c = cli_colour();

    printf("%s%zu. %s%s", c->bold, rank, iso_choice_name(&fit->choice), c->off);
    if (fit->framing != NULL) {
        printf(", framing %s", fit->framing);
    }
    if (fit->header != 0) {
        printf(", header of %zu octets", fit->header);
    }
    printf("  %s(%s, %zu message%s, score %d)%s\n", c->dim, fit->way->how, fit->messages, fit->messages == 1 ? "" : "s",
           fit->score, c->off);
    if (before != NULL && same_reasons(before, fit)) {
        printf("     for the same reasons\n");
        return;
    }
    for (unsigned i = 0; i < fit->count; i++) {
        printf("     %s%s%s %s\n", fit->reasons[i].good ? c->good : c->doubt, fit->reasons[i].good ? "+" : "-", c->off,
               fit->reasons[i].text);
    }
}

static void
print_misfit(const iso_misfit *misfit)
{
    printf("%s comes to byte %zu%s%s: %s\n", iso_choice_name(&misfit->choice), misfit->err.offset,
           misfit->err.path[0] != '\0' ? ", " : "", misfit->err.path,
           misfit->err.reason[0] != '\0' ? misfit->err.reason : carnet_rc_text(misfit->err.rc));
}

static void
json_fit(const iso_fit *fit, bool more)
{
    printf("    {\"spec\": \"%s\", \"framing\": ", iso_choice_name(&fit->choice));
    if (fit->framing != NULL) {
        printf("\"%s\"", fit->framing);
    } else {
        printf("null");
    }
    printf(", \"header\": %zu, \"encoding\": \"%s\", \"messages\": %zu, \"score\": %d,\n     \"reasons\": [",
           fit->header, fit->way->how, fit->messages, fit->score);
    for (unsigned i = 0; i < fit->count; i++) {
        printf("%s{\"good\": %s, \"text\": ", i == 0 ? "" : ", ", fit->reasons[i].good ? "true" : "false");
        iso_json_text(stdout, carnet_str_of(fit->reasons[i].text));
        printf("}");
    }
    printf("]}%s\n", more ? "," : "");
}

static void
json_diagnosis(const iso_diagnosis *d)
{
    const size_t shown = d->misfits < MISFITS_SHOWN ? d->misfits : MISFITS_SHOWN;

    printf("{\n  \"fits\": [\n");
    for (size_t i = 0; i < d->fits; i++) {
        json_fit(&d->fit[i], i + 1 < d->fits);
    }
    printf("  ],\n  \"misfits\": [\n");
    for (size_t i = 0; i < shown; i++) {
        const carnet_err *err = &d->misfit[i].err;

        printf("    {\"spec\": \"%s\", \"offset\": %zu, \"path\": ", iso_choice_name(&d->misfit[i].choice),
               err->offset);
        iso_json_text(stdout, carnet_str_of(err->path));
        printf(", \"reason\": ");
        iso_json_text(stdout, carnet_str_of(err->reason[0] != '\0' ? err->reason : carnet_rc_text(err->rc)));
        printf("}%s\n", i + 1 < shown ? "," : "");
    }
    printf("  ]\n}\n");
}

static void
print_objects(const iso_octets *way, size_t objects, bool json)
{
    const cli_colours *c = cli_colour();

    if (json) {
        printf("{\n  \"fits\": [\n    {\"spec\": \"ber-tlv\", \"framing\": null, \"header\": 0, \"encoding\": \"%s\", "
               "\"messages\": 0, \"score\": %zu,\n     \"reasons\": [{\"good\": true, \"text\": \"data objects of a "
               "card, one behind the other\"}]}\n  ],\n  \"misfits\": [\n  ]\n}\n",
               way->how, objects);
        return;
    }
    printf(
        "%s1. ber-tlv%s  %s(%s, %zu data object%s)%s\n     %s+%s data objects of a card, one behind the other, such as "
        "element 55 holds; no message\n",
        c->bold, c->off, c->dim, way->how, objects, objects == 1 ? "" : "s", c->off, c->good, c->off);
}

int
iso_doctor(const iso_arguments *a)
{
    iso_diagnosis *diagnosis = cli_alloc(sizeof *diagnosis);
    const iso_octets *way;
    iso_octets ways[ISO_WAYS];
    size_t count, objects;

    if (a->input_count != 1) {
        cli_usage("which message? a file, - for standard input, or the message itself");
    }
    count = iso_octets_of(a->inputs[0], ways);
    way = iso_objects_in(ways, count, &objects);
    if (way != NULL) {
        print_objects(way, objects, a->json);
        return CLI_VALID;
    }
    iso_diagnose(ways, count, diagnosis);
    if (a->json) {
        json_diagnosis(diagnosis);
    } else {
        for (size_t i = 0; i < diagnosis->fits; i++) {
            print_fit(&diagnosis->fit[i], i > 0 ? &diagnosis->fit[i - 1] : NULL, i + 1);
        }
        if (diagnosis->fits == 0) {
            printf("No specification that is built in fits.\n");
        }
        for (size_t i = 0; i < diagnosis->misfits && i < MISFITS_SHOWN; i++) {
            print_misfit(&diagnosis->misfit[i]);
        }
    }
    return diagnosis->fits > 0 ? CLI_VALID : CLI_NEGATIVE;
}
