use std::path::Path;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Desk, artifacts, files, outcome, text, watch};
use crate::args::TaskCreate;
use crate::client::once;
use crate::error::{CliError, CliResult};

/// Key of the one step of `--run`.
const STEP: &str = "run";

/// Extensions that the API stores; a program with another one travels inside the task.
const STORED: [&str; 12] =
    ["py", "js", "ts", "java", "go", "rs", "c", "cpp", "rb", "php", "sql", "txt"];

/// Languages by extension, for the common ones; the others are asked for.
const LANGUAGES: [(&str, &str); 5] =
    [("py", "python"), ("js", "javascript"), ("sh", "bash"), ("bash", "bash"), ("c", "c")];

/// Creates a task, and with `--wait` sees it to its end.
pub(super) async fn create(desk: &Desk<'_>, args: &TaskCreate) -> CliResult<()> {
    let key = args.idempotency_key.clone().unwrap_or_else(once);
    let body = body(desk, args, &key).await?;
    let wait = args.wait || args.download.is_some();
    let Some(task) = sent(desk, &body, &key, wait, args.download.as_deref()).await? else {
        return Ok(());
    };
    match outcome::of_program(&task["result"]["output"][STEP]) {
        Some(end) if args.run.is_some() => Err(CliError::ProgramEnded(end)),
        _ => Ok(()),
    }
}

/// Sends a task; with `wait` sees it to its end and answers it, and saves what it made into `download`.
pub(super) async fn sent(
    desk: &Desk<'_>,
    body: &Value,
    key: &str,
    wait: bool,
    download: Option<&Path>,
) -> CliResult<Option<Value>> {
    let task = desk.api.post("/api/v1/tasks", body, Some(key)).await?;
    followed(desk, task, wait, download).await
}

/// Tells of a task that was just made; with `wait` sees it to its end, and fails unless it completes.
pub(super) async fn followed(
    desk: &Desk<'_>,
    task: Value,
    wait: bool,
    download: Option<&Path>,
) -> CliResult<Option<Value>> {
    let id: Uuid = match task["id"].as_str().and_then(|id| id.parse().ok()) {
        Some(id) => id,
        None => return Err(desk.api.strange("a task without an id")),
    };
    if !wait {
        if desk.screen.is_json() {
            desk.screen.document(&task);
        } else {
            desk.screen.line(&id.to_string());
            desk.screen.note(&format!("Watch it: ninjactl task watch {id}"));
        }
        return Ok(None);
    }
    desk.screen.note(&format!("task {id}"));
    let task = watch::to_the_end(desk, id, 0).await?;
    if let Some(folder) = download {
        for path in artifacts::into_folder(desk, id, folder, true).await? {
            desk.screen.note(&format!("saved {}", path.display()));
        }
    }
    if desk.screen.is_json() {
        desk.screen.document(&task);
    }
    outcome::of_task(&task)?;
    Ok(Some(task))
}

async fn body(desk: &Desk<'_>, args: &TaskCreate, key: &str) -> CliResult<Value> {
    let ids = file_ids(desk, &args.files, key).await?;
    let (parameters, description) = match &args.run {
        Some(program) => {
            let step = step(desk, args, program, key).await?;
            let parameters = json!({ "files": ids, "steps": [step] });
            (parameters, made_up_description(program, &args.files))
        }
        None => (parameters(args, ids)?, String::new()),
    };
    let mut body = Map::new();
    body.insert("task_type".to_owned(), json!(args.task_type));
    body.insert("parameters".to_owned(), parameters);
    body.insert("description".to_owned(), json!(args.description.as_ref().unwrap_or(&description)));
    if let Some(title) = &args.title {
        body.insert("title".to_owned(), json!(title));
    }
    if let Some(priority) = &args.priority {
        body.insert("priority".to_owned(), json!(priority));
    }
    if !args.tags.is_empty() {
        body.insert("tags".to_owned(), json!(args.tags));
    }
    Ok(Value::Object(body))
}

/// The ids of what is given as paths or as ids.
pub(super) async fn file_ids(
    desk: &Desk<'_>,
    given: &[String],
    key: &str,
) -> CliResult<Vec<String>> {
    let mut ids = Vec::new();
    for (at, file) in given.iter().enumerate() {
        ids.push(file_id(desk, file, &format!("{key}-file-{at}")).await?);
    }
    Ok(ids)
}

/// A path here is uploaded; what is no path must be the id of an uploaded file.
async fn file_id(desk: &Desk<'_>, given: &str, key: &str) -> CliResult<String> {
    let path = Path::new(given);
    if path.exists() {
        let file = files::upload_one(desk, path, key).await?;
        desk.screen.note(&format!("uploaded {}", text(&file["filename"])));
        return Ok(file["id"].as_str().unwrap_or_default().to_owned());
    }
    match given.parse::<Uuid>() {
        Ok(id) => Ok(id.to_string()),
        Err(_) => Err(CliError::Usage(format!("{given} is no file here and no id of a file"))),
    }
}

