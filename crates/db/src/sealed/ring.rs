use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};

/// The master keys of this process. `Debug` shows their ids only.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ring(Vec<MasterKey>);

/// One of them, cut to the length of the cipher's.
#[derive(Clone, Debug)]
pub(crate) struct MasterKey {
    id: String,
    secret: SecretSlice<u8>,
}

impl Ring {
    pub(super) fn new<'a>(keys: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let key = |(id, bytes): (&str, &[u8])| {
            // Whatever the length of what was configured, and of no use for anything but this.
            let secret = Sha256::new().chain_update("ninja sealed secrets v1").chain_update(bytes);
            MasterKey { id: id.to_owned(), secret: secret.finalize().to_vec().into() }
        };
        Self(keys.into_iter().map(key).collect())
    }

    /// The one that seals.
    pub(crate) fn active(&self) -> Option<&MasterKey> {
        self.0.first()
    }

    pub(super) fn find(&self, id: &str) -> Option<&MasterKey> {
        self.0.iter().find(|key| key.id == id)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &MasterKey> {
        self.0.iter()
    }

    /// This one alone.
    pub(super) fn only(key: &MasterKey) -> Self {
        Self(vec![key.clone()])
    }
}

impl MasterKey {
    /// Its public name.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn expose(&self) -> &[u8] {
        self.secret.expose_secret()
    }
}
