use ninja_types::{AgentKind, FileId, PlanSource};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::capability::{AnyCapability, Needs, Spec};
use crate::plan::{
    MOST_STEPS, Node, Plan, PlanArtifact, PlanErrors, PlanFile, PlanLanguage, PlanStep, connect,
};
use crate::schema::{self, Fault};
use crate::templates::answer;
use crate::work::StepInputs;
use crate::{planner, references, registry};

/// Parameters of a task of type `custom`: an explicit plan, or nothing, so that a model answers the description.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomParameters {
    /// Ids of your uploaded files. Every step has them in its workspace, under their filenames.
    #[serde(default)]
    #[schemars(length(max = 50), with = "Vec<uuid::Uuid>")]
    files: Vec<FileId>,
    /// The agent types that the steps may use. Left out: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 10))]
    agents: Option<Vec<String>>,
    /// The plan. Steps with no path between them run in parallel. Left out: the Writer answers the description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 50))]
    steps: Option<Vec<GivenStep>>,
}

/// One step of an explicit plan.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct GivenStep {
    /// Names the step in `depends_on`, in references and in the task's output.
    #[schemars(regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$"))]
    key: String,
    /// Who does it.
    agent_type: String,
    /// What is asked.
    capability: String,
    /// Arguments of the capability. A value `{"$step": "<key>", "pointer": "/result/…"}` stands for that step's output.
    #[serde(default)]
    parameters: Map<String, Value>,
    /// Keys of the steps that must be done before. A step that is referred to is one of them by itself.
    #[serde(default)]
    #[schemars(length(max = 50))]
    depends_on: Vec<String>,
    /// The task fails if this step fails.
    #[serde(default = "yes")]
    required: bool,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 2_000))]
    description: Option<String>,
}

const fn yes() -> bool {
    true
}

/// A step whose every name is known and whose arguments fit.
struct Checked {
    agent: AgentKind,
    capability: &'static dyn AnyCapability,
    args: Map<String, Value>,
    needs: Needs,
    edges: Vec<(String, String)>,
}

/// The plan that the request spells out.
pub(crate) fn plan(parameters: &Map<String, Value>) -> Result<Plan, PlanErrors> {
    let schema = schema::of::<CustomParameters>();
    let mut faults = schema::check(&schema, &Value::Object(parameters.clone()), "/parameters");
    let given = parameters.get("steps").and_then(Value::as_array);
    let unplanned = parameters.get("steps").is_none_or(Value::is_null);
    if unplanned {
        faults.extend(unread(parameters));
    }
    for (i, word) in
        parameters.get("agents").and_then(Value::as_array).into_iter().flatten().enumerate()
    {
        let named =
            word.as_str().map(|word| known_agent(word, &format!("/parameters/agents/{i}"), None));
        faults.extend(named.and_then(Result::err));
    }
    let mut checked = Vec::new();
    for (i, step) in given.into_iter().flatten().take(MOST_STEPS).enumerate() {
        match check_step(step, &format!("/parameters/steps/{i}"), parameters.get("agents")) {
            Ok(step) => checked.push(step),
            Err(more) => {
                let new: Vec<_> = more.into_iter().filter(|f| !told(&faults, f)).collect();
                faults.extend(new);
            }
        }
    }
    if !faults.is_empty() {
        return Err(PlanErrors::of(faults));
    }
    if unplanned {
        return Ok(answer::plan(parameters));
    }
    let broken =
        |e: serde_json::Error| PlanErrors::one(Fault::new("/parameters", "format", e.to_string()));
    let typed: CustomParameters =
        serde_json::from_value(Value::Object(parameters.clone())).map_err(broken)?;
    assemble(typed, checked)
}

/// The same place was already found wanting, by the schema of the whole.
fn told(faults: &[Fault], fault: &Fault) -> bool {
    faults.iter().any(|known| known.pointer == fault.pointer)
}

