ALTER TABLE tasks DROP COLUMN waiting;
ALTER TABLE steps DROP COLUMN wait_reason, DROP COLUMN wait_limit, DROP COLUMN waiting_since, DROP COLUMN wait_until;
