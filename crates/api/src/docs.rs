use std::sync::{Arc, LazyLock};

use utoipa_swagger_ui::{Config, SwaggerFile};

use crate::error::{ApiError, ApiResult};

static CONFIG: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::from("/openapi.json")));

/// A file of the documentation page, all of which lives in this binary: content type and bytes.
pub(crate) fn file(name: &str) -> ApiResult<(String, Vec<u8>)> {
    let found = utoipa_swagger_ui::serve(name, CONFIG.clone());
    let found = found.map_err(|error| ApiError::internal(error.to_string()))?;
    let SwaggerFile { bytes, content_type } = found.ok_or_else(ApiError::not_found)?;
    if name != "index.html" {
        return Ok((content_type, bytes.into_owned()));
    }
    // The page is served without a slash at its end, so its files must be named from the root.
    let page = String::from_utf8_lossy(&bytes).replace("\"./", "\"/docs/");
    Ok((content_type, page.into_bytes()))
}
