//! Settings: one file per section, read from the pairs that a binary passes in.
//!
//! `NINJA_SECTION__KEY`, or the text of the file that `NINJA_SECTION__KEY_FILE` names. A section is declared once, with
//! `section.rs`: its struct, its defaults, its documentation and the generated `.env.example` come from the
//! same lines. What a process needs stands in `process.rs`; all faults are told at once. Read `redis.rs` first.
//!
//! What does not live here: nothing reads the environment itself; only a `main` does.

mod auth;
mod database;
mod drill;
mod fault;
mod files;
mod keys;
mod kinds;
mod limits;
mod llm;
mod metrics;
mod process;
mod providers;
mod reader;
mod redis;
mod render;
mod sandbox;
mod secrets;
mod section;
mod security;
mod server;
mod setting;
mod sockets;
mod telemetry;
mod worker;

pub use auth::{AuthConfig, Registration};
pub use database::DatabaseConfig;
pub use drill::DrillConfig;
pub use fault::{EXIT_CONFIG, Fault, Faults};
pub use files::{FilesBackend, FilesConfig};
pub use keys::{KEY_BYTES, Key, KeyPair};
pub use kinds::{Network, Origin, Rate, Seconds};
pub use limits::{InstallationLimits, LimitsConfig, PlanLimits};
pub use llm::{CallsConfig, LlmConfig, ModelName, ModelPattern, ModelsConfig, OllamaConfig};
pub use metrics::MetricsConfig;
pub use process::{AdminSettings, Config, MigrateSettings, RotationSettings, WorkerSettings};
pub use providers::ProvidersConfig;
pub use redis::RedisConfig;
pub use render::{configuration_page, env_example};
pub use sandbox::{RunLimits, SandboxConfig, SandboxLimits, SandboxMode, SandboxSettings};
pub use secrets::{MasterKeys, SecretsConfig};
pub use security::SecurityConfig;
pub use server::{Environment, ServerConfig};
pub use setting::{Chosen, List, Setting, Word};
pub use sockets::SocketsConfig;
pub use telemetry::{LogFormat, TelemetryConfig};
pub use worker::{WorkerConfig, WorkerRole};
