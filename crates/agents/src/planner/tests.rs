use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::json;

use super::*;

const FILE: &str = "0190a000-0000-7000-8000-00000000000f";
const OTHER: &str = "0190a000-0000-7000-8000-0000000000aa";
const TEXT: &str = "0190a000-0000-7000-8000-0000000000ff";

fn spec<'a>(task_type: TaskType, parameters: &'a Value, tables: &'a [FileId]) -> TaskSpec<'a> {
    TaskSpec { title: "Sizes", description: "What is there?", task_type, parameters, tables }
}

fn plan(parameters: &Value) -> Result<Plan, PlanErrors> {
    Catalogue::new(true).plan(&spec(TaskType::Custom, parameters, &[]))
}

/// The faults as lines, or the steps as `number key agent capability <- dependencies [languages]`.
fn told(planned: Result<Plan, PlanErrors>) -> String {
    match planned {
        Err(PlanErrors(faults)) => {
            // What is available grows with every capability, and is no part of the fault.
            let all = available();
            let line =
                |f: &Fault| format!("{} {}: {}", f.pointer, f.code, f.message.replace(&all, "all"));
            faults.iter().map(line).collect::<Vec<_>>().join("\n")
        }
        Ok(plan) => {
            let line = |(i, s): (usize, &crate::PlanStep)| {
                let capability = s.capability.as_deref().unwrap_or("-");
                let (before, requires) = (&s.depends_on, s.requires.join(","));
                format!("{i} {} {} {capability} <- {before:?} [{requires}]", s.key, s.agent)
            };
            plan.steps.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
        }
    }
}

fn step(key: &str, parameters: &Value) -> Value {
    json!({
        "key": key, "agent_type": "coder", "capability": "code_execution", "parameters": parameters
    })
}

