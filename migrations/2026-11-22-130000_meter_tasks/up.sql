-- What a task used up of its wall time and of its calls, see Meter. Only time in `running` and `cancelling` counts: a
-- pause and a wait cost nothing. A running row without `running_since` was begun by an older binary: at `started_at`.
ALTER TABLE tasks ADD COLUMN meter jsonb NOT NULL DEFAULT '{}';
