-- Fixes of walks in progress. A database of its own: it is written every ten seconds and may lose the last
-- seconds at a power cut, which the records must not.
CREATE TABLE block (
    -- Never used again, also after a block has left.
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    patrol  BLOB NOT NULL,
    segment INTEGER NOT NULL,
    closed  INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX block_open ON block (patrol, segment) WHERE closed = 0;

-- What was handed over each time, as encoded by the caller.
CREATE TABLE piece (
    id    INTEGER PRIMARY KEY,
    block INTEGER NOT NULL REFERENCES block (id) ON DELETE CASCADE,
    bytes BLOB NOT NULL
);
CREATE INDEX piece_block ON piece (block);
