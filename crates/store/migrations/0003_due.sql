-- both
-- What is due, or abandoned, is found without looking at what waits: the state comes first, so that no other index is as
-- good for these questions.
DROP INDEX messages_due;
CREATE INDEX messages_due ON messages (state, due_at, id) WHERE due_at IS NOT NULL;
DROP INDEX messages_leased;
CREATE INDEX messages_leased ON messages (state, lease_until) WHERE lease_until IS NOT NULL;

-- Booked sessions that look for somebody to step in, among all that are waiting for something.
CREATE INDEX bookings_refills ON bookings (due_at) WHERE status = 'booked' AND due_at IS NOT NULL;

-- An answer changes no index of the messages: those that were answered stay in this one until their time has passed.
DROP INDEX messages_open_offers;
CREATE INDEX messages_offers_to ON messages (musician_id, ends_at, starts_at) WHERE kind = 'offer';
-- Whether somebody is free is read off this one alone.
DROP INDEX holds_by_musician;
CREATE INDEX holds_by_musician ON holds (musician_id, ends_at, starts_at, booking_id);

-- postgres
-- Room for the next version of a row beside the first, so that its indexes need not learn of it.
ALTER TABLE messages SET (fillfactor = 70);
ALTER TABLE bookings SET (fillfactor = 70);
