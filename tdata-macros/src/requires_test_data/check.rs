//! Checks options against the project's definitions.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use syn::LitStr;
use tdata_core::contract::{Contract, Defaults, Keep, VersionChoice};
use tdata_core::definition::{Gathered, Instant};
use tdata_core::diagnostic::Diagnostics;
use tdata_core::spec::DatasetSpec;

use super::options::Options;
use crate::definitions::Definitions;
use crate::mistakes::{Mistakes, message_of, unknown, with_help};

/// What a test has, as far as it is known while compiling.
#[derive(Default)]
pub(crate) struct Provisioned {
    /// The files that this depends on.
    pub(crate) files: Vec<PathBuf>,
    /// The datasets; `None` when they are not known.
    datasets: Option<Vec<String>>,
}

impl Provisioned {
    /// Tells whether the test may have a dataset.
    pub(crate) fn provides(&self, dataset: &str) -> bool {
        self.datasets.as_ref().is_none_or(|known| known.iter().any(|name| name == dataset))
    }

    /// Tells whether it is not known which datasets the test has.
    pub(crate) fn is_unknown(&self) -> bool {
        self.datasets.is_none()
    }

    /// Returns the names of the datasets.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.datasets.iter().flatten().map(String::as_str)
    }
}

/// Checks what the options name; all that is wrong goes to `mistakes`.
pub(crate) fn check(
    options: &Options,
    definitions: &Definitions,
    mistakes: &mut Mistakes,
) -> Provisioned {
    if matches!(options.contract.version, Some(VersionChoice::Exact(_))) {
        // That version is in the project's Git history, which is read only when the test runs.
        return Provisioned { files: definitions.files([]), datasets: None };
    }
    if let Some(list) = options.no_datasets.as_ref().filter(|_| !definitions.migrates) {
        let help = "name a definition; without datasets a test gets what migrations make, and there are none";
        let text = with_help("`datasets` names no dataset", help);
        mistakes.at(list, with_unnamed(text, definitions.unnamed_migrations.as_deref()));
    }
    let (closure, complete) = check_datasets(options, definitions, mistakes);
    check_volumes(options, definitions, &closure, complete, mistakes);
    let names = closure.iter().map(|one| one.name.value.clone()).collect();
    Provisioned { files: definitions.files(&closure), datasets: complete.then_some(names) }
}

/// Finds the definitions of the datasets and of all that their relationships bring along; `false`
/// with them when something is missing.
fn check_datasets(
    options: &Options,
    definitions: &Definitions,
    mistakes: &mut Mistakes,
) -> (Vec<Arc<DatasetSpec>>, bool) {
    let library = &definitions.library;
    let contract = contract(options);
    let mut found: Vec<Arc<DatasetSpec>> = Vec::new();
    let mut faulty: Vec<(&LitStr, Diagnostics)> = Vec::new();
    for name in &options.datasets {
        let mistakes = definitions.mistakes(&name.value(), &contract);
        let Gathered { specs, .. } = library.gather([name.value().as_str()]);
        let known: BTreeSet<String> = found.iter().map(|one| one.name.value.clone()).collect();
        found.extend(specs.into_iter().filter(|one| !known.contains(&one.name.value)));
        if !mistakes.is_empty() {
            faulty.push((name, mistakes));
        }
    }
    let complete = faulty.is_empty();
    // A broken definition that several datasets bring along is told once, where it is named itself
    // if it is.
    faulty.sort_by_key(|(name, _)| !matches!(library.get(&name.value()), Some(Err(_))));
    let mut already = BTreeSet::new();
    let mut unnamed = definitions.unnamed_migrations.as_deref();
    for (name, diagnostics) in &faulty {
        for diagnostic in diagnostics {
            let text = message_of(diagnostic);
            if already.insert(text.clone()) {
                let makes_types = unnamed.take_if(|_| diagnostic.code() == "plan::unknown_type");
                mistakes.at(name, with_unnamed(text, makes_types));
            }
        }
        if let Some(rest) = diagnostics.rest() {
            mistakes.at(name, rest);
        }
    }
    (found, complete)
}

/// Returns the contract as far as the options tell it. The test has the rest of the settings.
fn contract(options: &Options) -> Contract {
    let micros = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let as_of = Instant::from_micros(i64::try_from(micros.as_micros()).unwrap_or(i64::MAX));
    let (seed, keep) = (Contract::DEFAULT_SEED, Keep::default());
    let mut contract = options.contract.clone().complete(Defaults { seed, as_of, keep });
    let volumes = options.volumes.iter().map(|(name, volume)| (name.value(), *volume));
    contract.volumes.by_dataset = volumes.collect();
    contract
}

/// Adds what is said of migrations that nobody names to a message about what these might make.
fn with_unnamed(text: String, unnamed: Option<&str>) -> String {
    match unnamed {
        Some(unnamed) => with_help(text.trim_end(), unnamed),
        None => text,
    }
}

