-- sqlite
-- Who was poked is all that is asked of it, so their numbers need no counter, which every YES would read.
CREATE TABLE pokes_uncounted (
    id INTEGER PRIMARY KEY,
    booking_id BIGINT NOT NULL,
    poked_at BIGINT NOT NULL
);
INSERT INTO pokes_uncounted (id, booking_id, poked_at) SELECT id, booking_id, poked_at FROM pokes;
DROP TABLE pokes;
ALTER TABLE pokes_uncounted RENAME TO pokes;

-- both
-- A booking that is woken forgets that it had to be, and does not look through everybody's pokes for it.
CREATE INDEX pokes_by_booking ON pokes (booking_id);

-- sqlite
-- A hold is where its chair is looked for, and its triggers read there what a second and a third index would say: each
-- index is a page more to write for a YES.
CREATE TABLE holds_by_chair (
    booking_id BIGINT NOT NULL,
    option_no BIGINT NOT NULL,
    chair_no BIGINT NOT NULL,
    musician_id BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    CONSTRAINT holds_end_after_start CHECK (starts_at < ends_at),
    PRIMARY KEY (booking_id, option_no, chair_no)
) WITHOUT ROWID;
INSERT INTO holds_by_chair (booking_id, option_no, chair_no, musician_id, starts_at, ends_at)
    SELECT booking_id, option_no, chair_no, musician_id, starts_at, ends_at FROM holds
    ORDER BY booking_id, option_no, chair_no;
DROP TABLE holds;
ALTER TABLE holds_by_chair RENAME TO holds;
CREATE INDEX holds_by_musician ON holds (musician_id, ends_at, starts_at, booking_id);
CREATE INDEX holds_by_end ON holds (ends_at);
CREATE TRIGGER holds_insert BEFORE INSERT ON holds
BEGIN
    SELECT RAISE(ABORT, 'constraint:holds_one_per_chair')
     WHERE EXISTS (SELECT 1 FROM holds AS other
                    WHERE other.booking_id = NEW.booking_id AND other.option_no = NEW.option_no
                      AND other.chair_no = NEW.chair_no);
    SELECT RAISE(ABORT, 'constraint:holds_one_per_musician')
     WHERE EXISTS (SELECT 1 FROM holds AS other
                    WHERE other.booking_id = NEW.booking_id AND other.option_no = NEW.option_no
                      AND +other.musician_id = NEW.musician_id);
    SELECT RAISE(ABORT, 'constraint:holds_overlap')
     WHERE EXISTS (SELECT 1 FROM holds AS other
                    WHERE other.musician_id = NEW.musician_id AND other.booking_id <> NEW.booking_id
                      AND other.ends_at > NEW.starts_at AND other.starts_at < NEW.ends_at);
END;
-- No hold is ever changed: one is given up, and another taken.
CREATE TRIGGER holds_update BEFORE UPDATE ON holds
BEGIN SELECT RAISE(ABORT, 'constraint:holds_unchanged'); END;

-- Nothing is ever taken out of the log, so its numbers are not used again without a counter either.
CREATE TABLE journal_uncounted (
    id INTEGER PRIMARY KEY,
    booking_id BIGINT,
    happened_at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    option_no BIGINT,
    chair_no BIGINT,
    musician_id BIGINT,
    detail TEXT NOT NULL
);
INSERT INTO journal_uncounted (id, booking_id, happened_at, actor, kind, option_no, chair_no, musician_id, detail)
    SELECT id, booking_id, happened_at, actor, kind, option_no, chair_no, musician_id, detail FROM journal ORDER BY id;
DROP TABLE journal;
ALTER TABLE journal_uncounted RENAME TO journal;
CREATE INDEX journal_by_booking ON journal (booking_id, id);
