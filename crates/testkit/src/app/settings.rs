//! The settings of a test's programs: real ones, with times that are a tenth of the product's.

use std::path::Path;

use crate::engine::Port;

/// Settings of both programs. `extra` wins.
pub(super) fn pairs(
    database: &str,
    redis: &str,
    prefix: &str,
    dir: &Path,
    extra: &[(String, String)],
) -> Vec<(String, String)> {
    let folder = |name: &str| dir.join(name).display().to_string();
    // One test tries all languages of the machine, the others believe it.
    let languages = std::env::current_exe().unwrap_or_default().with_file_name("languages.json");
    let languages = languages.display().to_string();
    let mut pairs: Vec<(String, String)> = [
        ("DATABASE__URL", database),
        ("REDIS__URL", redis),
        ("REDIS__PREFIX", prefix),
        ("AUTH__JWT_KEYS", "k1:TCZmbcTfnKVnvCLGmOWlU8AR3A7bZPtCr2eD1v2Jk0E="),
        ("AUTH__PEPPER", "p1:9mYxqS2cR0fJ3uVgKk8bHn5ZtLw7aPdEo4iTsMvXyQk="),
        ("AUTH__BCRYPT_COST", "4"),
        ("SECRETS__MASTER_KEYS", "m1:Xc1mT6vQeZ0uLr8bNf3yGk5hWj9sDp2aVxE7oYiUqB4="),
        ("FILES__ROOT", &folder("files")),
        ("SANDBOX__ROOT", &folder("runs")),
        ("SANDBOX__FREE_FLOOR", "1"),
        ("SANDBOX__LANGUAGES_FILE", &languages),
        ("SERVER__DRAIN_NOTICE_SECONDS", "0.2"),
        ("SERVER__HEALING_SECONDS", "0.5"),
        ("WORKER__LEASE_SECONDS", "1.5"),
        ("WORKER__RENEW_SECONDS", "0.3"),
        ("WORKER__SWEEP_SECONDS", "0.2"),
        ("WORKER__POLL_SECONDS", "0.2"),
        ("WORKER__REPUSH_SECONDS", "0.5"),
        ("WORKER__CLAIM_IDLE_SECONDS", "1"),
        ("WORKER__DRAIN_SECONDS", "5"),
        ("DRILL__ENABLED", "true"),
        ("LLM__OLLAMA__DISCOVER", "false"),
        ("SECURITY__LOGIN_RATE", "100000/1m"),
        ("SECURITY__LOGIN_NETWORK_RATE", "100000/1m"),
        ("SECURITY__LOGIN_ACCOUNT_RATE", "100000/1m"),
        ("SECURITY__REGISTER_RATE", "100000/1m"),
        ("SECURITY__REFRESH_RATE", "100000/1m"),
        ("SECURITY__TICKET_RATE", "100000/1m"),
        ("SECURITY__ANONYMOUS_RATE", "100000/1m"),
        ("TELEMETRY__LOG_FORMAT", "json"),
    ]
    .map(|(key, value)| (format!("NINJA_{key}"), value.to_owned()))
    .into();
    for role in ["USER", "PREMIUM", "ADMIN"] {
        for (limit, value) in [("REQUESTS_PER_MINUTE", "1000000"), ("SOCKETS", "1000")] {
            pairs.push((format!("NINJA_LIMITS__{role}__{limit}"), value.to_owned()));
        }
    }
    pairs.extend_from_slice(extra);
    pairs
}

/// `pairs` with the address at which this one program serves.
pub(super) fn bound(
    mut pairs: Vec<(String, String)>,
    section: &str,
    port: &Port,
) -> (Vec<(String, String)>, String) {
    let address = format!("127.0.0.1:{}", port.number());
    pairs.push((format!("NINJA_{section}__BIND"), address.clone()));
    (pairs, format!("http://{address}"))
}
