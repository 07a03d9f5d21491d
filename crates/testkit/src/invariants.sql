-- What is true at every moment, whatever died: each statement gives no row.

-- events are gapless from 1
SELECT t.id FROM tasks t JOIN task_events e ON e.task_id = t.id
GROUP BY t.id HAVING count(*) <> max(e.seq) OR min(e.seq) <> 1 OR max(e.seq) <> t.last_seq;

-- a task is terminal if and only if its last event says so
SELECT t.id FROM tasks t LEFT JOIN task_events e ON e.task_id = t.id AND e.seq = t.last_seq
WHERE (t.status IN ('completed', 'failed', 'cancelled'))
    IS DISTINCT FROM (e.type IN ('task.completed', 'task.failed', 'task.cancelled'));

-- a closed task owes no work
SELECT j.id FROM jobs j JOIN steps s ON s.id = j.subject_id JOIN tasks t ON t.id = s.task_id
WHERE j.kind = 'run_step' AND j.state <> 'dead' AND t.status IN ('completed', 'failed', 'cancelled');

-- no lease outlives its worker for long
SELECT j.id FROM jobs j JOIN workers w ON w.id = j.worker_id
WHERE j.state = 'leased' AND w.lease_until < now() - interval '5 seconds';

-- a step and its job agree
SELECT s.id FROM steps s
LEFT JOIN jobs j ON j.kind = 'run_step' AND j.subject_id = s.id AND j.state <> 'dead'
WHERE (s.status = 'running') IS DISTINCT FROM coalesce(j.state = 'leased', false)
    OR (s.status IN ('ready', 'running', 'waiting')) <> (j.id IS NOT NULL);

-- a completed task has no required step that is not
SELECT t.id FROM tasks t JOIN steps s ON s.task_id = t.id
WHERE t.status = 'completed' AND s.required AND s.status <> 'completed';

-- a call has one live row
SELECT step_id, call_no FROM step_calls WHERE state <> 'superseded' GROUP BY 1, 2 HAVING count(*) > 1;

-- every step that completed says so in exactly one event
SELECT s.id FROM steps s
LEFT JOIN task_events e ON e.task_id = s.task_id AND e.type = 'step.completed'
    AND e.data ->> 'step_id' = s.id::text
WHERE s.status = 'completed' GROUP BY s.id HAVING count(e.seq) <> 1;

-- a closed task holds no reservation
SELECT id FROM tasks WHERE status IN ('completed', 'failed', 'cancelled') AND reserved <> 0;
