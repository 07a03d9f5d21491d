use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use ninja_config::ProvidersConfig;
use ninja_db::providers::{self, Preferences, ProviderRow};
use ninja_db::sealed::Opener;
use ninja_db::{Db, DbError, DbResult};
use ninja_llm::{ModelRef, ModelSettings, ProviderSettings, ProviderSource, Source};
use ninja_types::ProviderId;
use serde_json::Value;
use url::Url;

use crate::configured::configured;

/// How long the rows are believed if nobody tells that they changed.
const BELIEVED: Duration = Duration::from_secs(30);
/// Where the order ends that an admin gave: what is not named comes behind, by its own priority.
const NAMED: i32 = 1_000_000;

/// Who may be asked for answers: the rows of admins, then what this process was configured with, then what it found.
/// Of two with the same name the first counts.
pub(crate) struct Providers {
    db: Db,
    opener: Opener,
    configured: Vec<ProviderSettings>,
    found: Mutex<Option<ProviderSettings>>,
    known: Mutex<Option<Known>>,
    /// Raised by every change: what was read before it is not remembered after it.
    changes: AtomicU64,
    /// One question at a time, however many calls begin.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Clone)]
struct Known {
    at: Instant,
    enabled: Arc<Vec<ProviderSettings>>,
}

impl Providers {
    pub(crate) fn new(db: Db, opener: Opener, config: &ProvidersConfig) -> Self {
        Self {
            db,
            opener,
            configured: configured(config),
            found: Mutex::default(),
            known: Mutex::default(),
            changes: AtomicU64::new(0),
            asking: tokio::sync::Mutex::default(),
        }
    }

    /// Somebody changed a row: it is read again at the next call.
    pub(crate) fn forget(&self) {
        let mut known = locked(&self.known);
        self.changes.fetch_add(1, Ordering::SeqCst);
        *known = None;
    }

    /// What the configuration gave to this process.
    pub(crate) fn configured(&self) -> &[ProviderSettings] {
        &self.configured
    }

    /// Notes what was found on a usual port, or that nothing is there any more.
    pub(crate) fn found(&self, found: Option<ProviderSettings>) {
        *locked(&self.found) = found;
        self.forget();
    }

    /// All of this process, the one with this id among them: a test asks also one that is not enabled.
    pub(crate) async fn any(&self, id: ProviderId) -> DbResult<Option<ProviderSettings>> {
        let row = providers::find(&mut *self.db.conn().await?, id).await?;
        if let Some(row) = row.filter(ProviderRow::is_admins) {
            return self.open(&row).map(Some);
        }
        let found = locked(&self.found).clone();
        Ok(self.configured.iter().cloned().chain(found).find(|one| one.id == id))
    }

    fn fresh(&self) -> Option<Arc<Vec<ProviderSettings>>> {
        let known = locked(&self.known);
        let fresh = known.as_ref().filter(|known| known.at.elapsed() < BELIEVED);
        fresh.map(|known| Arc::clone(&known.enabled))
    }

    async fn load(&self) -> DbResult<Vec<ProviderSettings>> {
        let conn = &mut *self.db.conn().await?;
        let (rows, wish) = (providers::list(conn).await?, providers::preferences(conn).await?);
        let of_admins = rows.iter().filter(|row| row.is_admins());
        let (mut named, mut all) = (Vec::new(), Vec::new());
        for row in of_admins {
            named.push(row.name.clone());
            if !row.enabled {
                continue;
            }
            match self.open(row) {
                Ok(settings) => all.push(settings),
                Err(error) => {
                    let cause: &dyn std::error::Error = &error;
                    tracing::error!(
                        provider = row.name,
                        error = cause,
                        "a provider cannot be used"
                    );
                }
            }
        }
        let found = locked(&self.found).clone();
        for own in self.configured.iter().cloned().chain(found) {
            if !named.contains(&own.name) {
                named.push(own.name.clone());
                all.push(own);
            }
        }
        Ok(ordered(all, &wish))
    }

