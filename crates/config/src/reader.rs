use std::collections::BTreeMap;
use std::fs;

use crate::fault::{Fault, Faults};
use crate::section::{Place, Source};
use crate::setting::Setting;

const PREFIX: &str = "NINJA_";
const FROM_FILE: &str = "_FILE";

/// The pairs that are ours, and what was found wrong with them so far.
#[derive(Debug)]
pub(crate) struct Reader {
    pairs: BTreeMap<String, String>,
    faults: Faults,
    production: bool,
}

impl Reader {
    /// Takes the pairs that are ours: `NINJA_…__…`. Others are not looked at; an empty value is none.
    pub(crate) fn new(pairs: impl Iterator<Item = (String, String)>) -> Self {
        let ours = |name: &str| name.strip_prefix(PREFIX).is_some_and(|rest| rest.contains("__"));
        let pairs: BTreeMap<_, _> =
            pairs.filter(|(name, value)| ours(name) && !value.is_empty()).collect();
        let production =
            pairs.get("NINJA_SERVER__ENVIRONMENT").is_some_and(|value| value == "production");
        Self { pairs, faults: Faults::default(), production }
    }

    pub(crate) fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }

    pub(crate) fn into_faults(self) -> Faults {
        self.faults
    }

    /// Reads one setting, or notes why it cannot be used.
    pub(crate) fn value<T: Setting>(
        &mut self,
        at: Place,
        field: &str,
        source: &Source,
    ) -> Option<T> {
        let variable = at.variable(field);
        let given = match self.text(&variable) {
            Ok(given) => given,
            Err(fault) => {
                self.faults.add(fault);
                return None;
            }
        };
        let text = match &given {
            Some(text) => text.as_str(),
            None if source.required => {
                self.fault(variable, "is missing".to_owned(), source);
                return None;
            }
            None => source.default_in(at.column),
        };
        if self.production && T::SECRET && given.is_some() && text == source.example {
            let reason = "is the value of the example, which everybody knows".to_owned();
            self.faults.add(Fault { variable, reason, example: None });
            return None;
        }
        match T::parse(text) {
            Ok(value) => Some(value),
            Err(reason) => {
                let shown =
                    if T::SECRET { reason } else { format!("{reason}, not \"{}\"", short(text)) };
                self.fault(variable, shown, source);
                None
            }
        }
    }

    fn fault(&mut self, variable: String, reason: String, source: &Source) {
        let example = source.defaults.first().copied().unwrap_or(source.example);
        let example = Some(example).filter(|example| !example.is_empty());
        self.faults.add(Fault { variable, reason, example });
    }

    /// The value itself, or the text of the file that `…_FILE` names, without its last newline.
    fn text(&self, variable: &str) -> Result<Option<String>, Fault> {
        let by_file = format!("{variable}{FROM_FILE}");
        match (self.pairs.get(variable), self.pairs.get(&by_file)) {
            (Some(_), Some(_)) => Err(Fault {
                reason: format!("is set twice: by itself and by {by_file}"),
                variable: variable.to_owned(),
                example: None,
            }),
            (Some(value), None) => Ok(Some(value.clone())),
            (None, Some(path)) => match fs::read_to_string(path) {
                Ok(text) => {
                    let cut = text.strip_suffix('\n').unwrap_or(&text);
                    Ok(Some(cut.strip_suffix('\r').unwrap_or(cut).to_owned()))
                }
                Err(error) => Err(Fault {
                    variable: by_file,
                    reason: format!("names a file that cannot be read: {error}"),
                    example: None,
                }),
            },
            (None, None) => Ok(None),
        }
    }

    /// Names of ours that no setting has, each with the nearest one that exists.
    pub(crate) fn unknown(&self, known: &[String]) -> Vec<Fault> {
        let is_known = |name: &str| {
            let stem = name.strip_suffix(FROM_FILE).unwrap_or(name);
            known.iter().any(|one| one == name || one == stem)
        };
        let strangers = self.pairs.keys().filter(|name| !is_known(name));
        strangers
            .map(|name| {
                let near = known.iter().map(|one| (distance(name, one), one));
                let near = near.filter(|(far, _)| *far <= 2).min_by_key(|(far, _)| *far);
                let reason = match near {
                    Some((_, one)) => format!("is no setting; did you mean {one}?"),
                    None => "is no setting".to_owned(),
                };
                Fault { variable: name.clone(), reason, example: None }
            })
            .collect()
    }
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Edits between two names: insert, delete, replace, or swap two neighbours (Damerau-Levenshtein, each place edited once).
fn distance(left: &str, right: &str) -> usize {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let mut edits = (last[j] + usize::from(a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                edits = edits.min(before[j - 1] + 1);
            }
            row.push(edits);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}
