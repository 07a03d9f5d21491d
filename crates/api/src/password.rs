//! Passwords: what is refused, how they are stored, and how many are hashed at a time.
//!
//! Stored is `$n1$<pepper id>$` and `bcrypt(base64(HMAC-SHA-256(pepper, password)))`. bcrypt cuts what is longer than
//! 72 bytes without a word; it always gets 44 of ours, so every byte of a password counts.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::web;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bcrypt::BcryptError;
use ninja_config::{AuthConfig, Key};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::app::StartError;
use crate::error::{ApiError, ApiResult, Code};
use crate::problem::{FieldCode, FieldError};
use crate::tokens::mac;

const MOST_BYTES: usize = 1_024;
const WAITING: usize = 16;

/// Lower case, one a line; made as `data/README.md` says.
const COMMON: &str = include_str!("../data/common_passwords.txt");

/// Words that stand for this product: no password may be made of them alone.
const OURS: [&str; 4] = ["itechsmart", "itechsmart-ninja", "itechsmartninja", "ninja"];

/// Hashes and checks passwords. Cheap to clone.
#[derive(Clone)]
pub struct Passwords(Arc<Inner>);

struct Inner {
    pepper: Key,
    cost: u32,
    least_chars: usize,
    common: HashSet<String>,
    // What an unknown account's password is compared with, so that it takes as long as a known one's.
    nobody: String,
    permits: Semaphore,
    waiting: AtomicUsize,
}

/// What a comparison showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// It is the password.
    Right,
    /// It is the password, and the stored hash is outdated: store this one.
    RightAnd(String),
    /// It is not.
    Wrong,
}

impl Passwords {
    /// Reads the lists and makes the hash that belongs to nobody.
    pub fn new(auth: &AuthConfig) -> Result<Self, StartError> {
        let mut common: HashSet<String> = COMMON.lines().map(str::to_owned).collect();
        if let Some(path) = &auth.breached_passwords_file {
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|error| StartError::File(path.display().to_string(), error))?;
            common.extend(text.lines().map(str::to_lowercase));
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut inner = Inner {
            pepper: auth.pepper.clone(),
            cost: auth.bcrypt_cost,
            least_chars: auth.password_min_chars,
            common,
            nobody: String::new(),
            permits: Semaphore::new(cores),
            waiting: AtomicUsize::new(0),
        };
        inner.nobody = inner.hash("nobody").map_err(StartError::Passwords)?;
        Ok(Self(Arc::new(inner)))
    }

    /// What speaks against `password`; `field` is where it stands. Email and username must not be in it.
    pub fn check(&self, field: &str, password: &str, about: &[&str]) -> Vec<FieldError> {
        let least = self.0.least_chars;
        let lower = password.to_lowercase();
        let about = about.iter().flat_map(|text| {
            let text = text.to_lowercase();
            let local = text.split('@').next().unwrap_or_default().to_owned();
            [text, local]
        });
        let mut contained =
            about.filter(|text| text.chars().count() >= 3).chain(OURS.map(str::to_owned));
        let say = |code, message: &str| vec![FieldError::new(field, code, message)];
        if password.len() > MOST_BYTES {
            return say(FieldCode::TooLong, "must have at most 1,024 bytes");
        }
        if password.chars().count() < least {
            return say(FieldCode::TooShort, &format!("must have at least {least} characters"));
        }
        if self.0.common.contains(&lower) {
            return say(FieldCode::TooCommon, "is one of the passwords that are tried first");
        }
        if contained.any(|text| lower.contains(&text)) {
            let message = "must not contain the e-mail address, the username or the product's name";
            return say(FieldCode::ContainsContext, message);
        }
        vec![]
    }

    /// The hash to store. Waits for a free core; 503 when too many wait already.
    pub async fn hash(&self, password: SecretString) -> ApiResult<String> {
        self.run(move |inner| inner.hash(password.expose_secret())).await
    }

    /// The hash to store, computed on this thread: for programs that serve nobody else.
    pub fn hash_here(&self, password: &SecretString) -> Result<String, BcryptError> {
        self.0.hash(password.expose_secret())
    }

    /// Compares; `None` stands for an account that does not exist and takes as long.
    pub async fn verify(&self, password: SecretString, stored: Option<String>) -> ApiResult<Match> {
        self.run(move |inner| {
            let known = stored.is_some();
            let stored = stored.unwrap_or_else(|| inner.nobody.clone());
            let found = inner.verify(password.expose_secret(), &stored)?;
            Ok(if known { found } else { Match::Wrong })
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, BcryptError> + Send + 'static,
    ) -> ApiResult<T> {
        let _place = Place::take(self.0.clone())?;
        let _permit = self.0.permits.acquire().await.map_err(ApiError::internal)?;
        let inner = self.0.clone();
        let done = web::block(move || work(&inner)).await.map_err(ApiError::internal)?;
        done.map_err(ApiError::internal)
    }
}

/// A place in the queue before the cores, given back when dropped.
struct Place(Arc<Inner>);

impl Place {
    fn take(inner: Arc<Inner>) -> ApiResult<Self> {
        let place = Self(inner);
        let before = place.0.waiting.fetch_add(1, Ordering::AcqRel);
        if before >= WAITING + place.0.permits.available_permits() {
            return Err(ApiError::new(
                Code::Overloaded,
                "Too many logins at once: try again in a moment.",
            ));
        }
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Inner {
    fn hash(&self, password: &str) -> Result<String, BcryptError> {
        let bcrypt = bcrypt::non_truncating_hash(self.peppered(password), self.cost)?;
        Ok(format!("$n1${}${bcrypt}", self.pepper.id()))
    }

    fn verify(&self, password: &str, stored: &str) -> Result<Match, BcryptError> {
        let parts = stored.strip_prefix("$n1$").and_then(|rest| rest.split_once('$'));
        let Some((_, bcrypt)) = parts.filter(|(pepper, _)| *pepper == self.pepper.id()) else {
            // Hashed under a pepper that is gone: nobody can log in with it. As long as any other comparison.
            bcrypt::non_truncating_verify(self.peppered(password), hash_of(&self.nobody))?;
            return Ok(Match::Wrong);
        };
        if !bcrypt::non_truncating_verify(self.peppered(password), bcrypt)? {
            return Ok(Match::Wrong);
        }
        let cost = bcrypt.split('$').nth(2).and_then(|cost| cost.parse::<u32>().ok());
        if cost == Some(self.cost) {
            Ok(Match::Right)
        } else {
            self.hash(password).map(Match::RightAnd)
        }
    }

    fn peppered(&self, password: &str) -> String {
        STANDARD.encode(mac(self.pepper.expose(), password.as_bytes()))
    }
}

fn hash_of(stored: &str) -> &str {
    stored
        .strip_prefix("$n1$")
        .and_then(|rest| rest.split_once('$'))
        .map_or(stored, |(_, hash)| hash)
}
