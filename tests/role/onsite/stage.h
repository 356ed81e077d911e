/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader and a holder on a link in memory: each takes a step when there is
 * something to do, on a clock that stands still unless nobody can step.  Both
 * do what the roles' headers tell them to do, and remember what stopped them.
 */
#ifndef CARNET_TEST_ONSITE_STAGE_H
#define CARNET_TEST_ONSITE_STAGE_H
#include "../world.h"
#include "carnet/link_memory.h"
#include "carnet/session_timeouts.h"

#define REQUESTS 3 /* in a whole session; then the reader says 20 */

/* What stopped a side: a failure (CARNET_OK: none), the status it said and the one it heard. */
typedef struct ending {
    carnet_rc why;
    uint64_t said, heard;
} ending;

typedef struct side {
    bool over;
    ending end;
    carnet_link link;
    carnet_session_timeouts time;
    size_t messages; /* of a session that were right: answers, requests */
} side;

typedef struct stage {
    talk t;
    side reader, mdoc;
    bool waiting; /* the reader, for an answer */
    size_t asked;
    int64_t now;
} stage;

void stage_begin(stage *s, world *w, carnet_curve curve);
/* Release what the stage has. */
void stage_done(stage *s);
/* One step of a side; false: it can do nothing now. */
bool stage_reader_step(stage *s);
bool stage_mdoc_step(stage *s);
/* Until both are over. */
void stage_run(stage *s);
/* A side ends the session with a status, or without a word. */
void stage_reader_end(stage *s, carnet_session_status status);
void stage_mdoc_end(stage *s, carnet_session_status status);
void stage_hang_up(side *who);
/* Nothing is left of a key at either side, and neither takes or makes another message. */
void stage_assert_over(stage *s);

#endif
