use std::net::IpAddr;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::USER_AGENT;
use ninja_config::ServerConfig;

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
