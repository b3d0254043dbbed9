//! How often a client may ask: by its address, or by whom its token was made for.
//!
//! Header fields as in draft-ietf-httpapi-ratelimit-headers-10, which are structured fields (RFC
//! 9651). They are left out of what caches outside may keep: what is left to one client is not what
//! is left to the next.

mod client;
mod limiter;

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use actix_http::Request;
use actix_web::{
    HttpMessage,
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
};

use client::Proxies;
#[cfg(feature = "fuzzing")]
pub(super) use client::behind_proxies;
use limiter::{Limiter, Verdict};

use crate::{
    http::{
        code::Code,
        problem::{Problem, RETRY_AFTER},
    },
    model::{
        proxy::{ProxyHeader, Subnet},
        quota::Quota,
    },
};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// What those ask who watch the server.
const NOT_COUNTED: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// The limits, and who is believed.
#[derive(Debug, Clone)]
pub struct RateOptions {
    /// For each address that asks without a good token.
    pub address: Option<Quota>,
    /// For each subject of tokens.
    pub token: Option<Quota>,
    /// Proxies that are believed when they say who asked them.
    pub proxies: Vec<Subnet>,
    /// Where they say it.
    pub proxy_header: ProxyHeader,
}

/// The limits, and what came of them.
#[derive(Debug)]
pub struct Rates {
    address: Option<Policy>,
    token: Option<Policy>,
    proxies: Proxies,
}

/// One limit.
#[derive(Debug)]
struct Policy {
    name: &'static str,
    /// Who has it, in words.
    whose: &'static str,
    quota: Quota,
    limiter: Limiter,
    allowed: AtomicU64,
    refused: AtomicU64,
}

/// What is left to the client that sent a request.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    limit: String,
    policy: String,
}

/// Whether requests for a path count.
pub(super) fn is_counted(path: &str) -> bool {
    !NOT_COUNTED.contains(&path)
}

