-- both
-- What the network calls a text, by which it reports of it; and how a doubt about it is settled: since when there is one,
-- when the network's records are looked at next, how often they did not have it, when they last did not have one that goes
-- again because of that; whether it was handed over a second time, and which attempt this is.
ALTER TABLE messages ADD COLUMN network_id TEXT;
ALTER TABLE messages ADD COLUMN doubted_at BIGINT;
ALTER TABLE messages ADD COLUMN look_at BIGINT;
ALTER TABLE messages ADD COLUMN looks BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN looked_at BIGINT;
ALTER TABLE messages ADD COLUMN attempt BIGINT NOT NULL DEFAULT 1;
ALTER TABLE messages ADD COLUMN resent BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX messages_look ON messages (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX messages_by_network_id ON messages (network_id) WHERE network_id IS NOT NULL;

-- Texts handed over on a day of the studio's: all of them, to one number, for one booking.
CREATE TABLE texts_sent (
    day TEXT NOT NULL,
    scope TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (day, scope)
);

-- The network delivers a text at least once: by its own number for it, it is kept once.
ALTER TABLE inbound_texts ADD COLUMN network_id TEXT;
CREATE UNIQUE INDEX inbound_texts_once ON inbound_texts (network_id);
CREATE INDEX inbound_texts_by_sender ON inbound_texts (sender, id);

-- Pieces of a long text, until all of them are there.
CREATE TABLE inbound_parts (
    id {identity},
    sender TEXT NOT NULL,
    reference TEXT NOT NULL,
    part BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    network_id TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    joined BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX inbound_parts_once ON inbound_parts (network_id);
CREATE INDEX inbound_parts_of ON inbound_parts (sender, reference, part) WHERE NOT joined;
CREATE INDEX inbound_parts_left ON inbound_parts (received_at) WHERE NOT joined;

-- Who agreed to be texted or wants no more, when, by which words: the proof. It is a number that agrees or not, whoever is
-- on the roster.
CREATE TABLE consents (
    id {identity},
    musician_id BIGINT,
    phone TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    kind TEXT NOT NULL CONSTRAINT consents_kind CHECK (kind IN ('invited', 'joined', 'vouched', 'opted_out')),
    channel TEXT NOT NULL,
    wording TEXT NOT NULL
);
CREATE INDEX consents_by_musician ON consents (musician_id, id);
CREATE INDEX consents_by_phone ON consents (phone, id);

-- One more standing: invited, and not asked before they agree.
-- sqlite
CREATE TABLE musicians_with_invited (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    email TEXT,
    time_zone TEXT NOT NULL,
    notes TEXT,
    standing TEXT NOT NULL CONSTRAINT musicians_standing CHECK (standing IN ('invited', 'active', 'paused', 'opted_out', 'removed')),
    last_booked_at BIGINT,
    last_code BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
INSERT INTO musicians_with_invited (id, name, phone, email, time_zone, notes, standing, last_booked_at, last_code, created_at)
    SELECT id, name, phone, email, time_zone, notes, standing, last_booked_at, last_code, created_at FROM musicians;
DROP TABLE musicians;
ALTER TABLE musicians_with_invited RENAME TO musicians;
CREATE UNIQUE INDEX musicians_phone ON musicians (phone) WHERE standing <> 'removed';

-- postgres
ALTER TABLE musicians DROP CONSTRAINT musicians_standing;
ALTER TABLE musicians ADD CONSTRAINT musicians_standing
    CHECK (standing IN ('invited', 'active', 'paused', 'opted_out', 'removed'));
