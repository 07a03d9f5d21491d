//! Accounts and logins.

mod login;
mod logout;
mod me;
mod refresh;
mod register;
mod tokens;
mod user;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(register::register);
    cfg.service(login::login);
    cfg.service(refresh::refresh);
    cfg.service(me::me);
    cfg.service(logout::logout);
}
