-- SPDX-License-Identifier: Apache-2.0
-- An issuance has a place in no index but its own order: what each grant had of a configuration is counted beside, for
-- as long as the grant is kept, and only notification identifiers of before version 7 are looked for by their hash.
CREATE TABLE grant_issuances (
    grant_id @INTEGER@ NOT NULL,
    configuration TEXT NOT NULL,
    requests @INTEGER@ NOT NULL,
    last_until @INTEGER@ NOT NULL,
    PRIMARY KEY (grant_id, configuration)
) @CLUSTERED@;
INSERT INTO grant_issuances (grant_id, configuration, requests, last_until)
    SELECT i.grant_id, i.configuration, n.requests, i.valid_until FROM issuances AS i
    JOIN (SELECT max(id) AS id, count(*) AS requests FROM issuances
          WHERE grant_id IN (SELECT id FROM grants) GROUP BY grant_id, configuration) AS n ON n.id = i.id;

CREATE TABLE issuances_in_order (
    id @INTEGER@ PRIMARY KEY,
    grant_id @INTEGER@ NOT NULL,
    configuration TEXT NOT NULL,
    doctype TEXT NOT NULL,
    subject TEXT NOT NULL,
    list TEXT NOT NULL,
    list_number @INTEGER@ NOT NULL,
    notification_hash @BYTES@,
    issued @INTEGER@ NOT NULL,
    valid_from @INTEGER@ NOT NULL,
    valid_until @INTEGER@ NOT NULL,
    state @INTEGER@ NOT NULL,
    notified @INTEGER@ NOT NULL,
    count @INTEGER@ NOT NULL,
    notification @BYTES@
);
INSERT INTO issuances_in_order (id, grant_id, configuration, doctype, subject, list, list_number, notification_hash,
        issued, valid_from, valid_until, state, notified, count, notification)
    SELECT id, grant_id, configuration, doctype, subject, list, list_number, notification_hash,
        issued, valid_from, valid_until, state, notified, count, notification FROM issuances ORDER BY id;
DROP TABLE issuances;
ALTER TABLE issuances_in_order RENAME TO issuances;
CREATE INDEX issuances_notification ON issuances (notification_hash) WHERE notification_hash IS NOT NULL;
