use std::path::PathBuf;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::SecretSlice;
use sha2::{Digest, Sha256};

use crate::fault::Faults;
use crate::keys::{Key, KeyPair};
use crate::kinds::Seconds;
use crate::section::{Place, default, optional, required, section};
use crate::setting::words;

words! {
    /// Who may make an account.
    Registration {
        /// Everybody.
        Open = "open",
        /// Administrators, for others.
        Closed = "closed",
    }
}

section! {
    /// `NINJA_AUTH__*`: accounts, passwords and tokens.
    AuthConfig {
        /// Keys that sign access tokens, `<id>:<base64 of 32 bytes or more>`: the active one, then one that is still
        /// understood.
        jwt_keys: KeyPair = required("k1:<openssl rand -base64 32>");
        /// Mixed into every password hash, `<id>:<base64 of 32 bytes or more>`. A stolen database alone is worth
        /// nothing without it; if it is lost, no password works any more.
        pepper: Key = required("p1:<openssl rand -base64 32>");
        /// Who may make an account: everybody, or nobody but administrators.
        registration: Registration = default(&["open"]);
        /// Cost of a password hash; each step doubles it.
        bcrypt_cost: u32 = default(&["12"]);
        /// Characters that a password must have at least.
        password_min_chars: usize = default(&["12"]);
        /// A list of passwords known to be stolen, one a line, refused beside the built-in list.
        breached_passwords_file: Option<PathBuf> = optional("/etc/ninja/breached-passwords.txt");
        /// The account that `ninjactl create-admin` makes when no other address is given.
        admin_email: String = default(&["admin@localhost"]);
        /// The name of this installation in its tokens.
        issuer: String = default(&["itechsmart-ninja"]);
        /// How long an access token lives.
        access_seconds: Seconds = default(&["600"]);
        /// How long a login lives that nobody uses.
        refresh_idle_seconds: Seconds = default(&["1209600"]);
        /// How long a login lives at most.
        refresh_absolute_seconds: Seconds = default(&["2592000"]);
    }
    rules rules
}

impl AuthConfig {
    /// The key that makes a refresh token's successor out of it: made from the pepper, so that there is one secret
    /// less to keep, and bound to its purpose by the label.
    pub fn refresh_key(&self) -> SecretSlice<u8> {
        let mut block = [0; 64];
        block[..32].copy_from_slice(&Sha256::digest(self.pepper.expose()));
        let hmac = Hmac::<Sha256>::new(&block.into()).chain_update("ninja refresh token v1");
        hmac.finalize().into_bytes().to_vec().into()
    }
}

fn rules(auth: &AuthConfig, at: Place, faults: &mut Faults) {
    if !(4..=31).contains(&auth.bcrypt_cost) {
        faults.say(at.variable("bcrypt_cost"), "must be from 4 to 31");
    }
    if !auth.admin_email.contains('@') {
        faults.say(at.variable("admin_email"), "must be an e-mail address");
    }
    if auth.jwt_keys.iter().any(|key| key.expose() == auth.pepper.expose()) {
        faults.say(at.variable("pepper"), "must not be one of the keys of NINJA_AUTH__JWT_KEYS");
    }
}