/// A question without steps is answered by the Writer, from its words alone: nothing that is given with it may be ignored.
fn unread(parameters: &Map<String, Value>) -> Vec<Fault> {
    let list = |name: &str| parameters.get(name).and_then(Value::as_array);
    let mut faults = Vec::new();
    if list("files").is_some_and(|files| !files.is_empty()) {
        let message = format!(
            "would not be read: a question without `steps` is answered from its words; available for files: {}",
            planner::available()
        );
        faults.push(Fault::new("/parameters/files", "not_available", message));
    }
    if list("agents").is_some_and(|agents| !agents.iter().any(|agent| agent == "writer")) {
        let message = "must hold `writer`, which answers a question without `steps`";
        faults.push(Fault::new("/parameters/agents", "not_available", message));
    }
    faults
}

/// Everything about one step that can be judged alone. What the schema of the whole has said is not said again.
fn check_step(step: &Value, at: &str, agents: Option<&Value>) -> Result<Checked, Vec<Fault>> {
    let text = |name: &str| step.get(name).and_then(Value::as_str);
    let (Some(kind), Some(name)) = (text("agent_type"), text("capability")) else {
        return Err(vec![]);
    };
    let agent = known_agent(kind, &format!("{at}/agent_type"), agents).map_err(|f| vec![f])?;
    let Some(capability) = agent.capability(Some(name)) else {
        let message = format!("is not in this build; available: {}", planner::available());
        return Err(vec![Fault::new(format!("{at}/capability"), "not_available", message)]);
    };
    let empty = Map::new();
    let args = match step.get("parameters") {
        None => &empty,
        Some(Value::Object(args)) => args,
        Some(_) => return Err(vec![]),
    };
    let (args, needs, mut edges) = check_args(capability, args, &format!("{at}/parameters"))?;
    for (i, key) in step["depends_on"].as_array().into_iter().flatten().enumerate() {
        edges.extend(key.as_str().map(|key| (key.to_owned(), format!("{at}/depends_on/{i}"))));
    }
    Ok(Checked { agent: agent.kind, capability, args, needs, edges })
}

fn known_agent(
    word: &str,
    at: &str,
    allowed: Option<&Value>,
) -> Result<&'static registry::Agent, Fault> {
    let Ok(kind) = word.parse::<AgentKind>() else {
        let message = format!("is no agent type; available: {}", planner::available());
        return Err(Fault::new(at, "not_in_enum", message));
    };
    let Some(agent) = registry::agent(kind).filter(|agent| !agent.capabilities.is_empty()) else {
        let message = format!("is not in this build; available: {}", planner::available());
        return Err(Fault::new(at, "not_available", message));
    };
    let listed = allowed.and_then(Value::as_array);
    if listed.is_some_and(|list| !list.iter().any(|agent| agent.as_str() == Some(word))) {
        return Err(Fault::new(at, "not_in_enum", "must be one of `parameters.agents`"));
    }
    Ok(agent)
}

pub(crate) type Args = (Map<String, Value>, Needs, Vec<(String, String)>);

