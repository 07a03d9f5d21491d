use ninja_llm::Registry;
use ninja_testkit::ModelServer;
use ninja_types::{ModelErrorClass, ProviderKind};

use crate::asked::{KEY, target};
use crate::raw::{Raw, Then};

#[tokio::test]
async fn every_kind_lists_its_models() {
    let server = ModelServer::start().await;
    server.models(&["wren-large", "wren-small"]);
    server.keys(&[KEY]);
    let registry = Registry::new(&ninja_egress::provider_client().unwrap());
    for kind in ProviderKind::ALL.iter().copied() {
        let target = target(kind, &server.url(kind));
        let models = registry.provider(kind).models(&target).await.unwrap();
        let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
        assert_eq!(names, ["wren-large", "wren-small"], "{kind}");
        if matches!(kind, ProviderKind::Google | ProviderKind::Ollama) {
            assert_eq!(models[0].context_tokens, Some(131_072), "{kind}");
        }
        assert_eq!(models[0].tools, (kind == ProviderKind::Ollama).then_some(true), "{kind}");
    }
}

#[tokio::test]
async fn a_list_that_is_refused_has_the_class_of_a_call() {
    let head = "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\nconnection: close";
    let body = format!(r#"{{"error":{{"message":"wrong: {KEY}"}}}}"#);
    let registry = Registry::new(&ninja_egress::provider_client().unwrap());
    for kind in ProviderKind::ALL.iter().copied() {
        let server = Raw::start(head, &body, Then::Close).await;
        let target = target(kind, &server.base_url);
        let error = registry.provider(kind).models(&target).await.unwrap_err();
        assert_eq!((error.class, error.status), (ModelErrorClass::Auth, Some(401)), "{kind}");
        assert_eq!(error.message, "wrong: ***", "{kind}");
    }
}
