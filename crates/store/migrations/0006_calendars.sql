-- both
-- Calendars that a musician, or the studio (then there is no musician), connected (rules 3.1-3.3). `source` says where one
-- is and how to get in: it is sealed, because whoever knows it can read the calendar.
CREATE TABLE calendars (
    id {identity},
    musician_id BIGINT,
    kind TEXT NOT NULL CONSTRAINT calendars_kind CHECK (kind IN ('feed', 'caldav', 'google', 'file')),
    name TEXT NOT NULL,
    blocks BOOLEAN NOT NULL,
    writes BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    validators TEXT,
    read_at BIGINT,
    trouble TEXT,
    failures BIGINT NOT NULL,
    due_at BIGINT,
    lease_until BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX calendars_due ON calendars (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX calendars_by_musician ON calendars (musician_id, id);

-- When they block time, as they were last read: cut at the days of UTC, so that a question about some days reads those.
CREATE TABLE calendar_busy (
    calendar_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (calendar_id, day, starts_at)
);
CREATE INDEX calendar_busy_by_day ON calendar_busy (day);

-- What a feed said last, and what a file says: it is read anew as days pass.
CREATE TABLE calendar_texts (
    calendar_id BIGINT NOT NULL PRIMARY KEY,
    body {bytes} NOT NULL
);

-- When the studio is closed beside its weekly hours: holidays, repairs.
CREATE TABLE closures (
    id {identity},
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    note TEXT,
    CONSTRAINT closures_end_after_start CHECK (starts_at < ends_at)
);
CREATE INDEX closures_by_end ON closures (ends_at);

-- Booked sessions in people's calendars and in the studio's (musician 0): one for each, whatever becomes of it (rules 6.2,
-- 6.4). `sequence` counts its changes, `written` is the last one that is where it belongs.
CREATE TABLE entries (
    id {identity},
    booking_id BIGINT NOT NULL,
    musician_id BIGINT NOT NULL,
    calendar_id BIGINT,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    present BOOLEAN NOT NULL,
    sequence BIGINT NOT NULL,
    written BIGINT,
    generation BIGINT NOT NULL,
    trouble TEXT,
    failures BIGINT NOT NULL,
    due_at BIGINT,
    lease_until BIGINT
);
CREATE UNIQUE INDEX entries_one ON entries (booking_id, musician_id);
CREATE INDEX entries_due ON entries (due_at) WHERE due_at IS NOT NULL;

-- The calendar part of a mail: an invitation, a change of it, or its end.
ALTER TABLE messages ADD COLUMN invitation TEXT;
