use crate::kinds::Seconds;
use crate::section::{default, section};

section! {
    /// `NINJA_SOCKETS__*`: WebSockets. Their sign of life is `NINJA_SERVER__HEARTBEAT_SECONDS`, as that of event streams.
    SocketsConfig {
        /// How long a ticket opens a socket after it was asked for.
        ticket_seconds: Seconds = default(&["30"]);
        /// Silence of a client, its pongs included, after which its socket is closed.
        idle_seconds: Seconds = default(&["60"]);
        /// How long a client may take nothing of what it is sent before its socket is closed.
        send_seconds: Seconds = default(&["10"]);
        /// How often an open socket asks whether its login still stands, in case nobody told it. With the 5 seconds for
        /// which an answer is believed, a login that ended holds its sockets so much longer at most.
        check_seconds: Seconds = default(&["4"]);
    }
}
