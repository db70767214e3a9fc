//! What a factory's setters take.

/// What a factory's setter takes for a field of type `T`: a `T`, text for a `String`, and for an
/// `Option` also what it may hold.
///
/// It is not `Into`, so that a number takes the field's type: `.quantity(5)` sets an `i16` as well.
///
/// ```
/// use tdata_factory::IntoField;
///
/// fn set<T>(value: impl IntoField<T>) -> T {
///     value.into_field()
/// }
/// assert_eq!(set::<i16>(5), 5);
/// assert_eq!(set::<Option<String>>("a note"), Some("a note".to_owned()));
/// assert_eq!(set::<Option<String>>(None), None);
/// ```
#[diagnostic::on_unimplemented(
    message = "a field of type `{T}` cannot be set to `{Self}`",
    label = "not a `{T}`"
)]
pub trait IntoField<T> {
    /// Returns the field's value.
    fn into_field(self) -> T;
}

impl<T> IntoField<T> for T {
    fn into_field(self) -> T {
        self
    }
}

impl<T> IntoField<Option<T>> for T {
    fn into_field(self) -> Option<T> {
        Some(self)
    }
}

impl IntoField<String> for &str {
    fn into_field(self) -> String {
        self.to_owned()
    }
}

impl IntoField<Option<String>> for &str {
    fn into_field(self) -> Option<String> {
        Some(self.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<T>(value: impl IntoField<T>) -> T {
        value.into_field()
    }

    #[test]
    fn numbers_take_the_type_of_the_field() {
        let small: i16 = set(5);
        let perhaps: Option<f64> = set(0.5);
        assert_eq!((small, perhaps), (5, Some(0.5)));
        assert_eq!(set::<Option<String>>("x"), Some("x".to_owned()));
        assert_eq!(set::<Option<String>>(None), None);
    }
}
