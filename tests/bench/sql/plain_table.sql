-- The plain side of `size`: what an app without sync keeps, with the indexes that the same lists need.
CREATE TABLE cases (
    id            TEXT PRIMARY KEY,
    grid          TEXT NOT NULL,
    stage         INTEGER NOT NULL,
    category      TEXT NOT NULL,
    severity      INTEGER NOT NULL,
    title         TEXT NOT NULL,
    description   TEXT NOT NULL,
    location_text TEXT NOT NULL,
    lat_e7        INTEGER NOT NULL,
    lon_e7        INTEGER NOT NULL,
    reporter      TEXT NOT NULL,
    place         TEXT NOT NULL,
    found_at      INTEGER NOT NULL
);
CREATE INDEX cases_time  ON cases (found_at);
CREATE INDEX cases_stage ON cases (stage, found_at);
CREATE INDEX cases_place ON cases (place, found_at);
