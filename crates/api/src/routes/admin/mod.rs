//! What administrators do: which providers of models there are, and their keys. A key goes in and never comes out; it is
//! sealed here, and opened by workers alone. Read `create.rs` first, then `test.rs`, which waits for a worker.

mod body;
mod change;
mod create;
mod health;
mod list;
mod settings;
mod test;
mod vendors;
mod view;

use ninja_db::DbError;
use ninja_db::sealed::SealError;
use ninja_queue::ProviderNews;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::App;
use crate::error::{ApiError, Code};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(settings::get);
    cfg.service(vendors::set);
    cfg.service(list::list);
    cfg.service(create::create);
    cfg.service(health::health);
    cfg.service(list::get);
    cfg.service(change::change);
    cfg.service(change::delete);
    cfg.service(test::test);
}

/// Tells every process that it must ask anew who may be asked. After the commit.
fn tell(app: &App) {
    app.queue.tell_providers(ProviderNews::Changed);
}

/// What a refusal of the rows means to an administrator.
fn refused(error: DbError) -> ApiError {
    match error {
        DbError::Sealed(SealError::NoMasterKey) => ApiError::new(
            Code::NoMasterKey,
            "No secret can be stored: set NINJA_SECRETS__MASTER_KEYS for the API and the workers (see docs/secrets.md).",
        ),
        DbError::Unique { .. } => {
            ApiError::new(Code::NameTaken, "Another provider has this name: change that one.")
        }
        error => error.into(),
    }
}

/// The provider is set where the workers are started.
fn read_only() -> ApiError {
    ApiError::new(
        Code::SetByConfiguration,
        "This provider is set by the configuration of the workers, or was found by them: change it there. \
         Ollama that was found can be replaced by a provider of your own.",
    )
}
