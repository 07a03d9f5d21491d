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
SELECT id FROM tasks WHERE status IN ('completed', 'failed', 'cancelled') AND (reserved <> 0 OR reserved_tokens <> 0);

-- what a task reserved is reserved for its calls, and what it paid is what they cost
SELECT t.id FROM tasks t
LEFT JOIN (SELECT s.task_id, sum(c.reserved) AS reserved, sum(c.reserved_tokens) AS tokens, sum(c.cost) AS cost
             FROM step_calls c JOIN steps s ON s.id = c.step_id GROUP BY s.task_id) c ON c.task_id = t.id
WHERE t.reserved <> coalesce(c.reserved, 0) OR t.reserved_tokens <> coalesce(c.tokens, 0)
    OR coalesce((t.usage ->> 'cost_usd')::numeric, 0) * 1000000 <> coalesce(c.cost, 0);

-- a user's day holds what open calls reserved on it
SELECT d.user_id FROM user_days d
LEFT JOIN (SELECT t.user_id, c.reserved_day AS day, sum(c.reserved) AS reserved FROM step_calls c
             JOIN steps s ON s.id = c.step_id JOIN tasks t ON t.id = s.task_id GROUP BY 1, 2) c
    ON c.user_id = d.user_id AND c.day = d.day
WHERE d.reserved <> coalesce(c.reserved, 0);

-- and so do the installation's days and months
SELECT i.begins::text FROM installation_spending i
LEFT JOIN (SELECT 'day' AS period, reserved_day AS begins, sum(reserved) AS reserved FROM step_calls GROUP BY 2
           UNION ALL
           SELECT 'month', date_trunc('month', reserved_day)::date, sum(reserved) FROM step_calls GROUP BY 2) c
    ON c.period = i.period AND c.begins = i.begins
WHERE i.reserved <> coalesce(c.reserved, 0);

-- a step waits for something, and so does a task of which every open step waits
SELECT s.id FROM steps s WHERE (s.status = 'waiting') <> (s.wait_until IS NOT NULL);

-- a waiting task says what it waits for, has a step that waits, and none that could go on
SELECT t.id FROM tasks t WHERE (t.status = 'waiting') <> (t.waiting IS NOT NULL)
    OR (t.status = 'waiting' AND (NOT EXISTS (SELECT 1 FROM steps s WHERE s.task_id = t.id AND s.status = 'waiting')
        OR EXISTS (SELECT 1 FROM steps s WHERE s.task_id = t.id AND s.status IN ('ready', 'running'))));

-- a running task has something that goes on
SELECT t.id FROM tasks t WHERE t.status = 'running'
    AND NOT EXISTS (SELECT 1 FROM steps s WHERE s.task_id = t.id AND s.status IN ('ready', 'running'));

-- what is paused or waits is not offered to workers, and what runs is not held
SELECT j.id FROM jobs j JOIN steps s ON s.id = j.subject_id JOIN tasks t ON t.id = s.task_id
WHERE j.state = 'ready' AND (j.not_before = 'infinity') <> (t.status = 'paused' OR s.status = 'waiting');

-- only time in `running` and `cancelling` counts
SELECT t.id FROM tasks t WHERE t.status IN ('pending', 'waiting', 'paused', 'completed', 'failed', 'cancelled')
    AND t.meter ->> 'running_since' IS NOT NULL;

-- no call begins while its task is paused
SELECT e.task_id FROM task_events e
WHERE e.type IN ('call.started', 'call.repeated', 'step.started')
    AND (SELECT p.type FROM task_events p WHERE p.task_id = e.task_id AND p.seq < e.seq
            AND p.type IN ('task.paused', 'task.resumed') ORDER BY p.seq DESC LIMIT 1) = 'task.paused';

-- what a retry took over cost it nothing
SELECT s.id FROM task_events e JOIN steps s ON s.id::text = e.data ->> 'step_id'
LEFT JOIN step_calls c ON c.step_id = s.id
WHERE e.type = 'step.completed' AND e.data ->> 'taken_over_from' IS NOT NULL AND (s.usage <> '{}' OR c.cost <> 0);
