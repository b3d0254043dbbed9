//! What a frontend needs to have an article shared: links by network, and the page's metadata.

mod count;
mod network;

use serde_json::{Map, Value, json};

pub use count::{Count, cut};
pub use network::{Network, ShareLink};

use crate::{
    domain::address::Site,
    model::{
        article::{Article, Image},
        shown::without_turns,
    },
};

/// Parameters that tell the site's statistics where a reader came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Utm {
    /// `utm_source`; the network's name unless given.
    pub source: Option<String>,
    /// `utm_medium`.
    pub medium: Option<String>,
    /// `utm_campaign`.
    pub campaign: Option<String>,
}

impl Utm {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The address with the parameters, for one network.
    fn on(&self, address: &str, network: Network) -> String {
        let Ok(mut url) = url::Url::parse(address) else {
            return address.to_owned();
        };
        if self.is_empty() {
            return address.to_owned();
        }
        let source = self.source.as_deref().unwrap_or(network.as_str());
        let named = [
            ("utm_source", Some(source)),
            ("utm_medium", self.medium.as_deref()),
            ("utm_campaign", self.campaign.as_deref()),
        ];
        let added = named
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", network::encoded(value?))));
        let before = url.query().map(str::to_owned);
        let pairs: Vec<String> = before.into_iter().chain(added).collect();
        url.set_query(Some(&pairs.join("&")));
        url.into()
    }
}

/// How links are made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShareOptions {
    /// Which networks, in this order.
    pub networks: Vec<Network>,
    /// Added to shared addresses.
    pub utm: Utm,
    /// With one, Facebook's documented dialogue is used in place of its plain sharer.
    pub facebook_app_id: Option<String>,
    /// With one, Mastodon's link is complete; else it is a template with `{instance}`.
    pub mastodon_instance: Option<String>,
}

/// Everything about sharing an article.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// The address of the page, without additions.
    pub canonical_url: String,
    /// For native share sheets.
    pub title: String,
    /// For native share sheets.
    pub text: String,
    /// Picture of the card.
    pub image: Option<Image>,
    /// In the order that was asked for.
    pub links: Vec<ShareLink>,
    /// Open Graph properties.
    pub open_graph: OpenGraph,
    /// Card properties of X.
    pub twitter_card: TwitterCard,
    /// schema.org `NewsArticle`.
    pub json_ld: Value,
}

/// Open Graph (ogp.me), by its article type.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenGraph {
    /// `og:title`.
    pub title: String,
    /// `og:description`.
    pub description: Option<String>,
    /// `og:url`.
    pub url: String,
    /// `og:site_name`.
    pub site_name: String,
    /// `og:locale`, such as `en` or `en_GB`.
    pub locale: String,
    /// `og:image` and its properties.
    pub image: Option<Image>,
    /// `article:published_time`.
    pub published_time: Option<String>,
    /// `article:modified_time`.
    pub modified_time: String,
    /// `article:section`.
    pub section: Option<String>,
    /// `article:tag`.
    pub tags: Vec<String>,
    /// `article:author`, addresses.
    pub authors: Vec<String>,
}

/// The card of X, within its limits.
#[derive(Debug, Clone, PartialEq)]
pub struct TwitterCard {
    /// `twitter:card`.
    pub card: &'static str,
    /// `twitter:title`, at most 70 characters.
    pub title: String,
    /// `twitter:description`, at most 200 characters.
    pub description: Option<String>,
    /// `twitter:image`; never SVG.
    pub image: Option<String>,
    /// `twitter:image:alt`, at most 420 characters.
    pub image_alt: Option<String>,
}

/// Makes an article's share block. Its texts go among those of others, and turn none of them; only
/// `json_ld` says what is stored.
pub fn share(article: &Article, site: &Site, options: &ShareOptions) -> Share {
    let canonical_url = site.article(article);
    let text = share_text(article);
    let links = options
        .networks
        .iter()
        .map(|network| {
            let shared = options.utm.on(&canonical_url, *network);
            network.link(article, &text, &shared, options)
        })
        .collect();
    Share {
        title: without_turns(&article.title),
        image: article.image.clone(),
        links,
        open_graph: open_graph(article, site, &canonical_url),
        twitter_card: twitter_card(article),
        json_ld: json_ld(article, site, &canonical_url),
        canonical_url,
        text,
    }
}