    fn open(&self, row: &ProviderRow) -> DbResult<ProviderSettings> {
        let unreadable = |error: &dyn std::fmt::Display| {
            tracing::warn!(provider = row.name, %error, "settings of another version are passed over");
        };
        let models: Vec<ModelSettings> = read(&row.models, &unreadable);
        Ok(ProviderSettings {
            id: row.id,
            kind: row.kind()?,
            name: row.name.clone(),
            base_url: Url::parse(&row.base_url).map_err(DbError::stored)?,
            key: row.open_key(&self.opener)?,
            models,
            self_hosted: row.self_hosted,
            priority: row.priority,
            limits: read(&row.limits, &unreadable),
            source: Source::Database,
        })
    }
}

#[async_trait]
impl ProviderSource for Providers {
    async fn enabled(&self) -> Arc<Vec<ProviderSettings>> {
        if let Some(fresh) = self.fresh() {
            return fresh;
        }
        let _one_at_a_time = self.asking.lock().await;
        if let Some(fresh) = self.fresh() {
            return fresh;
        }
        let (at, seen) = (Instant::now(), self.changes.load(Ordering::SeqCst));
        let former = locked(&self.known).clone();
        match self.load().await {
            Ok(enabled) => {
                let enabled = Arc::new(enabled);
                let mut known = locked(&self.known);
                if self.changes.load(Ordering::SeqCst) == seen {
                    *known = Some(Known { at, enabled: Arc::clone(&enabled) });
                }
                drop(known);
                enabled
            }
            Err(error) => {
                tracing::warn!(%error, "the providers cannot be read: as they were");
                let own = || Arc::new(ordered(self.configured.clone(), &Preferences::default()));
                former.map_or_else(own, |former| former.enabled)
            }
        }
    }
}

/// In the order that an admin wished, the default model first among its provider's.
fn ordered(mut all: Vec<ProviderSettings>, wish: &Preferences) -> Vec<ProviderSettings> {
    let model: Option<ModelRef> = wish.default_model.as_ref().and_then(|text| text.parse().ok());
    let first = model.as_ref().map(|model| &model.provider).or(wish.default_provider.as_ref());
    for provider in &mut all {
        let place = wish.fallback_order.iter().position(|name| *name == provider.name);
        let place = place.and_then(|place| i32::try_from(place).ok());
        provider.priority = match place {
            _ if Some(&provider.name) == first => i32::MIN,
            Some(place) => place - NAMED,
            None => provider.priority,
        };
        if let Some(model) = model.as_ref().filter(|model| model.provider == provider.name) {
            put_first(&mut provider.models, &model.model);
        }
    }
    all.sort_by(|a, b| (a.priority, &a.name).cmp(&(b.priority, &b.name)));
    all
}

fn put_first(models: &mut Vec<ModelSettings>, name: &str) {
    let known = models.iter().position(|model| model.name == name);
    let model = match known {
        Some(at) => models.remove(at),
        None => ModelSettings { name: name.to_owned(), features: None, prices: None },
    };
    models.insert(0, model);
}

/// A column that another version wrote in another way is passed over, and told.
fn read<T: serde::de::DeserializeOwned + Default>(
    column: &Value,
    unreadable: &dyn Fn(&dyn std::fmt::Display),
) -> T {
    serde_json::from_value(column.clone()).unwrap_or_else(|error| {
        unreadable(&error);
        T::default()
    })
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use ninja_llm::RateLimits;
    use ninja_types::ProviderKind;

    use super::*;

    fn provider(name: &str, priority: i32) -> ProviderSettings {
        ProviderSettings {
            id: ProviderId::of_name(name),
            kind: ProviderKind::Compatible,
            name: name.to_owned(),
            base_url: "http://127.0.0.1:1/".parse().expect("a URL"),
            key: None,
            models: vec![],
            self_hosted: false,
            priority,
            limits: RateLimits::default(),
            source: Source::Database,
        }
    }

    fn names(wish: &Preferences) -> Vec<String> {
        let all = vec![provider("a", 3), provider("b", 1), provider("c", 1), provider("d", 2)];
        ordered(all, wish).into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn the_default_comes_first_then_the_wished_order_then_priority_and_name() {
        let mut wish = Preferences::default();
        assert_eq!(names(&wish), ["b", "c", "d", "a"]);
        wish.fallback_order = vec!["d".into(), "nobody".into(), "a".into()];
        assert_eq!(names(&wish), ["d", "a", "b", "c"]);
        wish.default_provider = Some("c".into());
        assert_eq!(names(&wish), ["c", "d", "a", "b"]);
        wish.default_model = Some("b/large/model".into());
        assert_eq!(names(&wish), ["b", "d", "a", "c"], "a model names its provider");
        let first = ordered(vec![provider("b", 1)], &wish).remove(0).models.remove(0).name;
        assert_eq!(first, "large/model");
    }
}
