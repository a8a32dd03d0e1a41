-- The bare side of `save`: the tables that a saved record is written to, with the same indexes.
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE outbox (
    at     INTEGER PRIMARY KEY,
    c      BLOB NOT NULL,
    entity BLOB NOT NULL,
    parent BLOB,
    op     BLOB NOT NULL,
    seq    INTEGER
);
CREATE INDEX outbox_pending  ON outbox (entity) WHERE seq IS NULL;
CREATE INDEX outbox_children ON outbox (parent) WHERE seq IS NULL AND parent IS NOT NULL;
CREATE TABLE record (
    id     INTEGER PRIMARY KEY,
    entity BLOB NOT NULL UNIQUE,
    kind   INTEGER,
    scope  INTEGER,
    stage  INTEGER,
    parent BLOB,
    place  BLOB,
    born   INTEGER,
    time   INTEGER NOT NULL,
    flags  INTEGER NOT NULL,
    asof   INTEGER NOT NULL,
    state  BLOB
);
CREATE INDEX record_kind   ON record (kind, time);
CREATE INDEX record_stage  ON record (stage, time)  WHERE stage IS NOT NULL;
CREATE INDEX record_parent ON record (parent, time) WHERE parent IS NOT NULL;
CREATE INDEX record_place  ON record (place, time)  WHERE place IS NOT NULL;
CREATE INDEX record_born   ON record (born)         WHERE born IS NOT NULL;
CREATE INDEX record_flags  ON record (time)         WHERE flags & 15 <> 0;
CREATE INDEX record_own    ON record (kind, flags)  WHERE flags & 64 <> 0;
