-- both
-- Where Google tells that a calendar changed: by the name of the channel, until it ends.
CREATE TABLE watches (
    channel TEXT NOT NULL PRIMARY KEY,
    calendar_id BIGINT NOT NULL,
    secret TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX watches_by_calendar ON watches (calendar_id, expires_at);
