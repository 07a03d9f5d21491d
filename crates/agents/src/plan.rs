use std::collections::HashMap;

use ninja_types::{AgentKind, ArtifactId, FileId, NotDone, PlanSource};
use serde_json::Value;

use crate::schema::Fault;

/// The most steps of one task.
pub(crate) const MOST_STEPS: usize = 50;

/// What a task will do: a graph of steps that was checked as a whole before anything of it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Where it came from.
    pub source: PlanSource,
    /// The task's parameters with every default filled in.
    pub parameters: Value,
    /// In the order of their numbers.
    pub steps: Vec<PlanStep>,
    /// Every uploaded file that the request names.
    pub files: Vec<PlanFile>,
    /// Every artifact that the request names by id.
    pub artifacts: Vec<PlanArtifact>,
    /// Every language that a step names, and where.
    pub languages: Vec<PlanLanguage>,
    /// What was asked for and is not planned: it stands in the result of the task.
    pub not_done: Vec<NotDone>,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanStep {
    /// Unique in the plan; other steps and `result.output` name it by this.
    pub key: String,
    /// Who does it.
    pub agent: AgentKind,
    /// What is asked; `None` where the agent has only one thing to do.
    pub capability: Option<String>,
    /// For people.
    pub description: String,
    /// The task fails if it fails.
    pub required: bool,
    /// Positions of the steps that must be closed before.
    pub depends_on: Vec<usize>,
    /// Languages that its worker must have, by id.
    pub requires: Vec<String>,
    /// Stored with the step as [`StepInputs`](crate::StepInputs).
    pub inputs: Value,
}

/// A file that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFile {
    /// The upload.
    pub id: FileId,
    /// JSON Pointer into the request body.
    pub pointer: String,
}

/// An artifact of an earlier task that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanArtifact {
    /// The artifact.
    pub id: ArtifactId,
    /// JSON Pointer into the request body.
    pub pointer: String,
}

/// A language that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanLanguage {
    /// Its id, not the alias that may stand in the request.
    pub id: String,
    /// JSON Pointer into the request body.
    pub pointer: String,
}

/// Why a task cannot be planned: everything that is wrong with it, at most 100 things.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the plan has {} faults", .0.len())]
pub struct PlanErrors(pub Vec<Fault>);

impl PlanErrors {
    pub(crate) fn one(fault: Fault) -> Self {
        Self(vec![fault])
    }

    pub(crate) fn of(mut faults: Vec<Fault>) -> Self {
        faults.truncate(100);
        Self(faults)
    }
}

/// A step as the graph sees it: key and what it depends on, with the place in the request that says so.
pub(crate) struct Node {
    pub(crate) key: String,
    pub(crate) edges: Vec<(String, String)>,
}

/// The edges as positions; or every key given twice, every edge that leads nowhere, every step that waits for itself.
pub(crate) fn connect(nodes: &[Node], at: &str) -> Result<Vec<Vec<usize>>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut positions = HashMap::new();
    for (i, node) in nodes.iter().enumerate() {
        if positions.insert(node.key.as_str(), i).is_some() {
            faults.push(Fault::new(
                format!("{at}/{i}/key"),
                "duplicate",
                "must be unique in the plan",
            ));
        }
    }
    let mut edges = vec![Vec::new(); nodes.len()];
    for (i, node) in nodes.iter().enumerate() {
        for (key, pointer) in &node.edges {
            match positions.get(key.as_str()) {
                Some(target) if !edges[i].contains(target) => edges[i].push(*target),
                Some(_) => {}
                None => faults.push(Fault::new(
                    pointer,
                    "unknown_reference",
                    format!("names `{key}`, which is no step of this plan"),
                )),
            }
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    for i in waiting_for_themselves(&edges) {
        let message = "never ends: steps that wait for each other can never begin";
        faults.push(Fault::new(format!("{at}/{i}/depends_on"), "cycle", message));
    }
    if faults.is_empty() { Ok(edges) } else { Err(faults) }
}

/// The steps that can never begin: those that stay when all that can end are taken away, again and again.
fn waiting_for_themselves(edges: &[Vec<usize>]) -> Vec<usize> {
    let mut closed = vec![false; edges.len()];
    loop {
        let next: Vec<usize> = (0..edges.len())
            .filter(|&i| !closed[i] && edges[i].iter().all(|&before| closed[before]))
            .collect();
        if next.is_empty() {
            return (0..edges.len()).filter(|&i| !closed[i]).collect();
        }
        for i in next {
            closed[i] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(text: &str) -> Vec<Node> {
        let node = |part: &str| {
            let (key, edges) = part.split_once('<').unwrap_or((part, ""));
            let edges = edges.split_whitespace().map(|e| (e.to_owned(), format!("/{key}/{e}")));
            Node { key: key.to_owned(), edges: edges.collect() }
        };
        text.split(',').map(node).collect()
    }

    fn told(text: &str) -> String {
        match connect(&nodes(text), "/steps") {
            Ok(edges) => format!("{edges:?}"),
            Err(faults) => {
                let told = faults.iter().map(|f| format!("{} {}", f.pointer, f.code));
                told.collect::<Vec<_>>().join("; ")
            }
        }
    }

    #[test]
    fn a_graph_is_connected_or_all_its_faults_are_told() {
        insta::assert_snapshot!(told("a,b<a,c<a b a"), @"[[], [0], [0, 1]]");
        insta::assert_snapshot!(told("b<a,a"), @"[[1], []]");
        insta::assert_snapshot!(told("a,a,b<x"), @"/steps/1/key duplicate; /b/x unknown_reference");
        insta::assert_snapshot!(told("a<a"), @"/steps/0/depends_on cycle");
        insta::assert_snapshot!(
            told("a<b,b<a,c<b,d"),
            @"/steps/0/depends_on cycle; /steps/1/depends_on cycle; /steps/2/depends_on cycle"
        );
    }
}
