CREATE TABLE things (
    id {identity},
    number BIGINT,
    text TEXT,
    flag BOOLEAN,
    data {bytes},
    note TEXT
);
CREATE TABLE counters (id BIGINT PRIMARY KEY, count BIGINT NOT NULL);
INSERT INTO counters (id, count) VALUES (1, 0), (2, 0);
CREATE TABLE guarded (
    id BIGINT PRIMARY KEY,
    once BIGINT,
    state TEXT,
    owner BIGINT,
    name TEXT,
    inline BIGINT UNIQUE,
    positive BIGINT CONSTRAINT guarded_positive CHECK (positive > 0),
    required BIGINT NOT NULL,
    parent BIGINT REFERENCES counters (id),
    starts BIGINT,
    ends BIGINT
);
CREATE UNIQUE INDEX guarded_once ON guarded (once);
CREATE UNIQUE INDEX guarded_one_winner ON guarded (owner, state) WHERE state = 'won';
CREATE UNIQUE INDEX guarded_name ON guarded (lower(name));
CREATE TABLE pairs (a BIGINT NOT NULL, b BIGINT NOT NULL, PRIMARY KEY (a, b));
-- sqlite
CREATE TRIGGER guarded_apart_insert BEFORE INSERT ON guarded
WHEN EXISTS (SELECT 1 FROM guarded AS other WHERE other.ends > NEW.starts AND other.starts < NEW.ends)
BEGIN SELECT RAISE(ABORT, 'constraint:guarded_apart'); END;
-- postgres
ALTER TABLE guarded ADD CONSTRAINT guarded_apart EXCLUDE USING gist (int8range(starts, ends) WITH &&)
    WHERE (starts IS NOT NULL AND ends IS NOT NULL);
