-- What walks have seen of grids and places, so that the coverage of a county and a month is put together rather than
-- worked out. Nothing else is in it than in the blocks, and a hub that finds it empty works it out again.
CREATE TABLE walk_seen (
    id     INTEGER PRIMARY KEY,
    walk   BLOB NOT NULL UNIQUE,    -- id of the patrol; gone as soon as one of its blocks changes
    asof   INTEGER NOT NULL,        -- grids and places as they were at this row of the log
    west   INTEGER NOT NULL,        -- box around all that can be seen from it, 1e-7 degrees
    south  INTEGER NOT NULL,
    east   INTEGER NOT NULL,
    north  INTEGER NOT NULL,
    scopes TEXT NOT NULL,           -- of its blocks, separated by spaces: who may see all of them may have this
    seen   BLOB NOT NULL            -- as hub/src/desk/walked.rs writes it; a version is its first part
) STRICT;
