-- Calls that were bought again although their answer was stored.
SELECT l.n, l.step_id::text, l.call_no FROM ledger l
JOIN step_calls c ON c.step_id = l.step_id AND c.call_no = l.call_no AND c.state = 'done'
WHERE l.received_at > c.answered_at
