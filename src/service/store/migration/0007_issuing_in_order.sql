-- SPDX-License-Identifier: Apache-2.0
-- What is used at about the same time lies beside each other: transactions that share a commit share pages.
-- Only for what ends at a time that is its own: a nonce, which its maker sealed with the time.
CREATE TABLE used_in_time (
    kind @INTEGER@ NOT NULL,
    until @INTEGER@ NOT NULL,
    hash @BYTES@ NOT NULL,
    PRIMARY KEY (kind, until, hash)
) @CLUSTERED@;

-- A notification identifier names its issuance, so its hash needs no index; earlier ones are found by notification_hash.
ALTER TABLE issuances ADD COLUMN notification @BYTES@;
