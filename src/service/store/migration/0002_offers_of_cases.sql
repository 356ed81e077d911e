-- SPDX-License-Identifier: Apache-2.0
-- Offers are found by the case they come of.
CREATE INDEX offers_enrolment ON offers (enrolment) WHERE enrolment <> 0;
