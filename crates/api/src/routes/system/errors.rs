use actix_web::{HttpResponse, get};

use crate::caller::Public;
use crate::error::Code;

/// Explain every error code
#[utoipa::path(operation_id = "getErrorCodes", tag = "system", security(()), responses(
    (status = 200, body = String, content_type = "text/html", description = "A page: each code with its status and when it is answered"),
))]
#[get("/docs/errors")]
pub(crate) async fn errors(_public: Public) -> HttpResponse {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Error codes</title>\
         <style>body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}\
         table{border-collapse:collapse}td,th{text-align:left;vertical-align:top;padding:.4rem .8rem;border-bottom:1px solid #8884}</style>\
         <h1>Error codes</h1><p>Every error is <code>application/problem+json</code> (RFC 9457). Decide by <code>code</code>.</p>\
         <table><tr><th>Status<th>Code<th>Title<th>When",
    );
    for code in Code::ALL {
        let (status, code, title, when) = code.row();
        let row = format!(
            "<tr id=\"{code}\"><td>{status}<td><code>{code}</code><td>{title}<td>{}",
            when.replace('<', "&lt;")
        );
        page.push_str(&row);
    }
    page.push_str("</table></html>\n");
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page)
}
