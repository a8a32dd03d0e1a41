-- Rows of the log that no backup of the hub has yet, for a hub that is restored from one: see `kept`.
CREATE TABLE kept (
    id  INTEGER PRIMARY KEY,
    -- The hub has the rows for good once its log is durable up to here (packed).
    seq INTEGER NOT NULL,
    -- A restored hub has lost them: to be handed back.
    due INTEGER NOT NULL DEFAULT 0,
    -- As the hub wants them back.
    run BLOB NOT NULL
);
