/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583 doctor: readings that come far, with one or more elements written otherwise than the rest. */
#include "iso8583.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX   4
#define SUSPECTS    5    /* elements that may be to blame for one that fails */
#define TRIES_MAX   9000 /* in all */
#define TRIES_SHARE 900  /* for one reading */

typedef struct mending {
    iso_diagnosis *d;
    unsigned tries, limit;
} mending;

unsigned
iso_element_in(const char *path)
{
    return strncmp(path, "DE", 2) == 0 ? (unsigned)strtoul(path + 2, NULL, 10) : 0;
}

static unsigned
nibble_of(uint8_t c)
{
    if (c >= 0xf0) {
        return c & 15u;
    }
    return c >= '0' && c <= '9' ? c & 15u : (c & 7u) + 9; /* A to F of either case, also in EBCDIC */
}

size_t
iso_indicator_size(const carnet_iso8583_spec *spec)
{
    return spec->flavour.mti == CARNET_ISO8583_BCD ? 2 : 4;
}

bool
iso_bit_at(const carnet_iso8583_spec *spec, carnet_span octets, unsigned i)
{
    const size_t start = iso_indicator_size(spec);
    const bool raw = spec->flavour.bitmap == CARNET_ISO8583_BITMAP_RAW;
    const size_t at = start + (raw ? (i - 1) / 8 : (i - 1) / 4);

    if (at >= octets.len) {
        return false;
    }
    return raw ? (octets.ptr[at] >> (7 - (i - 1) % 8) & 1) != 0
               : (nibble_of(octets.ptr[at]) >> (3 - (i - 1) % 4) & 1) != 0;
}

/** The elements that may be to blame: the one that failed, and those right before it, as what is misread may be noticed late. */
static size_t
suspects_of(const carnet_iso8583_spec *spec, const iso_misfit *misfit, unsigned suspects[SUSPECTS])
{
    const bool second =
        iso_bit_at(spec, misfit->octets, 1) || spec->flavour.secondary == CARNET_ISO8583_SECONDARY_FIXED;
    unsigned element = iso_element_in(misfit->err.path);
    size_t count = 0;

    if (element == 0 && misfit->err.rc == CARNET_E_ISO8583_TRAILING) {
        element = 128;
    }
    for (; element >= 2 && count < SUSPECTS; element--) {
        if ((element <= 64 || second) && iso_bit_at(spec, misfit->octets, element)) {
            suspects[count++] = element;
        }
    }
    return count;
}

static void mend(mending *m, const iso_misfit *misfit, unsigned depth);

/** One repair; where that helps a little, go on. */
static void
repair(mending *m, const iso_misfit *misfit, const iso_exception *one, unsigned depth)
{
    iso_misfit next = *misfit;
    carnet_iso8583_message message;
    const carnet_iso8583_spec *spec;

    next.choice.exception[next.choice.exceptions++] = *one;
    spec = iso_spec_made(&next.choice);
    if (spec == NULL) {
        return;
    }
    m->tries++;
    if (carnet_iso8583_parse(spec, misfit->octets, &message, &next.err) == CARNET_OK ||
        next.err.rc == CARNET_E_ISO8583_TRAILING) {
        iso_trial t = { .way = misfit->way,
                        .messages = misfit->messages,
                        .octets = misfit->octets,
                        .framing = misfit->framing,
                        .header = misfit->header };
        carnet_framing framing;

        if (t.framing != NULL) {
            framing = iso_framing(t.framing);
            t.frame = &framing;
        }
        (void)iso_try(m->d, &t, &next.choice);
    }
    if (message.spec == NULL && next.err.offset != CARNET_NO_OFFSET && next.err.offset > misfit->err.offset) {
        mend(m, &next, depth + 1);
    }
    iso_spec_unmade(&next.choice, spec);
}

static void
mend(mending *m, const iso_misfit *misfit, unsigned depth)
{
    const carnet_iso8583_spec *spec;
    unsigned suspects[SUSPECTS];
    size_t count;

    if (depth >= DEPTH_MAX || misfit->choice.exceptions == ISO_EXCEPTIONS_MAX ||
        (spec = iso_spec_made(&misfit->choice)) == NULL) {
        return;
    }
    count = suspects_of(spec, misfit, suspects);
    for (size_t i = 0; i < count; i++) {
        iso_exception repairs[ISO_REPAIRS_MAX];
        const size_t known = iso_repairs(&spec->fields[suspects[i]], suspects[i], repairs);

        for (size_t k = 0; k < known && m->tries < m->limit; k++) {
            repair(m, misfit, &repairs[k], depth);
        }
    }
    iso_spec_unmade(&misfit->choice, spec);
}

void
iso_mend(iso_diagnosis *d)
{
    const size_t count = d->misfits;
    iso_misfit *misfits = cli_alloc((count + 1) * sizeof *misfits);
    mending m = { .d = d };

    memcpy(misfits, d->misfit, count * sizeof *misfits);
    for (size_t i = 0; i < count && m.tries < TRIES_MAX; i++) {
        m.limit = m.tries + TRIES_SHARE;
        mend(&m, &misfits[i], 0);
    }
}
