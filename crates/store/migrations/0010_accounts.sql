-- both
-- Who signs in to the desk. `name_key` and `email_key` are in small letters, so that both are unique whatever the case.
-- `password` is a PHC string. `secret` (sealed) makes the codes, `secret_new` until a code has shown that it is known;
-- a code of a step of time counts once: `last_step` is the last that did.
CREATE TABLE accounts (
    id {identity},
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    email TEXT,
    email_key TEXT,
    password TEXT NOT NULL,
    role TEXT NOT NULL CONSTRAINT accounts_role CHECK (role IN ('manager', 'viewer')),
    secret TEXT,
    secret_new TEXT,
    last_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);
CREATE UNIQUE INDEX accounts_name ON accounts (name_key);
CREATE UNIQUE INDEX accounts_email ON accounts (email_key);

-- What opens an account instead of a code, once each.
CREATE TABLE recovery_codes (
    account_id BIGINT NOT NULL,
    code_hash TEXT NOT NULL,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (account_id, code_hash)
);

-- Who is signed in. Of a token only its fingerprint is kept; that of the one before counts until `old_until`.
CREATE TABLE sessions_of_desk (
    id {identity},
    account_id BIGINT NOT NULL,
    token_hash TEXT NOT NULL,
    old_hash TEXT,
    old_until BIGINT NOT NULL,
    agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    rotated_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE INDEX sessions_of_desk_by_account ON sessions_of_desk (account_id);
CREATE INDEX sessions_of_desk_by_use ON sessions_of_desk (seen_at);

-- Browsers in which somebody has signed in before: other people's failures do not keep them waiting.
CREATE TABLE known_browsers (
    token_hash TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    CONSTRAINT known_browsers_pkey PRIMARY KEY (token_hash)
);
CREATE INDEX known_browsers_by_use ON known_browsers (seen_at);

-- Keys of the interface that `firstcall admin` made. One that was taken back stays, so that the desk does not open by it.
CREATE TABLE api_keys (
    id {identity},
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE UNIQUE INDEX api_keys_name ON api_keys (name_key) WHERE revoked_at IS NULL;
CREATE UNIQUE INDEX api_keys_hash ON api_keys (key_hash);

-- Links that open something once. `account_id` is whose password is chosen anew, or who has still to give a code.
CREATE TABLE links (
    token_hash TEXT NOT NULL,
    kind TEXT NOT NULL CONSTRAINT links_kind CHECK (kind IN ('first', 'invitation', 'reset', 'code')),
    account_id BIGINT,
    role TEXT,
    made_by TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT links_pkey PRIMARY KEY (token_hash)
);
CREATE INDEX links_by_end ON links (expires_at);

-- How often signing in was tried in vain: under a name, from an address, in a browser.
CREATE TABLE failures (
    subject TEXT NOT NULL,
    number BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    CONSTRAINT failures_pkey PRIMARY KEY (subject)
);
CREATE INDEX failures_by_time ON failures (last_at);

-- Who did what, on what; never a secret.
CREATE TABLE audit (
    id {identity},
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    subject TEXT NOT NULL
);
CREATE INDEX audit_by_time ON audit (at);
