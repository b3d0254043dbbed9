//! `newsstand token`: makes access tokens, and secrets to sign them with.

use std::{fs, io::Write, path::PathBuf, time::Duration};

use anyhow::{Context, anyhow, bail};
use clap::{Args, Subcommand};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    config::{DatabaseSettings, TokenSettings},
    domain::token::{NewToken, Secret, SigningKey, issue, random_secret},
    model::{
        caller::{Scope, is_token_id},
        stamp::Stamp,
        time::UtcTime,
    },
    store::{Store, tokens},
};

/// How long a token may last at most.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// What to do about tokens.
#[derive(Debug, Clone, Args)]
pub struct TokenArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Clone, Subcommand)]
enum Action {
    /// Make a token, signed with JWT_SECRET or a private key.
    Create(Box<CreateArgs>),
    /// Print a new secret for JWT_SECRET.
    Secret,
    /// Revoke a token before its time, by its id (jti).
    Revoke(RevokeArgs),
}

#[derive(Debug, Clone, Args)]
struct RevokeArgs {
    /// The token's id, as `token create` told it.
    #[arg(value_parser = token_id)]
    jti: String,
    #[command(flatten)]
    database: DatabaseSettings,
}

#[derive(Debug, Clone, Args)]
struct CreateArgs {
    /// What it allows, parted by commas: content:read_drafts, content:write, content:publish,
    /// content:admin.
    #[arg(long, required = true, value_delimiter = ',', value_parser = scope)]
    scope: Vec<Scope>,
    /// Whom it is for; appears in the log, and in what the token changes.
    #[arg(long, value_name = "NAME")]
    subject: String,
    /// How long it lasts, 1s to 366d, such as 30d or 12h.
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = lifetime)]
    expires: Duration,
    /// Sign with this private key (PEM) and not with JWT_SECRET.
    #[arg(long, value_name = "PATH")]
    private_key_file: Option<PathBuf>,
    /// The name of that key (kid), for a set of keys.
    #[arg(long, value_name = "NAME", requires = "private_key_file")]
    key_id: Option<String>,
    #[command(flatten)]
    token: TokenSettings,
}

fn token_id(text: &str) -> Result<String, String> {
    match is_token_id(text) {
        true => Ok(text.to_owned()),
        false => Err("expected 1 to 200 characters".to_owned()),
    }
}

fn scope(text: &str) -> Result<Scope, String> {
    let valid = Scope::ALL.map(Scope::as_str);
    Scope::parse(text.trim()).ok_or_else(|| format!("expected some of {}", valid.join(", ")))
}

fn lifetime(text: &str) -> Result<Duration, String> {
    let lifetime = humantime::parse_duration(text).map_err(|cause| cause.to_string())?;
    match (Duration::from_secs(1)..=LONGEST).contains(&lifetime) {
        true => Ok(lifetime),
        false => Err("expected 1s to 366d".to_owned()),
    }
}

/// Runs a command about tokens; gives the exit status.
pub(super) fn run(args: &TokenArgs) -> anyhow::Result<u8> {
    match &args.action {
        Action::Create(args) => create(args),
        Action::Secret => print_secret(),
        Action::Revoke(args) => revoke(args),
    }
}

fn revoke(args: &RevokeArgs) -> anyhow::Result<u8> {
    let store = Store::open(&args.database.options())?;
    store.check_version()?;
    let stamp = Stamp::of_program("token revoke");
    let at = store.write_blocking(|connection| tokens::revoke(connection, &args.jti, &stamp))?;
    writeln!(std::io::stdout().lock(), "revoked at {at}")?;
    Ok(0)
}

fn create(args: &CreateArgs) -> anyhow::Result<u8> {
    let key = signing_key(args)?;
    // Whole seconds, as the token has it: what is printed is when it ends.
    let issued = UtcTime::now().millis().div_euclid(1_000) * 1_000;
    let lasts = i64::try_from(args.expires.as_secs())? * 1_000;
    let instant = |millis| UtcTime::from_millis(millis).context("the clock is wrong");
    let (issued_at, expires_at) = (instant(issued)?, instant(issued + lasts)?);
    let token_id = Uuid::now_v7().to_string();
    let claims = NewToken {
        subject: args.subject.clone(),
        scopes: args.scope.clone(),
        token_id: token_id.clone(),
        issued_at,
        expires_at,
        issuer: args.token.jwt_issuer.clone(),
        audience: args.token.jwt_audience.clone(),
    };
    let token = issue(&key, claims).map_err(|cause| anyhow!(cause))?;
    writeln!(std::io::stdout().lock(), "{token}")?;
    writeln!(
        std::io::stderr().lock(),
        "jti {token_id}, expires {expires_at}"
    )?;
    Ok(0)
}

fn signing_key(args: &CreateArgs) -> anyhow::Result<SigningKey> {
    if let Some(path) = &args.private_key_file {
        let pem = fs::read(path).with_context(|| path.display().to_string())?;
        return Ok(SigningKey::PrivateKeyPem {
            pem: Zeroizing::new(pem),
            key_id: args.key_id.clone(),
        });
    }
    let Some(secret) = &args.token.jwt_secret else {
        bail!(
            "there is nothing to sign with: set JWT_SECRET (newsstand token secret makes one), \
             or give --private-key-file"
        );
    };
    let secret = Secret::new(secret.clone()).map_err(|cause| anyhow!("JWT_SECRET: {cause}"))?;
    Ok(SigningKey::Secret {
        secret,
        key_id: args.token.jwt_key_id.clone(),
    })
}

fn print_secret() -> anyhow::Result<u8> {
    let secret = random_secret().map_err(anyhow::Error::msg)?;
    writeln!(std::io::stdout().lock(), "{}", secret.reveal())?;
    Ok(0)
}
