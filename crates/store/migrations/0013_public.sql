-- both
-- The secret of the client's own page. Bookings from before get one here; the program makes all others.
ALTER TABLE bookings ADD COLUMN client_token TEXT;
-- sqlite
UPDATE bookings SET client_token = lower(hex(randomblob(16)));
-- postgres
UPDATE bookings SET client_token = md5(gen_random_uuid()::text || gen_random_uuid()::text);
-- both
CREATE UNIQUE INDEX bookings_client_token ON bookings (client_token);
