-- The records of one member on one phone. Numbers that stand for something else are explained where they
-- are stored; the packed hub_seq of several columns is epoch * 2^40 + n.

-- Single values: cursor, enrolment, views.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- Long names that occur in nearly every record stand in it as the small numbers given here.
CREATE TABLE replica (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE);
CREATE TABLE actor   (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE scope   (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

-- The replicas under which this install writes or has written. The newest one takes new ops.
CREATE TABLE incarnation (
    replica   INTEGER PRIMARY KEY REFERENCES replica (id),
    -- Number and chain hash of the last op that left the outbox; 0 and the seed of the chain at first.
    base_rseq INTEGER NOT NULL,
    base_c    BLOB NOT NULL,
    -- Last op that the hub proved to have.
    sent_rseq INTEGER NOT NULL
);

-- Ops that the hub may still need from this phone, in the order of writing.
CREATE TABLE outbox (
    -- replica.id * 2^40 + rseq: one key for reading in order and for finding one op.
    at     INTEGER PRIMARY KEY,
    -- Chain hash up to and including this op.
    c      BLOB NOT NULL,
    entity BLOB NOT NULL,
    -- For a Create: the record it belongs to.
    parent BLOB,
    op     BLOB NOT NULL,
    -- hub_seq of the row that brought the op back. NULL: pending, shown on top of the hub's view.
    seq    INTEGER
);
CREATE INDEX outbox_pending  ON outbox (entity) WHERE seq IS NULL;
CREATE INDEX outbox_children ON outbox (parent) WHERE seq IS NULL AND parent IS NOT NULL;

-- `state` and `asof` are the hub's view, exactly. What the user sees is that view with the pending ops on
-- top; it is worked out when read, and the columns that lists are made from describe it.
CREATE TABLE record (
    id     INTEGER PRIMARY KEY,
    entity BLOB NOT NULL UNIQUE,
    kind   INTEGER,
    scope  INTEGER REFERENCES scope (id),
    stage  INTEGER,
    parent BLOB,
    place  BLOB,
    -- The op that created it, as in outbox.at: other phones and the hub may name it so.
    born   INTEGER,
    -- When it was created, milliseconds UTC: as the hub worked it out, by the phone's clock until then.
    time   INTEGER NOT NULL,
    -- Bits: see `Flags`.
    flags  INTEGER NOT NULL,
    -- Last hub_seq folded, packed.
    asof   INTEGER NOT NULL,
    -- NULL while the hub knows nothing of the record.
    state  BLOB
);
CREATE INDEX record_kind   ON record (kind, time);
CREATE INDEX record_stage  ON record (stage, time)  WHERE stage IS NOT NULL;
CREATE INDEX record_parent ON record (parent, time) WHERE parent IS NOT NULL;
CREATE INDEX record_place  ON record (place, time)  WHERE place IS NOT NULL;
CREATE INDEX record_born   ON record (born)         WHERE born IS NOT NULL;
-- 15 = deleted, disputed, held, sent back: few, and each is a list of its own.
CREATE INDEX record_flags  ON record (time)         WHERE flags & 15 <> 0;
-- 64 = own: for the counts of how far own work got.
CREATE INDEX record_own    ON record (kind, flags)  WHERE flags & 64 <> 0;

-- What visibly jumped when pages were applied, newest last. Bounded: it is news, not history.
CREATE TABLE change (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms  INTEGER NOT NULL,
    entity BLOB NOT NULL,
    kind   INTEGER,
    why    INTEGER NOT NULL,
    -- CBOR array of the fields whose displayed value is another now.
    fields BLOB NOT NULL
);

-- Files by their content: photos and blocks of tracks.
CREATE TABLE blob (
    hash    BLOB PRIMARY KEY,
    size    INTEGER NOT NULL,
    mime    TEXT NOT NULL,
    -- Order of upload: see `Lane`.
    lane    INTEGER NOT NULL,
    -- The record that names it: permission to fetch it comes through there.
    entity  BLOB NOT NULL,
    -- Whether the file is on this phone.
    here    INTEGER NOT NULL,
    durable INTEGER NOT NULL DEFAULT 0,
    -- An upload in progress: where, and how many bytes arrived.
    url     TEXT,
    sent    INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX blob_waiting ON blob (lane, size) WHERE durable = 0;
CREATE INDEX blob_entity  ON blob (entity);

-- Track blocks whose chunk is saved here, so that the other database can let go of them.
CREATE TABLE track_done (block INTEGER PRIMARY KEY);
