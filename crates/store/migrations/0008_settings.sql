-- both
-- What was set on the desk, as it would be written in the environment; secrets sealed.
CREATE TABLE settings (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
-- Another number tells every node that they were changed.
CREATE TABLE settings_version (version BIGINT NOT NULL);
INSERT INTO settings_version (version) VALUES (1);
