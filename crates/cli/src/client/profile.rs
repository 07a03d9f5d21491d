use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::Environment;
use crate::error::{CliError, CliResult};

/// A login: whose, where, and its two tokens.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    /// Where the tokens are good, and the only place that they are ever sent to.
    pub(crate) api_url: Url,
    /// Whose it is, for messages.
    pub(crate) user: String,
    /// Shown with every request.
    pub(crate) access_token: SecretString,
    /// Seconds since 1970 at which it ends.
    pub(crate) expires_at: u64,
    /// Buys the next pair, once.
    pub(crate) refresh_token: SecretString,
}

/// The profile as it lies in its file.
#[derive(Deserialize, Serialize)]
struct Stored {
    api_url: String,
    user: String,
    access_token: String,
    expires_at: u64,
    refresh_token: String,
}

impl Profile {
    /// Whether the access token is good for a while.
    pub(crate) fn is_fresh(&self) -> bool {
        self.expires_at > now() + 30
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |span| span.as_secs())
}

/// The file of one login, readable by its owner only, and the lock file beside it.
#[derive(Clone, Debug)]
pub(crate) struct Keeper {
    folder: PathBuf,
    name: String,
}

impl Keeper {
    /// In `$XDG_CONFIG_HOME/ninja`, or `~/.config/ninja`.
    pub(crate) fn new(environment: &Environment, name: &str) -> CliResult<Self> {
        let base = match (environment.get("XDG_CONFIG_HOME"), environment.get("HOME")) {
            (Some(folder), _) if Path::new(folder).is_absolute() => PathBuf::from(folder),
            (_, Some(home)) => Path::new(home).join(".config"),
            _ => {
                let what = "Neither XDG_CONFIG_HOME nor HOME is set: there is no place for a login";
                return Err(CliError::Usage(what.to_owned()));
            }
        };
        Ok(Self { folder: base.join("ninja"), name: name.to_owned() })
    }

    fn path(&self) -> PathBuf {
        self.folder.join(format!("{}.json", self.name))
    }

    /// The login, if there is one.
    pub(crate) fn read(&self) -> CliResult<Option<Profile>> {
        let path = self.path();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(CliError::file(shown("Cannot read", &path))(error)),
        };
        let stored = serde_json::from_str::<Stored>(&text).ok();
        let Some((api_url, stored)) = stored.and_then(|one| Some((one.api_url.parse().ok()?, one)))
        else {
            let what = format!("{} is no login; remove it and run: ninjactl login", path.display());
            return Err(CliError::Usage(what));
        };
        Ok(Some(Profile {
            api_url,
            user: stored.user,
            access_token: stored.access_token.into(),
            expires_at: stored.expires_at,
            refresh_token: stored.refresh_token.into(),
        }))
    }

    /// Replaces the login in one step: a reader sees the old one or the new one.
    pub(crate) fn write(&self, profile: &Profile) -> CliResult<()> {
        let stored = Stored {
            api_url: profile.api_url.to_string(),
            user: profile.user.clone(),
            access_token: profile.access_token.expose_secret().to_owned(),
            expires_at: profile.expires_at,
            refresh_token: profile.refresh_token.expose_secret().to_owned(),
        };
        let text = serde_json::to_string_pretty(&stored)
            .map_err(|error| CliError::Internal(error.to_string()))?;
        self.make_folder()?;
        let path = self.path();
        let fresh = path.with_extension(format!("{}.new", std::process::id()));
        let replace = || {
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&fresh)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&fresh, &path)
        };
        replace().map_err(CliError::file(shown("Cannot write", &path)))
    }

    /// Forgets the login.
    pub(crate) fn forget(&self) -> CliResult<()> {
        match fs::remove_file(self.path()) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(CliError::file(shown("Cannot remove", &self.path()))(error))
            }
            _ => Ok(()),
        }
    }

    /// Waits until no other process changes this login. A refresh token is good once: two that refresh at the same time
    /// would look like a thief and end the login. Dropping the file gives the lock back.
    pub(crate) async fn lock(&self) -> CliResult<File> {
        self.make_folder()?;
        let path = self.folder.join(format!("{}.lock", self.name));
        let what = shown("Cannot lock", &path);
        let locking = tokio::task::spawn_blocking(move || {
            let file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(path)?;
            file.lock()?;
            Ok(file)
        });
        let locked = locking.await.map_err(|error| CliError::Internal(error.to_string()))?;
        locked.map_err(CliError::file(what))
    }

    fn make_folder(&self) -> CliResult<()> {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder);
        made.map_err(CliError::file(shown("Cannot make", &self.folder)))
    }
}

fn shown(what: &str, path: &Path) -> String {
    format!("{what} {}", path.display())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_login_lies_in_a_file_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_str().unwrap().to_owned();
        let environment = Environment { variables: vec![("HOME".to_owned(), home)] };
        let keeper = Keeper::new(&environment, "default").unwrap();
        assert!(keeper.read().unwrap().is_none());
        let profile = Profile {
            api_url: "http://127.0.0.1:8080".parse().unwrap(),
            user: "ada@example.org".to_owned(),
            access_token: "access-canary".into(),
            expires_at: now() + 600,
            refresh_token: "refresh-canary".into(),
        };
        keeper.write(&profile).unwrap();
        let read = keeper.read().unwrap().unwrap();
        assert_eq!(read.refresh_token.expose_secret(), "refresh-canary");
        assert!(read.is_fresh() && !format!("{read:?}").contains("canary"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&keeper.path()), 0o600);
        assert_eq!(mode(&keeper.folder), 0o700);
        keeper.forget().unwrap();
        keeper.forget().unwrap();
        assert!(keeper.read().unwrap().is_none());
    }
}
