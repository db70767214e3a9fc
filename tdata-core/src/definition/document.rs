//! A whole definition: one YAML document, parsed and checked by itself.

use std::sync::Arc;

use super::database::Database;
use super::keys::Keys;
use super::refresh::Refresh;
use super::spec_keys::SpecKeys;
use super::version::Version;
use super::yaml::{API_VERSION, parse_document};
use crate::diagnostic::{Diagnostics, Located, Source, is_visible};
use crate::spec::{DatasetSpec, Node};

/// A document that says how one dataset is made.
///
/// The dataset itself is its [`spec`](Self::spec); the document keeps what else it says.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The text it was read from.
    pub source: Arc<Source>,
    /// What the dataset belongs to; informational.
    pub namespace: Option<String>,
    /// The definition's version.
    pub version: Option<Version>,
    /// What people should know about the dataset.
    pub description: Option<String>,
    /// The database for use outside tests.
    pub database: Option<Database>,
    /// How the dataset is kept fresh.
    pub refresh: Option<Refresh>,
    /// What it says of the dataset.
    pub spec: Arc<DatasetSpec>,
}

#[derive(Clone, Copy)]
enum Kind {
    DataDefinition,
}

impl Definition {
    /// Parses a definition and checks all that can be checked without the others.
    ///
    /// `stem` is the file's name without its ending; the dataset must bear it.
    ///
    /// # Errors
    ///
    /// Every mistake in the text, each with its line.
    ///
    /// ```
    /// use tdata_core::definition::Definition;
    /// use tdata_core::diagnostic::Source;
    ///
    /// let text = "
    /// apiVersion: data.automation/v1
    /// kind: DataDefinition
    /// metadata: { name: tags }
    /// spec:
    ///   table: tags
    ///   fields:
    ///     - { name: id, type: integer, generator: sequence }
    /// ";
    /// let tags = Definition::parse(Source::new("tags.yaml", text), "tags").unwrap();
    /// assert_eq!(tags.spec.fields[0].name.value, "id");
    /// ```
    pub fn parse(source: Arc<Source>, stem: &str) -> Result<Self, Diagnostics> {
        let (definition, mistakes) = Self::read(&source, stem);
        match definition {
            Some(definition) if mistakes.is_empty() => Ok(definition),
            _ => Err(mistakes),
        }
    }

    /// Reads as much of a definition as can be read, and tells all that is wrong with it.
    pub(super) fn read(source: &Arc<Source>, stem: &str) -> (Option<Self>, Diagnostics) {
        let mut mistakes = Diagnostics::new();
        let root = parse_document(source, &mut mistakes);
        let definition = root.and_then(|root| read_root(&root, source, stem, &mut mistakes));
        mistakes.sort_by_place();
        (definition, mistakes)
    }
}

fn read_root(
    root: &Node,
    source: &Arc<Source>,
    stem: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Definition> {
    let mut keys = Keys::open(root, "a definition", diagnostics)?;
    let api_version = keys.required_text("apiVersion");
    if let Some(api_version) = api_version.filter(|version| version.value != API_VERSION) {
        let message = format!("`{}` is not a format this tdata reads", api_version.value);
        keys.invalid(&api_version.origin, message, &format!("write `apiVersion: {API_VERSION}`"));
    }
    keys.required_word("kind", &[("DataDefinition", Kind::DataDefinition)]);
    let metadata = keys.required("metadata");
    let metadata = metadata.and_then(|node| Metadata::read(&node, &mut keys));
    if let Some(name) = metadata.as_ref().and_then(|metadata| metadata.name.as_ref())
        && name.value != stem
    {
        let message = format!("the dataset `{}` stands in a file named `{stem}`", name.value);
        let help = format!("call it `{stem}`, or the file `{}.yaml`", name.value);
        keys.invalid(&name.origin, message, &help);
    }
    if let Some(name) = metadata.as_ref().and_then(|metadata| metadata.name.as_ref())
        && !name.value.chars().all(is_visible)
    {
        let message = format!("`{}` cannot name a dataset", name.value);
        keys.invalid(&name.origin, message, "leave out characters that cannot be seen");
    }
    // What is missing was told; a stand-in lets the rest be checked.
    let metadata = metadata.unwrap_or_default();
    let name = metadata.name.unwrap_or_else(|| Located::new(stem.to_owned(), root.origin.clone()));
    let spec = keys.required("spec");
    let spec = spec.and_then(|node| SpecKeys::read(&node, name, &mut keys));
    keys.finish();
    let SpecKeys { dataset, database, refresh } = spec?;
    Some(Definition {
        source: Arc::clone(source),
        namespace: metadata.namespace,
        version: metadata.version,
        description: metadata.description,
        database,
        refresh,
        spec: Arc::new(dataset),
    })
}

#[derive(Default)]
struct Metadata {
    name: Option<Located<String>>,
    namespace: Option<String>,
    version: Option<Version>,
    description: Option<String>,
}

impl Metadata {
    fn read(node: &Node, keys: &mut Keys<'_>) -> Option<Self> {
        let mut keys = Keys::open(node, "`metadata`", keys.diagnostics())?;
        let name = keys.required_text("name");
        let namespace = keys.optional_text("namespace").map(|text| text.value);
        let version = keys.optional_parsed("version", "a version such as `v1.2.0`");
        let description = keys.optional_text("description").map(|text| text.value);
        keys.finish();
        let version = version.map(|version| version.value);
        Some(Self { name, namespace, version, description })
    }
}
