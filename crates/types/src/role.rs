use crate::names::named;

named! {
    /// What a user is. Premium means larger plan limits, not more rights.
    Role ("role") {
        /// The default.
        User = "user",
        /// Larger plan limits.
        Premium = "premium",
        /// May administer the installation; every such act is an audit row.
        Admin = "admin",
    }
}

named! {
    /// What a caller may do. A session has every scope of its role, a key the chosen ones.
    Scope ("scope") {
        /// Read tasks, steps, events, artifacts, templates.
        TasksRead = "tasks:read",
        /// Create and control tasks.
        TasksWrite = "tasks:write",
        /// Read files.
        FilesRead = "files:read",
        /// Upload and delete files.
        FilesWrite = "files:write",
        /// Read what administrators may read.
        AdminRead = "admin:read",
        /// Change what administrators may change.
        AdminWrite = "admin:write",
    }
}

impl Scope {
    /// Whether a session of `role` has this scope.
    pub const fn is_for(self, role: Role) -> bool {
        match self {
            Self::AdminRead | Self::AdminWrite => matches!(role, Role::Admin),
            _ => true,
        }
    }
}
