-- SPDX-License-Identifier: Apache-2.0
-- The issuing authorisation system's: accounts by double entry, what moved on them, and the messages that were answered.
CREATE TABLE cash_accounts (
    id @INTEGER@ PRIMARY KEY,
    kind @INTEGER@ NOT NULL,
    state @INTEGER@ NOT NULL,
    currency @INTEGER@ NOT NULL,
    balance @INTEGER@ NOT NULL,
    held @INTEGER@ NOT NULL,
    floor @INTEGER@ NOT NULL,
    per_transaction @INTEGER@ NOT NULL,
    per_day @INTEGER@ NOT NULL,
    count_per_day @INTEGER@ NOT NULL,
    day @INTEGER@ NOT NULL,
    day_amount @INTEGER@ NOT NULL,
    day_count @INTEGER@ NOT NULL,
    last_movement @INTEGER@ NOT NULL,
    pin_tries @INTEGER@ NOT NULL,
    pin @BYTES@,
    name TEXT NOT NULL
);
-- One account of the house for each purpose and currency.
CREATE UNIQUE INDEX cash_accounts_house ON cash_accounts (kind, currency) WHERE kind <> 1;

-- By what an account is found: keyed hashes of numbers and aliases.
CREATE TABLE cash_account_keys (
    hash @BYTES@ PRIMARY KEY,
    account @INTEGER@ NOT NULL
) @CLUSTERED@;

CREATE TABLE cash_movements (
    id @INTEGER@ PRIMARY KEY,
    kind @INTEGER@ NOT NULL,
    customer @INTEGER@ NOT NULL,
    other @INTEGER@ NOT NULL,
    amount @INTEGER@ NOT NULL,
    held @INTEGER@ NOT NULL,
    original @INTEGER@ NOT NULL,
    before @INTEGER@ NOT NULL,
    at @INTEGER@ NOT NULL
);

CREATE TABLE cash_messages (
    id @INTEGER@ PRIMARY KEY,
    moment @INTEGER@ NOT NULL,
    origin TEXT NOT NULL,
    reference TEXT NOT NULL,
    at @INTEGER@ NOT NULL,
    link TEXT NOT NULL,
    kind @INTEGER@ NOT NULL,
    state @INTEGER@ NOT NULL,
    judged @INTEGER@ NOT NULL,
    amount @INTEGER@ NOT NULL,
    moves @INTEGER@ NOT NULL,
    returned @INTEGER@ NOT NULL,
    currency @INTEGER@ NOT NULL,
    staged TEXT NOT NULL,
    session @BYTES@,
    vector TEXT NOT NULL,
    risk TEXT NOT NULL,
    level @INTEGER@ NOT NULL,
    original @INTEGER@ NOT NULL,
    telling @INTEGER@ NOT NULL,
    missing TEXT NOT NULL,
    answer @BYTES@
);
CREATE UNIQUE INDEX cash_messages_key ON cash_messages (moment, origin, reference);
CREATE UNIQUE INDEX cash_messages_staged ON cash_messages (staged) WHERE staged <> '';
-- What the mobile app server has still to be told.
CREATE INDEX cash_messages_telling ON cash_messages (id) WHERE telling <> 0;
-- What is redacted after a day.
CREATE INDEX cash_messages_answer ON cash_messages (id) WHERE answer IS NOT NULL;
