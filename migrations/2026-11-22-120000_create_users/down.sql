DROP TABLE user_days;
DROP TABLE users;
