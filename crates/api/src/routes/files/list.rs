use actix_web::get;
use actix_web::web::Data;
use ninja_db::files;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::FileView;
use crate::answer::List;
use crate::app::App;
use crate::caller::{Caller, FilesRead};
use crate::error::ApiResult;
use crate::extract::{Page, PageParams};

/// What the list is narrowed to.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only files of this kind.
    #[param(inline)]
    kind: Option<Kind>,
    /// Only files with this in their name, whatever the case.
    #[param(min_length = 1, max_length = 200)]
    q: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Text,
    Code,
    Table,
    Document,
    Image,
    Archive,
}

/// List your files
///
/// Newest first.
#[utoipa::path(operation_id = "listFiles", tag = "files", security(("bearer" = ["files:read"])),
    params(Filter, PageParams), responses((status = 200, body = List<FileView>)))]
#[get("/files")]
#[tracing::instrument(name = "api.files.list", skip_all)]
pub(crate) async fn list(
    app: Data<App>,
    caller: Caller<FilesRead>,
    page: Page<Filter>,
) -> ApiResult<List<FileView>> {
    let filter = files::Filter { kind: page.filter.kind.map(Kind::word), q: page.filter.q.clone() };
    let (after, limit) = (page.after()?, page.fetch());
    let rows = files::list(&mut *app.conn().await?, caller.id, &filter, after, limit).await?;
    Ok(page.list(rows, |row| row.id, FileView::from))
}

impl Kind {
    fn word(self) -> String {
        use ninja_files::FileKind;
        let kind = match self {
            Self::Text => FileKind::Text,
            Self::Code => FileKind::Code,
            Self::Table => FileKind::Table,
            Self::Document => FileKind::Document,
            Self::Image => FileKind::Image,
            Self::Archive => FileKind::Archive,
        };
        kind.as_str().to_owned()
    }
}
