//! Why a text is no URL of a server.

/// A text that is no PostgreSQL URL, or one that tdata cannot use: why.
///
/// It tells nothing of the text but words that everybody knows. Whatever cannot be read may be a part of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedUrl {
    /// It is not clear where the password ends.
    #[error(
        "it is not clear where its password ends; write @ as %40, and ? as %3F, within a name or a password"
    )]
    Ambiguous,
    /// There is a line break or the like in it.
    #[error("there is a line break or another control character in it")]
    Control,
    /// There are quotes around it, as in a file of variables.
    #[error("there are quotes around it, which are taken as a part of it: leave them out")]
    Quoted,
    /// There are blanks around it.
    #[error("there are blanks around it: leave them out")]
    Surrounded,
    /// There is a blank in it.
    #[error("there is a blank in it; write it as %20 within a name or a password")]
    Blank,
    /// It is the URL of something else.
    #[error("it is a URL of {0}, and not of a PostgreSQL server")]
    Scheme(&'static str),
    /// It names no host.
    #[error(
        "it names no host; write localhost, or for a socket the folder that it is in, as in \
         postgres://user@%2Frun%2Fpostgresql/postgres"
    )]
    NoHost,
    /// It names several hosts.
    #[error("it names several hosts or ports, and data are on one server: name one")]
    SeveralHosts,
    /// It names a service of libpq.
    #[error(
        "it names a service, and tdata reads no service file: write host, port, user, password and database instead"
    )]
    Service,
    /// It demands TLS by a word that only libpq knows.
    #[error(
        "its `sslmode` demands TLS, and tdata connects without TLS: use sslmode=prefer or sslmode=disable"
    )]
    Tls,
    /// An option that tdata does not know, and other clients do.
    #[error("tdata does not take its option `{0}`: leave it out")]
    Option(&'static str),
    /// An option's value cannot be read.
    #[error("the value of its option `{0}` cannot be read")]
    Value(&'static str),
    /// It is written in another way.
    #[error("it is not of this form, or names an option that there is not")]
    Form,
}