impl Policy {
    fn new(name: &'static str, whose: &'static str, quota: Quota) -> Self {
        Self {
            name,
            whose,
            quota,
            limiter: Limiter::new(quota),
            allowed: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    /// What follows from a verdict.
    fn standing(&self, verdict: Verdict) -> Result<Standing, Problem> {
        let (name, quota) = (self.name, self.quota);
        let seconds = whole_seconds(verdict);
        let standing = Standing {
            limit: format!("\"{name}\";r={};t={seconds}", verdict.remaining),
            policy: format!("\"{name}\";q={};w={}", quota.requests, quota.seconds),
        };
        if verdict.is_allowed {
            return Ok(standing);
        }
        self.refused.fetch_add(1, Relaxed);
        let detail = format!(
            "{} may send {} requests in {} seconds; the next may come in {seconds} seconds",
            self.whose, quota.requests, quota.seconds
        );
        Err(Problem::new(Code::RateLimited, detail)
            .field(RETRY_AFTER, seconds.to_string())
            .field("RateLimit", standing.limit)
            .field("RateLimit-Policy", standing.policy))
    }
}

/// A wait as header fields have it: rounded up, so that nobody comes too early.
fn whole_seconds(verdict: Verdict) -> u64 {
    verdict.wait.as_secs() + u64::from(verdict.wait.subsec_nanos() > 0)
}

impl Rates {
    /// With these limits.
    pub fn new(options: RateOptions) -> Self {
        let address = |quota| Policy::new("address", "an address", quota);
        let token = |quota| Policy::new("token", "the subject of a token", quota);
        Self {
            address: options.address.map(address),
            token: options.token.map(token),
            proxies: Proxies {
                subnets: options.proxies,
                header: options.proxy_header,
            },
        }
    }

    /// Counts a request without a token, and notes what is left. Others are counted when it is
    /// known whose they are.
    pub(super) fn admit(&self, request: &Request) -> Result<(), Problem> {
        if self.address.is_none() || request.headers().contains_key(header::AUTHORIZATION) {
            return Ok(());
        }
        if !is_counted(request.path()) {
            return Ok(());
        }
        let standing = self.charge_address(request.peer_addr(), request.headers())?;
        if let Some(standing) = standing {
            request.extensions_mut().insert(standing);
        }
        Ok(())
    }

    /// Counts a request by where it came from.
    pub(super) fn charge_address(
        &self,
        peer: Option<SocketAddr>,
        headers: &HeaderMap,
    ) -> Result<Option<Standing>, Problem> {
        let (Some(policy), Some(peer)) = (&self.address, peer) else {
            return Ok(None);
        };
        let client = self.proxies.client(peer, headers);
        charge(policy, policy.limiter.take(&client)).map(Some)
    }

    /// Counts a request by whom its token was made for.
    pub(super) fn charge_token(&self, subject: &str) -> Result<Option<Standing>, Problem> {
        let Some(policy) = &self.token else {
            return Ok(None);
        };
        charge(policy, policy.limiter.take(&subject)).map(Some)
    }

    /// Fails where a token's subject has nothing left, and counts nothing: for what must be looked
    /// up before it is known whether the token is good.
    pub(super) fn check_token(&self, subject: &str) -> Result<(), Problem> {
        match &self.token {
            Some(policy) => policy.standing(policy.limiter.look(&subject)).map(drop),
            None => Ok(()),
        }
    }

    /// What came of the limits that there are.
    pub(super) fn figures(&self) -> Vec<PolicyFigures> {
        let of = |policy: &Policy| PolicyFigures {
            policy: policy.name,
            results: [
                ("allowed", policy.allowed.load(Relaxed)),
                ("refused", policy.refused.load(Relaxed)),
            ],
            fill: policy.limiter.fill(),
        };
        self.address.iter().chain(&self.token).map(of).collect()
    }
}

/// Figures of one limit.
#[derive(Debug)]
pub(super) struct PolicyFigures {
    /// Its name.
    pub(super) policy: &'static str,
    /// What came of the requests that it was there for, since the start.
    pub(super) results: [(&'static str, u64); 2],
    /// The share of its memory that is in use, now.
    pub(super) fill: f64,
}

fn charge(policy: &Policy, verdict: Verdict) -> Result<Standing, Problem> {
    let standing = policy.standing(verdict)?;
    policy.allowed.fetch_add(1, Relaxed);
    Ok(standing)
}

impl Standing {
    /// Says what is left, in an answer that is for this client alone. Redirects do not: who has
    /// nothing left should follow them all the same.
    pub(super) fn write(&self, status: StatusCode, headers: &mut HeaderMap) {
        let leads_on = status.is_redirection() && status != StatusCode::NOT_MODIFIED;
        if leads_on || may_be_shared(headers) {
            return;
        }
        for (name, text) in [(LIMIT, &self.limit), (POLICY, &self.policy)] {
            if let Ok(value) = HeaderValue::from_str(text) {
                headers.insert(name, value);
            }
        }
    }
}

/// Whether a cache outside may give an answer to others.
fn may_be_shared(headers: &HeaderMap) -> bool {
    let control = headers.get(header::CACHE_CONTROL);
    let control = control.and_then(|value| value.to_str().ok());
    let is_own =
        control.is_some_and(|control| control.contains("no-store") || control.contains("private"));
    !is_own || headers.contains_key(header::CDN_CACHE_CONTROL)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn verdict(is_allowed: bool, wait: Duration) -> Verdict {
        Verdict {
            is_allowed,
            remaining: 7,
            wait,
        }
    }

    fn policy() -> Policy {
        let quota = Quota {
            requests: 600,
            seconds: 60,
        };
        Policy::new("address", "an address", quota)
    }

    #[test]
    fn what_is_left_is_said_in_structured_fields() {
        let allowed = verdict(true, Duration::from_millis(100));
        let standing = policy().standing(allowed).unwrap();
        let mut headers = HeaderMap::new();
        standing.write(StatusCode::OK, &mut headers);
        assert!(headers.is_empty(), "it may be shared");
        let own = HeaderValue::from_static("private, no-store");
        headers.insert(header::CACHE_CONTROL, own);
        standing.write(StatusCode::PERMANENT_REDIRECT, &mut headers);
        assert_eq!(headers.len(), 1);
        standing.write(StatusCode::OK, &mut headers);
        assert_eq!(headers.get(LIMIT).unwrap(), "\"address\";r=7;t=1");
        assert_eq!(headers.get(POLICY).unwrap(), "\"address\";q=600;w=60");
    }

    #[test]
    fn who_is_refused_is_told_when_to_come_back() {
        for (millis, seconds) in [(1, "1"), (1_000, "1"), (1_001, "2")] {
            let refused = verdict(false, Duration::from_millis(millis));
            let problem = policy().standing(refused).unwrap_err();
            assert_eq!(problem.code, Code::RateLimited);
            let said = problem.fields.iter().find(|(name, _)| *name == RETRY_AFTER);
            assert_eq!(said.unwrap().1, seconds);
        }
    }
}
