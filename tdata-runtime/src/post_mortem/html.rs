//! Texts as HTML takes them.

use tdata_core::diagnostic::is_visible;

/// Writes a text so that it is text and no markup, within elements and quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // Browsers take others for nothing, for an end, or as what turns the text around them.
            c if is_visible(c) || matches!(c, '\n' | '\t') => escaped.push(c),
            _ => escaped.push('\u{fffd}'),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(
            escape("<b title=\"x\" y='z'>&amp;\n\u{0}\u{202e}"),
            "&lt;b title=&quot;x&quot; y=&#39;z&#39;&gt;&amp;amp;\n\u{fffd}\u{fffd}"
        );
    }
}
