use std::collections::BTreeMap;

use serde_json::Value;

use crate::grounding::At;

/// What was done, as the answers name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Method {
    Cleaning,
    Exploratory,
    Descriptive,
    Testing,
    Trend,
    Comparative,
    Visualization,
    Other,
}

/// One table and all that was computed about it.
pub(super) struct Subject<'a> {
    /// `1` for the main one.
    pub(super) number: usize,
    answers: Vec<(Method, At<'a>)>,
}

/// The answers by table: keys that end in `_2`, `_3`, … are about further ones.
pub(super) fn subjects(data: &BTreeMap<String, Value>) -> Vec<Subject<'_>> {
    let mut found: BTreeMap<usize, Vec<_>> = BTreeMap::new();
    for (key, answer) in data.iter().filter(|(_, answer)| answer.is_object()) {
        found.entry(number(key)).or_default().push((method(answer), At::whole(key, answer)));
    }
    let mut subjects = Vec::new();
    for (number, mut answers) in found {
        answers.sort_by_key(|(method, _)| *method);
        subjects.push(Subject { number, answers });
    }
    subjects
}

impl<'a> Subject<'a> {
    /// The results of a method, each as the place of its `result`.
    pub(super) fn of(&self, method: Method) -> Vec<At<'a>> {
        self.whole()
            .filter(|(found, _)| *found == method)
            .map(|(_, at)| at.field("result"))
            .collect()
    }

    /// The whole answers with their methods.
    pub(super) fn whole(&self) -> impl Iterator<Item = (Method, At<'a>)> {
        self.answers.iter().map(|(method, at)| (*method, at.clone()))
    }

    /// Every chart that a step drew, with the place of its answer.
    pub(super) fn charts(&self) -> Vec<(At<'a>, At<'a>)> {
        let of = |(_, at): (Method, At<'a>)| {
            at.field("charts")
                .items()
                .into_iter()
                .map(move |chart| (at.clone(), chart))
                .collect::<Vec<_>>()
        };
        self.whole().flat_map(of).collect()
    }

    /// A name for something that the report counts about this table.
    pub(super) fn about(&self, name: &str) -> String {
        if self.number == 1 { name.to_owned() } else { format!("{name}_{}", self.number) }
    }

    /// Every column with what is known about it: the fullest description there is.
    pub(super) fn columns(&self) -> Vec<At<'a>> {
        let described = [Method::Exploratory, Method::Descriptive, Method::Cleaning];
        let lists = described.iter().flat_map(|method| self.of(*method));
        lists
            .map(|result| result.field("columns").items())
            .find(|list| !list.is_empty())
            .unwrap_or_default()
    }

    /// The file, as the first step that read the upload itself names it.
    pub(super) fn file(&self) -> Option<At<'a>> {
        let files = self.whole().flat_map(|(_, at)| at.path("inputs/files").items());
        files.into_iter().find(|file| !file.field("name").is_null())
    }
}

fn number(key: &str) -> usize {
    let (_, end) = key.rsplit_once('_').unwrap_or_default();
    end.parse().ok().filter(|number| (2..=50).contains(number)).unwrap_or(1)
}

fn method(answer: &Value) -> Method {
    let name = answer["method"].as_str().unwrap_or_default();
    match name.split('_').find(|part| *part != "data").unwrap_or_default() {
        "cleaning" => Method::Cleaning,
        "exploratory" => Method::Exploratory,
        "descriptive" => Method::Descriptive,
        "statistical" => Method::Testing,
        "trend" => Method::Trend,
        "comparative" => Method::Comparative,
        "visualization" => Method::Visualization,
        _ => Method::Other,
    }
}
