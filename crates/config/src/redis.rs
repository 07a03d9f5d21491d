use secrecy::SecretString;

use crate::database::{joined, must_be};
use crate::fault::Faults;
use crate::kinds::Seconds;
use crate::section::{Place, default, optional, required, section};

section! {
    /// `NINJA_REDIS__*`: the bell. Without Redis the product works on, and notices later.
    RedisConfig {
        /// Where it is. May hold a password, so it is never printed. `rediss://` encrypts.
        url: SecretString = required("redis://:secret@127.0.0.1:6379/0");
        /// The password, if it is not in the URL.
        password: Option<SecretString> = optional("secret");
        /// First part of every name in Redis: installations that share one must differ here.
        prefix: String = default(&["ninja"]);
        /// How long to wait for an answer. The library's own half second ends work at every pause.
        response_seconds: Seconds = default(&["5"]);
    }
    rules rules
}

impl RedisConfig {
    /// The URL with the password in it.
    pub fn full_url(&self) -> SecretString {
        joined(&self.url, self.password.as_ref())
    }
}

fn rules(redis: &RedisConfig, at: Place, faults: &mut Faults) {
    must_be(&redis.url, &["redis", "rediss"], &at.variable("url"), faults);
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_:.".contains(&b);
    if redis.prefix.is_empty() || !redis.prefix.bytes().all(plain) {
        faults.say(at.variable("prefix"), "must be letters, digits, - _ : or .");
    }
}
