-- Named defaults for a task. Built-in rows belong to nobody.
CREATE TABLE templates (
    id          uuid        PRIMARY KEY,
    user_id     uuid        REFERENCES users ON DELETE CASCADE,
    name        text        NOT NULL,
    description text        NOT NULL,
    task_type   text        NOT NULL,
    parameters  jsonb       NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now()
);

INSERT INTO templates (id, name, description, task_type, parameters) VALUES
    ('0199f3a0-0000-7000-8000-000000000001', 'Web Research',
     'Find, read and cite sources on a question.', 'research',
     '{"num_sources": 5, "include_citations": true, "citation_style": "apa", "depth": "standard", "report_format": "markdown", "report_language": "en"}'),
    ('0199f3a0-0000-7000-8000-000000000002', 'Code Generation',
     'Write a program with tests and a README.', 'code',
     '{"language": "python", "include_tests": true, "include_docs": true}'),
    ('0199f3a0-0000-7000-8000-000000000003', 'Data Analysis',
     'Describe a table with statistics and charts.', 'analysis',
     '{"analysis_type": "descriptive", "create_visualizations": true, "report_format": "markdown"}'),
    ('0199f3a0-0000-7000-8000-000000000004', 'Documentation Writer',
     'Write documentation from a description or from files.', 'documentation',
     '{"doc_type": "readme", "include_examples": true}'),
    ('0199f3a0-0000-7000-8000-000000000005', 'Bug Debugger',
     'Find the cause of an error and explain it.', 'debug',
     '{"include_fix": true, "explain_root_cause": true}');