/// The one step of `--run`: the program by file, or inside the task where the API does not store its kind of file.
async fn step(desk: &Desk<'_>, args: &TaskCreate, program: &Path, key: &str) -> CliResult<Value> {
    let name = program.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let extension = program.extension().and_then(|end| end.to_str()).unwrap_or_default();
    let mut parameters = Map::new();
    let language = match &args.language {
        Some(language) => language.clone(),
        None => language_of(desk, &extension.to_lowercase()).await?,
    };
    parameters.insert("language".to_owned(), json!(language));
    if STORED.contains(&extension.to_lowercase().as_str()) {
        let id = file_id(desk, &program.to_string_lossy(), &format!("{key}-program")).await?;
        parameters.insert("files".to_owned(), json!([{ "file_id": id }]));
        parameters.insert("entry".to_owned(), json!(name));
    } else {
        parameters.insert("code".to_owned(), json!(read_text(program)?));
    }
    if !args.args.is_empty() {
        parameters.insert("args".to_owned(), json!(args.args));
    }
    if let Some(seconds) = args.timeout {
        parameters.insert("timeout_s".to_owned(), json!(seconds));
    }
    match args.stdin.as_deref() {
        None => {}
        Some("-") => {
            let given = std::io::read_to_string(std::io::stdin());
            let given = given.map_err(CliError::file("Cannot read standard input"))?;
            parameters.insert("stdin".to_owned(), json!(given));
        }
        Some(path) => {
            parameters.insert("stdin".to_owned(), json!(read_text(Path::new(path))?));
        }
    }
    if !args.inputs.is_empty() {
        parameters.insert("inputs".to_owned(), Value::Object(inputs(&args.inputs)?));
    }
    Ok(json!({
        "key": STEP, "agent_type": "coder", "capability": "code_execution",
        "description": format!("Run {name}"), "parameters": parameters,
    }))
}

async fn language_of(desk: &Desk<'_>, extension: &str) -> CliResult<String> {
    if let Some((_, language)) = LANGUAGES.iter().find(|(known, _)| *known == extension) {
        return Ok((*language).to_owned());
    }
    let answer = desk.api.get("/api/v1/languages", &[]).await?;
    let rows = answer["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    let has = |row: &&Value| {
        let ends = row["extensions"].as_array().map(Vec::as_slice).unwrap_or_default();
        ends.iter()
            .any(|end| end.as_str().map(|end| end.trim_start_matches('.')) == Some(extension))
    };
    match rows.iter().find(has).and_then(|row| row["id"].as_str()) {
        Some(id) if !extension.is_empty() => Ok(id.to_owned()),
        _ => {
            let known: Vec<_> = rows.iter().map(|row| text(&row["id"])).collect();
            let what =
                format!("Which language is it? Name one with --language: {}", known.join(", "));
            Err(CliError::Usage(what))
        }
    }
}

/// The parameters as given, with the uploaded files put in.
fn parameters(args: &TaskCreate, ids: Vec<String>) -> CliResult<Value> {
    let given = args.parameters.as_deref().unwrap_or("{}");
    let json = match given.strip_prefix('@') {
        Some(path) => read_text(Path::new(path))?,
        None => given.to_owned(),
    };
    let mut parameters: Map<String, Value> = serde_json::from_str(&json)
        .map_err(|error| CliError::Usage(format!("--parameters must be a JSON object: {error}")))?;
    if ids.is_empty() {
        return Ok(Value::Object(parameters));
    }
    match parameters.entry("files").or_insert_with(|| json!([])) {
        Value::Array(files) => files.extend(ids.into_iter().map(Value::from)),
        _ => return Err(CliError::Usage("\"files\" of --parameters must be a list".to_owned())),
    }
    Ok(Value::Object(parameters))
}

/// `NAME=VALUE`; a value that is JSON is meant as JSON.
fn inputs(given: &[String]) -> CliResult<Map<String, Value>> {
    let mut inputs = Map::new();
    for one in given {
        let Some((name, value)) = one.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            return Err(CliError::Usage(format!("--input {one} must be NAME=VALUE")));
        };
        let value = serde_json::from_str(value).unwrap_or_else(|_text| json!(value));
        inputs.insert(name.to_owned(), value);
    }
    Ok(inputs)
}

fn made_up_description(program: &Path, files: &[String]) -> String {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let over: Vec<_> = files.iter().map(|file| name(Path::new(file))).collect();
    match over.as_slice() {
        [] => format!("Run {}", name(program)),
        over => format!("Run {} over {}", name(program), over.join(", ")),
    }
}

fn read_text(path: &Path) -> CliResult<String> {
    std::fs::read_to_string(path).map_err(CliError::file(format!("Cannot read {}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_json_or_else_a_string() {
        let given = ["n=3", "name=Ada", "list=[1,2]", "empty="].map(str::to_owned);
        let expected = json!({ "n": 3, "name": "Ada", "list": [1, 2], "empty": "" });
        assert_eq!(Value::Object(inputs(&given).unwrap()), expected);
        assert!(inputs(&["novalue".to_owned()]).is_err());
    }
}
