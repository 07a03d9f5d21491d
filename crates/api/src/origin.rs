use std::net::IpAddr;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HOST, HeaderMap, ORIGIN, USER_AGENT};
use ninja_config::ServerConfig;
use url::Url;

/// The client's address: the peer's, unless that is a proxy of ours; then the rightmost entry of `X-Forwarded-For` that
/// is none. What stands left of it may be invented.
pub(crate) fn address(req: &ServiceRequest, server: &ServerConfig) -> Option<IpAddr> {
    let ours = |address: IpAddr| server.trusted_proxies.iter().any(|net| net.contains(address));
    let peer = req.peer_addr()?.ip();
    if !ours(peer) {
        return Some(peer);
    }
    let forwarded = req.headers().get_all("X-Forwarded-For");
    let entries: Vec<&str> = forwarded
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .collect();
    let addresses = entries.iter().rev().map_while(|entry| entry.trim().parse().ok());
    addresses.clone().find(|address| !ours(*address)).or_else(|| addresses.last()).or(Some(peer))
}

/// Whether the client came over TLS: this process does not end it, so a proxy of ours must say so.
pub(crate) fn is_tls(req: &ServiceRequest, server: &ServerConfig) -> bool {
    let proxied = req.peer_addr().is_some_and(|peer| {
        server.trusted_proxies.iter().any(|network| network.contains(peer.ip()))
    });
    proxied && req.headers().get("X-Forwarded-Proto").is_some_and(|scheme| scheme == "https")
}

/// What the client calls itself, shortened.
pub(crate) fn user_agent(req: &ServiceRequest) -> Option<String> {
    let text = req.headers().get(USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(256).collect())
}

/// Whether a page of the `Origin` that was sent may open a socket: one of ours, or one on the list. `None`: no page asks.
pub(crate) fn may_connect(headers: &HeaderMap, server: &ServerConfig) -> Option<bool> {
    let given = headers.get(ORIGIN)?;
    let listed = || server.cors_origins.iter().any(|known| given == known.as_str());
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let ours = |text: &str| {
        let origin = Url::parse(text).ok()?.origin();
        let public = server.public_url.as_ref().map(Url::origin);
        // A page that was loaded from the host and port which it now asks; whoever ends TLS, the browser knew it.
        let same = host
            .and_then(|host| Url::parse(&format!("{}://{host}", text.split_once("://")?.0)).ok())
            .is_some_and(|host| host.origin() == origin);
        Some(origin.is_tuple() && (same || public == Some(origin)))
    };
    Some(listed() || given.to_str().ok().and_then(ours).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn may(origin: &str, host: &str) -> Option<bool> {
        let config = ninja_config::Config::load(
            [
                ("NINJA_SERVER__PUBLIC_URL", "https://ninja.example.org"),
                ("NINJA_SERVER__CORS_ORIGINS", "https://app.example.org"),
                ("NINJA_AUTH__JWT_KEYS", "k1:TCZmbcTfnKVnvCLGmOWlU8AR3A7bZPtCr2eD1v2Jk0E="),
                ("NINJA_AUTH__PEPPER", "p1:9mYxqS2cR0fJ3uVgKk8bHn5ZtLw7aPdEo4iTsMvXyQk="),
                ("NINJA_DATABASE__URL", "postgres://ninja@localhost/ninja"),
                ("NINJA_REDIS__URL", "redis://localhost:6379/0"),
            ]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into_iter(),
        );
        let server = config.unwrap().server;
        let mut headers = HeaderMap::new();
        for (name, value) in [("origin", origin), ("host", host)] {
            if !value.is_empty() {
                headers
                    .insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
            }
        }
        may_connect(&headers, &server)
    }

    #[test]
    fn a_page_of_ours_and_one_on_the_list_may_connect_and_no_other() {
        let here = "127.0.0.1:8080";
        for good in
            ["http://127.0.0.1:8080", "https://ninja.example.org", "https://app.example.org"]
        {
            assert_eq!(may(good, here), Some(true), "{good}");
        }
        for bad in [
            "http://127.0.0.1:8081",
            "http://127.0.0.1",
            "http://ninja.example.org",
            "https://app.example.org.evil.example",
            "https://evil.example",
            "null",
            "file://",
            "127.0.0.1:8080",
            "http://127.0.0.1:8080@evil.example",
        ] {
            assert_eq!(may(bad, here), Some(false), "{bad}");
        }
        assert_eq!(may("https://a.example", "a.example"), Some(true));
        assert_eq!(may("https://a.example", ""), Some(false));
        assert_eq!(may("", here), None);
    }
}
