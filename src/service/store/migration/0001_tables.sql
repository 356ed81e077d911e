-- SPDX-License-Identifier: Apache-2.0
-- Times are seconds since 1970 in UTC; a hash is 32 octets; text is never null.
-- A statement ends with a semicolon at the end of its line.
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value @INTEGER@ NOT NULL
);
INSERT INTO counters (name, value) VALUES ('instance', 0);

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value @BYTES@
);

-- Marks of committed transactions: what tells whether a commit without an answer took place.
CREATE TABLE commits (
    mark @BYTES@ PRIMARY KEY,
    made @INTEGER@ NOT NULL
);
CREATE INDEX commits_made ON commits (made);

CREATE TABLE used_once (
    hash @BYTES@ NOT NULL,
    kind @INTEGER@ NOT NULL,
    until @INTEGER@ NOT NULL,
    PRIMARY KEY (hash, kind)
) @CLUSTERED@;
CREATE INDEX used_once_until ON used_once (until);

CREATE TABLE offers (
    id @INTEGER@ PRIMARY KEY,
    reference_hash @BYTES@ UNIQUE,
    code_hash @BYTES@ UNIQUE,
    issuer_state_hash @BYTES@ UNIQUE,
    tx_code @BYTES@,
    attempts @INTEGER@ NOT NULL,
    configurations TEXT NOT NULL,
    subject TEXT NOT NULL,
    actor TEXT NOT NULL,
    enrolment @INTEGER@ NOT NULL,
    created @INTEGER@ NOT NULL,
    expires @INTEGER@ NOT NULL,
    state @INTEGER@ NOT NULL,
    grant_id @INTEGER@ NOT NULL,
    claims @BYTES@,
    document @BYTES@
);
CREATE INDEX offers_expires ON offers (expires);
CREATE INDEX offers_claims ON offers (expires) WHERE claims IS NOT NULL OR document IS NOT NULL;

CREATE TABLE authorizations (
    id @INTEGER@ PRIMARY KEY,
    request_uri_hash @BYTES@ NOT NULL UNIQUE,
    client_id TEXT NOT NULL,
    configurations TEXT NOT NULL,
    scope TEXT NOT NULL,
    details @INTEGER@ NOT NULL,
    code_challenge TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    client_state TEXT NOT NULL,
    response_mode TEXT NOT NULL,
    jkt @BYTES@,
    client_key @BYTES@,
    offer_id @INTEGER@ NOT NULL,
    method TEXT NOT NULL,
    browser_hash @BYTES@,
    identification_hash @BYTES@,
    state @INTEGER@ NOT NULL,
    reason TEXT NOT NULL,
    code_hash @BYTES@ UNIQUE,
    subject TEXT NOT NULL,
    created @INTEGER@ NOT NULL,
    expires @INTEGER@ NOT NULL,
    grant_id @INTEGER@ NOT NULL,
    identification @BYTES@,
    claims @BYTES@
);
CREATE INDEX authorizations_browser ON authorizations (browser_hash, id);
CREATE INDEX authorizations_identification ON authorizations (identification_hash);
CREATE INDEX authorizations_expires ON authorizations (expires);
CREATE INDEX authorizations_claims ON authorizations (expires) WHERE claims IS NOT NULL OR identification IS NOT NULL;

-- over: when neither token is good any more.
CREATE TABLE grants (
    id @INTEGER@ PRIMARY KEY,
    access_hash @BYTES@ NOT NULL UNIQUE,
    access_expires @INTEGER@ NOT NULL,
    refresh_hash @BYTES@ UNIQUE,
    previous_hash @BYTES@,
    refresh_expires @INTEGER@ NOT NULL,
    rotated @INTEGER@ NOT NULL,
    jkt @BYTES@,
    client_key @BYTES@,
    client_id TEXT NOT NULL,
    configurations TEXT NOT NULL,
    scope TEXT NOT NULL,
    details @INTEGER@ NOT NULL,
    subject TEXT NOT NULL,
    offer_id @INTEGER@ NOT NULL,
    authorization_id @INTEGER@ NOT NULL,
    created @INTEGER@ NOT NULL,
    revoked @INTEGER@ NOT NULL,
    reason TEXT NOT NULL,
    issued @INTEGER@ NOT NULL,
    over @INTEGER@ NOT NULL,
    claims @BYTES@
);
CREATE INDEX grants_over ON grants (over);
CREATE INDEX grants_claims ON grants (over) WHERE claims IS NOT NULL;

-- Refresh tokens that were rotated away.
CREATE TABLE spent_tokens (
    hash @BYTES@ PRIMARY KEY,
    grant_id @INTEGER@ NOT NULL
) @CLUSTERED@;
CREATE INDEX spent_tokens_grant ON spent_tokens (grant_id);

