use std::collections::BTreeMap;

use serde_json::Value;

use super::Reference;
use crate::schema::escape;

/// What steps answered, by key, and under the empty key what the document says of itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Results(pub(crate) BTreeMap<String, Value>);

/// What a reference leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Written in the reference's format.
    Shown(String),
    /// There is nothing: where the reason stands, if anything says it.
    Nothing(Option<Reference>),
    /// No such place.
    Lost,
}

impl Results {
    /// Looks `reference` up.
    pub(crate) fn find(&self, reference: &Reference) -> Found {
        let answer = self.0.get(&reference.step);
        let Some(value) = answer.and_then(|answer| answer.pointer(&reference.pointer)) else {
            return Found::Lost;
        };
        reference
            .format
            .write(value)
            .map_or_else(|| Found::Nothing(self.reason(reference)), Found::Shown)
    }

    /// The nearest warning that says why a number is not there: one of the same object, else one of the whole answer
    /// about the same column, else one about none.
    fn reason(&self, reference: &Reference) -> Option<Reference> {
        let answer = self.0.get(&reference.step)?;
        let (mut place, mut names) = (reference.pointer.as_str(), Vec::new());
        while let Some((parent, _)) = place.rsplit_once('/') {
            place = parent;
            let object = answer.pointer(place)?;
            for field in ["name", "value_column", "time_column", "column"] {
                names.extend(object.get(field).and_then(Value::as_str));
            }
            if let Some(found) = warning(object, &names) {
                let pointer = format!("{place}/warnings/{found}/text");
                let format = super::Format::Text;
                return Some(Reference { step: reference.step.clone(), pointer, format });
            }
        }
        None
    }
}

fn warning(object: &Value, names: &[&str]) -> Option<usize> {
    let warnings = object.get("warnings")?.as_array()?;
    let fits = |about: &dyn Fn(&Value) -> bool| {
        let computed = |w: &Value| w["code"] == "not_computable" && w["text"].is_string();
        warnings.iter().position(|w| computed(w) && about(&w["column"]))
    };
    fits(&|column| column.as_str().is_some_and(|column| names.contains(&column)))
        .or_else(|| fits(&Value::is_null))
}

/// One place in an answer, from which references are made: so a text can only name what is there.
#[derive(Clone, Debug)]
pub(crate) struct At<'a> {
    pub(crate) step: &'a str,
    pub(crate) pointer: String,
    pub(crate) value: &'a Value,
    /// The answer has such a place: its null then says that there is no number, and a warning says why.
    pub(crate) there: bool,
}

static NOTHING: Value = Value::Null;

impl<'a> At<'a> {
    /// The whole answer of `step`.
    pub(crate) fn whole(step: &'a str, value: &'a Value) -> Self {
        Self { step, pointer: String::new(), value, there: true }
    }

    /// A field; null where there is none.
    pub(crate) fn field(&self, name: &str) -> Self {
        let found = self.value.get(name);
        let (value, there) = (found.unwrap_or(&NOTHING), found.is_some());
        Self {
            step: self.step,
            pointer: format!("{}/{}", self.pointer, escape(name)),
            value,
            there,
        }
    }

    /// A field of a field of …: `result/columns`.
    pub(crate) fn path(&self, path: &str) -> Self {
        path.split('/').fold(self.clone(), |at, name| at.field(name))
    }

    /// The items of a list, or none.
    pub(crate) fn items(&self) -> Vec<Self> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        let at = |(i, value)| {
            let pointer = format!("{}/{i}", self.pointer);
            Self { step: self.step, pointer, value, there: true }
        };
        items.map(at).collect()
    }

    /// The fields of an object, or none.
    pub(crate) fn fields(&self) -> Vec<(&'a str, Self)> {
        let fields = self.value.as_object().into_iter().flatten();
        fields.map(|(name, _)| (name.as_str(), self.field(name))).collect()
    }

    pub(crate) fn text(&self) -> &'a str {
        self.value.as_str().unwrap_or_default()
    }

    pub(crate) fn number(&self) -> Option<f64> {
        self.value.as_f64()
    }

    pub(crate) fn yes(&self) -> bool {
        self.value.as_bool().unwrap_or_default()
    }

    pub(crate) fn is_null(&self) -> bool {
        self.value.is_null()
    }

    /// What stands here, written so.
    pub(crate) fn as_(&self, format: super::Format) -> Reference {
        Reference { step: self.step.to_owned(), pointer: self.pointer.clone(), format }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::grounding::Format;

    #[test]
    fn a_number_that_is_not_there_says_why() {
        let warning = |column: Value, text: &str| json!({ "code": "not_computable", "column": column, "text": text });
        let answer = json!({
            "warnings": [
                { "code": "other", "text": "unrelated", "column": "a" },
                warning(json!("b"), "b is constant"),
                warning(json!(null), "in general"),
            ],
            "result": {
                "columns": [{ "name": "a", "skew": null }, { "name": "b", "skew": null, "mean": 2.5 }],
                "tests": [{ "p": null, "warnings": [warning(json!(null), "all equal")] }],
            },
        });
        let results = Results(BTreeMap::from([("d".to_owned(), answer)]));
        let why = |pointer: &str| {
            let reference =
                Reference { step: "d".into(), pointer: pointer.into(), format: Format::G4 };
            match results.find(&reference) {
                Found::Nothing(Some(reason)) => results.find(&reason),
                other => other,
            }
        };
        let shown = |text: &str| Found::Shown(text.to_owned());
        assert_eq!(why("/result/columns/1/skew"), shown("b is constant"));
        assert_eq!(why("/result/columns/0/skew"), shown("in general"));
        assert_eq!(why("/result/tests/0/p"), shown("all equal"));
        assert_eq!(why("/result/columns/1/mean"), shown("2.5"));
        assert_eq!(why("/result/columns/2/mean"), Found::Lost);
    }

    #[test]
    fn a_place_makes_references_that_lead_back_to_it() {
        let answer = json!({ "a/b": { "~": [{ "x": 7 }] } });
        let at = At::whole("s", &answer).field("a/b").field("~").items()[0].field("x");
        assert_eq!(at.as_(Format::Int).to_string(), "{{n:s:/a~1b/~0/0/x|int}}");
        assert_eq!(answer.pointer(&at.pointer), Some(&json!(7)));
        assert!(at.field("y").field("z").is_null());
    }
}
