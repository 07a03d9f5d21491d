use crate::fault::{Fault, Faults};
use crate::reader::Reader;
use crate::section::{Place, Section, Table};
use crate::{
    AuthConfig, DatabaseConfig, DrillConfig, FilesConfig, LimitsConfig, LlmConfig, MetricsConfig,
    ProvidersConfig, RedisConfig, SandboxConfig, SecretsConfig, SecurityConfig, ServerConfig,
    SocketsConfig, TelemetryConfig, WorkerConfig,
};

/// Declares what one process needs. A section that it does not name is not demanded of whoever starts it.
macro_rules! process {
    ($(#[$about:meta])+ $name:ident { $($(#[$doc:meta])+ $section:ident: $type:ty,)+ }) => {
        $(#[$about])+
        #[derive(Clone, Debug)]
        pub struct $name {
            $($(#[$doc])+ pub $section: $type,)+
            /// Variables that look like ours and are none: worth a warning, no reason not to start.
            pub unknown: Vec<Fault>,
        }

        impl $name {
            /// Reads the settings from the pairs of the environment, or answers all faults at once.
            pub fn load(pairs: impl Iterator<Item = (String, String)>) -> Result<Self, Faults> {
                let mut reader = Reader::new(pairs);
                $(let $section = <$type>::read(&mut reader, Place::new(stringify!($section)));)+
                let unknown = reader.unknown(&every_variable());
                let faults = reader.into_faults();
                match ($($section,)+) {
                    ($(Some($section),)+) if faults.is_empty() => {
                        Ok(Self { $($section,)+ unknown })
                    }
                    _ => Err(faults),
                }
            }
        }
    };
}

process! {
    /// Every setting: what `ninja-api` runs with and `ninjactl check-config` checks.
    Config {
        /// The HTTP server.
        server: ServerConfig,
        /// WebSockets.
        sockets: SocketsConfig,
        /// Who may read the metrics.
        metrics: MetricsConfig,
        /// Accounts, passwords, tokens.
        auth: AuthConfig,
        /// What seals stored secrets.
        secrets: SecretsConfig,
        /// PostgreSQL.
        database: DatabaseConfig,
        /// Redis.
        redis: RedisConfig,
        /// The workers.
        worker: WorkerConfig,
        /// Plan limits by role.
        limits: LimitsConfig,
        /// How often strangers may try.
        security: SecurityConfig,
        /// The file store.
        files: FilesConfig,
        /// Where programs run.
        sandbox: SandboxConfig,
        /// How models are asked.
        llm: LlmConfig,
        /// Providers of models.
        providers: ProvidersConfig,
        /// The drill.
        drill: DrillConfig,
        /// Logs.
        telemetry: TelemetryConfig,
    }
}

process! {
    /// What `ninja-worker` runs with: no key that signs tokens comes near the programs of users.
    WorkerSettings {
        /// What opens stored secrets.
        secrets: SecretsConfig,
        /// PostgreSQL.
        database: DatabaseConfig,
        /// Redis.
        redis: RedisConfig,
        /// The worker itself.
        worker: WorkerConfig,
        /// Plan limits by role.
        limits: LimitsConfig,
        /// The file store.
        files: FilesConfig,
        /// Where programs run.
        sandbox: SandboxConfig,
        /// How models are asked.
        llm: LlmConfig,
        /// Providers of models.
        providers: ProvidersConfig,
        /// The drill.
        drill: DrillConfig,
        /// Logs.
        telemetry: TelemetryConfig,
    }
}

process! {
    /// What `ninjactl migrate` needs.
    MigrateSettings {
        /// PostgreSQL.
        database: DatabaseConfig,
    }
}

process! {
    /// What `ninjactl create-admin` needs.
    AdminSettings {
        /// Accounts and the pepper.
        auth: AuthConfig,
        /// PostgreSQL.
        database: DatabaseConfig,
    }
}

process! {
    /// What `ninjactl rotate-keys` needs.
    RotationSettings {
        /// The master keys.
        secrets: SecretsConfig,
        /// PostgreSQL.
        database: DatabaseConfig,
    }
}

impl Config {
    /// As [`Config::load`], and a variable that is no setting is a fault too: for `ninjactl check-config`.
    pub fn check(pairs: impl Iterator<Item = (String, String)>) -> Result<Self, Faults> {
        let pairs: Vec<_> = pairs.collect();
        let unknown = Reader::new(pairs.iter().cloned()).unknown(&every_variable());
        let (mut faults, config) = match Self::load(pairs.into_iter()) {
            Ok(config) => (Faults::default(), Some(config)),
            Err(faults) => (faults, None),
        };
        for fault in unknown {
            faults.add(fault);
        }
        config.filter(|_| faults.is_empty()).ok_or(faults)
    }
}

/// Every section in the order of the documentation.
pub(crate) fn tables() -> Vec<Table> {
    [
        ServerConfig::tables(Place::new("server")),
        SocketsConfig::tables(Place::new("sockets")),
        MetricsConfig::tables(Place::new("metrics")),
        AuthConfig::tables(Place::new("auth")),
        SecretsConfig::tables(Place::new("secrets")),
        DatabaseConfig::tables(Place::new("database")),
        RedisConfig::tables(Place::new("redis")),
        WorkerConfig::tables(Place::new("worker")),
        LimitsConfig::tables(Place::new("limits")),
        SecurityConfig::tables(Place::new("security")),
        FilesConfig::tables(Place::new("files")),
        SandboxConfig::tables(Place::new("sandbox")),
        LlmConfig::tables(Place::new("llm")),
        ProvidersConfig::tables(Place::new("providers")),
        DrillConfig::tables(Place::new("drill")),
        TelemetryConfig::tables(Place::new("telemetry")),
    ]
    .concat()
}

fn every_variable() -> Vec<String> {
    tables().into_iter().flat_map(|table| table.fields).map(|field| field.variable).collect()
}
