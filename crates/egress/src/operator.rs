//! Hosts that the operator or an admin names. They may be private: a model server mostly is. What they may never be is
//! link-local, where clouds keep the credentials of the machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;
use url::{Host, Url};

const CONNECT: Duration = Duration::from_secs(5);
const IDLE_PER_HOST: usize = 16;

/// The client for hosts that the operator set. It has no limit for a whole answer, because models stream for minutes:
/// who asks sets limits for silence.
pub fn provider_client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .user_agent(concat!("iTechSmart-Ninja/", env!("CARGO_PKG_VERSION")))
        .no_proxy()
        // Without this, reqwest itself repeats a request that an HTTP/2 server did not take: bought twice.
        .retry(reqwest::retry::never())
        // A key must not travel to where a redirect points.
        .redirect(reqwest::redirect::Policy::none())
        .dns_resolver(Arc::new(Guarded))
        .connect_timeout(CONNECT)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .build()
}

/// Why an address may not be a provider's base URL. The text is for the person who typed it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OperatorUrlError {
    /// Something else than a web server.
    #[error("must begin with http:// or https://")]
    Scheme,
    /// There is nobody to ask.
    #[error("must name a host")]
    NoHost,
    /// It would be stored and logged in plain.
    #[error("must not hold a user name or a password: the key has a field of its own")]
    Credentials,
    /// It would be lost when the path of a request is added.
    #[error("must not hold a query or a fragment")]
    Query,
    /// Where clouds keep the credentials of the machine.
    #[error("must not be a link-local address")]
    LinkLocal,
}

/// Whether `url` may be a provider's base URL. Asked when it is stored and again when it is used; a name that leads to a
/// refused address is refused by the client's resolver.
pub fn check_operator_url(url: &Url) -> Result<(), OperatorUrlError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(OperatorUrlError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(OperatorUrlError::Credentials);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(OperatorUrlError::Query);
    }
    let address = match url.host() {
        None => return Err(OperatorUrlError::NoHost),
        Some(Host::Domain(_)) => return Ok(()),
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
    };
    if refused(address) { Err(OperatorUrlError::LinkLocal) } else { Ok(()) }
}

/// Answers names with the addresses that may be asked. The connection uses what is answered here and asks no second
/// time, so a name cannot change its mind in between.
struct Guarded;

#[derive(Debug, Error)]
#[error("the name leads to link-local addresses only, which are refused")]
struct OnlyRefused;

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| !refused(address.ip())).collect();
            if allowed.is_empty() {
                return Err(OnlyRefused.into());
            }
            let allowed: Addrs = Box::new(allowed.into_iter());
            Ok(allowed)
        })
    }
}

fn refused(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => {
            address.is_unicast_link_local()
                || address.segments()[..2] == [0xfd00, 0x0ec2]
                || carried(address).is_some_and(|inner| inner.is_link_local())
        }
    }
}

/// The IPv4 address that an IPv6 address stands for: mapped, compatible, NAT64 or 6to4.
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let parts = address.segments();
    let v4 = |at: usize| {
        let ([a, b], [c, d]) = (parts[at].to_be_bytes(), parts[at + 1].to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match parts {
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0x0064, 0xff9b, 0, 0, 0, 0, ..] => Some(v4(6)),
        [0x2002, ..] => Some(v4(1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_leads_to_a_link_local_address_only_is_not_answered() {
        let refused = Guarded.resolve("169.254.169.254".parse().unwrap()).await;
        assert!(refused.is_err_and(|error| error.is::<OnlyRefused>()));
        let found = Guarded.resolve("localhost".parse().unwrap()).await.unwrap();
        assert!(found.into_iter().all(|address| address.ip().is_loopback()));
    }
}
