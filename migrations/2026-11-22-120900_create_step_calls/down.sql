DROP TABLE step_calls;
