-- SPDX-License-Identifier: Apache-2.0
-- Of several switches on one store, one sends what waits: the holder, until the time (milliseconds) unless it says so again.
-- Whoever else inserts something that waits counts it here.
CREATE TABLE switch_senders (
    id @INTEGER@ PRIMARY KEY,
    holder TEXT NOT NULL,
    until @INTEGER@ NOT NULL,
    inserts @INTEGER@ NOT NULL
);
INSERT INTO switch_senders (id, holder, until, inserts) VALUES (1, '', 0, 0);
