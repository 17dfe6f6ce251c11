-- both
-- What the manager pressed at the desk, for the few seconds in which it can be undone; and, with the reason and no time, what
-- had become impossible by then. One for each booking.
CREATE TABLE pending_acts (
    id {identity},
    booking_id BIGINT NOT NULL,
    act TEXT NOT NULL,
    actor TEXT NOT NULL,
    due_at BIGINT,
    refused TEXT
);
CREATE UNIQUE INDEX pending_acts_one ON pending_acts (booking_id);
CREATE INDEX pending_acts_due ON pending_acts (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX pending_acts_refused ON pending_acts (id) WHERE due_at IS NULL;

-- What bookings are found by: their instruments, the days of their times, the words of whoever asked. Words are compared as
-- bytes, so that those that begin alike lie together.
-- sqlite
CREATE TABLE finders (
    kind TEXT NOT NULL,
    word TEXT NOT NULL,
    booking_id BIGINT NOT NULL,
    PRIMARY KEY (kind, word, booking_id)
) WITHOUT ROWID;

-- postgres
CREATE TABLE finders (
    kind TEXT NOT NULL,
    word TEXT COLLATE "C" NOT NULL,
    booking_id BIGINT NOT NULL,
    PRIMARY KEY (kind, word, booking_id)
);

-- both
CREATE INDEX finders_by_booking ON finders (booking_id, kind, word);
