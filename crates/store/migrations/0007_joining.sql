-- both
-- Whoever asked to be on the list, for a day: until then they have shown that the number is theirs, or are forgotten.
CREATE TABLE applicants (
    id {identity},
    token TEXT NOT NULL,
    phone TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    time_zone TEXT NOT NULL,
    instruments TEXT NOT NULL,
    quiet_hours TEXT,
    wording TEXT NOT NULL,
    code TEXT NOT NULL,
    tries BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    musician_id BIGINT
);
CREATE UNIQUE INDEX applicants_token ON applicants (token);
CREATE INDEX applicants_by_phone ON applicants (phone, asked_at);
CREATE INDEX applicants_by_time ON applicants (asked_at);

-- Links to musicians' own pages.
CREATE TABLE pages (
    token TEXT NOT NULL PRIMARY KEY,
    musician_id BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX pages_by_musician ON pages (musician_id);
CREATE INDEX pages_by_end ON pages (expires_at);

-- Consents to Google that were asked for and are not answered: by the state that comes back with the answer, and for whom.
-- `secret` is sealed; `calendar_id` is the calendar that is connected again.
CREATE TABLE grants (
    state TEXT NOT NULL PRIMARY KEY,
    page TEXT NOT NULL,
    calendar_id BIGINT,
    secret TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- One more standing: signed up, and not asked before the manager approves. And quiet hours of their own (rule 4.7).
-- sqlite
CREATE TABLE musicians_with_waiting (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    email TEXT,
    time_zone TEXT NOT NULL,
    notes TEXT,
    standing TEXT NOT NULL CONSTRAINT musicians_standing CHECK (standing IN ('invited', 'waiting', 'active', 'paused', 'opted_out', 'removed')),
    last_booked_at BIGINT,
    last_code BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    quiet_hours TEXT
);
INSERT INTO musicians_with_waiting (id, name, phone, email, time_zone, notes, standing, last_booked_at, last_code, created_at)
    SELECT id, name, phone, email, time_zone, notes, standing, last_booked_at, last_code, created_at FROM musicians;
DROP TABLE musicians;
ALTER TABLE musicians_with_waiting RENAME TO musicians;
CREATE UNIQUE INDEX musicians_phone ON musicians (phone) WHERE standing <> 'removed';

-- postgres
ALTER TABLE musicians DROP CONSTRAINT musicians_standing;
ALTER TABLE musicians ADD CONSTRAINT musicians_standing
    CHECK (standing IN ('invited', 'waiting', 'active', 'paused', 'opted_out', 'removed'));
ALTER TABLE musicians ADD COLUMN quiet_hours TEXT;

-- both
CREATE INDEX musicians_waiting ON musicians (id) WHERE standing = 'waiting';
