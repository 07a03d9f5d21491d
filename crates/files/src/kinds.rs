//! The 35 extensions that may be uploaded, and what each says about the bytes.

use std::fmt;
use std::str::FromStr;

/// What a file is for, in the words of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// Prose and data for people to read.
    Text,
    /// Source of programs and pages.
    Code,
    /// Rows and columns.
    Table,
    /// Written with an office program.
    Document,
    /// Pictures.
    Image,
    /// Files in a file.
    Archive,
}

impl FileKind {
    /// Every one of them, in the order of the contract.
    pub const ALL: &'static [Self] =
        &[Self::Text, Self::Code, Self::Table, Self::Document, Self::Image, Self::Archive];

    /// The word of the contract, as it stands in rows and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Code => "code",
            Self::Table => "table",
            Self::Document => "document",
            Self::Image => "image",
            Self::Archive => "archive",
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for FileKind {
    type Err = ninja_types::UnknownName;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().copied().find(|kind| kind.as_str() == word);
        found.ok_or_else(|| ninja_types::UnknownName { kind: "file kind", value: word.to_owned() })
    }
}

/// What a file is: its name and its bytes agree on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileType {
    /// In lower case, without the dot.
    pub extension: &'static str,
    /// What it is for.
    pub kind: FileKind,
    /// As it stands in the header of a download.
    pub content_type: &'static str,
    pub(crate) form: Form,
}

/// What the bytes of a type must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Text that cannot say its encoding: UTF-8, UTF-16 with a mark, or an old one-byte encoding.
    Plain,
    /// Text that is UTF-8 unless it declares another encoding.
    Declared,
    /// XML whose root is `<svg`.
    Svg,
    /// Bytes whose signature `infer` knows under this name.
    Magic(&'static str),
    /// A Word file of before 2007.
    Doc,
    /// A zip, and what must be in it: nothing, or the folder of an office format.
    Zip(Option<&'static str>),
    /// A gzip stream, maybe with a tar in it.
    Gzip,
    /// A tar.
    Tar,
}

use FileKind::{Archive, Code, Document, Image, Table, Text};
use Form::{Declared, Doc, Gzip, Magic, Plain, Svg, Tar, Zip};

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// In the order of the contract.
static TYPES: &[(&str, FileKind, &str, Form)] = &[
    ("txt", Text, "text/plain", Plain),
    ("md", Text, "text/markdown", Declared),
    ("pdf", Document, "application/pdf", Magic("pdf")),
    ("doc", Document, "application/msword", Doc),
    ("docx", Document, DOCX, Zip(Some("word/"))),
    ("py", Code, "text/x-python", Declared),
    ("js", Code, "text/javascript", Declared),
    ("ts", Code, "text/x-typescript", Declared),
    ("java", Code, "text/x-java", Declared),
    ("go", Code, "text/x-go", Declared),
    ("rs", Code, "text/x-rust", Declared),
    ("c", Code, "text/x-c", Declared),
    ("cpp", Code, "text/x-c++", Declared),
    ("rb", Code, "text/x-ruby", Declared),
    ("php", Code, "text/x-php", Declared),
    ("json", Text, "application/json", Declared),
    ("csv", Table, "text/csv", Plain),
    ("xml", Text, "application/xml", Declared),
    ("yaml", Text, "application/yaml", Declared),
    ("yml", Text, "application/yaml", Declared),
    ("jpg", Image, "image/jpeg", Magic("jpg")),
    ("jpeg", Image, "image/jpeg", Magic("jpg")),
    ("png", Image, "image/png", Magic("png")),
    ("gif", Image, "image/gif", Magic("gif")),
    ("svg", Image, "image/svg+xml", Svg),
    ("webp", Image, "image/webp", Magic("webp")),
    ("zip", Archive, "application/zip", Zip(None)),
    ("tar", Archive, "application/x-tar", Tar),
    ("gz", Archive, "application/gzip", Gzip),
    ("html", Code, "text/html", Declared),
    ("css", Code, "text/css", Declared),
    ("sql", Code, "application/sql", Declared),
    ("xlsx", Table, XLSX, Zip(Some("xl/"))),
    ("tsv", Table, "text/tab-separated-values", Plain),
    ("jsonl", Table, "application/jsonl", Declared),
];

/// The type that an extension in lower case promises.
pub(crate) fn promised(extension: &str) -> Option<FileType> {
    let found = TYPES.iter().find(|(name, ..)| *name == extension)?;
    let &(extension, kind, content_type, form) = found;
    Some(FileType { extension, kind, content_type, form })
}

/// All extensions, for people.
pub(crate) fn listed() -> String {
    TYPES.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_contract() {
        let contract = "txt md pdf doc docx py js ts java go rs c cpp rb php json csv xml yaml yml \
            jpg jpeg png gif svg webp zip tar gz html css sql xlsx tsv jsonl";
        assert_eq!(listed(), contract);
    }
}