#[test]
fn a_given_plan_becomes_steps_with_every_default_filled_in() {
    let planned = plan(&json!({
        "files": [FILE],
        "steps": [step("run", &json!({ "language": "py", "code": "print(1)" }))],
    }));
    let plan = planned.expect("it is right");
    assert_eq!(plan.files.len(), 1);
    assert_eq!(plan.languages[0].pointer, "/parameters/steps/0/parameters/language");
    assert_snapshot!(told(Ok(plan.clone())), @"0 run coder code_execution <- [] [python]");
    assert_json_snapshot!(plan.parameters, @r#"
    {
      "files": [
        "0190a000-0000-7000-8000-00000000000f"
      ],
      "steps": [
        {
          "key": "run",
          "agent_type": "coder",
          "capability": "code_execution",
          "parameters": {
            "language": "py",
            "code": "print(1)",
            "files": [],
            "stdin": "",
            "args": [],
            "timeout_s": 30
          },
          "depends_on": [],
          "required": true
        }
      ]
    }
    "#);
    assert_eq!(plan.steps[0].inputs["files"], json!([FILE]));
    assert_eq!(plan.steps[0].inputs["parameters"]["timeout_s"], 30);
}

#[test]
fn a_step_depends_on_what_it_refers_to() {
    let b = json!({
        "language": "bash", "code": "cat", "stdin": { "$step": "a", "pointer": "/result/stdout" },
    });
    let c = json!({
        "language": "c", "entry": "main.c",
        "files": [{ "step": "a", "artifact": "out.txt" }, { "file_id": FILE, "path": "main.c" }],
    });
    let mut last = step("d", &json!({ "language": "python", "code": "1" }));
    last["depends_on"] = json!(["b", "c"]);
    let a = json!({ "language": "python", "code": "1" });
    let planned = plan(&json!({ "steps": [step("a", &a), step("b", &b), step("c", &c), last] }));
    assert_snapshot!(told(planned), @r"
    0 a coder code_execution <- [] [python]
    1 b coder code_execution <- [0] [bash]
    2 c coder code_execution <- [0] [c]
    3 d coder code_execution <- [1, 2] [python]
    ");
}

#[test]
fn every_fault_of_a_plan_is_told_with_its_place() {
    let broken = json!({
        "files": ["no-id"],
        "surprise": 1,
        "agents": ["coder", "baker"],
        "steps": [
            step("run it", &json!({ "language": "cobol", "code": "x", "timeout_s": 121 })),
            step("run", &json!({ "code": 1 })),
            step("run", &json!({ "language": "python", "colour": "red" })),
            step("both", &json!({ "language": "python", "code": "x", "entry": "y" })),
            step("none", &json!({ "language": "nope" })),
            { "key": "w", "agent_type": "writer", "capability": "reports" },
            { "key": "x", "agent_type": "coder", "capability": "magic" },
            { "key": "y", "agent_type": "coder" },
            step("z", &json!({ "language": "python", "code": "x", "files": [{ "path": "p" }] })),
            step("r", &json!({ "language": "python", "code": "x", "args": [{ "$step": "run" }] })),
            step("l", &json!({ "language": { "$step": "run", "pointer": "/result" }, "code": "x" })),
        ],
    });
    assert_snapshot!(told(plan(&broken)));
}

#[test]
fn the_graph_of_a_plan_is_judged_as_a_whole() {
    let run = json!({ "language": "python", "code": "1" });
    let after = |key: &str, before: &[&str]| {
        let mut step = step(key, &run);
        step["depends_on"] = json!(before);
        step
    };
    let cyclic = json!({ "steps": [after("a", &["b"]), after("b", &["a"]), after("a", &["x"])] });
    assert_snapshot!(told(plan(&cyclic)), @r"
    /parameters/steps/2/key duplicate: must be unique in the plan
    /parameters/steps/2/depends_on/0 unknown_reference: names `x`, which is no step of this plan
    ");
    let cyclic = json!({ "steps": [after("a", &["b"]), after("b", &["a"]), after("c", &[])] });
    assert_snapshot!(told(plan(&cyclic)), @r"
    /parameters/steps/0/depends_on cycle: never ends: steps that wait for each other can never begin
    /parameters/steps/1/depends_on cycle: never ends: steps that wait for each other can never begin
    ");
    let many: Vec<_> = (0..51).map(|i| step(&format!("s{i}"), &run)).collect();
    assert_snapshot!(
        told(plan(&json!({ "steps": many }))),
        @"/parameters/steps too_long: must have at most 50 items"
    );
    assert_snapshot!(
        told(plan(&json!({ "steps": [] }))),
        @"/parameters/steps too_short: must have at least 1 items"
    );
}

#[test]
fn what_needs_a_model_or_is_not_built_is_refused_by_name() {
    let catalogue = Catalogue::new(false);
    let ask =
        |task_type, parameters: &Value| told(catalogue.plan(&spec(task_type, parameters, &[])));
    assert_snapshot!(
        ask(TaskType::Custom, &json!({ "agent": "noop", "steps": 1 })),
        @"/parameters/agent not_available: is the drill, which is switched off in this installation; available: all"
    );
    for task_type in TaskType::ALL.iter().filter(|t| !catalogue.task_types().contains(t)) {
        let told = ask(*task_type, &json!({ "whatever": 1 }));
        assert!(told.starts_with("/task_type not_available: "), "{told}");
        assert!(told.contains("available: analysis; custom"), "{told}");
    }
}

#[test]
fn a_question_without_steps_is_for_the_writer_and_nothing_that_is_given_with_it_is_ignored() {
    let ask = |parameters: Value| told(plan(&parameters));
    assert_snapshot!(ask(json!({})), @"0 answer writer - <- [] []");
    assert_snapshot!(ask(json!({ "steps": null, "agents": ["writer"] })), @"0 answer writer - <- [] []");
    assert_snapshot!(
        ask(json!({ "files": [FILE], "agents": ["coder"] })),
        @r"
    /parameters/files not_available: would not be read: a question without `steps` is answered from its words; available for files: all
    /parameters/agents not_available: must hold `writer`, which answers a question without `steps`
    "
    );
}

#[test]
fn the_drill_is_a_chain() {
    assert_snapshot!(told(plan(&json!({ "agent": "noop", "steps": 3, "sleep_ms": 5 }))), @r"
    0 noop-1 noop - <- [] []
    1 noop-2 noop - <- [0] []
    2 noop-3 noop - <- [1] []
    ");
    assert_snapshot!(
        told(plan(&json!({ "agent": "noop", "steps": 51, "spin_ms": -1, "x": 1, "crash": 2 }))),
        @r#"
    /parameters/steps too_large: must be <= 50
    /parameters/spin_ms too_small: must be >= 0
    /parameters/crash wrong_type: must be boolean
    /parameters/x unknown_field: is not known here
    "#
    );
    assert_snapshot!(told(plan(&json!({ "agent": "writer" }))), @r#"
    /parameters/steps required: must be given
    /parameters/agent not_in_enum: must be one of ["noop"]
    "#);
}

#[test]
fn a_nul_character_is_refused_wherever_it_stands() {
    let code = json!({ "steps": [step("a", &json!({ "language": "python", "code": "\0" }))] });
    assert_snapshot!(
        told(plan(&code)),
        @"/parameters/steps/0/parameters/code pattern: must not hold a NUL character"
    );
}

#[test]
fn the_templates_are_stable_and_their_parameters_fit_their_schemas() {
    let templates = Catalogue::new(false).templates();
    let lines: Vec<_> = templates
        .iter()
        .map(|t| format!("{} {} {} {}", t.id, t.task_type, t.name, t.parameters))
        .collect();
    assert_snapshot!(lines.join("\n"));
    for template in templates {
        let faults =
            crate::schema::check(&template.parameters_schema, &template.parameters, "/parameters");
        assert!(faults.is_empty(), "{}: {faults:?}", template.name);
    }
    for task_type in TaskType::ALL {
        let schema = Catalogue::new(false).parameters_schema(*task_type);
        assert!(jsonschema::validator_for(&schema).is_ok(), "{task_type}");
    }
}

#[test]
fn one_capability_is_a_plan_of_one_step_whose_faults_stand_where_the_request_has_them() {
    let invoke = |capability: &str, parameters: &Value| {
        Catalogue::new(false).invoke(AgentKind::Coder, capability, parameters)
    };
    let given = json!({ "language": "py", "entry": "a.py", "files": [{ "file_id": FILE }] });
    let planned = invoke("code_execution", &given).expect("it is right");
    assert_eq!(planned.source, ninja_types::PlanSource::Capability);
    assert_eq!(planned.languages[0].pointer, "/parameters/language");
    assert_eq!(planned.files[0].pointer, "/parameters/files/0/file_id");
    assert_eq!(planned.parameters["steps"][0]["parameters"]["timeout_s"], 30);
    assert_snapshot!(told(Ok(planned)), @"0 code_execution coder code_execution <- [] [python]");
    let other = json!({ "$step": "other", "pointer": "/result" });
    let wrong = json!({ "language": "python", "code": other, "colour": "red" });
    assert_snapshot!(
        told(invoke("code_execution", &wrong)),
        @"/parameters/colour unknown_field: is not known here"
    );
    let reference = json!({ "language": "python", "code": other });
    assert_snapshot!(
        told(invoke("code_execution", &reference)),
        @"/parameters/code unknown_reference: names `other`, which is no step of this plan"
    );
    let unknown = told(invoke("magic", &json!({})));
    assert!(unknown.starts_with("/capability not_available: "), "{unknown}");
}

#[test]
fn the_catalogue_shows_every_agent_that_a_plan_may_name() {
    let cards = Catalogue::new(true).agents();
    let lines: Vec<_> = cards
        .iter()
        .flat_map(|agent| agent.capabilities.iter().map(move |it| (agent, it)))
        .map(|(agent, it)| format!("{} {} {} {:?}", agent.kind, it.name, it.effect, it.needs()))
        .collect();
    assert_snapshot!(lines.join("\n"));
}

fn analysis(parameters: &Value) -> Result<Plan, PlanErrors> {
    let tables = [FILE.parse().expect("an id"), OTHER.parse().expect("an id")];
    Catalogue::new(false).plan(&spec(TaskType::Analysis, parameters, &tables))
}

#[test]
fn an_analysis_is_planned_from_its_parameters_alone() {
    let told = |parameters: Value| {
        let plan = analysis(&parameters).expect("it is right");
        let line = |step: &crate::PlanStep| {
            let before: Vec<_> = step.depends_on.iter().map(|&at| &*plan.steps[at].key).collect();
            let optional = if step.required { "" } else { " (optional)" };
            let before = if before.is_empty() { "nothing".to_owned() } else { before.join(" ") };
            format!("{}{optional} after {before}", step.key)
        };
        plan.steps.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(told(json!({ "files": [FILE], "create_visualizations": false })), @r"
    clean after nothing
    explore after clean
    describe after clean explore
    report after clean explore describe
    ");
    assert_snapshot!(
        told(json!({ "files": [FILE], "time_column": "day", "group_by": "site", "question": "Why?" })),
        @r"
    clean after nothing
    explore after clean
    describe after clean explore
    trend after clean explore
    test after clean explore
    chart (optional) after clean describe trend test
    report after clean explore describe trend test chart
    "
    );
    assert_snapshot!(told(json!({ "files": [FILE, TEXT, OTHER], "group_by": "g", "tests": [] })), @r"
    clean after nothing
    explore after clean
    describe after clean explore
    chart (optional) after clean describe
    clean_2 after nothing
    describe_2 after clean_2
    report after clean explore describe chart clean_2 describe_2
    ");
}

#[test]
fn an_analysis_carries_its_words_to_the_report_and_what_it_needs_to_the_worker() {
    let asked = json!({ "files": [FILE], "question": "Why?", "group_by": "g", "columns": ["x"] });
    let plan = analysis(&asked).expect("it is right");
    assert_eq!(plan.not_done[0].code, ninja_types::FailureCode::NoModel);
    let step = |key: &str| plan.steps.iter().find(|step| step.key == key).expect("planned");
    assert!(step("clean").requires.contains(&"python3-pandas".to_owned()));
    assert_eq!(step("clean").inputs["parameters"]["data"]["file_id"], FILE);
    assert_eq!(step("test").inputs["parameters"]["group"], "g");
    let report = &step("report").inputs["parameters"];
    assert_eq!((&report["title"], &report["question"]), (&json!("Sizes"), &json!("Why?")));
    let chart = json!({ "$step": "chart", "pointer": "/result", "or": null });
    assert_eq!(report["data"]["chart"], chart, "it may be missing");
    assert_eq!(report["not_done"][0]["what"], "question");
    assert_eq!(plan.parameters["report_format"], "markdown");
}

#[test]
fn an_analysis_that_cannot_be_done_is_refused_with_what_can() {
    assert_snapshot!(
        told(analysis(&json!({ "files": [FILE], "analysis_type": "predictive", "target_column": "y" }))),
        @r"
    /parameters/analysis_type not_available: is not in this build; available: descriptive, exploratory
    /parameters/target_column not_available: is not in this build, as nothing here explains or predicts; available: group_by, tests, time_column
    "
    );
    assert_snapshot!(told(analysis(&json!({ "files": [TEXT] }))), @"/parameters/files required: must hold at least one table: an uploaded csv, tsv, json, jsonl or xlsx file");
    assert_snapshot!(told(analysis(&json!({ "surprise": 1 }))), @"/parameters/surprise unknown_field: is not known here");
}
