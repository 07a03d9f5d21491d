use std::sync::{Arc, LazyLock};

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_ENCODING;
use utoipa_swagger_ui::Config;

use crate::error::{ApiError, ApiResult};

static CONFIG: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::from("/openapi.json")));

/// A file of the documentation page, all of which lives in this binary.
pub(crate) fn file(name: &str) -> ApiResult<HttpResponse> {
    let found = utoipa_swagger_ui::serve(name, CONFIG.clone());
    let found = found.map_err(|error| ApiError::internal(error.to_string()))?;
    let file = found.ok_or_else(ApiError::not_found)?;
    let mut answer = HttpResponse::Ok();
    answer.content_type(file.content_type);
    if file.gzpipped {
        answer.insert_header((CONTENT_ENCODING, "gzip"));
    }
    if name != "index.html" {
        return Ok(answer.body(file.bytes.into_owned()));
    }
    // The page is served without a slash at its end, so its files must be named from the root.
    let page = String::from_utf8_lossy(&file.bytes);
    Ok(answer.body(page.replace("\"./", "\"/docs/").replace("\"index.css", "\"/docs/index.css")))
}
