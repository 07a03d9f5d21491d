use ninja_api::{Grant, Operation, Registry};

fn operations() -> Vec<Operation> {
    let registry = Registry::new(&ninja_api::openapi()).expect("every route is described");
    registry.operations().cloned().collect()
}

#[test]
fn the_committed_document_is_the_one_of_the_handlers() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let committed: serde_json::Value = serde_json::from_str(&committed).unwrap_or_default();
    let made = serde_json::to_value(ninja_api::openapi()).unwrap();
    assert!(committed == made, "out of date: run `ninjactl openapi > openapi.json`");
}

#[test]
fn every_operation_names_who_may_call_it() {
    let mut lines: Vec<String> = operations()
        .iter()
        .map(|op| {
            let who = match op.grant {
                Grant::Scope(scope) => scope.to_string(),
                other => format!("{other:?}").to_lowercase(),
            };
            format!("{who:<12} {:<6} {}", op.method.as_str(), op.path)
        })
        .collect();
    lines.sort();
    insta::assert_snapshot!("permissions", lines.join("\n"));
}

#[test]
fn every_operation_has_an_id_of_its_own_and_names_its_errors() {
    let document = serde_json::to_value(ninja_api::openapi()).unwrap();
    let known: Vec<&str> = ninja_api::Code::ALL.iter().map(|code| code.row().1).collect();
    for operation in operations() {
        let method = operation.method.as_str().to_lowercase();
        let described = &document["paths"][&operation.path][&method];
        for (status, response) in described["responses"].as_object().unwrap() {
            assert!(!status.contains('X') && status != "default", "{}: {status}", operation.id);
            let problem = response["content"]["application/problem+json"].is_object();
            if !problem {
                continue;
            }
            let text = response["description"].as_str().unwrap();
            let codes: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
            assert!(!codes.is_empty(), "{} {status} names no code: {text}", operation.id);
            for code in codes {
                assert!(known.contains(&code), "{} {status}: {code} is no code", operation.id);
            }
        }
        assert!(described["summary"].is_string(), "{} has no summary", operation.id);
    }
}
