//! Fields made of others: closures such as `|u| format!("{} {}", u.first_name, u.last_name)`.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};
use syn::{Expr, Pat};

use super::tokens::{local, text};
use crate::mistakes::{Mistakes, unknown, with_help};

/// A field made of others.
pub(super) struct Lazy {
    /// What the closure calls the record.
    record: Ident,
    /// What comes between its parameters and its body: `-> String`, or nothing.
    output: TokenStream,
    /// The body; once rewritten, with variables in place of the record's fields.
    body: TokenStream,
    /// The fields it is made of, without repetition, as they are written.
    pub(super) uses: Vec<Ident>,
}

impl Lazy {
    /// Reads the closure; `None` after telling that it is none.
    pub(super) fn read(expression: Expr, mistakes: &mut Mistakes) -> Option<Self> {
        let message = "`lazy` must be a closure of one name, that of the record";
        let message = with_help(message, "such as `lazy = |u| u.email.to_uppercase()`");
        let Expr::Closure(closure) = &expression else {
            mistakes.at(&expression, message);
            return None;
        };
        let mut inputs = closure.inputs.iter();
        let record = match (inputs.next(), inputs.next()) {
            (Some(Pat::Ident(one)), None) if one.by_ref.is_none() && one.subpat.is_none() => {
                one.ident.clone()
            }
            _ => {
                mistakes.at(&closure.inputs, message);
                return None;
            }
        };
        let (output, body) = (closure.output.to_token_stream(), closure.body.to_token_stream());
        Some(Self { record, output, body, uses: Vec::new() })
    }

    /// Puts variables in place of the record's fields; `false` after telling what is wrong.
    ///
    /// `known` are the fields there are, and `late` those that are made too late.
    pub(super) fn rewrite(
        &mut self,
        known: &[String],
        late: &[String],
        mistakes: &mut Mistakes,
    ) -> bool {
        let record = self.record.clone();
        let mut rewriting =
            Rewriting { record: &record, known, late, uses: Vec::new(), told: false, mistakes };
        let body = rewriting.stream(std::mem::take(&mut self.body));
        let (uses, told) = (std::mem::take(&mut rewriting.uses), rewriting.told);
        (self.body, self.uses) = (body, uses);
        !told
    }

    /// Returns where the closure stands.
    pub(super) fn span(&self) -> proc_macro2::Span {
        self.record.span()
    }

    /// Returns the closure that makes the field, without parameters.
    pub(super) fn closure(&self) -> TokenStream {
        let span = proc_macro2::Span::mixed_site();
        let (output, body) = (&self.output, &self.body);
        let uses: Vec<Ident> = self.uses.iter().map(|name| local(name, span)).collect();
        match uses.as_slice() {
            [] => quote_spanned!(span=> || #output #body),
            _ if self.output.is_empty() => quote_spanned!(span=> || {
                let (#(#uses,)*) = (#(&#uses,)*);
                #body
            }),
            // A body with its type written is a block.
            _ => quote_spanned!(span=> {
                let (#(#uses,)*) = (#(&#uses,)*);
                move || #output #body
            }),
        }
    }
}

struct Rewriting<'a> {
    record: &'a Ident,
    known: &'a [String],
    late: &'a [String],
    uses: Vec<Ident>,
    told: bool,
    mistakes: &'a mut Mistakes,
}

impl Rewriting<'_> {
    fn stream(&mut self, tokens: TokenStream) -> TokenStream {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut written = Vec::with_capacity(tokens.len());
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), self.stream(group.stream()));
                    inner.set_span(group.span());
                    written.push(inner.into());
                }
                TokenTree::Ident(name)
                    if name == self.record && !is_another(&tokens[..at - 1], &tokens[at..]) =>
                {
                    let (taken, place) = self.place(name, &tokens[at..]);
                    at += taken;
                    written.push(place);
                }
                other => written.push(other.clone()),
            }
        }
        written.into_iter().collect()
    }

    /// Returns what stands for a field of the record, of whose name `name` is followed by `rest`, and
    /// how many tokens of that it takes.
    fn place(&mut self, name: &Ident, rest: &[TokenTree]) -> (usize, TokenTree) {
        let field = match rest {
            [TokenTree::Punct(dot), TokenTree::Ident(field), ..] if is_access(dot) => field,
            _ => {
                let example = self.example();
                let message = format!("`{name}` alone is no value: the record is still being made");
                self.tell(name, with_help(&message, &format!("write `{name}.{example}`")));
                return (0, TokenTree::Ident(name.clone()));
            }
        };
        let taken = 2;
        let called = text(field);
        let is_call = matches!(rest.get(2), Some(TokenTree::Group(group))
            if group.delimiter() == Delimiter::Parenthesis);
        if is_call {
            let message =
                format!("`{name}.{called}(..)` calls the record, which is still being made");
            let help = format!("use its fields, such as `{name}.{}`", self.example());
            self.tell(field, with_help(&message, &help));
        } else if self.late.contains(&called) {
            let message = format!("`{called}` are made once the record itself is");
            self.tell(field, with_help(&message, "use other fields"));
        } else if !self.known.contains(&called) {
            let message = format!("the record has no field `{called}`");
            let names = self.known.iter().map(String::as_str);
            let message = unknown(message, &called, names);
            self.tell(field, message);
        } else if !self.uses.iter().any(|known| text(known) == called) {
            self.uses.push(field.clone());
        }
        // What is behind a reference can be read in place, and not moved out of the record.
        let value = local(field, field.span());
        let mut star = Punct::new('*', Spacing::Alone);
        star.set_span(value.span());
        let mut place = Group::new(
            Delimiter::Parenthesis,
            [TokenTree::Punct(star), TokenTree::Ident(value.clone())].into_iter().collect(),
        );
        place.set_span(value.span());
        (taken, place.into())
    }

    fn example(&self) -> String {
        self.known.first().cloned().unwrap_or_else(|| "field".to_owned())
    }

    fn tell(&mut self, at: &Ident, message: String) {
        self.told = true;
        self.mistakes.at(at, message);
    }
}

/// Tells whether a name between two others is not that of the record, but of a field or a path.
fn is_another(before: &[TokenTree], behind: &[TokenTree]) -> bool {
    let colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    let field = match before {
        // A range ends in a dot too.
        [.., TokenTree::Punct(first), TokenTree::Punct(dot)] if dot.as_char() == '.' => {
            first.as_char() != '.'
        }
        [.., TokenTree::Punct(dot)] => dot.as_char() == '.',
        _ => false,
    };
    field || colon(before.last()) && colon(before.iter().rev().nth(1)) || colon(behind.first())
}

fn is_access(dot: &Punct) -> bool {
    dot.as_char() == '.' && dot.spacing() == Spacing::Alone
}
