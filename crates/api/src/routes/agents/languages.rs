use std::collections::BTreeSet;

use actix_web::get;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::fleet::{Fleet, Published};
use crate::answer::List;
use crate::app::App;
use crate::caller::{AnyIdentity, Caller};
use crate::error::ApiResult;

/// A programming language, as live workers have it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LanguageView {
    id: String,
    name: String,
    /// What it may be called instead of its id.
    aliases: Vec<String>,
    /// Of its files, without the dot.
    extensions: Vec<String>,
    /// Programs in it are run; else they are only written.
    executable: bool,
    /// What the workers have, each once.
    versions: Vec<String>,
    /// How many live workers have it.
    workers: usize,
}

/// List languages
///
/// What live workers proved at their start: each of them ran a program in it.
#[utoipa::path(operation_id = "listLanguages", tag = "agents", security(("bearer" = [])), responses(
    (status = 200, body = List<LanguageView>),
))]
#[get("/languages")]
#[tracing::instrument(name = "api.languages.list", skip_all)]
pub(crate) async fn list(
    app: Data<App>,
    _caller: Caller<AnyIdentity>,
) -> ApiResult<List<LanguageView>> {
    let languages = Fleet::look(&app).await?.languages();
    Ok(List::full(languages.into_values().filter_map(view).collect()))
}

/// One language, from what each worker says of it.
fn view(words: Vec<Published>) -> Option<LanguageView> {
    let versions: BTreeSet<_> = words.iter().filter_map(|word| word.version.clone()).collect();
    let workers = words.len();
    let Published { id, name, aliases, extensions, .. } = words.into_iter().next()?;
    Some(LanguageView {
        id,
        name,
        aliases,
        extensions,
        executable: !versions.is_empty(),
        versions: versions.into_iter().collect(),
        workers,
    })
}
