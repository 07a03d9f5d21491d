use ninja_egress::{OperatorUrlError, check_operator_url};
use thiserror::Error;
use url::Url;

/// Why a text is no base URL of a provider. For the person who typed it, as the rest of a sentence.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BaseUrlError {
    /// It is none at all.
    #[error("must be a URL that begins with https:// or http://")]
    NoUrl,
    /// It may not be asked.
    #[error(transparent)]
    Refused(#[from] OperatorUrlError),
}

/// The base URL of a provider as it is stored: one that may be asked, with a slash at the end. Without the slash the last
/// part of its path would be lost when the path of a request is joined to it.
pub fn base_url(text: &str) -> Result<Url, BaseUrlError> {
    let mut url = Url::parse(text).map_err(|_bad| BaseUrlError::NoUrl)?;
    check_operator_url(&url)?;
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_ends_with_a_slash_in_both_spellings() {
        for text in ["http://10.0.0.8:8000/v1", "http://10.0.0.8:8000/v1/"] {
            assert_eq!(base_url(text).map(String::from), Ok("http://10.0.0.8:8000/v1/".into()));
        }
        assert_eq!(base_url("http://[::1]:1").map(String::from), Ok("http://[::1]:1/".into()));
    }

    #[test]
    fn link_local_addresses_in_every_spelling_and_other_schemes_are_refused() {
        for bad in [
            "http://169.254.169.254/latest/",
            "http://0xa9fea9fe/",
            "http://2852039166/",
            "http://[::ffff:169.254.1.1]/",
            "http://[fe80::1]/",
            "http://[fd00:ec2::254]/",
            "ftp://example.org/",
            "http://user:word@example.org/",
            "https://example.org/?a=b",
            "example.org",
            "",
        ] {
            assert!(base_url(bad).is_err(), "{bad}");
        }
    }
}
