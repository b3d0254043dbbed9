//! Who asks, by address.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::HeaderMap;

use crate::model::proxy::{ProxyHeader, Subnet};

/// Proxies that are believed when they say who asked them.
#[derive(Debug, Clone)]
pub(super) struct Proxies {
    /// Where they are.
    pub(super) subnets: Vec<Subnet>,
    /// Where they say it.
    pub(super) header: ProxyHeader,
}

/// What a client is told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Client {
    /// An address.
    V4(u32),
    /// The upper half of an address: the lower one is the client's to choose (RFC 4291 section
    /// 2.5.1).
    V6(u64),
}

impl From<IpAddr> for Client {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.to_bits()),
            IpAddr::V6(address) => {
                let network = address.to_bits() >> 64;
                Self::V6(u64::try_from(network).unwrap_or_default())
            }
        }
    }
}

impl Proxies {
    /// Who asked, of a request that came from an address: the nearest one that is no proxy of ours.
    /// Those before it are what that one says, who may say anything.
    pub(super) fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> Client {
        let mut known = peer.ip().to_canonical();
        let lines = headers.get_all(self.header.as_str());
        let mut hops = lines.rev().flat_map(|line| {
            let line = line.to_str().unwrap_or_default();
            line.rsplit(',').map(move |hop| self.address(hop.trim()))
        });
        while self.trusts(known) {
            // What can't be read, or is missing, is the proxy's own.
            let Some(Some(before)) = hops.next() else {
                break;
            };
            known = before;
        }
        known.into()
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.subnets.iter().any(|subnet| subnet.holds(address))
    }

    fn address(&self, hop: &str) -> Option<IpAddr> {
        let named = match self.header {
            ProxyHeader::XForwardedFor => hop,
            // Only those before could have put a comma between quotes.
            ProxyHeader::Forwarded => hop.split(';').find_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                let is_for = name.trim().eq_ignore_ascii_case("for");
                is_for.then(|| value.trim().trim_matches('"'))
            })?,
        };
        let with_port = || named.parse().map(|address: SocketAddr| address.ip());
        let bare = named.trim_start_matches('[').trim_end_matches(']');
        let address = bare.parse().or_else(|_| with_port()).ok();
        address.map(|address: IpAddr| address.to_canonical())
    }
}

/// Who asked through a proxy on this machine, by what header fields say of it; those of 10.0.0.0/8
/// are proxies of ours too. And whether that one is none of them.
#[cfg(feature = "fuzzing")]
pub(in crate::http) fn behind_proxies(header: ProxyHeader, headers: &HeaderMap) -> (String, bool) {
    let subnets = ["127.0.0.1", "10.0.0.0/8"];
    let proxies = Proxies {
        subnets: subnets
            .iter()
            .filter_map(|text| text.parse().ok())
            .collect(),
        header,
    };
    let client = proxies.client(SocketAddr::from(([127, 0, 0, 1], 80)), headers);
    let is_ours = match client {
        Client::V4(address) => proxies.trusts(IpAddr::V4(address.into())),
        Client::V6(_) => false,
    };
    (format!("{client:?}"), !is_ours)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn client(header: ProxyHeader, peer: &str, lines: &[&str]) -> Client {
        let subnets = ["127.0.0.1", "10.0.0.0/8", "2001:db8:ffff::/48"];
        let subnets = subnets.map(|text| text.parse().unwrap()).to_vec();
        let proxies = Proxies { subnets, header };
        let mut headers = HeaderMap::new();
        for line in lines {
            let name: HeaderName = header.as_str().parse().unwrap();
            headers.append(name, HeaderValue::from_str(line).unwrap());
        }
        let peer = SocketAddr::new(peer.parse().unwrap(), 4_711);
        proxies.client(peer, &headers)
    }

    fn address(text: &str) -> Client {
        text.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn the_nearest_address_that_is_no_proxy_of_ours_is_the_client() {
        let cases: [(&str, &[&str], &str); 14] = [
            ("203.0.113.1", &["198.51.100.7"], "203.0.113.1"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["192.0.2.9, 198.51.100.7"], "198.51.100.7"),
            (
                "127.0.0.1",
                &["192.0.2.9,198.51.100.7 , 10.1.2.3"],
                "198.51.100.7",
            ),
            (
                "127.0.0.1",
                &["192.0.2.9", "198.51.100.7", "10.1.2.3"],
                "198.51.100.7",
            ),
            ("::ffff:127.0.0.1", &["::ffff:198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["198.51.100.7:443"], "198.51.100.7"),
            ("127.0.0.1", &["[2001:db8::7]:443"], "2001:db8::7"),
            ("2001:db8:ffff::1", &["2001:db8::7"], "2001:db8::7"),
            ("127.0.0.1", &["198.51.100.7, unknown"], "127.0.0.1"),
            (
                "127.0.0.1",
                &["198.51.100.7, unknown, 10.1.2.3"],
                "10.1.2.3",
            ),
            ("127.0.0.1", &[""], "127.0.0.1"),
            ("127.0.0.1", &["10.0.0.9, 10.1.2.3"], "10.0.0.9"),
        ];
        for (peer, lines, expected) in cases {
            let found = client(ProxyHeader::XForwardedFor, peer, lines);
            assert_eq!(found, address(expected), "{peer} {lines:?}");
        }
    }

    #[test]
    fn forwarded_is_read_as_its_standard_has_it() {
        for (line, expected) in [
            ("for=198.51.100.7", "198.51.100.7"),
            ("For=\"198.51.100.7:47011\";proto=https", "198.51.100.7"),
            (
                "proto=https; for=\"[2001:db8::17]:4711\";by=10.0.0.1",
                "2001:db8::17",
            ),
            (
                "for=192.0.2.9, for=198.51.100.7, for=10.1.2.3",
                "198.51.100.7",
            ),
            ("for=198.51.100.7;by=\"x, for=10.1.2.3", "198.51.100.7"),
            ("for=192.0.2.9, for=_hidden", "127.0.0.1"),
            ("for=unknown", "127.0.0.1"),
            ("by=198.51.100.7", "127.0.0.1"),
        ] {
            let found = client(ProxyHeader::Forwarded, "127.0.0.1", &[line]);
            assert_eq!(found, address(expected), "{line}");
        }
    }

    #[test]
    fn clients_of_ipv6_are_told_apart_by_their_networks() {
        assert_eq!(address("2001:db8::1"), address("2001:db8::ffff:1:2:3"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
    }
}
