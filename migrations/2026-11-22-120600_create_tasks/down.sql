DROP TABLE task_files;
DROP TABLE tasks;
