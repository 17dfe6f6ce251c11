-- both
-- The bytes of a mail, which may be many, apart from what is found out about it: SQLite writes a whole row for every change
-- of it, and reads through all that stands before a column.
CREATE TABLE mail_bytes (
    mail_id BIGINT NOT NULL PRIMARY KEY,
    raw {bytes} NOT NULL
);
INSERT INTO mail_bytes (mail_id, raw) SELECT id, raw FROM mails;
ALTER TABLE mails DROP COLUMN raw;
