use crate::kinds::Rate;
use crate::section::{default, section};

section! {
    /// `NINJA_SECURITY__*`: how often strangers may try. Limits of users who are signed in stand in `limits`.
    SecurityConfig {
        /// Logins for one account from one network (/24, or /64 of IPv6).
        login_rate: Rate = default(&["10/15m"]);
        /// Logins from one network, whatever the account.
        login_network_rate: Rate = default(&["50/15m"]);
        /// Logins for one account from everywhere; addresses with a good login in the last 30 days are exempt.
        login_account_rate: Rate = default(&["100/1h"]);
        /// New accounts from one network.
        register_rate: Rate = default(&["5/1h"]);
        /// Token refreshes of one session.
        refresh_rate: Rate = default(&["30/1m"]);
        /// Tickets for sockets of one user.
        ticket_rate: Rate = default(&["30/1m"]);
        /// Requests without an identity from one network.
        anonymous_rate: Rate = default(&["60/1m"]);
    }
}
