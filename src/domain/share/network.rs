//! The networks, and the address that opens each one's composer with an article in it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    domain::share::{
        Count, ShareOptions,
        count::{WEIGHTED_LINK, cut},
    },
    model::{article::Article, shown::without_turns},
};

/// Everything but RFC 3986's unreserved characters is encoded; a space is `%20` everywhere.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A link that shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareLink {
    /// Where.
    pub network: Network,
    /// The address to open.
    pub url: String,
}

/// Where an article can be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// x.com.
    X,
    /// linkedin.com.
    Linkedin,
    /// facebook.com.
    Facebook,
    /// reddit.com.
    Reddit,
    /// The reader's mail program.
    Email,
    /// bsky.app.
    Bluesky,
    /// WhatsApp.
    Whatsapp,
    /// Telegram.
    Telegram,
    /// threads.com.
    Threads,
    /// The reader's Mastodon server.
    Mastodon,
}

/// Limits, from the networks' own pages where they have one: X, developer.x.com; Bluesky,
/// bsky-docs; Threads, developers.facebook.com. Reddit's is widely reported.
const X_AT_MOST: usize = 280;
const BLUESKY_AT_MOST: usize = 300;
const THREADS_AT_MOST: usize = 500;
const REDDIT_AT_MOST: usize = 300;
/// Mail programs take longer ones, but not all of them.
const MAILTO_AT_MOST: usize = 2_000;

impl Network {
    /// Every network with its name in answers and its name for readers.
    pub const ALL: [(Self, &'static str, &'static str); 10] = [
        (Self::X, "x", "X"),
        (Self::Linkedin, "linkedin", "LinkedIn"),
        (Self::Facebook, "facebook", "Facebook"),
        (Self::Reddit, "reddit", "Reddit"),
        (Self::Email, "email", "Email"),
        (Self::Bluesky, "bluesky", "Bluesky"),
        (Self::Whatsapp, "whatsapp", "WhatsApp"),
        (Self::Telegram, "telegram", "Telegram"),
        (Self::Threads, "threads", "Threads"),
        (Self::Mastodon, "mastodon", "Mastodon"),
    ];

    /// The name in answers.
    pub fn as_str(self) -> &'static str {
        let named = Self::ALL.into_iter().find(|(network, ..)| *network == self);
        named.map_or("", |(_, name, _)| name)
    }

    /// The name for readers.
    pub fn label(self) -> &'static str {
        let named = Self::ALL.into_iter().find(|(network, ..)| *network == self);
        named.map_or("", |(.., label)| label)
    }

    /// Reads what [`Self::as_str`] wrote.
    pub fn parse(name: &str) -> Option<Self> {
        let named = Self::ALL.into_iter().find(|(_, known, _)| *known == name);
        named.map(|(network, ..)| network)
    }

    pub(super) fn link(
        self,
        article: &Article,
        text: &str,
        shared: &str,
        options: &ShareOptions,
    ) -> ShareLink {
        let address = encoded(shared);
        let url = match self {
            Self::X => {
                // One space stands between the text and the link.
                let text = cut(text, X_AT_MOST - WEIGHTED_LINK - 1, Count::Weighted);
                format!(
                    "https://twitter.com/intent/tweet?text={}&url={address}",
                    encoded(&text)
                )
            }
            Self::Linkedin => {
                format!("https://www.linkedin.com/sharing/share-offsite/?url={address}")
            }
            Self::Facebook => match &options.facebook_app_id {
                Some(app) => format!(
                    "https://www.facebook.com/dialog/share?app_id={}&display=popup&href={address}",
                    encoded(app)
                ),
                None => format!("https://www.facebook.com/sharer/sharer.php?u={address}"),
            },
            Self::Reddit => {
                let title = cut(text, REDDIT_AT_MOST, Count::Characters);
                format!(
                    "https://www.reddit.com/submit?url={address}&title={}",
                    encoded(&title)
                )
            }
            Self::Email => mailto(article, text, shared),
            Self::Bluesky => {
                let text = beside(text, shared, BLUESKY_AT_MOST, Count::Graphemes);
                format!("https://bsky.app/intent/compose?text={}", encoded(&text))
            }
            Self::Whatsapp => format!(
                "https://wa.me/?text={}",
                encoded(&format!("{text}\n{shared}"))
            ),
            Self::Telegram => format!(
                "https://t.me/share/url?url={address}&text={}",
                encoded(text)
            ),
            Self::Threads => {
                // The address counts too: it becomes part of the post.
                let room = THREADS_AT_MOST.saturating_sub(Count::Characters.of(shared) + 1);
                let text = cut(text, room, Count::Characters);
                format!(
                    "https://www.threads.com/intent/post?text={}&url={address}",
                    encoded(&text)
                )
            }
            Self::Mastodon => {
                let text = beside(text, shared, THREADS_AT_MOST, Count::Graphemes);
                let instance = options.mastodon_instance.as_deref().unwrap_or("{instance}");
                format!("https://{instance}/share?text={}", encoded(&text))
            }
        };
        ShareLink { network: self, url }
    }
}

pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The text and the address below it, the text cut so that both fit.
fn beside(text: &str, address: &str, most: usize, count: Count) -> String {
    let room = most.saturating_sub(count.of(address) + 1);
    match cut(text, room, count) {
        text if text.is_empty() => address.to_owned(),
        text => format!("{text}\n{address}"),
    }
}

/// RFC 6068: lines end in CR LF, and the whole stays below what mail programs take.
fn mailto(article: &Article, subject: &str, address: &str) -> String {
    let summary = without_turns(article.summary.as_deref().unwrap_or_default());
    let mut room = 1_000;
    loop {
        let subject = cut(subject, 300.min(room), Count::Characters);
        let mut body = cut(&summary, room, Count::Characters);
        if !body.is_empty() {
            body.push_str("\r\n\r\n");
        }
        body.push_str(address);
        let url = format!(
            "mailto:?subject={}&body={}",
            encoded(&subject),
            encoded(&body)
        );
        // Encoding makes up to twelve bytes of a character, so the room shrinks until all fits.
        if url.len() <= MAILTO_AT_MOST || room == 0 {
            return url;
        }
        room = room.saturating_sub(50);
    }
}
