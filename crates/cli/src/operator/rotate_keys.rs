use ninja_config::RotationSettings;
use ninja_db::connect_one;
use ninja_db::sealed::{Opener, rotate_batch};
use serde_json::json;

use super::migrate::{connect_options, database};
use crate::Environment;
use crate::error::{CliError, CliResult};
use crate::screen::Screen;

/// Secrets that are sealed anew in one transaction: few enough that nobody waits for their rows.
const BATCH: i64 = 50;

/// Seals every stored secret anew under the active master key, while everything runs. Broken off, it goes on where it
/// stopped.
pub(super) async fn rotate_keys(environment: &Environment, screen: &Screen) -> CliResult<()> {
    let settings = RotationSettings::load(environment.pairs())?;
    let keys = &settings.secrets.master_keys;
    let Some(active) = keys.iter().next().map(|key| key.id().to_owned()) else {
        let what = "NINJA_SECRETS__MASTER_KEYS is not set: there is no key to seal with";
        return Err(CliError::Usage(what.to_owned()));
    };
    let opener = Opener::new(keys.iter().map(|key| (key.id(), key.expose())));
    let conn = connect_one(&connect_options(&settings.database)).await;
    let mut conn = conn.map_err(|error| database(&error))?;
    opener.check(&mut conn).await.map_err(|error| database(&error))?;
    let mut sealed = 0;
    loop {
        let rotated = rotate_batch(&mut conn, &opener, BATCH).await;
        let rotated = rotated.map_err(|error| database(&error))?;
        sealed += rotated.sealed;
        if rotated.left == 0 {
            break;
        }
        screen.note(&format!("{sealed} sealed anew, {} left", rotated.left));
    }
    if screen.is_json() {
        screen.document(&json!({ "active": active, "sealed": sealed, "left": 0 }));
    } else {
        screen.line(&format!(
            "{sealed} secrets sealed anew, 0 left under another key than {active}."
        ));
        screen.note("The other keys of NINJA_SECRETS__MASTER_KEYS may be dropped now.");
    }
    Ok(())
}
