-- One database is one cell: a county, one hub, one log. A row never changes and is never deleted.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Replicas get a small number, because 16 bytes in every index cost more than the log itself.
CREATE TABLE replica (
    no     INTEGER PRIMARY KEY,
    id     BLOB NOT NULL UNIQUE,
    device BLOB,                    -- key of the phone that brought it; null for the hub's own
    forked INTEGER NOT NULL DEFAULT 0   -- two branches exist: its short references are ambiguous
) STRICT;

-- Ids are random: an index over them dirties a page for every record that a morning brings. Only `record` has one;
-- everything else names a record by its number there. What is written with every row declares no references, which
-- would be looked up each time. Together: 1.5 × the rate (2026-11).
CREATE TABLE row (
    n       INTEGER PRIMARY KEY,    -- with epoch: hub_seq
    epoch   INTEGER NOT NULL,
    replica INTEGER NOT NULL,
    rseq    INTEGER NOT NULL,
    record  INTEGER NOT NULL,       -- that it is about
    at_ms   INTEGER NOT NULL,       -- commit time, milliseconds UTC
    body    BLOB NOT NULL,          -- Row::encode
    log     BLOB NOT NULL           -- h_n = SHA-256(h_{n-1} || body)
) STRICT;
-- The receipts of a replica, whatever scope its records are in now.
CREATE INDEX row_of_replica ON row (replica, n);
-- The story of a record.
CREATE INDEX row_of_record ON row (record, n);

-- Every write that has arrived, by branch; `n` is its latest row.
CREATE TABLE op (
    replica INTEGER NOT NULL,
    rseq    INTEGER NOT NULL,
    chain   BLOB NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (replica, rseq, chain)
) STRICT, WITHOUT ROWID;

-- Ops that a phone lost to a damaged disk before it could send them. What came after them was taken.
CREATE TABLE lost (
    replica   INTEGER NOT NULL REFERENCES replica (no),
    from_rseq INTEGER NOT NULL,
    to_rseq   INTEGER NOT NULL,
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (replica, from_rseq)
) STRICT, WITHOUT ROWID;

-- The log of a scope is an index into the one order.
CREATE TABLE scope_row (
    scope TEXT NOT NULL,
    n     INTEGER NOT NULL,
    PRIMARY KEY (scope, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE scope (
    code TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Records as they stand. The columns beside `state` are read from it at every fold, for lists only.
-- In the order of arrival: every index ends with that number, and lists of equal keys are in that order.
CREATE TABLE record (
    no       INTEGER PRIMARY KEY,
    entity   BLOB NOT NULL UNIQUE,
    kind     INTEGER,
    scope    TEXT NOT NULL,
    author   TEXT,
    parent   BLOB,
    place    BLOB,
    stage    INTEGER,
    holder   TEXT,
    photo    BLOB,                  -- hash of the original
    sort_ms  INTEGER NOT NULL,      -- when it began, milliseconds UTC
    ended    INTEGER NOT NULL,
    life     INTEGER NOT NULL,      -- 0 alive, 1 deleted, 2 disputed
    disputed INTEGER NOT NULL,
    held     INTEGER NOT NULL,
    asof     INTEGER NOT NULL,
    state    BLOB NOT NULL          -- Record::encode
) STRICT;
CREATE INDEX record_of_kind ON record (kind, sort_ms DESC);
CREATE INDEX record_of_parent ON record (parent, kind) WHERE parent IS NOT NULL;
CREATE INDEX record_of_place ON record (place, sort_ms DESC) WHERE place IS NOT NULL;
CREATE INDEX record_of_scope ON record (scope);
CREATE INDEX record_disputed ON record (sort_ms) WHERE disputed = 1;
CREATE INDEX record_held ON record (sort_ms) WHERE held = 1;
-- Places of a grid, without the work that was done there over the years.
CREATE INDEX place_of_scope ON record (scope) WHERE kind = 3;
-- Photos whose bytes may still be missing.
CREATE INDEX photo_of_scope ON record (scope, photo) WHERE kind = 5 AND photo IS NOT NULL;

-- Cases in the order of the desk: those with a deadline by it, other open ones by age, closed ones last.
CREATE TABLE case_queue (
    record        INTEGER PRIMARY KEY,
    part          INTEGER NOT NULL, -- 0 with a deadline, 1 open without one, 2 closed or deleted
    at_ms         INTEGER NOT NULL, -- within the part; the newest closed case first, as a negative number
    dispatched_ms INTEGER,          -- by the hub's clock, in this round
    due_ms        INTEGER
) STRICT;
CREATE INDEX case_in_order ON case_queue (part, at_ms);

-- An epoch begins behind the last row that its hub and its phones have in common.
CREATE TABLE epoch (
    epoch  INTEGER PRIMARY KEY,
    from_n INTEGER NOT NULL
) STRICT;

-- Backups that were finished, and the last row in each.
CREATE TABLE backup (
    at_ms INTEGER NOT NULL,
    n     INTEGER NOT NULL
) STRICT;

CREATE TABLE member (
    id         TEXT PRIMARY KEY,
    label      TEXT NOT NULL,
    role       INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A right to work in an area; handed over, it still covers what was written before.
CREATE TABLE area_grant (
    member      TEXT NOT NULL REFERENCES member (id),
    scope       TEXT NOT NULL,
    until_epoch INTEGER,
    until_n     INTEGER,
    PRIMARY KEY (member, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE device (
    key          BLOB PRIMARY KEY,  -- Ed25519 public key
    key_id       BLOB NOT NULL,
    member       TEXT NOT NULL REFERENCES member (id),
    enrolled_ms  INTEGER NOT NULL,
    revoked_ms   INTEGER,
    last_sync_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX device_by_id ON device (key_id);

-- One-time codes: only a hash is kept.
CREATE TABLE enrolment_code (
    hash       BLOB PRIMARY KEY,
    member     TEXT NOT NULL REFERENCES member (id),
    expires_ms INTEGER NOT NULL,
    used_ms    INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    name     TEXT PRIMARY KEY,
    actor    TEXT NOT NULL UNIQUE,
    label    TEXT NOT NULL,
    role     INTEGER NOT NULL,
    password TEXT NOT NULL,         -- Argon2id, PHC string
    areas    TEXT NOT NULL          -- scopes, separated by spaces
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    hash       BLOB PRIMARY KEY,    -- of the cookie's token
    account    TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Content that has arrived whole.
CREATE TABLE blob (
    hash      BLOB PRIMARY KEY,
    size      INTEGER NOT NULL,
    stored_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Uploads in progress. The id is a secret of the phone that opened it.
CREATE TABLE upload (
    id         TEXT PRIMARY KEY,
    hash       BLOB NOT NULL,
    size       INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
