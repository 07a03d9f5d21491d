mod change_me;
mod login;
mod logout;
mod password;
mod refresh;
mod register;
mod sessions;
mod tokens;
