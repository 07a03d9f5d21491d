use utoipa_swagger_ui::{Config, SwaggerUi};

/// The documentation page at `/docs`, all of it inside the binary: nothing is fetched from elsewhere.
pub(crate) fn page() -> SwaggerUi {
    SwaggerUi::new("/docs/{_:.*}").config(Config::from("/openapi.json"))
}
