use secrecy::SecretString;

use crate::error::{CliError, CliResult};

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Bytes of the operating system's generator, through the one crypto library of the product.
pub(super) fn bytes<const N: usize>() -> CliResult<[u8; N]> {
    let mut bytes = [0; N];
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let filled = provider.secure_random.fill(&mut bytes);
    filled.map_err(|_no_entropy| {
        CliError::Internal("The operating system gives no random bytes.".to_owned())
    })?;
    Ok(bytes)
}

/// So many letters and digits, each with the same chance: a byte that would favour some of them is thrown away.
pub(super) fn letters(count: usize) -> CliResult<SecretString> {
    let fair = u8::MAX - u8::MAX % 62;
    let mut text = String::with_capacity(count);
    while text.len() < count {
        let fit = bytes::<64>()?.into_iter().filter(|byte| *byte < fair);
        let missing = count - text.len();
        text.extend(fit.take(missing).map(|byte| char::from(LETTERS[usize::from(byte % 62)])));
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::letters;

    #[test]
    fn two_passwords_differ_and_are_letters_and_digits() {
        let (one, two) = (letters(32).unwrap(), letters(32).unwrap());
        let (one, two) = (one.expose_secret(), two.expose_secret());
        assert!(one != two && one.len() == 32);
        assert!(one.bytes().chain(two.bytes()).all(|byte| byte.is_ascii_alphanumeric()));
    }
}
