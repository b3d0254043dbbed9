//! Proxies: where they are, and where they say who asked them.

use std::{net::IpAddr, str::FromStr};

/// A range of addresses, or a single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subnet {
    address: IpAddr,
    /// Bits that all of its addresses share.
    prefix: u32,
}

impl Subnet {
    /// Whether an address is of it. An IPv4 address that is written as an IPv6 one must be made
    /// canonical before.
    pub fn holds(&self, address: IpAddr) -> bool {
        // What is shifted out whole is the same for all.
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let difference = own.to_bits() ^ other.to_bits();
                difference.checked_shr(32 - self.prefix).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let difference = own.to_bits() ^ other.to_bits();
                difference.checked_shr(128 - self.prefix).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Subnet {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: Option<IpAddr> = address.parse().ok();
        // One of IPv4 that is written as one of IPv6 would hold nothing.
        let address = address.filter(|address| address.to_canonical() == *address);
        let subnet = address.and_then(|address| {
            let bits = if address.is_ipv4() { 32 } else { 128 };
            let prefix = prefix.map_or(Some(bits), |prefix| prefix.parse().ok())?;
            (prefix <= bits).then_some(Self { address, prefix })
        });
        let expected = "expected an address or a network such as 10.0.0.0/8 or 2001:db8::/32";
        subnet.ok_or_else(|| expected.to_owned())
    }
}

/// The header field in which proxies say who asked them. Only one is believed: a proxy that writes
/// the one may pass on the other as a client sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyHeader {
    /// `X-Forwarded-For`.
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl ProxyHeader {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::XForwardedFor => "X-Forwarded-For",
            Self::Forwarded => "Forwarded",
        }
    }
}

impl FromStr for ProxyHeader {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut known = [Self::XForwardedFor, Self::Forwarded].into_iter();
        let found = known.find(|header| header.as_str().eq_ignore_ascii_case(text));
        found.ok_or_else(|| "expected X-Forwarded-For or Forwarded".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(subnet: &str, address: &str) -> bool {
        let subnet: Subnet = subnet.parse().unwrap();
        subnet.holds(address.parse().unwrap())
    }

    #[test]
    fn a_subnet_holds_the_addresses_that_share_its_prefix() {
        for (subnet, inside, outside) in [
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("10.1.2.3/8", "10.255.0.1", "11.0.0.1"),
            ("192.0.2.128/25", "192.0.2.129", "192.0.2.127"),
            ("0.0.0.0/0", "203.0.113.9", "::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("::1", "::1", "::2"),
            ("::/0", "2001:db8::1", "127.0.0.1"),
        ] {
            assert!(holds(subnet, inside), "{subnet} {inside}");
            assert!(!holds(subnet, outside), "{subnet} {outside}");
        }
    }

    #[test]
    fn what_is_no_subnet_is_refused() {
        for text in [
            "",
            "proxy.example.com",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0.0.0/",
            "::/129",
            "::ffff:10.0.0.0/104",
            "10.0.0.0/8/8",
        ] {
            assert!(text.parse::<Subnet>().is_err(), "{text}");
        }
    }

    #[test]
    fn header_fields_are_read_in_any_case() {
        for header in [ProxyHeader::XForwardedFor, ProxyHeader::Forwarded] {
            let name = header.as_str().to_lowercase();
            assert_eq!(name.parse::<ProxyHeader>(), Ok(header));
        }
        assert!("X-Real-IP".parse::<ProxyHeader>().is_err());
    }
}
