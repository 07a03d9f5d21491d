use serde_json::{Map, Value, json};

use super::{Desk, create, file_name};
use crate::args::TaskAnalyse;
use crate::client::once;
use crate::error::CliResult;

/// Creates an analysis of tables, and with `--wait` sees it to its end.
pub(super) async fn analyse(desk: &Desk<'_>, args: &TaskAnalyse) -> CliResult<()> {
    let key = args.idempotency_key.clone().unwrap_or_else(once);
    let files = create::file_ids(desk, &args.files, &key).await?;
    let mut body = json!({
        "task_type": "analysis", "description": description(args), "parameters": parameters(args, &files),
    });
    if let Some(title) = &args.title {
        body["title"] = json!(title);
    }
    let wait = args.wait || args.download.is_some();
    create::sent(desk, &body, &key, wait, args.download.as_deref()).await.map(drop)
}

fn parameters(args: &TaskAnalyse, files: &[String]) -> Value {
    let mut parameters = Map::from_iter([("files".to_owned(), json!(files))]);
    let named = [
        ("group_by", &args.group_by),
        ("time_column", &args.time_column),
        ("question", &args.question),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            parameters.insert(name.to_owned(), json!(value));
        }
    }
    if !args.columns.is_empty() {
        parameters.insert("columns".to_owned(), json!(args.columns));
    }
    if args.no_charts {
        parameters.insert("create_visualizations".to_owned(), json!(false));
    }
    Value::Object(parameters)
}

fn description(args: &TaskAnalyse) -> String {
    let names: Vec<_> = args.files.iter().map(|file| file_name(file)).collect();
    let names = names.join(", ");
    match &args.group_by {
        Some(column) => format!("Describe {names} by {column}"),
        None => format!("Describe {names}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_becomes_parameters_and_a_sentence() {
        let args = TaskAnalyse {
            files: vec!["data/penguins.csv".to_owned()],
            group_by: Some("species".to_owned()),
            time_column: None,
            columns: vec!["mass".to_owned()],
            question: None,
            no_charts: true,
            title: None,
            idempotency_key: None,
            wait: false,
            download: None,
        };
        assert_eq!(description(&args), "Describe penguins.csv by species");
        assert_eq!(
            parameters(&args, &["id".to_owned()]),
            json!({"files": ["id"], "group_by": "species", "columns": ["mass"], "create_visualizations": false})
        );
    }
}
