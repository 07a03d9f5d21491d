use async_trait::async_trait;
use ninja_tools::RunProgramArgs;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::envelope::{self, Envelope};
use super::programs;
use crate::StepError;
use crate::capability::{Capability, Needs, Spec};
use crate::context::StepContext;
use crate::contract::{Check, Contract};
use crate::data::{DataArg, Table};
use crate::schema::Fault;
use crate::work::NewArtifact;

/// Seconds of processor time that a computation may take.
const CPU_SECONDS: u32 = 120;
/// The longest result document; a program refuses to write a longer one.
const LONGEST_RESULT: u64 = 4 << 20;
/// What reads every table.
pub(super) const PANDAS: &str = "python3-pandas";
/// Tests and distributions.
pub(super) const SCIPY: &str = "python3-scipy";
/// Models of series.
pub(super) const STATSMODELS: &str = "python3-statsmodels";
/// Charts.
pub(super) const MATPLOTLIB: &str = "python3-matplotlib";
/// What reads xlsx.
pub(super) const OPENPYXL: &str = "python3-openpyxl";

/// A computation over tables: one vetted program, which answers an [`Envelope`]. Everything that implements this is a
/// [`Capability`].
pub(crate) trait Method: Send + Sync + 'static {
    /// What it is asked, tables included.
    type Args: Serialize + DeserializeOwned + JsonSchema + Send + Sync;
    /// The `result` of its envelope.
    type Answer: JsonSchema + 'static;
    /// Its name is that of its program, too.
    const SPEC: Spec;
    /// Pointers into the envelope that name a file, beside those of charts.
    const FILES: &[&str] = &[];

    /// The tables, in the order in which the program finds them.
    fn tables(args: &Self::Args) -> Vec<&DataArg>;

    /// Where the tables stand in raw arguments.
    fn places(_args: &Value) -> Vec<String> {
        vec!["/data".to_owned()]
    }

    /// What about the arguments no schema can say.
    fn faults(_args: &Value) -> Vec<Fault> {
        Vec::new()
    }

    /// The outcome in a sentence for a person.
    fn summary(result: &Value) -> String;
}

#[async_trait]
impl<M: Method> Capability for M {
    type Args = M::Args;
    type Output = Envelope<M::Answer>;
    const SPEC: Spec = <M as Method>::SPEC;

    fn needs(&self, args: &Value) -> Result<Needs, Vec<Fault>> {
        let (mut needs, mut faults) = (Needs::default(), M::faults(args));
        for place in M::places(args) {
            if let Some(data) = args.pointer(&place).filter(|data| data.is_object()) {
                faults.extend(DataArg::needs(data, &place, &mut needs).err());
            }
        }
        if faults.is_empty() { Ok(needs) } else { Err(faults) }
    }

    async fn run(
        &self,
        args: M::Args,
        context: &mut StepContext<'_>,
    ) -> Result<Envelope<M::Answer>, StepError> {
        let found: Result<Vec<Table>, StepError> =
            M::tables(&args).into_iter().map(|data| data.find(context)).collect();
        let tables = found?;
        let arguments = alone::<M>(&args)?;
        let program = programs::program(<M as Method>::SPEC.name);
        let data: Vec<Value> = tables.iter().enumerate().map(described).collect();
        let call = RunProgramArgs {
            program: program.name.to_owned(),
            version: program.version(),
            input: json!({ "arguments": arguments, "data": data }),
            files: tables.into_iter().enumerate().map(|(i, table)| table.given(i)).collect(),
            timeout_s: CPU_SECONDS,
        };
        let made = context.call(&program, &call).await?;
        let result = context.read(&made.result.sha256, LONGEST_RESULT).await?;
        let result =
            result.ok_or_else(|| StepError::program_failed("its result is longer than 4 MiB"))?;
        let ids: Vec<_> =
            made.files.iter().map(|file| context.keep(NewArtifact::of(file.clone()))).collect();
        Envelope::of(&result, &envelope::paths(&made.files, &ids), M::FILES)
    }

    fn contract(&self) -> Contract {
        Contract { checks: vec![Check::ProgramExited, Check::TablesUnchanged, Check::SchemaValid] }
    }

    fn summary(&self, output: &Envelope<M::Answer>) -> String {
        M::summary(output.document())
    }
}

/// The arguments without the tables, which the program finds as files.
fn alone<M: Method>(args: &M::Args) -> Result<Value, StepError> {
    let mut arguments = serde_json::to_value(args).map_err(|e| StepError::internal(&e))?;
    for place in M::places(&arguments) {
        let (parent, name) = place.rsplit_once('/').unwrap_or(("", &place));
        if let Some(fields) = arguments.pointer_mut(parent).and_then(Value::as_object_mut) {
            fields.remove(name);
        }
    }
    Ok(arguments)
}

/// What the program is told about a table.
fn described((number, table): (usize, &Table)) -> Value {
    json!({ "path": table.path(number), "name": table.name, "sha256": table.sha256() })
}

/// How many, as a text: `1 row`, `344 rows`.
pub(super) fn count(document: &Value, pointer: &str, noun: &str) -> String {
    let number = match document.pointer(pointer) {
        Some(Value::Array(items)) => u64::try_from(items.len()).unwrap_or(u64::MAX),
        Some(Value::Object(fields)) => sum(fields),
        other => other.and_then(Value::as_u64).unwrap_or_default(),
    };
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn sum(fields: &Map<String, Value>) -> u64 {
    fields.values().filter_map(Value::as_u64).sum()
}
