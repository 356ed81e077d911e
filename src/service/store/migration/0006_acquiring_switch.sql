-- SPDX-License-Identifier: Apache-2.0
-- The acquiring switch's: reversals and advices that it acknowledged and their issuer did not yet.
CREATE TABLE switch_forwards (
    id @INTEGER@ PRIMARY KEY,
    link TEXT NOT NULL,
    state @INTEGER@ NOT NULL,
    created @INTEGER@ NOT NULL,
    kind TEXT NOT NULL,
    trace TEXT NOT NULL,
    terminal TEXT NOT NULL,
    reason TEXT NOT NULL,
    message @BYTES@ NOT NULL
);
CREATE INDEX switch_forwards_state ON switch_forwards (state, id);
