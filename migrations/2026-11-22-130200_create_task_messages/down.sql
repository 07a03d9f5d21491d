DROP TABLE task_messages;
