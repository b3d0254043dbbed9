//! The keys that tokens are checked with.

use std::path::PathBuf;

use clap::Args;

use crate::{
    config::short_text,
    domain::token::{KeySource, Secret, TokenRules, Verifier},
    model::secret::SecretText,
};

/// The keys that tokens are checked with: a secret, or a file; without any, nobody may write.
#[derive(Debug, Clone, Args)]
pub struct TokenSettings {
    /// Secret that tokens are signed with (HS256), of at least 32 bytes.
    #[arg(long, env, hide_env_values = true, value_parser = secret)]
    pub jwt_secret: Option<SecretText>,
    /// Name of that secret; tokens with another kid are refused.
    #[arg(long, env, value_parser = short_text)]
    pub jwt_key_id: Option<String>,
    /// File with a public key (PEM): RSA for RS256, P-256 for ES256, Ed25519 for EdDSA.
    #[arg(long, env)]
    pub jwt_public_key_file: Option<PathBuf>,
    /// File with a set of keys (JWKS), told apart by kid; read again when it changes.
    #[arg(long, env)]
    pub jwt_jwks_file: Option<PathBuf>,
    /// Issuer that tokens must name (iss).
    #[arg(long, env, value_parser = short_text)]
    pub jwt_issuer: Option<String>,
    /// Audience that tokens must name (aud).
    #[arg(long, env, value_parser = short_text)]
    pub jwt_audience: Option<String>,
}

impl TokenSettings {
    /// What checks tokens, or nothing where no key is set.
    pub fn verifier(&self) -> Result<Option<Verifier>, String> {
        let files = [&self.jwt_public_key_file, &self.jwt_jwks_file];
        let given = files.iter().filter(|file| file.is_some()).count();
        if given + usize::from(self.jwt_secret.is_some()) > 1 {
            let names = "JWT_SECRET, JWT_PUBLIC_KEY_FILE and JWT_JWKS_FILE";
            return Err(format!("of {names}, only one may be set"));
        }
        if self.jwt_key_id.is_some() && self.jwt_secret.is_none() {
            return Err("JWT_KEY_ID is the name of JWT_SECRET, which is not set".to_owned());
        }
        let (name, source) = if let Some(secret) = &self.jwt_secret {
            let secret =
                Secret::new(secret.clone()).map_err(|cause| format!("JWT_SECRET: {cause}"))?;
            let key_id = self.jwt_key_id.clone();
            ("JWT_SECRET", KeySource::Secret { secret, key_id })
        } else if let Some(path) = &self.jwt_public_key_file {
            (
                "JWT_PUBLIC_KEY_FILE",
                KeySource::PublicKeyFile(path.clone()),
            )
        } else if let Some(path) = &self.jwt_jwks_file {
            ("JWT_JWKS_FILE", KeySource::JwksFile(path.clone()))
        } else {
            return Ok(None);
        };
        let rules = TokenRules {
            issuer: self.jwt_issuer.clone(),
            audience: self.jwt_audience.clone(),
        };
        Verifier::new(source, rules)
            .map(Some)
            .map_err(|cause| format!("{name}: {cause}"))
    }
}

/// Takes whatever it is given: what is refused here would be told with the whole value.
fn secret(text: &str) -> Result<SecretText, String> {
    Ok(text.to_owned().into())
}
