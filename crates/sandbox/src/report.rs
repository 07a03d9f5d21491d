//! What the proof found, for operators, for `workers.sandbox` and for `GET /languages`.

use serde::{Deserialize, Serialize};

use crate::{AttackResult, Installed, Limits, Tier};

/// The whole proof.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What holds the runs.
    pub tier: Tier,
    /// Every layer and its state.
    pub layers: Vec<Layer>,
    /// The kernel's Landlock ABI; 0 without Landlock.
    pub landlock_abi: u8,
    /// A cgroup bounds each run. Never in this release.
    pub cgroup: bool,
    /// Release of the kernel.
    pub kernel: String,
    /// What the self-attack tried, and what came back.
    pub attacks: Vec<AttackResult>,
    /// Layers that would be better.
    pub degraded: Vec<String>,
    /// What a run can see and should not, by the nature of its tier.
    pub leaks: Vec<String>,
    /// Languages that are installed and do not work.
    pub unusable: Vec<UnusableLanguage>,
    /// What runs get.
    pub limits: PublishedLimits,
}

/// One layer of the cage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Its name in `docs/sandbox.md`.
    pub name: String,
    /// How it stands.
    pub state: LayerState,
    /// Why it stands so.
    pub reason: String,
}

/// How a layer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerState {
    /// Proven, or set on every run, which fails without it.
    Enforced,
    /// There, but less than it could be.
    Degraded,
    /// Not there.
    NotUsed,
}

/// An installed language whose hello world failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnusableLanguage {
    /// Its id.
    pub id: String,
    /// What its program said.
    pub reason: String,
}

/// Limits of runs and compilers as configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedLimits {
    /// A run that asks for nothing else.
    pub run: Limits,
    /// A compiler.
    pub compile: Limits,
    /// The most that a run may ask for.
    pub most: Limits,
}

/// What a worker tells the others about its sandbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PublishedReport {
    /// `None`: no code runs here, and `reasons` say why.
    pub tier: Option<Tier>,
    /// 0 without Landlock.
    pub landlock_abi: u8,
    /// A cgroup bounds each run.
    pub cgroup: bool,
    /// Layers that would be better.
    pub degraded: Vec<String>,
    /// What a run can see and should not.
    pub leaks: Vec<String>,
    /// Why no code runs here.
    pub reasons: Vec<crate::Reason>,
    /// `None` where no code runs.
    pub limits: Option<PublishedLimits>,
    /// What runs here.
    pub languages: Vec<PublishedLanguage>,
}

/// One language of a worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedLanguage {
    /// `python`.
    pub id: String,
    /// `Python`.
    pub name: String,
    /// Other names that are understood.
    pub aliases: Vec<String>,
    /// Of source files, without the dot.
    pub extensions: Vec<String>,
    /// What the installed one says of itself; `None`: written, never executed.
    pub version: Option<String>,
}

impl Report {
    pub(crate) fn published(&self, installed: &[Installed]) -> PublishedReport {
        let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let languages = installed.iter().map(|installed| PublishedLanguage {
            id: installed.language.id.to_owned(),
            name: installed.language.name.to_owned(),
            aliases: texts(installed.language.aliases),
            extensions: texts(installed.language.extensions),
            version: Some(installed.version.clone()),
        });
        PublishedReport {
            tier: Some(self.tier),
            landlock_abi: self.landlock_abi,
            cgroup: self.cgroup,
            degraded: self.degraded.clone(),
            leaks: self.leaks.clone(),
            reasons: Vec::new(),
            limits: Some(self.limits),
            languages: languages.collect(),
        }
    }
}

impl From<&crate::Refused> for PublishedReport {
    fn from(refused: &crate::Refused) -> Self {
        Self {
            tier: None,
            landlock_abi: 0,
            cgroup: false,
            degraded: Vec::new(),
            leaks: Vec::new(),
            reasons: refused.reasons.clone(),
            limits: None,
            languages: Vec::new(),
        }
    }
}
