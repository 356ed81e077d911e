/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_recordings: a whole session, recorded in the current directory by both
 * sides: reader and mdoc with their ephemeral keys, and bare without.
 */
#include "carnet/link_record.h"
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

#define STARTED INT64_C(1790000000)

static void
must(carnet_rc rc, const carnet_err *err)
{
    if (rc != CARNET_OK) {
        fprintf(stderr, "%s: %s\n", carnet_rc_name(rc), err->reason);
        exit(1);
    }
}

/* Put a recorder around a side's link. */
static void
record(const stage *s, side *who, carnet_recorder *recorder, const char *path, carnet_key *key)
{
    uint8_t room[256];
    carnet_buf der = carnet_buf_of(room, sizeof(room));
    carnet_recording_head head = { .reader = who == &s->reader,
                                   .started = STARTED,
                                   .device_engagement = s->t.holder.device_engagement };
    carnet_err err = { 0 };

    if (key != NULL) {
        must(carnet_software_key_to_der(key, &der, &err), &err);
        head.ephemeral_key = carnet_buf_span(&der);
    }
    must(carnet_recorder_to_file(recorder, path, &err), &err);
    must(carnet_link_record(&who->link, recorder, &head, &err), &err);
}

static void
session(world *w, const char *reader_path, const char *mdoc_path, bool keys)
{
    static stage s;
    carnet_recorder reader, mdoc;

    stage_begin(&s, w, CARNET_CURVE_P256);
    record(&s, &s.reader, &reader, reader_path, keys ? &s.t.reader.key : NULL);
    record(&s, &s.mdoc, &mdoc, mdoc_path, keys ? &s.t.holder.key : NULL);
    stage_run(&s);
    stage_done(&s);
}

int
main(void)
{
    static world w;

    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    session(&w, "reader.session", "mdoc.session", true);
    session(&w, "bare.session", "bare-mdoc.session", false);
    world_done(&w);
    return 0;
}
