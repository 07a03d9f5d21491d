use ninja_types::{Role, Usd};

use crate::reader::Reader;
use crate::section::{Place, Section, Table, each, optional, section};

section! {
    /// What one user of this role may use at once and in a day.
    PlanLimits {
        /// Steps that run at once; more wait, and are no error.
        concurrent_steps: u32 = each(&["4", "16", "32"]);
        /// Tasks in a day (UTC).
        tasks_per_day: u32 = each(&["500", "10000", "100000"]);
        /// Bytes of files and artifacts; equal content counts once.
        storage_bytes: u64 = each(&["1073741824", "21474836480", "107374182400"]);
        /// Bytes of one uploaded file.
        file_bytes: u64 = each(&["52428800", "52428800", "52428800"]);
        /// Requests to the API in a minute.
        requests_per_minute: u32 = each(&["600", "1800", "3000"]);
        /// Open event streams.
        sockets: u32 = each(&["20", "50", "100"]);
        /// Whether tasks may have priority `high`.
        high_priority: bool = each(&["false", "true", "true"]);
        /// US dollars that one task may ask for at most.
        max_cost_usd: Usd = each(&["5", "50", "500"]);
        /// US dollars that a task may spend when it does not say.
        default_cost_usd: Usd = each(&["1", "5", "5"]);
        /// US dollars that the models of all tasks may cost in a day (UTC).
        day_cost_usd: Usd = each(&["10", "100", "1000"]);
    }
}

section! {
    /// `NINJA_LIMITS__INSTALLATION__*`: what all users together may have models cost.
    InstallationLimits {
        /// US dollars in a day (UTC). Left out: no limit.
        day_cost_usd: Option<Usd> = optional("200");
        /// US dollars in a month (UTC). Left out: no limit.
        month_cost_usd: Option<Usd> = optional("2000");
    }
}

/// `NINJA_LIMITS__<ROLE>__*`: plan limits by role.
#[derive(Clone, Debug)]
pub struct LimitsConfig {
    /// Role `user`.
    pub user: PlanLimits,
    /// Role `premium`.
    pub premium: PlanLimits,
    /// Role `admin`.
    pub admin: PlanLimits,
    /// All users together.
    pub installation: InstallationLimits,
}

const USER: Place = Place::column("limits.user", 0);
const PREMIUM: Place = Place::column("limits.premium", 1);
const ADMIN: Place = Place::column("limits.admin", 2);
const INSTALLATION: Place = Place::new("limits.installation");

impl LimitsConfig {
    /// The limits of a role.
    pub const fn of(&self, role: Role) -> &PlanLimits {
        match role {
            Role::User => &self.user,
            Role::Premium => &self.premium,
            Role::Admin => &self.admin,
        }
    }
}

impl Section for LimitsConfig {
    fn read(reader: &mut Reader, _at: Place) -> Option<Self> {
        let user = PlanLimits::read(reader, USER);
        let premium = PlanLimits::read(reader, PREMIUM);
        let admin = PlanLimits::read(reader, ADMIN);
        let installation = InstallationLimits::read(reader, INSTALLATION);
        Some(Self { user: user?, premium: premium?, admin: admin?, installation: installation? })
    }

    fn tables(_at: Place) -> Vec<Table> {
        let mut tables: Vec<Table> =
            [USER, PREMIUM, ADMIN].into_iter().flat_map(PlanLimits::tables).collect();
        tables.extend(InstallationLimits::tables(INSTALLATION));
        tables
    }
}