-- next: how many indices have been handed out; the key orders them.
CREATE TABLE status_lists (
    number @INTEGER@ PRIMARY KEY,
    name TEXT NOT NULL,
    size @INTEGER@ NOT NULL,
    next @INTEGER@ NOT NULL,
    key @BYTES@ NOT NULL,
    created @INTEGER@ NOT NULL
);
CREATE INDEX status_lists_name ON status_lists (name, number);

CREATE TABLE issuances (
    id @INTEGER@ PRIMARY KEY,
    grant_id @INTEGER@ NOT NULL,
    configuration TEXT NOT NULL,
    doctype TEXT NOT NULL,
    subject TEXT NOT NULL,
    list TEXT NOT NULL,
    list_number @INTEGER@ NOT NULL,
    notification_hash @BYTES@ UNIQUE,
    issued @INTEGER@ NOT NULL,
    valid_from @INTEGER@ NOT NULL,
    valid_until @INTEGER@ NOT NULL,
    state @INTEGER@ NOT NULL,
    notified @INTEGER@ NOT NULL,
    count @INTEGER@ NOT NULL
);
CREATE INDEX issuances_grant ON issuances (grant_id, id);

-- An index of a status list is in no index: random places cost most, and one that is handed out is never handed out again.
CREATE TABLE credentials (
    issuance @INTEGER@ NOT NULL,
    number @INTEGER@ NOT NULL,
    device_key @BYTES@ NOT NULL UNIQUE,
    list_number @INTEGER@ NOT NULL,
    list_index @INTEGER@,
    status @INTEGER@ NOT NULL,
    PRIMARY KEY (issuance, number)
) @CLUSTERED@;
CREATE INDEX credentials_status ON credentials (list_number, list_index) WHERE status <> 0;

CREATE TABLE deferred_issuances (
    id @INTEGER@ PRIMARY KEY,
    transaction_hash @BYTES@ NOT NULL UNIQUE,
    grant_id @INTEGER@ NOT NULL,
    configuration TEXT NOT NULL,
    ready @INTEGER@ NOT NULL,
    interval_s @INTEGER@ NOT NULL,
    state @INTEGER@ NOT NULL,
    reason TEXT NOT NULL,
    created @INTEGER@ NOT NULL,
    expires @INTEGER@ NOT NULL,
    issuance @INTEGER@ NOT NULL,
    request @BYTES@
);
CREATE INDEX deferred_issuances_state ON deferred_issuances (state, id);
CREATE INDEX deferred_issuances_expires ON deferred_issuances (expires);

CREATE TABLE officers (
    id @INTEGER@ PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    secret TEXT NOT NULL,
    role @INTEGER@ NOT NULL,
    disabled @INTEGER@ NOT NULL,
    failures @INTEGER@ NOT NULL,
    locked @INTEGER@ NOT NULL,
    created @INTEGER@ NOT NULL,
    seen @INTEGER@ NOT NULL
);

CREATE TABLE enrolments (
    id @INTEGER@ PRIMARY KEY,
    reference_hash @BYTES@ UNIQUE,
    number TEXT NOT NULL,
    authorization_id @INTEGER@ NOT NULL,
    configurations TEXT NOT NULL,
    state @INTEGER@ NOT NULL,
    subject TEXT NOT NULL,
    officer TEXT NOT NULL,
    confirmed_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    offer_id @INTEGER@ NOT NULL,
    version @INTEGER@ NOT NULL,
    created @INTEGER@ NOT NULL,
    changed @INTEGER@ NOT NULL,
    expires @INTEGER@ NOT NULL,
    evidence @BYTES@,
    attributes @BYTES@
);
CREATE INDEX enrolments_authorization ON enrolments (authorization_id);
CREATE INDEX enrolments_state ON enrolments (state, id);
CREATE INDEX enrolments_expires ON enrolments (expires);
CREATE INDEX enrolments_changed ON enrolments (changed);

CREATE TABLE browsers (
    hash @BYTES@ PRIMARY KEY,
    kind TEXT NOT NULL,
    officer @INTEGER@ NOT NULL,
    authorization_id @INTEGER@ NOT NULL,
    enrolment @INTEGER@ NOT NULL,
    csrf @BYTES@,
    language TEXT NOT NULL,
    data @BYTES@,
    created @INTEGER@ NOT NULL,
    seen @INTEGER@ NOT NULL,
    expires @INTEGER@ NOT NULL
) @CLUSTERED@;
CREATE INDEX browsers_officer ON browsers (officer);
CREATE INDEX browsers_expires ON browsers (expires);

-- The identifier begins with the time `at`.
CREATE TABLE events (
    id @INTEGER@ PRIMARY KEY,
    at @INTEGER@ NOT NULL,
    interface TEXT NOT NULL,
    kind TEXT NOT NULL,
    configuration TEXT NOT NULL,
    outcome @INTEGER@ NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    reference @INTEGER@ NOT NULL,
    request TEXT NOT NULL,
    count @INTEGER@ NOT NULL
);
