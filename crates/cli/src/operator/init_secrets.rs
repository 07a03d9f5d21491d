use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use super::random;
use crate::args::InitSecrets;
use crate::error::{CliError, CliResult};
use crate::screen::Screen;

/// Characters of a generated password: 32 of 62 letters and digits are 190 bits.
const PASSWORD: usize = 32;

/// Writes the secrets that are missing in a folder. The folder is a volume that only our own containers mount, whose
/// processes run under several user ids, so the files are readable for each.
pub(super) fn init_secrets(args: &InitSecrets, screen: &Screen) -> CliResult<()> {
    let folder = args.folder.as_path();
    fs::create_dir_all(folder)
        .and_then(|()| fs::set_permissions(folder, fs::Permissions::from_mode(0o755)))
        .or_else(|error| if folder.is_dir() { Ok(()) } else { Err(error) })
        .map_err(CliError::file(format!("Cannot make {}", folder.display())))?;
    let keep =
        |name: &str, make: &dyn Fn() -> CliResult<SecretString>| keep(folder, name, make, screen);
    let password = || random::letters(PASSWORD);
    let key = |id: &'static str| {
        move || {
            let bytes = random::bytes::<32>()?;
            Ok(SecretString::from(format!("{id}:{}", STANDARD.encode(bytes))))
        }
    };
    let postgres = keep("postgres-password", &password)?;
    let redis = keep("redis-password", &password)?;
    let postgres_url = || {
        let (password, host) = (postgres.expose_secret(), &args.postgres_host);
        Ok(format!("postgres://ninja:{password}@{host}:5432/ninja").into())
    };
    let redis_url = || {
        let (password, host) = (redis.expose_secret(), &args.redis_host);
        Ok(format!("redis://:{password}@{host}:6379/0").into())
    };
    let redis_conf = || {
        let password = redis.expose_secret();
        let lines = ["maxmemory-policy noeviction", "save \"\"", "appendonly no"];
        Ok(format!("requirepass {password}\n{}", lines.join("\n")).into())
    };
    keep("redis.conf", &redis_conf)?;
    keep("database-url", &postgres_url)?;
    keep("redis-url", &redis_url)?;
    keep("jwt-keys", &key("k1"))?;
    keep("pepper", &key("p1"))?;
    keep("master-keys", &key("m1"))?;
    Ok(())
}

/// The secret in this file; it is made if the file is missing, and never changed. The file appears whole or not at all,
/// so a run that was cut short leaves nothing that the next one would keep.
fn keep(
    folder: &Path,
    name: &str,
    make: &dyn Fn() -> CliResult<SecretString>,
    screen: &Screen,
) -> CliResult<SecretString> {
    let path = folder.join(name);
    let cannot = |what: &str| CliError::file(format!("Cannot {what} {}", path.display()));
    match fs::read_to_string(&path) {
        Ok(text) => {
            screen.line(&format!("kept {name}"));
            return Ok(text.trim_end_matches('\n').into());
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(cannot("read")(error)),
    }
    let secret = make()?;
    let fresh = folder.join(format!(".{name}.{}", std::process::id()));
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o444).open(&fresh)?;
        file.write_all(secret.expose_secret().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o444))?;
        fs::rename(&fresh, &path)
    };
    write().map_err(cannot("write"))?;
    screen.line(&format!("made {name}"));
    Ok(secret)
}
