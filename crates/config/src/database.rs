use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::fault::Faults;
use crate::kinds::Seconds;
use crate::section::{Place, default, optional, required, section};

section! {
    /// `NINJA_DATABASE__*`: PostgreSQL, the truth.
    DatabaseConfig {
        /// Where it is. May hold a password, so it is never printed. `?sslmode=require` encrypts.
        url: SecretString = required("postgres://ninja:secret@127.0.0.1:5432/ninja");
        /// The password, if it is not in the URL.
        password: Option<SecretString> = optional("secret");
        /// Connections of one process at most. Left out: 16 in the API, 8 in a worker.
        pool_size: Option<usize> = optional("16");
        /// How long a request waits for a free connection before it is answered 503.
        acquire_seconds: Seconds = default(&["2"]);
    }
    rules rules
}

impl DatabaseConfig {
    /// The URL with the password in it.
    pub fn full_url(&self) -> SecretString {
        joined(&self.url, self.password.as_ref())
    }
}

fn rules(database: &DatabaseConfig, at: Place, faults: &mut Faults) {
    must_be(&database.url, &["postgres", "postgresql"], &at.variable("url"), faults);
}

/// Notes a fault unless `url` is a URL with a host and one of these schemes.
pub(crate) fn must_be(url: &SecretString, schemes: &[&str], name: &str, faults: &mut Faults) {
    let good = Url::parse(url.expose_secret())
        .is_ok_and(|url| schemes.contains(&url.scheme()) && url.has_host());
    if !good {
        faults.say(name, format!("must be a URL that begins with {}://", schemes[0]));
    }
}

pub(crate) fn joined(url: &SecretString, password: Option<&SecretString>) -> SecretString {
    let Some(password) = password else { return url.clone() };
    let Ok(mut parsed) = Url::parse(url.expose_secret()) else { return url.clone() };
    match parsed.set_password(Some(password.expose_secret())) {
        Ok(()) => SecretString::from(String::from(parsed)),
        Err(()) => url.clone(), // no host: refused by the rules
    }
}
