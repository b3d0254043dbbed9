//! Things of other sites: whose they are, and the address that people would open.

use url::Url;

use crate::model::block::EmbedBlock;

/// Sites that frontends have components for, by domain.
const PROVIDERS: [(&str, &str); 27] = [
    ("youtube.com", "youtube"),
    ("youtube-nocookie.com", "youtube"),
    ("youtu.be", "youtube"),
    ("vimeo.com", "vimeo"),
    ("twitter.com", "x"),
    ("x.com", "x"),
    ("bsky.app", "bluesky"),
    ("instagram.com", "instagram"),
    ("tiktok.com", "tiktok"),
    ("facebook.com", "facebook"),
    ("threads.net", "threads"),
    ("threads.com", "threads"),
    ("linkedin.com", "linkedin"),
    ("reddit.com", "reddit"),
    ("redditmedia.com", "reddit"),
    ("soundcloud.com", "soundcloud"),
    ("spotify.com", "spotify"),
    ("dailymotion.com", "dailymotion"),
    ("dai.ly", "dailymotion"),
    ("ted.com", "ted"),
    ("twitch.tv", "twitch"),
    ("codepen.io", "codepen"),
    ("gist.github.com", "gist"),
    ("flickr.com", "flickr"),
    ("pinterest.com", "pinterest"),
    ("wordpress.tv", "wordpress-tv"),
    ("videopress.com", "videopress"),
];

/// The name of a site that frontends have components for, or the host itself.
fn provider(host: &str) -> &str {
    let is_it = |domain: &str| {
        host.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    PROVIDERS
        .into_iter()
        .find(|(domain, _)| is_it(domain))
        .map_or(host, |(_, name)| name)
}

/// An embed of what stands at an absolute address on the web; players' addresses become those of
/// the page that people would open.
pub(super) fn embed(address: &str) -> Option<EmbedBlock> {
    let address = address.trim();
    let absolute = match address.strip_prefix("//") {
        Some(rest) => format!("https://{rest}"),
        None => address.to_owned(),
    };
    let url = Url::parse(&absolute)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let provider = provider(url.host_str()?).to_owned();
    let page = match provider.as_str() {
        "youtube" => youtube(&url),
        "vimeo" => vimeo(&url),
        _ => None,
    };
    Some(EmbedBlock {
        url: page.unwrap_or(absolute),
        provider,
        ..EmbedBlock::default()
    })
}

/// Letters, digits, `-` and `_`, as ids of videos are.
fn is_id(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !text.is_empty() && text.bytes().all(is_plain)
}

fn youtube(url: &Url) -> Option<String> {
    let query = |wanted: &str| {
        let mut pairs = url.query_pairs();
        pairs
            .find(|(name, value)| name == wanted && is_id(value))
            .map(|(_, value)| value.into_owned())
    };
    let mut segments = url.path_segments()?;
    let id = match (url.host_str()?, segments.next()?) {
        ("youtu.be", id) => id.to_owned(),
        (_, "embed" | "v" | "shorts" | "live") => segments.next()?.to_owned(),
        _ => return None,
    };
    if id == "videoseries" {
        let list = query("list")?;
        return Some(format!("https://www.youtube.com/playlist?list={list}"));
    }
    if !is_id(&id) {
        return None;
    }
    let start = query("start").or_else(|| query("t"));
    let tail = start.map_or_else(String::new, |start| format!("&t={start}"));
    Some(format!("https://www.youtube.com/watch?v={id}{tail}"))
}

fn vimeo(url: &Url) -> Option<String> {
    if url.host_str() != Some("player.vimeo.com") {
        return None;
    }
    let mut segments = url.path_segments()?;
    let id = segments
        .next()
        .filter(|kind| *kind == "video")
        .and(segments.next())?;
    is_id(id).then(|| format!("https://vimeo.com/{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_player_becomes_the_page_that_people_would_open() {
        let told = |address: &str| {
            let embed = embed(address).unwrap();
            (embed.provider, embed.url)
        };
        let watch = |id: &str| {
            (
                "youtube".to_owned(),
                format!("https://www.youtube.com/watch?v={id}"),
            )
        };
        assert_eq!(told("//www.youtube.com/embed/aB-1_?rel=0"), watch("aB-1_"));
        assert_eq!(told("https://youtu.be/aB-1_"), watch("aB-1_"));
        assert_eq!(
            told("https://www.youtube-nocookie.com/embed/a?start=30"),
            watch("a&t=30")
        );
        assert_eq!(
            told("https://player.vimeo.com/video/12?h=x"),
            ("vimeo".to_owned(), "https://vimeo.com/12".to_owned())
        );
        assert_eq!(
            told("https://maps.example.com/embed?pb=1"),
            (
                "maps.example.com".to_owned(),
                "https://maps.example.com/embed?pb=1".to_owned()
            )
        );
        assert_eq!(embed("javascript:alert(1)"), None);
        assert_eq!(embed("/relative"), None);
        assert_eq!(told("https://notyoutube.com/embed/a").0, "notyoutube.com");
    }
}
