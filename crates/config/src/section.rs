use crate::fault::Faults;
use crate::reader::Reader;

/// Where a setting's value comes from when nobody gives one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    /// One default, or one per column of a section that stands several times.
    pub(crate) defaults: &'static [&'static str],
    /// A value that would do.
    pub(crate) example: &'static str,
    /// Whether there is no start without it.
    pub(crate) required: bool,
}

impl Source {
    /// The default in this column; empty if there is none.
    pub(crate) fn default_in(&self, column: usize) -> &'static str {
        self.defaults.get(column).or(self.defaults.last()).copied().unwrap_or_default()
    }
}

/// There is no start without it.
pub(crate) const fn required(example: &'static str) -> Source {
    Source { defaults: &[], example, required: true }
}

/// Has this value if nobody says otherwise.
pub(crate) const fn default(value: &'static [&'static str; 1]) -> Source {
    Source { defaults: value, example: "", required: false }
}

/// Has a default of its own in each place where the section stands.
pub(crate) const fn each(values: &'static [&'static str; 3]) -> Source {
    Source { defaults: values, example: "", required: false }
}

/// May be left out.
pub(crate) const fn optional(example: &'static str) -> Source {
    Source { defaults: &[], example, required: false }
}

/// Where a section stands: its name with dots, and which column of defaults is its.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) name: &'static str,
    pub(crate) column: usize,
}

impl Place {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name, column: 0 }
    }

    pub(crate) const fn column(name: &'static str, column: usize) -> Self {
        Self { name, column }
    }

    /// The environment variable of a field here.
    pub(crate) fn variable(self, field: &str) -> String {
        format!("NINJA_{}__{field}", self.name.replace('.', "__")).to_uppercase()
    }
}

/// One setting, as the documentation shows it.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) variable: String,
    pub(crate) doc: String,
    pub(crate) kind: &'static str,
    pub(crate) default: &'static str,
    pub(crate) source: Source,
}

/// The settings of one place.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) about: String,
    pub(crate) fields: Vec<Field>,
}

/// A struct whose fields are settings. The macro [`section!`] writes this.
pub(crate) trait Section: Sized {
    /// Reads the section; every fault goes into the reader.
    fn read(reader: &mut Reader, at: Place) -> Option<Self>;

    /// What may be set, for the documentation and for finding misspelt names.
    fn tables(at: Place) -> Vec<Table>;
}

/// Rules between the fields of a section.
pub(crate) type Rules<S> = fn(&S, Place, &mut Faults);

/// Declares a section: its struct, and from the same lines how it is read and what the documentation says.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $name:ident { $($(#[doc = $doc:literal])+ $field:ident: $type:ty = $source:expr;)+ }
        $(rules $rules:path)?
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug)]
        pub struct $name { $($(#[doc = $doc])+ pub $field: $type,)+ }

        impl $crate::section::Section for $name {
            fn read(
                reader: &mut $crate::reader::Reader,
                at: $crate::section::Place,
            ) -> Option<Self> {
                $(let $field = reader.value::<$type>(at, stringify!($field), &$source);)+
                let section = Self { $($field: $field?),+ };
                $(let rules: $crate::section::Rules<Self> = $rules; rules(&section, at, reader.faults());)?
                Some(section)
            }

            fn tables(at: $crate::section::Place) -> Vec<$crate::section::Table> {
                let fields = vec![$($crate::section::Field {
                    variable: at.variable(stringify!($field)),
                    doc: [$($doc.trim()),+].join(" "),
                    kind: <$type as $crate::setting::Setting>::KIND,
                    default: $source.default_in(at.column),
                    source: $source,
                }),+];
                vec![$crate::section::Table {
                    name: at.name,
                    about: [$($about.trim()),+].join(" "),
                    fields,
                }]
            }
        }
    };
}
pub(crate) use section;
