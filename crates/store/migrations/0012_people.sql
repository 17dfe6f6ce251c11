-- both
-- What the manager taught beside the settings: labels of forms, words for instruments, and instruments. `plain` is the word
-- as it is compared, so that one word means one thing.
CREATE TABLE lessons (
    id {identity},
    kind TEXT NOT NULL CONSTRAINT lessons_kind CHECK (kind IN ('label', 'alias', 'instrument')),
    plain TEXT NOT NULL,
    word TEXT NOT NULL,
    meaning TEXT NOT NULL,
    taught_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX lessons_once ON lessons (kind, plain);

-- What somebody typed into the form of a mail that waits, where it differs from what was read: as JSON, by field.
ALTER TABLE mails ADD COLUMN typed TEXT;

-- Files of musicians that were looked at and wait to be imported.
CREATE TABLE uploads (
    token TEXT NOT NULL PRIMARY KEY,
    body {bytes} NOT NULL,
    uploaded_at BIGINT NOT NULL
);

-- When somebody saw to a text that went to the manager. What came before this was known has been seen to.
ALTER TABLE inbound_texts ADD COLUMN handled_at BIGINT;
UPDATE inbound_texts SET handled_at = received_at WHERE understood IN ('passed_on', 'stranger');
CREATE INDEX inbound_texts_unhandled ON inbound_texts (id)
    WHERE understood IN ('passed_on', 'stranger') AND handled_at IS NULL;

-- A call list, in its order.
CREATE INDEX musician_instruments_by_place ON musician_instruments (instrument, place, musician_id);
