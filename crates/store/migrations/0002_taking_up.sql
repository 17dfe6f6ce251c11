-- both
-- The rules under which the deadlines of bookings were derived: under others they are derived anew.
CREATE TABLE rules (derived_under TEXT NOT NULL);
INSERT INTO rules (derived_under) VALUES ('');

CREATE INDEX inbound_texts_left ON inbound_texts (id) WHERE understood IS NULL AND musician_id IS NOT NULL;
