use std::net::IpAddr;
use std::time::Duration;

use crate::setting::Setting;

/// A span of time, written in seconds. Decimals are allowed, so that tests can run at a tenth of the usual times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(Duration);

impl Seconds {
    /// As the standard library has it.
    pub const fn duration(self) -> Duration {
        self.0
    }
}

impl From<Seconds> for Duration {
    fn from(seconds: Seconds) -> Self {
        seconds.0
    }
}

impl Setting for Seconds {
    const KIND: &'static str = "seconds";

    fn parse(text: &str) -> Result<Self, String> {
        let year = 366.0 * 86_400.0;
        match text.parse::<f64>() {
            Ok(seconds) if (0.0..=year).contains(&seconds) => {
                Ok(Self(Duration::from_secs_f64(seconds)))
            }
            _ => Err("must be a number of seconds from 0 to a year, decimals allowed".to_owned()),
        }
    }
}

/// So many in so long: `10/15m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many are let through.
    pub count: u32,
    /// In which time.
    pub per: Duration,
}

impl Setting for Rate {
    const KIND: &'static str = "rate";

    fn parse(text: &str) -> Result<Self, String> {
        rate(text).ok_or_else(|| {
            "must be a rate: a count of at least 1, a slash, a span such as 30s, 15m, 1h or 1d"
                .to_owned()
        })
    }
}

fn rate(text: &str) -> Option<Rate> {
    let (count, span) = text.split_once('/')?;
    let count = count.parse().ok().filter(|count| *count > 0)?;
    let unit = match span.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let many: u32 = span[..span.len() - 1].parse().ok().filter(|many| *many > 0)?;
    Some(Rate { count, per: Duration::from_secs(u64::from(many) * unit) })
}

/// A block of addresses, `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: u128,
    v6: bool,
    bits: u8,
}

impl Network {
    /// Whether `address` lies in it. An IPv4 address that is written as an IPv6 one counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (number, v6) = number(address.to_canonical());
        let width: u8 = if v6 { 128 } else { 32 };
        let host = u32::from(width - self.bits.min(width));
        v6 == self.v6 && number.checked_shr(host) == self.base.checked_shr(host)
    }
}

fn number(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), false),
        IpAddr::V6(v6) => (v6.to_bits(), true),
    }
}

impl Setting for Network {
    const KIND: &'static str = "network";

    fn parse(text: &str) -> Result<Self, String> {
        let must = || "must be addresses or networks such as 10.0.0.0/8".to_owned();
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_bad| must())?;
        let (base, v6) = number(address);
        let width = if v6 { 128 } else { 32 };
        let bits = bits.map_or(Ok(width), |bits| bits.parse().map_err(|_bad| must()))?;
        if bits > width { Err(must()) } else { Ok(Self { base, v6, bits }) }
    }
}

/// Where a browser page may come from: `https://ninja.example.org`. The star is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// As a browser sends it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Setting for Origin {
    const KIND: &'static str = "origin";

    fn parse(text: &str) -> Result<Self, String> {
        let origin = url::Url::parse(text).ok().map(|url| url.origin().ascii_serialization());
        if origin.as_deref() == Some(text.trim_end_matches('/'))
            && text.starts_with("http")
            && !text.contains('*')
        {
            return Ok(Self(text.trim_end_matches('/').to_owned()));
        }
        Err("must be origins: scheme, host and port, no path, and never *".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_seconds_with_decimals() {
        assert_eq!(Seconds::parse("1.5").map(Seconds::duration), Ok(Duration::from_millis(1500)));
        for bad in ["", "-1", "NaN", "inf", "3s", "1e99"] {
            assert!(Seconds::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_rate_is_a_count_and_a_span() {
        let quarter = Rate { count: 10, per: Duration::from_mins(15) };
        assert_eq!(Rate::parse("10/15m"), Ok(quarter));
        for bad in ["", "10", "0/1m", "10/0m", "10/15", "10/m", "ten/1m", "10/1é"] {
            assert!(Rate::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        let inside = |network: &str, address: &str| {
            Network::parse(network).unwrap().contains(address.parse().unwrap())
        };
        assert!(inside("10.0.0.0/8", "10.255.0.1"));
        assert!(inside("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(!inside("10.0.0.0/8", "11.0.0.1"));
        assert!(inside("0.0.0.0/0", "203.0.113.9"));
        assert!(!inside("0.0.0.0/0", "2001:db8::1"));
        assert!(inside("::/0", "2001:db8::1"));
        assert!(inside("2001:db8::/32", "2001:db8:1::1"));
        assert!(!inside("192.0.2.7", "192.0.2.8"));
        assert!(Network::parse("10.0.0.0/33").is_err());
    }

    #[test]
    fn an_origin_is_no_star_and_has_no_path() {
        assert!(Origin::parse("https://ninja.example.org").is_ok());
        assert!(Origin::parse("http://localhost:5173").is_ok());
        for bad in ["*", "https://*", "ninja.example.org", "https://a.example/x", "file:///etc"] {
            assert!(Origin::parse(bad).is_err(), "{bad}");
        }
    }
}
