use ninja_api::password::Passwords;
use ninja_config::AdminSettings;
use ninja_db::connect_one;
use ninja_db::users::{self, NewUser};
use ninja_types::{Role, UserId};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::migrate::{connect_options, database};
use super::random;
use crate::Environment;
use crate::args::CreateAdmin;
use crate::error::{CliError, CliResult};
use crate::screen::Screen;
use crate::user::password_from_stdin;

/// Characters of a made-up password: 24 of 62 letters and digits are 142 bits.
const PASSWORD: usize = 24;

/// Makes an administrator, or gives one a new password. A password that was made up is printed here and kept nowhere.
pub(super) async fn create_admin(
    args: &CreateAdmin,
    environment: &Environment,
    screen: &Screen,
) -> CliResult<()> {
    let settings = AdminSettings::load(environment.pairs())?;
    let email = args.email.as_ref().unwrap_or(&settings.auth.admin_email).to_lowercase();
    if !email.contains('@') || email.len() > 254 {
        return Err(CliError::Usage(format!("{email} is no e-mail address")));
    }
    let passwords = Passwords::new(&settings.auth)
        .map_err(|error| CliError::Internal(format!("The passwords cannot be checked: {error}")))?;
    let password = if args.password_stdin {
        let password = password_from_stdin()?;
        let against = passwords.check("password", password.expose_secret(), &[&email]);
        if let Some(first) = against.first() {
            return Err(CliError::Usage(format!("The password {}.", first.message)));
        }
        password
    } else {
        random::letters(PASSWORD)?
    };
    let password_hash = passwords
        .hash_here(&password)
        .map_err(|error| CliError::Internal(format!("The password cannot be hashed: {error}")))?;
    let new = NewUser {
        id: UserId::new(),
        email: email.clone(),
        username: None,
        full_name: None,
        role: Role::Admin,
        password_hash,
    };
    let conn = connect_one(&connect_options(&settings.database)).await;
    let mut conn = conn.map_err(|error| database(&error))?;
    let made = users::create_admin(&mut conn, &new, args.reset).await;
    if made.map_err(|error| database(&error))?.is_none() {
        return Err(CliError::AccountExists(email));
    }
    tell(screen, &email, (!args.password_stdin).then_some(&password));
    Ok(())
}

fn tell(screen: &Screen, email: &str, made_up: Option<&SecretString>) {
    let password = made_up.map(ExposeSecret::expose_secret);
    if screen.is_json() {
        screen.document(&json!({ "email": email, "password": password }));
        return;
    }
    screen.line(&format!("administrator: {email}"));
    if let Some(password) = password {
        screen.line(&format!("password: {password}"));
        screen.note("It is shown only now. Another one: ninjactl create-admin --reset");
    }
}
