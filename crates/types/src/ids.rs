use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Defines an id: a `UUIDv7` that cannot be taken for the id of something else.
macro_rules! id {
    ($($(#[$meta:meta])* $name:ident)+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh id: time-ordered, so that new rows land at the end of every index.
            #[expect(clippy::new_without_default, reason = "an id that appears by default is a bug")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )+ };
}

id! {
    /// What a user asked for.
    TaskId
    /// One agent's piece of work inside a task.
    StepId
    /// One piece of background work owed.
    JobId
    /// One life of a worker process: new at every boot and after every self-fencing.
    WorkerId
    /// A person.
    UserId
    /// One login of a person.
    SessionId
    /// An uploaded file.
    FileId
    /// A file that a task made.
    ArtifactId
    /// One provider of models, as it is configured.
    ProviderId
    /// A task template.
    TemplateId
    /// What a user told a task while it was open.
    MessageId
    /// One row of the audit log.
    AuditId
    /// One request, as the log and the answer name it.
    RequestId
}

impl ProviderId {
    /// The id of a provider that has no row of its own: the same in every process that is configured with it.
    pub fn of_name(name: &str) -> Self {
        const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        const PRIME: u128 = 0x0100_0000_0000_0000_0000_013b;
        let fold = |hash: u128, byte: u8| (hash ^ u128::from(byte)).wrapping_mul(PRIME);
        let hash = name.bytes().fold(BASIS, fold); // FNV-1a
        Self(uuid::Builder::from_custom_bytes(hash.to_be_bytes()).into_uuid())
    }
}
