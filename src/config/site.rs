//! The publication: its content, and its public site.

use clap::Args;

use crate::{
    config::short_text,
    domain::address::{Pattern, Site},
    model::{kind::Kind, language::is_language},
};

/// What goes without saying in content.
#[derive(Debug, Clone, Args)]
pub struct ContentSettings {
    /// BCP 47 language of articles that say none.
    #[arg(long, env, default_value = "en", value_parser = language)]
    pub default_language: String,
}

/// The public site, where readers are.
#[derive(Debug, Clone, Args)]
pub struct SiteSettings {
    /// Name of the publication.
    #[arg(long, env, default_value = "Newsstand", value_parser = short_text)]
    pub publication_name: String,
    /// Address of the publication's logo (http or https), for feeds and search engines.
    #[arg(long, env, value_parser = web_address)]
    pub publication_logo_url: Option<String>,
    /// Origin of the public site; all addresses in answers begin with it.
    #[arg(long, env, default_value = "http://localhost:3000")]
    pub public_site_url: String,
    /// Path of an article; may hold {slug}, {id}, {category}, {category_path}, {year}, {month}, {day}.
    #[arg(long, env, default_value = "/articles/{slug}", value_parser = article_path)]
    pub article_path: Pattern,
    /// Path of a category; may hold {slug}, {id}, {path}.
    #[arg(long, env, default_value = "/categories/{path}", value_parser = category_path)]
    pub category_path: Pattern,
    /// Path of an author; may hold {slug}, {id}.
    #[arg(long, env, default_value = "/authors/{slug}", value_parser = author_path)]
    pub author_path: Pattern,
    /// Path of a tag; may hold {slug}, {id}.
    #[arg(long, env, default_value = "/tags/{slug}", value_parser = tag_path)]
    pub tag_path: Pattern,
}

impl SiteSettings {
    /// As the domain takes them.
    pub fn site(&self) -> Result<Site, String> {
        let patterns = [
            self.article_path.clone(),
            self.category_path.clone(),
            self.author_path.clone(),
            self.tag_path.clone(),
        ];
        Site::new(&self.publication_name, &self.public_site_url, patterns)
            .map(|site| site.with_logo(self.publication_logo_url.clone()))
            .map_err(|cause| format!("PUBLIC_SITE_URL \"{}\": {cause}", self.public_site_url))
    }
}

fn language(text: &str) -> Result<String, String> {
    match is_language(text) {
        true => Ok(text.to_owned()),
        false => Err("expected a BCP 47 tag such as en or pt-BR".to_owned()),
    }
}

fn article_path(text: &str) -> Result<Pattern, String> {
    Pattern::parse(Kind::Article, text)
}

fn category_path(text: &str) -> Result<Pattern, String> {
    Pattern::parse(Kind::Category, text)
}

fn author_path(text: &str) -> Result<Pattern, String> {
    Pattern::parse(Kind::Author, text)
}

fn tag_path(text: &str) -> Result<Pattern, String> {
    Pattern::parse(Kind::Tag, text)
}

fn web_address(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && text.len() <= 2_000);
    url.map(String::from)
        .ok_or_else(|| "expected an http or https address".to_owned())
}
