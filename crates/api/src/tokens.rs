use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use ninja_config::{AuthConfig, KeyPair};
use ninja_types::{SessionId, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult, Code};

const AUDIENCE: &str = "ninja-api";
const TYPE: &str = "at+jwt";
const LEEWAY_SECONDS: u64 = 5;
const REFRESH_PREFIX: &str = "itr_";

/// Makes and reads access tokens (JWT, HS256) and refresh tokens (opaque).
pub(crate) struct Tokens {
    issuer: String,
    keys: KeyPair,
    access: Duration,
    refresh_key: Vec<u8>,
}

/// All claims that a token of ours has; one with more or fewer is not ours. The role is looked up, never believed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claims {
    iss: String,
    aud: String,
    pub(crate) sub: UserId,
    pub(crate) sid: SessionId,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: Uuid,
}

/// A refresh token as the client holds it. Its hash is all that is stored.
#[derive(Clone)]
pub(crate) struct RefreshToken(String);

impl Tokens {
    pub(crate) fn new(auth: &AuthConfig) -> Self {
        Self {
            issuer: auth.issuer.clone(),
            keys: auth.jwt_keys.clone(),
            access: auth.access_seconds.duration(),
            // Its own key, bound to the pepper: a successor must stay the same while signing keys are changed.
            refresh_key: mac(auth.pepper.expose(), b"refresh tokens of ninja-api").to_vec(),
        }
    }

    /// Seconds that an access token lives.
    pub(crate) fn access_seconds(&self) -> u64 {
        self.access.as_secs()
    }

    /// A token for a session.
    pub(crate) fn issue(
        &self,
        user: UserId,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> ApiResult<String> {
        let key = self.keys.active();
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: Some(key.id().to_owned()),
            ..Header::new(Algorithm::HS256)
        };
        let iat = now.timestamp();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: user,
            sid: session,
            iat,
            nbf: iat,
            exp: iat.saturating_add(i64::try_from(self.access.as_secs()).unwrap_or(i64::MAX)),
            jti: Uuid::now_v7(),
        };
        let secret = EncodingKey::from_secret(key.expose());
        jsonwebtoken::encode(&header, &claims, &secret).map_err(ApiError::internal)
    }

    /// Reads a token: type, key, algorithm, signature, issuer, audience, times and the exact set of claims.
    pub(crate) fn verify(&self, token: &str) -> ApiResult<Claims> {
        let forged =
            || ApiError::new(Code::InvalidToken, "The access token is not valid: log in again.");
        let header = jsonwebtoken::decode_header(token).map_err(|_bad| forged())?;
        if header.typ.as_deref() != Some(TYPE) || header.alg != Algorithm::HS256 {
            return Err(forged());
        }
        let key = header.kid.and_then(|id| self.keys.find(&id)).ok_or_else(forged)?;
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        rules.set_audience(&[AUDIENCE]);
        rules.set_issuer(&[&self.issuer]);
        rules.validate_nbf = true;
        rules.leeway = LEEWAY_SECONDS;
        let secret = DecodingKey::from_secret(key.expose());
        match jsonwebtoken::decode::<Claims>(token, &secret, &rules) {
            Ok(read) => Ok(read.claims),
            Err(error) if matches!(error.kind(), ErrorKind::ExpiredSignature) => {
                Err(ApiError::new(Code::TokenExpired, "The access token has expired: refresh it."))
            }
            Err(_) => Err(forged()),
        }
    }

    /// What takes the place of `token` when it is used: always the same, so that a lost answer can be given again.
    pub(crate) fn successor(&self, token: &RefreshToken) -> RefreshToken {
        RefreshToken::from_bytes(mac(&self.refresh_key, token.0.as_bytes()))
    }
}

impl RefreshToken {
    /// 256 random bits.
    pub(crate) fn new() -> ApiResult<Self> {
        let mut bytes = [0; 32];
        let random = rustls::crypto::aws_lc_rs::default_provider().secure_random;
        random.fill(&mut bytes).map_err(|_failed| ApiError::internal("no random bytes"))?;
        Ok(Self::from_bytes(bytes))
    }

    fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(format!("{REFRESH_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// What a client sent; anything is taken, since only a stored hash makes it good.
    pub(crate) fn given(text: String) -> Self {
        Self(text)
    }

    /// What is stored.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }

    /// The token itself, for the one answer that shows it.
    pub(crate) fn expose(self) -> String {
        self.0
    }
}

/// HMAC-SHA-256.
pub(crate) fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    // A key is padded to a block, a longer one hashed first: what HMAC itself says, and so it takes every length.
    let mut block = [0; 64];
    match block.get_mut(..key.len()) {
        Some(start) => start.copy_from_slice(key),
        None => block[..32].copy_from_slice(&Sha256::digest(key)),
    }
    Hmac::<Sha256>::new(&block.into()).chain_update(message).finalize().into_bytes().into()
}
