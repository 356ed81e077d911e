/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583: from an argument to messages. */
#include "iso8583.h"

#include <string.h>
#include <unistd.h>

static bool
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/** Text without the line end that an editor or echo put behind it. */
static carnet_span
without_line_end(carnet_span octets)
{
    while (octets.len > 0 && is_space(octets.ptr[octets.len - 1]) && octets.ptr[octets.len - 1] != ' ') {
        octets.len--;
    }
    return octets;
}

static bool
is_digit(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/** Hexadecimal digits, and what people put between them: white space, signs, 0x in front.  The digits alone; false if there is
 *  anything else, or nothing. */
static bool
hexadecimal_digits(carnet_span octets, carnet_buf *digits)
{
    for (size_t i = 0; i < octets.len; i++) {
        const uint8_t c = octets.ptr[i], next = i + 1 < octets.len ? octets.ptr[i + 1] : 0;

        if (c == '0' && (next == 'x' || next == 'X') && (i == 0 || !is_digit(octets.ptr[i - 1]))) {
            i++;
        } else if (is_digit(c)) {
            carnet_buf_add_byte(digits, c);
        } else if (!is_space(c) && (c < ' ' || strchr(":,;-|{}[]()\"'", c) == NULL)) {
            return false;
        }
    }
    return digits->len > 0;
}

const char *
iso_called(const char *input)
{
    return strlen(input) <= 40 || access(input, F_OK) == 0 ? input : "the message";
}

size_t
iso_octets_of(const char *input, iso_octets ways[ISO_WAYS])
{
    carnet_span octets =
        strcmp(input, "-") == 0 || access(input, F_OK) == 0 ? cli_read(input) : carnet_str_bytes(carnet_str_of(input));
    carnet_span trimmed = without_line_end(octets);
    carnet_buf digits;
    size_t count = 0;

    if (octets.len == 0) {
        cli_die_text(input[0] != '\0' ? input : "an argument", "there is nothing in it");
    }
    digits = cli_buf(octets.len + 1);
    if (hexadecimal_digits(octets, &digits)) {
        carnet_buf out = cli_buf(digits.len / 2 + 1);

        if (digits.len % 2 == 0 && carnet_hex_decode(carnet_buf_str(&digits), &out, NULL) == CARNET_OK) {
            ways[count++] = (iso_octets){ carnet_buf_span(&out), "hexadecimal", 0 };
        }
        if (digits.len != trimmed.len) {
            ways[count++] = (iso_octets){ carnet_buf_span(&digits), "text without its spaces", 2 };
        }
    }
    ways[count++] = (iso_octets){ octets, "binary", 0 };
    if (trimmed.len != octets.len && trimmed.len > 0) {
        ways[count++] = (iso_octets){ trimmed, "text", 0 };
    }
    return iso_pasted(octets, ways, count);
}

/** The messages that one way of reading yields. */
typedef struct reading {
    iso_message *messages;
    size_t count, cap;
    carnet_err err;
} reading;

static bool
take_message(reading *r, const iso_message *like, carnet_span frame_header, carnet_span octets)
{
    const size_t trailer = like->trailer.len;
    iso_message *one;

    if (r->count == r->cap) {
        size_t cap = r->cap == 0 ? 4 : r->cap * 2;
        iso_message *more = cli_alloc(cap * sizeof *more);

        if (r->count > 0) {
            memcpy(more, r->messages, r->count * sizeof *more);
        }
        r->messages = more;
        r->cap = cap;
    }
    one = &r->messages[r->count];
    *one = *like;
    one->message = cli_alloc(sizeof *one->message);
    if (carnet_iso8583_parse(like->spec.spec, carnet_span_of(octets.ptr, octets.len - trailer), one->message,
                             &r->err) != CARNET_OK) {
        return false;
    }
    one->trailer = carnet_span_of(octets.ptr + octets.len - trailer, trailer);
    one->header = frame_header.len != 0 ? frame_header : carnet_span_of(octets.ptr, one->message->mti_offset);
    r->count++;
    return true;
}

/** Frames, whole ones only, of which each holds a message or is a sign of life. */
static bool
take_frames(reading *r, const iso_message *like, const carnet_framing *framing, carnet_span octets)
{
    size_t at = 0;

    while (at < octets.len) {
        carnet_span rest = carnet_span_of(octets.ptr + at, octets.len - at);
        carnet_frame frame;

        if (carnet_frame_next(framing, rest, &frame, &r->err) != CARNET_OK) {
            return false;
        }
        if (frame.size == 0) {
            (void)carnet_fail_at(&r->err, CARNET_E_ISO8583_FRAME, NULL, "the last frame is cut off", at, NULL);
            return false;
        }
        if (!frame.keep_alive && !take_message(r, like, frame.header, frame.message)) {
            if (r->err.offset != CARNET_NO_OFFSET) {
                r->err.offset += (size_t)(frame.message.ptr - octets.ptr);
            }
            return false;
        }
        at += frame.size;
    }
    return r->count > 0;
}

static bool
read_way(reading *r, const iso_message *like, const iso_octets *way)
{
    iso_message as = *like;
    carnet_framing framing;

    *r = (reading){ 0 };
    as.how = way->how;
    if (like->framing == NULL) {
        return take_message(r, &as, (carnet_span){ 0 }, way->octets);
    }
    framing = iso_framing(like->framing);
    return take_frames(r, &as, &framing, way->octets);
}

static _Noreturn void
no_message(const char *input)
{
    cli_die_text(iso_called(input), "there is no message in it: no indicator such as 0200 with a bitmap behind it, in "
                                    "characters, BCD or EBCDIC");
}

/** Nothing fits: what comes furthest, as far as it comes. */
static _Noreturn void
give_up(const iso_arguments *a, const char *input, const iso_diagnosis *diagnosis)
{
    const iso_misfit *misfit = &diagnosis->misfit[0];
    const char *name = iso_choice_name(&misfit->choice);
    char line[512];

    if (strcmp(input, "-") != 0 && access(input, F_OK) != 0 && strpbrk(input, "./~") != NULL) {
        cli_die_text(input, "there is no file of this name, nor is it a message itself");
    }
    if (diagnosis->misfits == 0 || iso_element_in(misfit->err.path) < 2) {
        no_message(input);
    }
    if (a->action == ISO_DESCRIBE && !a->json &&
        !iso_show_partly(&(iso_spec){ iso_spec_made(&misfit->choice), name }, misfit->octets, &misfit->err,
                         a->unsafe)) {
        no_message(input);
    }
    (void)fflush(stdout);
    snprintf(line, sizeof line,
             "nothing that is built in fits.  %s comes furthest, to byte %zu of %zu%s%s: %s.  `carnet iso8583 doctor` "
             "shows what else was tried; --spec says how messages are written",
             name, misfit->err.offset + misfit->header, misfit->octets.len + misfit->header,
             misfit->err.path[0] != '\0' ? ", " : "", misfit->err.path,
             misfit->err.reason[0] != '\0' ? misfit->err.reason : carnet_rc_text(misfit->err.rc));
    cli_die_text(iso_called(input), iso_text(carnet_str_of(line)));
}

/** As the doctor thinks best. */
static size_t
read_best(const iso_arguments *a, const char *input, const iso_octets *ways, size_t count, iso_message **messages)
{
    iso_diagnosis *diagnosis = cli_alloc(sizeof *diagnosis);
    iso_message like = { .input = input };
    const iso_fit *best = NULL;
    reading r = { 0 };

    iso_diagnose(ways, count, diagnosis);
    for (size_t i = 0; i < diagnosis->fits && best == NULL; i++) {
        const iso_fit *fit = &diagnosis->fit[i];

        if ((a->framing == NULL || (fit->framing != NULL && strcmp(a->framing, fit->framing) == 0)) &&
            (a->header_size < 0 || (size_t)a->header_size == fit->header)) {
            best = fit;
        }
    }
    if (best == NULL) {
        give_up(a, input, diagnosis);
    }
    like.spec =
        iso_spec_with_header((iso_spec){ iso_spec_made(&best->choice), iso_choice_name(&best->choice) }, best->header);
    like.framing = best->framing;
    like.trailer.len = best->trailer;
    if (!read_way(&r, &like, best->way)) {
        cli_die(iso_called(input), &r.err);
    }
    *messages = r.messages;
    return r.count;
}

size_t
iso_messages_of(const iso_arguments *a, const char *input, iso_message **messages)
{
    iso_octets *ways = cli_alloc(ISO_WAYS * sizeof *ways);
    const size_t count = iso_octets_of(input, ways);
    size_t objects;
    iso_message like = { .input = input, .framing = a->framing };
    carnet_err first = { 0 };
    reading r;

    if ((a->spec == NULL && a->framing == NULL && a->header_size < 0) ||
        (a->spec != NULL && strcmp(a->spec, "ber-tlv") == 0)) {
        const iso_octets *way = iso_objects_in(ways, count, &objects);

        if (way != NULL) {
            *messages = cli_alloc(sizeof **messages);
            **messages = (iso_message){ .input = input, .how = way->how, .objects = way->octets };
            return 1;
        }
    }
    if (a->spec == NULL) {
        return read_best(a, input, ways, count, messages);
    }
    if (strcmp(a->spec, "ber-tlv") == 0) {
        cli_die_text(iso_called(input), "these are no data objects");
    }
    like.spec = iso_spec_of(a->spec);
    if (a->header_size >= 0) {
        like.spec = iso_spec_with_header(like.spec, (size_t)a->header_size);
    }
    for (size_t i = 0; i < count; i++) {
        if (read_way(&r, &like, &ways[i])) {
            *messages = r.messages;
            return r.count;
        }
        first = i == 0 ? r.err : first;
    }
    for (size_t f = 0; a->framing == NULL; f++) {
        like.framing = f == 0 ? iso_framing_or_post(a) : carnet_framing_name(f - 1);
        if (like.framing == NULL) {
            break;
        }
        for (size_t i = 0; i < count; i++) {
            if (read_way(&r, &like, &ways[i])) {
                *messages = r.messages;
                return r.count;
            }
        }
    }
    if (a->action == ISO_DESCRIBE && !a->json && a->framing == NULL) {
        (void)iso_show_partly(&like.spec, ways[0].octets, &first, a->unsafe);
        (void)fflush(stdout);
    }
    cli_die(iso_called(input), &first);
}
