/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583 doctor: how a message of unknown origin is written. */
#include "iso8583.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_LIMIT 40 /* octets before the indicator that are tried */

/** What is tried: a stretch of octets that should be one message. */
typedef struct trial {
    const iso_octets *way;
    const char *framing;
    size_t header, messages;
    carnet_span octets; /* the first message */
    const carnet_framing *frame;
} trial;

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

/** How much of a message was read, in thousandths; of another version than the message says, or behind other octets, less. */
static long
came(const iso_misfit *misfit)
{
    const long share = (long)(misfit->err.offset * 1000 / (misfit->octets.len + 1)) - 5 * (long)misfit->header;

    return share + (misfit->version_fits ? misfit->header == 0 ? 2000 : 1000 : 0);
}

/** Failures are worth keeping if they came far: past the indicator and the bitmap. */
static void
keep_misfit(iso_diagnosis *d, const trial *t, const iso_choice *choice, const carnet_iso8583_spec *spec,
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
judge_place(const trial *t, iso_fit *fit)
{
    if (t->framing != NULL) {
        fit->score += 20;
        fit->reasons[fit->count++] = (iso_reason){ true, "the frames' lengths are right" };
    }
    if (t->header != 0) {
        fit->score -= 10 + (int)t->header;
        fit->reasons[fit->count++] = (iso_reason){ false, "there are octets before the message type indicator" };
    }
}

/** Every message of the stream can be read, not only the first. */
static bool
rest_fits(const trial *t, const carnet_iso8583_spec *spec)
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

static void
try_choice(iso_diagnosis *d, const trial *t, const iso_choice *choice)
{
    const carnet_iso8583_spec *spec = iso_spec_made(choice);
    carnet_iso8583_message message;
    carnet_err err = { 0 };
    iso_fit fit = {
        .way = t->way, .choice = *choice, .framing = t->framing, .header = t->header, .messages = t->messages
    };

    if (spec == NULL) {
        return;
    }
    if (carnet_iso8583_parse(spec, t->octets, &message, &err) != CARNET_OK) {
        keep_misfit(d, t, choice, spec, &err);
    } else if ((!choice->icc || carnet_iso8583_has(&message, 55)) &&
               (!choice->postilion || carnet_iso8583_has(&message, 127)) && rest_fits(t, spec)) {
        iso_judge(&message, &fit);
        judge_place(t, &fit);
        fit.score -=
            5 * (int)choice->exceptions + 4 * choice->changes + (int)choice->flavour; /* among equals, the commonest */
        keep_fit(d, &fit);
    }
    iso_spec_unmade(choice, spec);
}

static void
try_all_choices(iso_diagnosis *d, const trial *t)
{
    for (unsigned version = CARNET_ISO8583_1987; version <= CARNET_ISO8583_2003; version++) {
        for (size_t flavour = 0; carnet_iso8583_flavour_name(flavour) != NULL; flavour++) {
            for (unsigned more = 0; more < 4; more++) {
                const iso_choice choice = { .version = (carnet_iso8583_version)version,
                                            .flavour = flavour,
                                            .icc = (more & 1) != 0,
                                            .postilion = (more & 2) != 0 };

                if (!choice.icc || choice.version == CARNET_ISO8583_1987) { /* the others have octets anyway */
                    try_choice(d, t, &choice);
                }
            }
        }
    }
}

/** A flavour without a name, and the same with chip data in octets. */
typedef struct unnamed {
    iso_diagnosis *d;
    const trial *t;
} unnamed;

static void
try_unnamed(void *self, const iso_choice *choice)
{
    const unnamed *u = self;
    iso_choice with = *choice;

    try_choice(u->d, u->t, choice);
    if (choice->version == CARNET_ISO8583_1987) {
        with.icc = true;
        try_choice(u->d, u->t, &with);
    }
}

static void
try_all_unnamed(iso_diagnosis *d, const trial *t)
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
try_headers(iso_diagnosis *d, trial *t, carnet_span octets, void (*all)(iso_diagnosis *d, const trial *t))
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

/* --- one or more elements in another writing than the rest --- */

/** The number in a path such as DE19; 0: none. */
static unsigned
element_in(const char *path)
{
    return strncmp(path, "DE", 2) == 0 ? (unsigned)strtoul(path + 2, NULL, 10) : 0;
}

/** The element before this one that is there, by the bitmap: what is misread may first be noticed in the next. */
static unsigned
element_before(const carnet_iso8583_spec *spec, carnet_span octets, unsigned element)
{
    const size_t start = spec->flavour.mti == CARNET_ISO8583_BCD ? 2 : 4;
    uint8_t bitmap[8] = { 0 };
    carnet_buf room = carnet_buf_of(bitmap, sizeof bitmap);

    if (octets.len < start + 16) {
        return 0;
    }
    if (spec->flavour.bitmap == CARNET_ISO8583_BITMAP_RAW) {
        carnet_buf_add(&room, carnet_span_of(octets.ptr + start, 8));
    } else if (carnet_hex_decode((carnet_str){ (const char *)octets.ptr + start, 16 }, &room, NULL) != CARNET_OK) {
        return 0;
    }
    for (unsigned i = element < 65 ? element - 1 : 64; i >= 2; i--) {
        if ((bitmap[(i - 1) / 8] >> (7 - (i - 1) % 8) & 1) != 0) {
            return i;
        }
    }
    return 0;
}

static void mend(iso_diagnosis *d, const iso_misfit *misfit, unsigned depth);

/** An element in every other writing; where that helps a little, go on. */
static void
mend_element(iso_diagnosis *d, const iso_misfit *misfit, unsigned element, unsigned depth)
{
    trial t = { .way = misfit->way,
                .messages = misfit->messages,
                .octets = misfit->octets,
                .framing = misfit->framing,
                .header = misfit->header };
    carnet_framing framing;

    if (t.framing != NULL) {
        framing = iso_framing(t.framing);
        t.frame = &framing;
    }
    for (unsigned writing = 0; writing < ISO_WRITINGS; writing++) {
        iso_misfit next = *misfit;
        carnet_iso8583_message message;
        const carnet_iso8583_spec *spec;

        next.choice.exception[next.choice.exceptions].element = (uint8_t)element;
        next.choice.exception[next.choice.exceptions++].writing = (uint8_t)writing;
        spec = iso_spec_made(&next.choice);
        if (spec == NULL) {
            continue;
        }
        if (carnet_iso8583_parse(spec, t.octets, &message, &next.err) == CARNET_OK) {
            try_choice(d, &t, &next.choice);
        } else if (next.err.offset != CARNET_NO_OFFSET && next.err.offset > misfit->err.offset) {
            mend(d, &next, depth + 1);
        }
        iso_spec_unmade(&next.choice, spec);
    }
}

static void
mend(iso_diagnosis *d, const iso_misfit *misfit, unsigned depth)
{
    const unsigned element = element_in(misfit->err.path);
    const carnet_iso8583_spec *spec;
    unsigned before;

    if (element < 2 || depth >= ISO_EXCEPTIONS_MAX - 1) {
        return;
    }
    mend_element(d, misfit, element, depth);
    spec = iso_spec_made(&misfit->choice);
    before = spec != NULL ? element_before(spec, misfit->octets, element) : 0;
    iso_spec_unmade(&misfit->choice, spec);
    if (before >= 2) {
        mend_element(d, misfit, before, depth);
    }
}

static void
try_exceptions(iso_diagnosis *d)
{
    for (size_t i = 0; i < d->misfits; i++) {
        const iso_misfit misfit = d->misfit[i];

        mend(d, &misfit, 0);
    }
}

/** As it is and in every framing that takes all of the octets. */
static void
try_all(iso_diagnosis *d, const iso_octets *ways, size_t count, void (*all)(iso_diagnosis *d, const trial *t))
{
    for (size_t i = 0; i < count; i++) {
        trial t = { .way = &ways[i], .messages = 1 };

        try_headers(d, &t, ways[i].octets, all);
        for (size_t f = 0; carnet_framing_name(f) != NULL; f++) {
            carnet_framing framing = iso_framing(carnet_framing_name(f));
            carnet_span first = { 0 };

            t = (trial){ .way = &ways[i], .framing = carnet_framing_name(f), .frame = &framing };
            t.messages = frames_of(&framing, ways[i].octets, &first);
            if (t.messages > 0) {
                try_headers(d, &t, first, all);
            }
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
        try_exceptions(diagnosis);
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
    printf("{\n  \"fits\": [\n");
    for (size_t i = 0; i < d->fits; i++) {
        json_fit(&d->fit[i], i + 1 < d->fits);
    }
    printf("  ],\n  \"misfits\": [\n");
    for (size_t i = 0; i < d->misfits; i++) {
        const carnet_err *err = &d->misfit[i].err;

        printf("    {\"spec\": \"%s\", \"offset\": %zu, \"path\": ", iso_choice_name(&d->misfit[i].choice),
               err->offset);
        iso_json_text(stdout, carnet_str_of(err->path));
        printf(", \"reason\": ");
        iso_json_text(stdout, carnet_str_of(err->reason[0] != '\0' ? err->reason : carnet_rc_text(err->rc)));
        printf("}%s\n", i + 1 < d->misfits ? "," : "");
    }
    printf("  ]\n}\n");
}

int
iso_doctor(const iso_arguments *a)
{
    iso_diagnosis *diagnosis = cli_alloc(sizeof *diagnosis);
    iso_octets ways[ISO_WAYS];
    size_t count;

    if (a->input_count != 1) {
        cli_usage("which message? one file, - or hexadecimal");
    }
    count = iso_octets_of(a->inputs[0], ways);
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
        for (size_t i = 0; i < diagnosis->misfits; i++) {
            print_misfit(&diagnosis->misfit[i]);
        }
    }
    return diagnosis->fits > 0 ? CLI_VALID : CLI_NEGATIVE;
}
