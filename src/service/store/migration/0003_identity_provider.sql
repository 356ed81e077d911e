-- SPDX-License-Identifier: Apache-2.0
-- The identity provider's: accounts, their devices and keys, sessions, and what has to be sent out.
CREATE TABLE identity_accounts (
    id @INTEGER@ PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE,
    state @INTEGER@ NOT NULL,
    level @INTEGER@ NOT NULL,
    created @INTEGER@ NOT NULL,
    changed @INTEGER@ NOT NULL,
    failures @INTEGER@ NOT NULL,
    locked @INTEGER@ NOT NULL,
    pin TEXT NOT NULL
);

CREATE TABLE identity_devices (
    id @INTEGER@ PRIMARY KEY,
    device_id TEXT NOT NULL UNIQUE,
    account @INTEGER@ NOT NULL,
    profile TEXT NOT NULL,
    state @INTEGER@ NOT NULL,
    name TEXT NOT NULL,
    os TEXT NOT NULL,
    push TEXT NOT NULL,
    spki @BYTES@ NOT NULL,
    serial @BYTES@ NOT NULL,
    not_after @INTEGER@ NOT NULL,
    counter @INTEGER@ NOT NULL,
    answered @INTEGER@ NOT NULL,
    mismatches @INTEGER@ NOT NULL,
    failures @INTEGER@ NOT NULL,
    locked @INTEGER@ NOT NULL,
    abilities @INTEGER@ NOT NULL,
    flags @INTEGER@ NOT NULL,
    otp_next @INTEGER@ NOT NULL,
    created @INTEGER@ NOT NULL,
    changed @INTEGER@ NOT NULL,
    secrets @BYTES@
);
CREATE INDEX identity_devices_account ON identity_devices (account);

-- Public keys that devices enrolled; one key is one device's.
CREATE TABLE identity_keys (
    id @INTEGER@ PRIMARY KEY,
    device @INTEGER@ NOT NULL,
    kind @INTEGER@ NOT NULL,
    name TEXT NOT NULL,
    thumbprint @BYTES@ NOT NULL UNIQUE,
    spki @BYTES@ NOT NULL,
    credential @BYTES@,
    sign_count @INTEGER@ NOT NULL,
    flags @INTEGER@ NOT NULL,
    rank @INTEGER@ NOT NULL,
    user_auth @INTEGER@ NOT NULL,
    proof @INTEGER@ NOT NULL
);
CREATE INDEX identity_keys_device ON identity_keys (device);

CREATE TABLE identity_certificates (
    serial @BYTES@ PRIMARY KEY,
    device @INTEGER@ NOT NULL,
    issued @INTEGER@ NOT NULL,
    not_after @INTEGER@ NOT NULL,
    revoked @INTEGER@ NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX identity_certificates_device ON identity_certificates (device);
CREATE INDEX identity_certificates_not_after ON identity_certificates (not_after);

CREATE TABLE identity_bootstraps (
    serial @BYTES@ PRIMARY KEY,
    account @INTEGER@ NOT NULL,
    expires @INTEGER@ NOT NULL,
    used @INTEGER@ NOT NULL
);
CREATE INDEX identity_bootstraps_expires ON identity_bootstraps (expires);

CREATE TABLE identity_sessions (
    id @INTEGER@ PRIMARY KEY,
    session_hash @BYTES@ NOT NULL UNIQUE,
    party TEXT NOT NULL,
    request_hash @BYTES@ UNIQUE,
    body_hash @BYTES@,
    account @INTEGER@ NOT NULL,
    device @INTEGER@ NOT NULL,
    parent @INTEGER@ NOT NULL,
    transaction_hash @BYTES@,
    created @INTEGER@ NOT NULL,
    expires @INTEGER@ NOT NULL,
    state @INTEGER@ NOT NULL,
    auth_time @INTEGER@ NOT NULL,
    active_until @INTEGER@ NOT NULL,
    registrations @INTEGER@ NOT NULL,
    attempts @INTEGER@ NOT NULL,
    attempts_max @INTEGER@ NOT NULL,
    max_age @INTEGER@ NOT NULL,
    trustmark @INTEGER@ NOT NULL,
    challenge @BYTES@,
    counter @INTEGER@ NOT NULL,
    level @INTEGER@ NOT NULL,
    vot TEXT NOT NULL,
    methods TEXT NOT NULL,
    reason TEXT NOT NULL,
    token_id TEXT NOT NULL,
    version @INTEGER@ NOT NULL,
    changed @INTEGER@ NOT NULL,
    notice @INTEGER@ NOT NULL,
    request @BYTES@,
    facts @BYTES@
);
CREATE INDEX identity_sessions_device ON identity_sessions (device, id);
CREATE INDEX identity_sessions_transaction ON identity_sessions (transaction_hash);
CREATE INDEX identity_sessions_changed ON identity_sessions (changed);

-- What is to be sent: pushes to devices, pings and pushes to relying parties.
CREATE TABLE identity_notices (
    id @INTEGER@ PRIMARY KEY,
    session @INTEGER@ NOT NULL,
    kind @INTEGER@ NOT NULL,
    due @INTEGER@ NOT NULL,
    attempts @INTEGER@ NOT NULL,
    expires @INTEGER@ NOT NULL
);
CREATE INDEX identity_notices_due ON identity_notices (due);
