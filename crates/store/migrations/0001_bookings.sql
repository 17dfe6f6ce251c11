-- both
-- Instants are microseconds since 1970, UTC. Names of constraints are part of the program: it reads them from errors.

-- Every mail that arrived, before anything is read out of it (rules 1.2, 1.3).
CREATE TABLE mails (
    id {identity},
    arrival_key TEXT NOT NULL,
    first_key TEXT,
    content_hash TEXT,
    media_type TEXT NOT NULL,
    raw {bytes} NOT NULL,
    received_at BIGINT NOT NULL,
    state TEXT NOT NULL CONSTRAINT mails_state CHECK (state IN ('received', 'booked', 'needs_review', 'ignored', 'dismissed', 'duplicate')),
    same_as BIGINT,
    booking_id BIGINT,
    reading TEXT,
    client TEXT,
    subject TEXT
);
-- The same bytes again are not kept again.
CREATE UNIQUE INDEX mails_arrival ON mails (arrival_key);
-- Of the mails with one Message-ID (and one content), one is the first; the others are the same as it.
CREATE UNIQUE INDEX mails_first ON mails (first_key);
CREATE INDEX mails_by_state ON mails (state, id);

-- A booking without its offers, which are messages. Its JSON body is written by the engine alone.
CREATE TABLE bookings (
    id {identity},
    mail_id BIGINT,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT,
    due_reason TEXT,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX bookings_one_per_mail ON bookings (mail_id);
CREATE INDEX bookings_due ON bookings (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX bookings_by_status ON bookings (status, id);

-- Bookings that something outside them may have changed: they are woken at once.
CREATE TABLE pokes (
    id {identity},
    booking_id BIGINT NOT NULL,
    poked_at BIGINT NOT NULL
);

-- The times that a booking may still be booked at, so that a session finds those that it ends (rule 6.1).
CREATE TABLE open_times (
    booking_id BIGINT NOT NULL,
    option_no BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (booking_id, option_no)
);
CREATE INDEX open_times_by_end ON open_times (ends_at);

-- Every text there is, whatever it is for.
CREATE TABLE messages (
    id {identity},
    booking_id BIGINT,
    kind TEXT NOT NULL CONSTRAINT messages_kind CHECK (kind IN ('offer', 'confirmation', 'release', 'reply', 'notice')),
    musician_id BIGINT,
    recipient TEXT NOT NULL,
    body TEXT NOT NULL,
    once_key TEXT,
    offer_no BIGINT,
    option_no BIGINT,
    chair_no BIGINT,
    chair TEXT,
    instrument TEXT,
    starts_at BIGINT,
    ends_at BIGINT,
    reason TEXT,
    asked_again BOOLEAN NOT NULL,
    token TEXT,
    code BIGINT,
    state TEXT NOT NULL CONSTRAINT messages_state CHECK (state IN ('queued', 'sending', 'sent', 'delivered', 'failed', 'in_doubt', 'void')),
    due_at BIGINT,
    lease_until BIGINT,
    error TEXT,
    created_at BIGINT NOT NULL,
    sent_at BIGINT,
    counted_at BIGINT,
    answer TEXT,
    answered_at BIGINT,
    released_at BIGINT,
    void_reason TEXT,
    standby BOOLEAN NOT NULL,
    seen_at BIGINT
);
CREATE UNIQUE INDEX messages_one_per_offer ON messages (booking_id, offer_no);
CREATE UNIQUE INDEX messages_asked_once ON messages (booking_id, option_no, musician_id, asked_again) WHERE kind = 'offer';
CREATE UNIQUE INDEX messages_token ON messages (token);
CREATE UNIQUE INDEX messages_once ON messages (once_key);
CREATE INDEX messages_due ON messages (due_at) WHERE state = 'queued' AND due_at IS NOT NULL;
CREATE INDEX messages_leased ON messages (lease_until) WHERE state = 'sending';
CREATE INDEX messages_open_offers ON messages (musician_id, ends_at) WHERE kind = 'offer' AND answer IS NULL;
CREATE INDEX messages_by_code ON messages (musician_id, code);
CREATE INDEX messages_by_recipient ON messages (recipient, id);
CREATE INDEX messages_by_state ON messages (state, id);

-- Musicians' time that is kept for a booking, booked sessions included (rules 5.6, 8.1, 8.2).
CREATE TABLE holds (
    booking_id BIGINT NOT NULL,
    option_no BIGINT NOT NULL,
    chair_no BIGINT NOT NULL,
    musician_id BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    CONSTRAINT holds_end_after_start CHECK (starts_at < ends_at)
);
CREATE UNIQUE INDEX holds_one_per_chair ON holds (booking_id, option_no, chair_no);
CREATE UNIQUE INDEX holds_one_per_musician ON holds (booking_id, option_no, musician_id);
CREATE INDEX holds_by_musician ON holds (musician_id, ends_at);
CREATE INDEX holds_by_end ON holds (ends_at);

-- Booked sessions: the time for which the studio is taken (rule 6.1).
CREATE TABLE sessions (
    booking_id BIGINT NOT NULL PRIMARY KEY,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    CONSTRAINT sessions_end_after_start CHECK (starts_at < ends_at)
);
CREATE INDEX sessions_by_end ON sessions (ends_at);

-- sqlite
CREATE TRIGGER holds_overlap_insert BEFORE INSERT ON holds
WHEN EXISTS (SELECT 1 FROM holds AS other
             WHERE other.musician_id = NEW.musician_id AND other.booking_id <> NEW.booking_id
               AND other.ends_at > NEW.starts_at AND other.starts_at < NEW.ends_at)
BEGIN SELECT RAISE(ABORT, 'constraint:holds_overlap'); END;
CREATE TRIGGER holds_overlap_update BEFORE UPDATE ON holds
WHEN EXISTS (SELECT 1 FROM holds AS other
             WHERE other.musician_id = NEW.musician_id AND other.booking_id <> NEW.booking_id
               AND other.ends_at > NEW.starts_at AND other.starts_at < NEW.ends_at)
BEGIN SELECT RAISE(ABORT, 'constraint:holds_overlap'); END;
CREATE TRIGGER sessions_overlap_insert BEFORE INSERT ON sessions
WHEN EXISTS (SELECT 1 FROM sessions AS other
             WHERE other.booking_id <> NEW.booking_id
               AND other.ends_at > NEW.starts_at AND other.starts_at < NEW.ends_at)
BEGIN SELECT RAISE(ABORT, 'constraint:sessions_overlap'); END;
CREATE TRIGGER sessions_overlap_update BEFORE UPDATE ON sessions
WHEN EXISTS (SELECT 1 FROM sessions AS other
             WHERE other.booking_id <> NEW.booking_id
               AND other.ends_at > NEW.starts_at AND other.starts_at < NEW.ends_at)
BEGIN SELECT RAISE(ABORT, 'constraint:sessions_overlap'); END;

-- postgres
-- A trigger would not see what a concurrent transaction writes; an exclusion constraint does.
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE holds ADD CONSTRAINT holds_overlap
    EXCLUDE USING gist (musician_id WITH =, booking_id WITH <>, int8range(starts_at, ends_at) WITH &&);
ALTER TABLE sessions ADD CONSTRAINT sessions_overlap
    EXCLUDE USING gist (int8range(starts_at, ends_at) WITH &&);

-- both
-- The people. A removed one stays, because messages speak of them.
CREATE TABLE musicians (
    id {identity},
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    email TEXT,
    time_zone TEXT NOT NULL,
    notes TEXT,
    standing TEXT NOT NULL CONSTRAINT musicians_standing CHECK (standing IN ('active', 'paused', 'opted_out', 'removed')),
    last_booked_at BIGINT,
    last_code BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX musicians_phone ON musicians (phone) WHERE standing <> 'removed';

CREATE TABLE musician_instruments (
    musician_id BIGINT NOT NULL,
    instrument TEXT NOT NULL,
    place BIGINT NOT NULL,
    PRIMARY KEY (musician_id, instrument)
);

-- Time that is not to be had, entered by hand.
CREATE TABLE blocks (
    id {identity},
    musician_id BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    note TEXT,
    CONSTRAINT blocks_end_after_start CHECK (starts_at < ends_at)
);
CREATE INDEX blocks_by_musician ON blocks (musician_id, id);
CREATE INDEX blocks_by_end ON blocks (ends_at);

-- Counts the changes of the roster, so that a copy of it in memory knows when it is stale.
CREATE TABLE roster_version (version BIGINT NOT NULL);
INSERT INTO roster_version (version) VALUES (1);

-- What happened, in order, for the desk: the log of every booking.
CREATE TABLE journal (
    id {identity},
    booking_id BIGINT,
    happened_at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    option_no BIGINT,
    chair_no BIGINT,
    musician_id BIGINT,
    detail TEXT NOT NULL
);
CREATE INDEX journal_by_booking ON journal (booking_id, id);

-- Texts that arrived, before they are understood.
CREATE TABLE inbound_texts (
    id {identity},
    sender TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    musician_id BIGINT,
    understood TEXT
);
CREATE INDEX inbound_texts_by_musician ON inbound_texts (musician_id, id);

-- Answers to calls of the JSON interface that carried an Idempotency-Key.
CREATE TABLE idempotency (
    key_hash TEXT NOT NULL PRIMARY KEY,
    request_hash TEXT NOT NULL,
    booking_id BIGINT,
    status BIGINT,
    response TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);
