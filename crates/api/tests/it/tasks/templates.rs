use ninja_testkit::TestApp;
use serde_json::json;

#[tokio::test]
async fn the_five_built_in_templates_come_with_the_schema_of_their_parameters() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let list = alice.get("/api/v1/tasks/templates").await;
    let templates = list.json["data"].as_array().unwrap();
    let names: Vec<_> = templates.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "Web Research",
            "Code Generation",
            "Data Analysis",
            "Documentation Writer",
            "Bug Debugger"
        ]
    );
    for template in templates {
        assert_eq!(template["is_builtin"], true);
        let known = &template["parameters_schema"]["properties"];
        for parameter in template["parameters"].as_object().unwrap().keys() {
            assert!(known[parameter].is_object(), "{parameter} of {}", template["name"]);
        }
        let id = template["id"].as_str().unwrap();
        assert_eq!(&alice.get(&format!("/api/v1/tasks/templates/{id}")).await.json, template);
    }
    let unknown = alice.get("/api/v1/tasks/templates/0199f3a0-0000-7000-8000-00000000ffff").await;
    assert_eq!((unknown.status, &unknown.json["code"]), (404, &json!("not_found")));
}
