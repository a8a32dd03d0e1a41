-- What phones bring back to a hub that was restored. Whose a replica is whose phone has not been here since, and ops
-- of which only the tag of their chain is known until their own phone sends them: none follows on those.
ALTER TABLE replica ADD COLUMN member TEXT;
ALTER TABLE op ADD COLUMN unproven INTEGER NOT NULL DEFAULT 0;
