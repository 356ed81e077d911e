-- SPDX-License-Identifier: Apache-2.0
-- The mobile app server's: who its users are, and the transactions they staged.
CREATE TABLE app_devices (
    device TEXT PRIMARY KEY,
    user_name TEXT NOT NULL,
    added @INTEGER@ NOT NULL
);
CREATE INDEX app_devices_user ON app_devices (user_name);
-- Keys of mobile documents by which an on-site presentation finds its holder's device.
CREATE TABLE app_document_keys (
    thumbprint @BYTES@ PRIMARY KEY,
    device TEXT NOT NULL
);
CREATE INDEX app_document_keys_device ON app_document_keys (device);

CREATE TABLE app_accounts (
    user_name TEXT NOT NULL,
    alias TEXT NOT NULL,
    position @INTEGER@ NOT NULL,
    currency TEXT NOT NULL,
    pan @BYTES@,
    PRIMARY KEY (user_name, alias)
);

CREATE TABLE staged (
    id @INTEGER@ PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,
    request_hash @BYTES@ NOT NULL UNIQUE,
    body_hash @BYTES@ NOT NULL,
    user_name TEXT NOT NULL,
    device TEXT NOT NULL,
    type TEXT NOT NULL,
    amount @INTEGER@ NOT NULL,
    currency TEXT NOT NULL,
    account TEXT NOT NULL,
    pan @BYTES@,
    created @INTEGER@ NOT NULL,
    expires @INTEGER@ NOT NULL,
    version @INTEGER@ NOT NULL,
    polled @INTEGER@ NOT NULL,
    state @INTEGER@ NOT NULL,
    reason TEXT NOT NULL,
    attempts @INTEGER@ NOT NULL,
    terminal TEXT NOT NULL,
    terminal_session @BYTES@,
    label TEXT NOT NULL,
    binding TEXT NOT NULL,
    text TEXT NOT NULL,
    risk TEXT NOT NULL,
    level @INTEGER@ NOT NULL,
    vtr TEXT NOT NULL,
    session TEXT NOT NULL,
    session_expires @INTEGER@ NOT NULL,
    parent TEXT NOT NULL,
    step_ups @INTEGER@ NOT NULL,
    vot TEXT NOT NULL,
    trustmark TEXT NOT NULL,
    auth_time @INTEGER@ NOT NULL,
    vot_expires @INTEGER@ NOT NULL,
    reached @INTEGER@ NOT NULL,
    key_id TEXT NOT NULL,
    signature TEXT NOT NULL,
    used_by TEXT NOT NULL,
    used @INTEGER@ NOT NULL,
    result @INTEGER@ NOT NULL,
    dispensed @INTEGER@ NOT NULL,
    response_code TEXT NOT NULL,
    changed @INTEGER@ NOT NULL
);
CREATE INDEX staged_account ON staged (user_name, account, created);
CREATE INDEX staged_device ON staged (device, created);
CREATE INDEX staged_terminal ON staged (terminal_session) WHERE terminal_session IS NOT NULL;
CREATE INDEX staged_session ON staged (session) WHERE session <> '';
CREATE INDEX staged_open ON staged (polled) WHERE state = 2 OR state = 4;
CREATE INDEX staged_expires ON staged (expires);
