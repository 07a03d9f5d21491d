//! Secrets at rest: sealed by the API, opened by workers.
//!
//! A sealed secret is `v1|<key id>|<nonce>|<ciphertext>`, XChaCha20-Poly1305 under a master key, bound to the row it
//! stands in: the same text in another row, or under another name, does not open. [`Sealer`] cannot open; only
//! [`Opener`] can. Read this file first, then `check.rs`: how a wrong master key is noticed.

mod check;
mod ring;
mod rotate;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use diesel_async::AsyncPgConnection;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use uuid::Uuid;

use crate::DbResult;

pub(crate) use check::vouch;
use ring::{MasterKey, Ring};
pub use rotate::{Rotated, rotate_batch};

const VERSION: &str = "v1";
const NONCE: usize = 24;

/// Why a secret cannot be sealed or opened. Never holds one.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SealError {
    /// There is no master key.
    #[error("NINJA_SECRETS__MASTER_KEYS is not set: without a master key no secret can be stored")]
    NoMasterKey,
    /// It was sealed under a key that is not configured.
    #[error(
        "a stored secret is sealed under the master key `{0}`, which NINJA_SECRETS__MASTER_KEYS does not hold: \
         add it again behind the active key and run `ninjactl rotate-keys` before you drop it"
    )]
    UnknownKey(String),
    /// The configured key of this id is not the one that was used before.
    #[error(
        "the master key `{0}` of NINJA_SECRETS__MASTER_KEYS is not the one that sealed the stored secrets: \
         give the former key this id again, and the new one an id of its own"
    )]
    WrongKey(String),
    /// The text is of another row, or was changed.
    #[error("a stored secret does not open: it was changed, or belongs to another row")]
    Broken,
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    NoEntropy,
}

/// Where a sealed secret stands. It is bound to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// Of the row.
    pub table: &'static str,
    /// The row's key.
    pub row: &'a str,
    /// Whose it is; `None`: the installation's.
    pub owner: Option<Uuid>,
    /// What it is.
    pub name: &'static str,
}

impl Place<'_> {
    /// What is authenticated beside the secret. No part can hold the sign between them.
    fn bytes(&self) -> Vec<u8> {
        let owner = self.owner.map(|owner| owner.to_string()).unwrap_or_default();
        format!("{}|{}|{owner}|{}", self.table, self.row, self.name).into_bytes()
    }
}

/// Seals, and never opens: what the API has.
#[derive(Clone, Debug, Default)]
pub struct Sealer(Ring);

/// Opens, and seals anew under the active key: what workers and `ninjactl rotate-keys` have.
#[derive(Clone, Debug, Default)]
pub struct Opener(Ring);

impl Sealer {
    /// With the master keys by their ids, the active one first.
    pub fn new<'a>(keys: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        Self(Ring::new(keys))
    }

    /// Whether secrets can be stored.
    pub fn can_seal(&self) -> bool {
        self.0.active().is_some()
    }

    /// `secret`, sealed for `place` under the active key.
    pub fn seal(&self, secret: &SecretString, place: &Place<'_>) -> Result<String, SealError> {
        seal(&self.0, secret, place)
    }

    /// Refuses master keys with which this installation's secrets do not open; asked at the start of a process.
    pub async fn check(&self, conn: &mut AsyncPgConnection) -> DbResult<()> {
        check::check(conn, &self.0).await
    }
}

impl Opener {
    /// With the master keys by their ids, the active one first.
    pub fn new<'a>(keys: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        Self(Ring::new(keys))
    }

    /// The secret that was sealed for `place`.
    pub fn open(&self, sealed: &str, place: &Place<'_>) -> Result<SecretString, SealError> {
        open(&self.0, sealed, place)
    }

    /// The same secret under the active key.
    pub(crate) fn seal_anew(&self, sealed: &str, place: &Place<'_>) -> Result<String, SealError> {
        seal(&self.0, &self.open(sealed, place)?, place)
    }

    /// Refuses master keys with which this installation's secrets do not open; asked at the start of a process.
    pub async fn check(&self, conn: &mut AsyncPgConnection) -> DbResult<()> {
        check::check(conn, &self.0).await
    }
}

fn seal(ring: &Ring, secret: &SecretString, place: &Place<'_>) -> Result<String, SealError> {
    let key = ring.active().ok_or(SealError::NoMasterKey)?;
    let mut nonce = [0; NONCE];
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.secure_random.fill(&mut nonce).map_err(|_no_entropy| SealError::NoEntropy)?;
    let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: &place.bytes() };
    let text = cipher(key)?.encrypt(&XNonce::from(nonce), payload);
    let text = text.map_err(|_too_long| SealError::Broken)?;
    let (nonce, text) = (URL_SAFE_NO_PAD.encode(nonce), URL_SAFE_NO_PAD.encode(text));
    Ok(format!("{VERSION}|{}|{nonce}|{text}", key.id()))
}

fn open(ring: &Ring, sealed: &str, place: &Place<'_>) -> Result<SecretString, SealError> {
    let parts: Vec<&str> = sealed.split('|').collect();
    let [VERSION, id, nonce, text] = parts[..] else { return Err(SealError::Broken) };
    let key = ring.find(id).ok_or_else(|| SealError::UnknownKey(id.to_owned()))?;
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_bad| SealError::Broken);
    let nonce: [u8; NONCE] = bytes(nonce)?.try_into().map_err(|_length| SealError::Broken)?;
    let payload = Payload { msg: &bytes(text)?, aad: &place.bytes() };
    let plain = cipher(key)?.decrypt(&XNonce::from(nonce), payload);
    let plain = plain.map_err(|_forged| SealError::Broken)?;
    String::from_utf8(plain).map(SecretString::from).map_err(|_bytes| SealError::Broken)
}

fn cipher(key: &MasterKey) -> Result<XChaCha20Poly1305, SealError> {
    XChaCha20Poly1305::new_from_slice(key.expose()).map_err(|_length| SealError::Broken)
}

#[cfg(test)]
mod tests;
