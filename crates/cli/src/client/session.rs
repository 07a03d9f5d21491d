use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::http::{Again, Http};
use super::profile::{Keeper, Profile, now};
use crate::error::{CliError, CliResult};

/// Who asks.
#[derive(Debug)]
pub(crate) enum Identity {
    /// Nobody yet: login.
    Nobody,
    /// `NINJA_API_KEY`.
    Key(SecretString),
    /// The login in this keeper.
    Login(Keeper),
}

/// The answer of register, login and refresh.
#[derive(Deserialize)]
pub(crate) struct Tokens {
    access_token: SecretString,
    refresh_token: SecretString,
    expires_in: u64,
    user: Value,
}

impl Tokens {
    /// The login that they make.
    pub(crate) fn into_profile(self, api_url: Url) -> Profile {
        Profile {
            api_url,
            user: self.user["email"].as_str().unwrap_or_default().to_owned(),
            access_token: self.access_token,
            expires_at: now().saturating_add(self.expires_in),
            refresh_token: self.refresh_token,
        }
    }
}

/// A good access token. `stale` is one that the API has just refused. Refreshes under the lock of the login; whoever
/// waited for the lock finds the other's fresh token and asks for none.
pub(crate) async fn access_token(
    http: &Http,
    keeper: &Keeper,
    stale: Option<&SecretString>,
) -> CliResult<SecretString> {
    if let Some(token) = usable(http, keeper, stale)? {
        return Ok(token);
    }
    let _lock = keeper.lock().await?;
    if let Some(token) = usable(http, keeper, stale)? {
        return Ok(token);
    }
    let profile = stored(http, keeper)?;
    let body = json!({ "refresh_token": profile.refresh_token.expose_secret() });
    let url = http.url("/api/v1/auth/refresh")?;
    // Safe to repeat: a lost answer is given again for ten seconds.
    let response =
        http.send(Again::Safe, async || Ok(http.client().post(url.clone()).json(&body))).await?;
    if response.status() == StatusCode::UNAUTHORIZED {
        let problem = super::Problem::of(response).await;
        keeper.forget()?;
        return Err(CliError::LoginEnded(problem.code));
    }
    let tokens: Tokens = http.json(http.refused(response).await?).await?;
    let fresh = tokens.into_profile(profile.api_url);
    keeper.write(&fresh)?;
    Ok(fresh.access_token)
}

fn usable(
    http: &Http,
    keeper: &Keeper,
    stale: Option<&SecretString>,
) -> CliResult<Option<SecretString>> {
    let profile = stored(http, keeper)?;
    let refused =
        stale.is_some_and(|stale| stale.expose_secret() == profile.access_token.expose_secret());
    Ok((profile.is_fresh() && !refused).then_some(profile.access_token))
}

/// The login, if it is one for this API: tokens go nowhere else.
fn stored(http: &Http, keeper: &Keeper) -> CliResult<Profile> {
    let profile = keeper.read()?.filter(|profile| profile.api_url == *http.base());
    profile.ok_or_else(|| CliError::NotLoggedIn(http.base().to_string()))
}