/// The headline; where that was made up of the summary's first words, the summary itself.
fn share_text(article: &Article) -> String {
    without_turns(match &article.summary {
        Some(summary) if article.title_provisional => summary.as_str(),
        _ => article.title.as_str(),
    })
}

fn open_graph(article: &Article, site: &Site, url: &str) -> OpenGraph {
    OpenGraph {
        title: without_turns(&article.title),
        description: article.summary.as_deref().map(without_turns),
        url: url.to_owned(),
        site_name: site.name.clone(),
        locale: article.language.replace('-', "_"),
        image: article.image.clone(),
        published_time: article.published_at.map(|time| time.to_string()),
        modified_time: article.modified_at.to_string(),
        section: article
            .category
            .as_ref()
            .map(|category| category.name.clone()),
        tags: article.tags.iter().map(|tag| tag.name.clone()).collect(),
        authors: article
            .authors
            .iter()
            .map(|author| site.author(author))
            .collect(),
    }
}

fn twitter_card(article: &Article) -> TwitterCard {
    let is_svg = |image: &&Image| {
        let path = url::Url::parse(&image.url).map_or(String::new(), |url| url.path().to_owned());
        path.to_ascii_lowercase().ends_with(".svg")
    };
    let image = article.image.as_ref().filter(|image| !is_svg(image));
    TwitterCard {
        card: match image {
            Some(_) => "summary_large_image",
            None => "summary",
        },
        title: cut(&without_turns(&article.title), 70, Count::Characters),
        description: article
            .summary
            .as_deref()
            .map(|summary| cut(&without_turns(summary), 200, Count::Characters)),
        image: image.map(|image| image.url.clone()),
        image_alt: image
            .and_then(|image| image.alt.as_deref())
            .map(|alt| cut(&without_turns(alt), 420, Count::Characters)),
    }
}

/// schema.org `NewsArticle`, as search engines recommend it. What is not known is left out, as
/// JSON-LD wants it.
pub fn json_ld(article: &Article, site: &Site, url: &str) -> Value {
    let publisher = publisher(site);
    let person = |author: &crate::model::author::AuthorRef| json!({"@type": "Person", "name": author.name, "url": site.author(author)});
    let authors: Vec<Value> = match article.authors.is_empty() {
        true => vec![publisher.clone()],
        false => article.authors.iter().map(person).collect(),
    };
    let mut members = Map::new();
    let mut add = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    add("@context", "https://schema.org".into());
    add("@type", "NewsArticle".into());
    add("headline", article.title.clone().into());
    if let Some(summary) = &article.summary {
        add("description", summary.clone().into());
    }
    if let Some(image) = &article.image {
        add("image", json!([image.url]));
    }
    if let Some(time) = article.published_at {
        add("datePublished", time.to_string().into());
    }
    add("dateModified", article.modified_at.to_string().into());
    add("author", authors.into());
    add("publisher", publisher);
    add("mainEntityOfPage", json!({"@type": "WebPage", "@id": url}));
    add("url", url.into());
    add("inLanguage", article.language.clone().into());
    if let Some(category) = &article.category {
        add("articleSection", category.name.clone().into());
    }
    if !article.tags.is_empty() {
        let names: Vec<&str> = article.tags.iter().map(|tag| tag.name.as_str()).collect();
        add("keywords", json!(names));
    }
    add("wordCount", article.word_count.into());
    if let Some(minutes) = article.reading_minutes {
        add("timeRequired", format!("PT{minutes}M").into());
    }
    add("isAccessibleForFree", true.into());
    Value::Object(members)
}

fn publisher(site: &Site) -> Value {
    let mut publisher = json!({"@type": "Organization", "name": site.name, "url": site.base()});
    if let (Some(logo), Some(members)) = (&site.logo, publisher.as_object_mut()) {
        let logo = json!({"@type": "ImageObject", "url": logo});
        members.insert("logo".to_owned(), logo);
    }
    publisher
}
