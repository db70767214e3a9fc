//! How the names of variants become texts, and texts names.

/// How the text of a variant is made of its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LetterCase {
    Lower,
    Upper,
    #[default]
    Snake,
    ScreamingSnake,
    Kebab,
    Pascal,
    Camel,
}

impl LetterCase {
    /// What `rename_all` takes.
    pub(crate) const WORDS: &'static [(&'static str, Self)] = &[
        ("lowercase", Self::Lower),
        ("UPPERCASE", Self::Upper),
        ("snake_case", Self::Snake),
        ("SCREAMING_SNAKE_CASE", Self::ScreamingSnake),
        ("kebab-case", Self::Kebab),
        ("PascalCase", Self::Pascal),
        ("camelCase", Self::Camel),
    ];

    /// Returns the text of a variant.
    pub(crate) fn text(self, variant: &str) -> String {
        match self {
            Self::Lower => variant.to_lowercase(),
            Self::Upper => variant.to_uppercase(),
            Self::Snake => snake_case(variant),
            Self::ScreamingSnake => snake_case(variant).to_uppercase(),
            Self::Kebab => snake_case(variant).replace('_', "-"),
            Self::Pascal => pascal_case(&snake_case(variant)),
            Self::Camel => {
                let pascal = pascal_case(&snake_case(variant));
                let mut letters = pascal.chars();
                let first = letters.next().map(|first| first.to_ascii_lowercase());
                first.into_iter().chain(letters).collect()
            }
        }
    }
}

/// Writes `OnHold` as `on_hold`, and whatever is no letter or digit as `_`.
pub(crate) fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (at, letter) in letters.iter().copied().enumerate() {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(at + 1);
        // A word starts behind a small letter, and where capitals end: `HTTPError` is `http_error`.
        let word = letter.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_uppercase() && after.is_some_and(|after| after.is_lowercase()))
            });
        if word {
            text.push('_');
        }
        if letter.is_alphanumeric() {
            text.extend(letter.to_lowercase());
        } else {
            text.push('_');
        }
    }
    text
}

/// Writes `on_hold` or `on hold` as `OnHold`.
pub(crate) fn pascal_case(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words
        .flat_map(|word| {
            let shouts = word.chars().all(|c| !c.is_lowercase());
            let mut letters = word.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            let rest = letters.as_str();
            let rest = if shouts { rest.to_lowercase() } else { rest.to_owned() };
            first.chain(rest.chars().collect::<Vec<_>>())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_has_its_texts() {
        let texts: Vec<String> =
            LetterCase::WORDS.iter().map(|(_, case)| case.text("OnHold")).collect();
        assert_eq!(
            texts,
            ["onhold", "ONHOLD", "on_hold", "ON_HOLD", "on-hold", "OnHold", "onHold"]
        );
        assert_eq!(snake_case("HTTPError2Way"), "http_error2_way");
    }

    #[test]
    fn texts_become_names() {
        for (text, name) in
            [("on hold", "OnHold"), ("ON_HOLD", "OnHold"), ("onHold", "OnHold"), ("a-1", "A1")]
        {
            assert_eq!(pascal_case(text), name);
        }
    }
}
