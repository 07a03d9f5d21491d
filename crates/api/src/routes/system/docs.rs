use actix_web::web::Path;
use actix_web::{HttpResponse, get};

use crate::caller::Public;
use crate::docs::file;
use crate::error::ApiResult;

/// Show the documentation page
///
/// Works without any network: all of its files are in the binary.
#[utoipa::path(operation_id = "getDocs", tag = "system", security(()), responses(
    (status = 200, body = String, content_type = "text/html", description = "The page"),
))]
#[get("/docs")]
pub(crate) async fn page(_public: Public) -> ApiResult<HttpResponse> {
    file("index.html")
}

/// Give a file of the documentation page
#[utoipa::path(operation_id = "getDocsFile", tag = "system", security(()),
    params(("file" = String, Path, description = "A file that the page names")),
    responses((status = 200, body = String, content_type = "application/octet-stream", description = "The file")),
)]
#[get("/docs/{file}")]
pub(crate) async fn asset(_public: Public, name: Path<String>) -> ApiResult<HttpResponse> {
    file(&name)
}
