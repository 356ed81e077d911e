-- SPDX-License-Identifier: Apache-2.0
-- Nonces and DPoP proofs by a time that is sealed or signed in them (of any unit): `until` is what is made of it here, by this
-- day's policy.  In no other index: what is over is found at the beginning.  Earlier ones are in used_in_time and used_once.
CREATE TABLE used_in_order (
    kind @INTEGER@ NOT NULL,
    at @INTEGER@ NOT NULL,
    hash @BYTES@ NOT NULL,
    until @INTEGER@ NOT NULL,
    PRIMARY KEY (kind, at, hash)
) @CLUSTERED@;
