use std::net::SocketAddr;

use url::Url;

use crate::fault::Faults;
use crate::kinds::{Network, Origin, Seconds};
use crate::section::{Place, default, optional, section};
use crate::setting::{List, words};

words! {
    /// How strict the start is about settings.
    Environment {
        /// A machine of one's own.
        Development = "development",
        /// Refuses plain http and every secret of the examples.
        Production = "production",
    }
}

section! {
    /// `NINJA_SERVER__*`: the HTTP server.
    ServerConfig {
        /// `production` refuses what is fine on a machine of one's own.
        environment: Environment = default(&["development"]);
        /// Where the API listens. Port 0 takes a free one.
        bind: SocketAddr = default(&["127.0.0.1:8080"]);
        /// Where clients reach it, without a path. Left out: the address that it listens on.
        public_url: Option<Url> = optional("https://ninja.example.org");
        /// Pages of other sites that may call the API from a browser. None by default.
        cors_origins: List<Origin> = optional("https://app.example.org");
        /// Addresses of the load balancers whose `X-Forwarded-For` is believed. None by default.
        trusted_proxies: List<Network> = optional("10.0.0.0/8");
        /// How long a stopping API still serves as usual, so that load balancers notice.
        drain_notice_seconds: Seconds = default(&["5"]);
        /// How long requests that are under way get after that.
        drain_seconds: Seconds = default(&["20"]);
        /// Time between two signs of life on an event stream where nothing else happens.
        heartbeat_seconds: Seconds = default(&["20"]);
        /// How often streams look into the database by themselves, in case a notice was lost.
        healing_seconds: Seconds = default(&["2"]);
        /// How long the answer to an `Idempotency-Key` is kept.
        idempotency_hours: u32 = default(&["24"]);
    }
    rules rules
}

fn rules(server: &ServerConfig, at: Place, faults: &mut Faults) {
    if server.environment != Environment::Production {
        return;
    }
    match &server.public_url {
        None => faults.say(at.variable("public_url"), "is missing: production needs it"),
        Some(url) if url.scheme() != "https" => {
            faults.say(at.variable("public_url"), "must begin with https:// in production");
        }
        Some(_) => {}
    }
}
