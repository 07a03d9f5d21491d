//! Accounts and logins.

mod change_me;
mod login;
mod logout;
mod me;
mod password;
mod refresh;
mod register;
mod sessions;
mod tokens;
mod user;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(register::register);
    cfg.service(login::login);
    cfg.service(refresh::refresh);
    cfg.service(me::me);
    cfg.service(change_me::change_me);
    cfg.service(logout::logout);
    cfg.service(password::change);
    cfg.service(sessions::list);
    cfg.service(sessions::delete);
}