/// Arguments against the capability's schema. Where a value comes from another step, only its place is judged now.
pub(crate) fn check_args(
    capability: &dyn AnyCapability,
    args: &Map<String, Value>,
    at: &str,
) -> Result<Args, Vec<Fault>> {
    let schema = capability.arguments();
    let mut args = args.clone();
    schema::fill_defaults(&schema, &mut args);
    let value = Value::Object(args.clone());
    let (found, mut faults) = references::find(&value);
    for fault in &mut faults {
        fault.pointer.insert_str(0, at);
    }
    let later = |fault: &Fault| {
        found.iter().any(|r| {
            let place = format!("{at}{}", r.at);
            fault.pointer == place || fault.pointer.starts_with(&format!("{place}/"))
        })
    };
    let shape = schema::check(&schema, &value, at);
    let shape: Vec<_> =
        shape.into_iter().filter(|fault| !later(fault) && !told(&faults, fault)).collect();
    faults.extend(shape);
    let below = |place: &str| format!("{at}{place}");
    let needs = match capability.needs(&value) {
        Ok(needs) => needs,
        Err(more) => {
            let more = more.into_iter().map(|f| Fault { pointer: below(&f.pointer), ..f });
            let more: Vec<_> = more.filter(|fault| !told(&faults, fault)).collect();
            faults.extend(more);
            Needs::default()
        }
    };
    if !faults.is_empty() {
        return Err(faults);
    }
    let needs = Needs {
        languages: needs.languages.into_iter().map(|(id, p)| (id, below(&p))).collect(),
        files: needs.files.into_iter().map(|(id, p)| (id, below(&p))).collect(),
        artifacts: needs.artifacts.into_iter().map(|(id, p)| (id, below(&p))).collect(),
        steps: needs.steps.into_iter().map(|(key, p)| (key, below(&p))).collect(),
    };
    let mut edges: Vec<_> = found.into_iter().map(|r| (r.step, below(&r.at))).collect();
    edges.extend(needs.steps.iter().cloned());
    Ok((args, needs, edges))
}

fn assemble(mut typed: CustomParameters, checked: Vec<Checked>) -> Result<Plan, PlanErrors> {
    let mut given = typed.steps.take().unwrap_or_default();
    let nodes: Vec<_> = given
        .iter()
        .zip(&checked)
        .map(|(step, checked)| Node { key: step.key.clone(), edges: checked.edges.clone() })
        .collect();
    let edges = connect(&nodes, "/parameters/steps").map_err(PlanErrors::of)?;
    let place =
        |(i, id): (usize, &FileId)| PlanFile { id: *id, pointer: format!("/parameters/files/{i}") };
    let mut files: Vec<_> = typed.files.iter().enumerate().map(place).collect();
    let (mut steps, mut artifacts, mut languages) = (Vec::new(), Vec::new(), Vec::new());
    for ((step, checked), depends_on) in given.iter_mut().zip(checked).zip(edges) {
        step.parameters.clone_from(&checked.args);
        let inputs =
            StepInputs { parameters: Value::Object(checked.args), files: typed.files.clone() };
        let requires = requires(checked.capability.spec(), &checked.needs);
        steps.push(PlanStep {
            key: step.key.clone(),
            agent: checked.agent,
            capability: Some(step.capability.clone()),
            description: step
                .description
                .clone()
                .unwrap_or_else(|| checked.capability.spec().description.to_owned()),
            required: step.required,
            depends_on,
            requires,
            inputs: json(&inputs)?,
        });
        files.extend(checked.needs.files.into_iter().map(|(id, pointer)| PlanFile { id, pointer }));
        let artifact = |(id, pointer)| PlanArtifact { id, pointer };
        artifacts.extend(checked.needs.artifacts.into_iter().map(artifact));
        languages.extend(
            checked.needs.languages.into_iter().map(|(id, pointer)| PlanLanguage { id, pointer }),
        );
    }
    typed.steps = Some(given);
    Ok(Plan {
        source: PlanSource::Given,
        parameters: json(&typed)?,
        steps,
        files,
        artifacts,
        languages,
        not_done: Vec::new(),
    })
}

/// What a step's worker must provide: what the capability always needs, and what these arguments name.
pub(crate) fn requires(spec: Spec, needs: &Needs) -> Vec<String> {
    let always = spec.languages.iter().chain(spec.packages).map(|id| (*id).to_owned());
    let mut all: Vec<_> = always.chain(needs.languages.iter().map(|(id, _)| id.clone())).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn json<T: Serialize>(value: &T) -> Result<Value, PlanErrors> {
    serde_json::to_value(value)
        .map_err(|e| PlanErrors::one(Fault::new("/parameters", "format", e.to_string())))
}