/// Checks that every volume is that of a dataset which is provisioned.
fn check_volumes(
    options: &Options,
    definitions: &Definitions,
    closure: &[Arc<DatasetSpec>],
    complete: bool,
    mistakes: &mut Mistakes,
) {
    let mut valid: Vec<String> = closure.iter().map(|one| one.name.value.clone()).collect();
    if !complete {
        // What the faulty ones would bring along is unknown: only names that cannot be right are
        // told.
        valid.extend(options.datasets.iter().map(LitStr::value));
        valid.extend(definitions.library.names().map(str::to_owned));
    }
    if options.datasets.is_empty() {
        return;
    }
    for (key, _) in &options.volumes {
        let name = key.value();
        if valid.contains(&name) {
            continue;
        }
        if definitions.library.get(&name).is_some() {
            let message = format!(
                "`{name}` is not provisioned: it is not among the datasets, \
                 and no relationship of theirs brings it along"
            );
            mistakes.at(key, with_help(&message, "add it to `datasets`"));
        } else {
            let message = format!("there is no dataset `{name}`");
            mistakes.at(key, unknown(message, &name, valid.iter().map(String::as_str)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proc_macro2::TokenStream;
    use quote::quote;
    use tdata_core::diagnostic::Source;

    use super::*;

    /// `payments` bring `orders` along, and these `users`; `bills` bring `broken` ones.
    fn definitions() -> Definitions {
        let mut definitions = Definitions::default();
        let parents =
            [("users", ""), ("orders", "users"), ("payments", "orders"), ("bills", "broken")];
        for (name, parent) in parents {
            let relationships = match parent {
                "" => "[]".to_owned(),
                parent => format!("[{{ foreignKey: {parent}_id, references: {parent}.id }}]"),
            };
            let text = format!(
                "
apiVersion: data.automation/v1
kind: DataDefinition
metadata: {{ name: {name} }}
spec:
  table: {name}
  fields:
    - {{ name: id, type: integer, generator: sequence }}
  relationships: {relationships}
"
            );
            insert(&mut definitions, name, &text);
        }
        insert(
            &mut definitions,
            "broken",
            "apiVersion: data.automation/v1\nkindd: DataDefinition\n",
        );
        definitions
    }

    fn insert(definitions: &mut Definitions, name: &str, text: &str) {
        let source = Source::new(format!("data_definitions/{name}.yaml"), text);
        let path = Path::new("/project").join(format!("{name}.yaml"));
        definitions.library.insert(source, name, Some(path));
    }

    fn checked(options: TokenStream) -> (Vec<PathBuf>, Vec<String>) {
        let mut mistakes = Mistakes::default();
        let options = Options::parse(options, &mut mistakes);
        assert!(mistakes.is_empty());
        let files = check(&options, &definitions(), &mut mistakes).files;
        (files, mistakes.messages())
    }

    #[test]
    fn relationships_bring_datasets_along() {
        let (files, mistakes) =
            checked(quote!(datasets = ["orders", "users"], volume = { users = 5 }));
        assert_eq!(mistakes, [] as [&str; 0]);
        assert_eq!(files, ["/project/orders.yaml", "/project/users.yaml"].map(PathBuf::from));
    }

    #[test]
    fn unknown_names_are_told_with_the_nearest_one() {
        let (_, mistakes) = checked(quote!(datasets = ["usres", "order"], volume = { ordres = 5 }));
        assert_eq!(
            mistakes,
            [
                "there is no dataset `usres`\nhelp: did you mean `users`?",
                "there is no dataset `order`\nhelp: did you mean `orders`?",
                "there is no dataset `ordres`\nhelp: did you mean `orders`?",
            ]
        );
    }

    #[test]
    fn a_volume_of_what_is_not_provisioned_is_a_mistake() {
        let (_, mistakes) = checked(quote!(datasets = ["orders"], volume = { payments = 5 }));
        assert_eq!(
            mistakes,
            [
                "`payments` is not provisioned: it is not among the datasets, and no relationship of \
              theirs brings it along\nhelp: add it to `datasets`"
            ]
        );
    }

    #[test]
    fn volumes_wait_until_all_datasets_are_right() {
        let (_, mistakes) = checked(quote!(datasets = ["payment"], volume = { users = 5 }));
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    }

    #[test]
    fn a_definition_that_does_not_parse_is_told_once() {
        let mut mistakes = Mistakes::default();
        let options = quote!(datasets = ["bills", "broken"]);
        let options = Options::parse(options, &mut mistakes);
        check(&options, &definitions(), &mut mistakes);
        let messages = mistakes.messages();
        let distinct: BTreeSet<&String> = messages.iter().collect();
        assert_eq!(distinct.len(), messages.len(), "{messages:#?}");
        assert!(messages[0].starts_with("data_definitions/broken.yaml has a mistake\n\n"));
        assert!(messages[0].contains("1 | apiVersion"), "{}", messages[0]);
    }

    #[test]
    fn types_are_told_only_where_no_migration_can_make_them() {
        let told = |migrates| {
            let mut definitions = Definitions { migrates, ..definitions() };
            let text = "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: { name: tags }\nspec:\n  \
                        table: tags\n  fields: [{ name: id, type: posint, generator: sequence }]\n  \
                        relationships: [{ foreignKey: key, references: broken.id }]\n";
            insert(&mut definitions, "tags", text);
            let mut mistakes = Mistakes::default();
            let options = Options::parse(quote!(datasets = ["tags"]), &mut mistakes);
            check(&options, &definitions, &mut mistakes);
            mistakes.messages()
        };
        // The mistakes of the file that it references hide none of its own.
        assert!(told(false).iter().any(|text| text.contains("there is no type `posint`")));
        assert!(told(false).iter().any(|text| text.contains("broken.yaml has a mistake")));
        assert!(told(true).iter().all(|text| !text.contains("posint")), "{:?}", told(true));
    }

    #[test]
    fn all_that_no_table_can_mend_is_told_at_once() {
        let told = |migrates, keys: &str| {
            let mut definitions = Definitions { migrates, ..definitions() };
            let text = format!(
                "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: tags }}\nspec:\n  \
                 table: tags\n{keys}  fields:\n    - {{ name: id, type: smallint, generator: squence }}\n    \
                 - {{ name: at, type: text, generator: word, lenght: 5 }}\n    \
                 - {{ name: to, type: text, generator: word, masking: true, pii_category: nmae }}\n    \
                 - {{ name: of, type: text, generator: choice, choices: [a, b], unique: true }}\n  \
                 relationships: [{{ foreignKey: user_id, references: users.di }}]\n"
            );
            insert(&mut definitions, "tags", &text);
            let mut mistakes = Mistakes::default();
            let options =
                Options::parse(quote!(datasets = ["tags"], volume = { tags = 3 }), &mut mistakes);
            check(&options, &definitions, &mut mistakes);
            mistakes.messages().concat()
        };
        let names = ["`squence`", "`lenght`", "`nmae`", "`di`"];
        for migrates in [false, true] {
            let text = told(migrates, "");
            assert!(names.iter().all(|name| text.contains(name)), "{text}");
            // How many rows and which columns there are is the test's to know, unless all else is wrong as well.
            assert_eq!(text.contains("`of` is unique, but"), !migrates, "{text}");
        }
        // Beside mistakes of the text itself, too.
        let text = told(false, "  volum: 5\n");
        assert!(text.contains("`volum`"), "{text}");
        assert!(names[..3].iter().all(|name| text.contains(name)), "{text}");
    }

    #[test]
    fn what_a_test_alone_can_tell_is_left_to_it() {
        for migrates in [false, true] {
            let mut definitions = Definitions { migrates, ..definitions() };
            let start = "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata:";
            let few = format!(
                "{start} {{ name: few }}\nspec:\n  table: few\n  fields:\n    \
                 - {{ name: id, type: text, generator: choice, choices: [a, b], unique: true }}\n"
            );
            insert(&mut definitions, "few", &few);
            let tags = format!(
                "{start} {{ name: tags }}\nspec:\n  table: tags\n  fields:\n    \
                 - {{ name: id, type: bigint, generator: sequence }}\n  \
                 relationships: [{{ foreignKey: state_id, references: states.id }}]\n"
            );
            insert(&mut definitions, "tags", &tags);
            let states =
                format!("{start} {{ name: states }}\nspec:\n  source: existing\n  table: states\n");
            insert(&mut definitions, "states", &states);
            definitions.library.set_beside_migrations(migrates);
            let mut mistakes = Mistakes::default();
            let options = quote!(datasets = ["few", "tags"], volume = { few = 3 });
            let options = Options::parse(options, &mut mistakes);
            check(&options, &definitions, &mut mistakes);
            assert_eq!(mistakes.messages(), [""; 0]);
        }
    }

    #[test]
    fn migrations_that_nobody_names_are_told_with_what_they_might_make() {
        let unnamed = || Some("the folder migrations is not named".to_owned());
        let mut definitions = Definitions { unnamed_migrations: unnamed(), ..definitions() };
        let text = "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: { name: tags }\nspec:\n  \
                    table: tags\n  fields:\n    - { name: id, type: integer, generator: sequence }\n    \
                    - { name: a, type: mood, generator: word }\n    \
                    - { name: b, type: state, generator: word }\n";
        insert(&mut definitions, "tags", text);
        let told = |options: TokenStream| {
            let mut mistakes = Mistakes::default();
            let options = Options::parse(options, &mut mistakes);
            check(&options, &definitions, &mut mistakes);
            let end = "\nhelp: the folder migrations is not named";
            let told = mistakes.messages().into_iter();
            told.map(|text| (text.contains("there is no type"), text.ends_with(end)))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(quote!(datasets = ["tags"])), [(true, true), (true, false)]);
        assert_eq!(told(quote!(datasets = ["tag"])), [(false, false)]);
        assert_eq!(told(quote!(datasets = [])), [(false, true)]);
    }

    #[test]
    fn an_older_version_is_not_checked_against_the_working_tree() {
        let (files, mistakes) =
            checked(quote!(datasets = ["gone"], version = "v1.0.0", volume = { lost = 5 }));
        assert_eq!(mistakes, [] as [&str; 0]);
        assert_eq!(files, [] as [PathBuf; 0]);
    }
}
