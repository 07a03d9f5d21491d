//! What every computation answers, whatever it computes: from which bytes, by which method and libraries, with which
//! arguments, what is doubtful about it, and the result.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;

use ninja_tools::MadeFile;
use ninja_types::ArtifactId;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::StepError;

/// A document in the shape of [`Shape`], as the program wrote it: nothing that it says is lost, and the contract
/// judges it against the schema of `R`.
pub(crate) struct Envelope<R> {
    document: Value,
    result: PhantomData<fn() -> R>,
}

/// The envelope around an `R`.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Shape<R> {
    /// The computation and its variants, in words.
    method: String,
    /// What it was computed from.
    inputs: Inputs,
    /// Of Python and of each library that computed something.
    library_versions: BTreeMap<String, String>,
    /// Of every random choice.
    seed: u64,
    /// The arguments as they were used, defaults and the reading of the table among them.
    parameters: Map<String, Value>,
    /// What a reader should know before trusting a number.
    warnings: Vec<Warning>,
    /// The result.
    result: R,
    /// The charts.
    charts: Vec<Chart>,
}

/// What a result was computed from.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Inputs {
    /// SHA-256 of the file; null for rows that were spelled out, or for several files.
    file_sha256: Option<String>,
    /// Every table, in order.
    files: Vec<InputTable>,
    /// Rows that were read.
    rows: u64,
    /// Columns that were used.
    columns_used: Vec<String>,
    /// Rows that were read and not used, by reason.
    rows_dropped: BTreeMap<String, u64>,
}

/// One table.
#[derive(Serialize, Deserialize, JsonSchema)]
struct InputTable {
    /// As its owner called it.
    name: String,
    /// SHA-256 of its bytes; null for rows that were spelled out.
    sha256: Option<String>,
    /// Its rows.
    rows: u64,
}

/// Something that a reader should know.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Warning {
    /// Stable.
    code: String,
    /// A sentence.
    text: String,
    /// The column that it is about.
    column: Option<String>,
}

/// A chart with everything that shows its numbers.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Chart {
    /// Its name among the charts of this result.
    slug: String,
    /// `bar`, `line`, `scatter`, ….
    kind: String,
    /// What it shows.
    title: String,
    /// What can be seen, in words.
    alt: String,
    /// The same with a reference in place of each number.
    alt_refs: String,
    /// The picture in pixels.
    png: ArtifactAt,
    /// The picture in lines.
    svg: ArtifactAt,
    /// The plotted numbers as CSV.
    table: ArtifactAt,
}

/// An artifact of the same step.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct ArtifactAt {
    /// Its id.
    #[schemars(with = "uuid::Uuid")]
    artifact_id: ArtifactId,
    /// Its path.
    path: String,
}

impl<R> Envelope<R> {
    /// The document that a program wrote, with an artifact in place of each file that it names: in every chart, and
    /// at the pointers `files`.
    pub(super) fn of(
        text: &[u8],
        kept: &HashMap<String, ArtifactId>,
        files: &[&str],
    ) -> Result<Self, StepError> {
        let broken = |e: &dyn std::fmt::Display| StepError::program_failed(&e.to_string());
        let mut document: Value = serde_json::from_slice(text).map_err(|e| broken(&e))?;
        storable(&mut document);
        let charts = document.get_mut("charts").and_then(Value::as_array_mut);
        for chart in charts.into_iter().flatten() {
            for file in ["png", "svg", "table"] {
                name_artifact(chart.get_mut(file), kept)?;
            }
        }
        for pointer in files {
            name_artifact(document.pointer_mut(pointer), kept)?;
        }
        Ok(Self { document, result: PhantomData })
    }

    /// What the program answered.
    pub(super) fn document(&self) -> &Value {
        &self.document
    }
}

impl<R> Serialize for Envelope<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.document.serialize(serializer)
    }
}

impl<R: JsonSchema> JsonSchema for Envelope<R> {
    fn schema_name() -> Cow<'static, str> {
        format!("EnvelopeOf{}", R::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Shape::<R>::json_schema(generator)
    }
}

/// The artifacts that a program's files become, by the path that the program gave them.
pub(super) fn paths(files: &[MadeFile], ids: &[ArtifactId]) -> HashMap<String, ArtifactId> {
    files.iter().map(|file| file.path.clone()).zip(ids.iter().copied()).collect()
}

fn name_artifact(
    place: Option<&mut Value>,
    kept: &HashMap<String, ArtifactId>,
) -> Result<(), StepError> {
    let Some(place) = place else { return Ok(()) };
    let path = place.as_str().unwrap_or_default().to_owned();
    let Some(artifact_id) = kept.get(&path) else {
        return Err(StepError::program_failed(&format!(
            "it names `{path}`, which it did not make"
        )));
    };
    *place = json!({ "artifact_id": artifact_id, "path": path });
    Ok(())
}

/// PostgreSQL keeps every character in JSON but NUL, and a column may be called anything.
fn storable(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('\0') => *text = text.replace('\0', "\u{fffd}"),
        Value::Array(items) => items.iter_mut().for_each(storable),
        Value::Object(fields) => {
            if fields.keys().any(|name| name.contains('\0')) {
                let old = std::mem::take(fields).into_iter();
                *fields =
                    old.map(|(name, value)| (name.replace('\0', "\u{fffd}"), value)).collect();
            }
            fields.values_mut().for_each(storable);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_a_result_names_is_an_artifact_or_the_program_is_wrong() {
        let id = ArtifactId::new();
        let kept = HashMap::from([("charts/a.png".to_owned(), id), ("c.csv".to_owned(), id)]);
        let text =
            r#"{"charts":[{"png":"charts/a.png"}],"result":{"cleaned":"c.csv","x":"a\u0000b"}}"#;
        let envelope = Envelope::<Value>::of(text.as_bytes(), &kept, &["/result/cleaned"]).ok();
        let document = envelope.expect("it is right").document;
        assert_eq!(document["charts"][0]["png"]["artifact_id"], json!(id));
        assert_eq!(document["result"]["cleaned"]["path"], "c.csv");
        assert_eq!(document["result"]["x"], "a\u{fffd}b");
        for wrong in [r#"{"charts":[{"svg":"charts/b.svg"}]}"#, "{", "NaN"] {
            assert!(Envelope::<Value>::of(wrong.as_bytes(), &kept, &[]).is_err(), "{wrong}");
        }
    }
}
