//! Bytes that are a text.

/// Reads bytes that are UTF-8, as all are that a [`Text`](super::text::Text) has written.
#[inline]
pub(crate) fn utf8(bytes: &[u8]) -> &str {
    let text = str::from_utf8(bytes);
    debug_assert!(text.is_ok(), "texts are UTF-8");
    text.unwrap_or_default()
}
