//! Path patterns of the public site, and paths read back by them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsstand::{
    domain::address::{Pattern, Site},
    model::{category::CategoryRef, kind::Kind, tag::TagRef},
};
use newsstand_fuzz::parted;

// A pattern, and in the next line a path.
fuzz_target!(|data: &[u8]| {
    let Some((pattern, path)) = parted(data) else {
        return;
    };
    let known = |kind, text: &str| Pattern::parse(kind, text).expect("a good pattern");
    let of = |kind, text: &str| Pattern::parse(kind, pattern).unwrap_or_else(|_| known(kind, text));
    let patterns = [
        of(Kind::Article, "/articles/{slug}"),
        of(Kind::Category, "/categories/{path}"),
        of(Kind::Author, "/authors/{slug}"),
        of(Kind::Tag, "/tags/{slug}"),
    ];
    let site = Site::new("Pier", "https://example.com/site/", patterns).expect("a site");
    for (_, key) in site.candidates(path) {
        assert!(!key.contains('/'), "{key}");
    }
    if let Some(own) = site.own_path(path) {
        assert!(!own.ends_with('/') && !own.contains(['?', '#']), "{own}");
    }
    let _ = (site.is_own(path), site.is_path_of(path, path));
    let slug = "night-ferries";
    let tag = TagRef {
        id: "01890a5d-ac96-774b-bcce-b302099a8057".to_owned(),
        slug: slug.to_owned(),
        name: "Night ferries".to_owned(),
    };
    leads_back(&site, Kind::Tag, &site.tag(&tag), &[&tag.id, slug]);
    let category = CategoryRef {
        id: tag.id.clone(),
        slug: slug.to_owned(),
        name: tag.name.clone(),
        path: format!("news/{slug}"),
    };
    leads_back(&site, Kind::Category, &site.category(&category), &[&tag.id, slug]);
});

/// The address of a thing leads to it, perhaps behind others with the same pattern.
fn leads_back(site: &Site, kind: Kind, address: &str, keys: &[&str]) {
    assert!(site.is_own(address), "{address}");
    let path = address.strip_prefix("https://example.com").expect("of the site");
    let found = site.candidates(path);
    let is_it = |(found, key): &(Kind, String)| *found == kind && keys.contains(&key.as_str());
    assert!(found.iter().any(is_it), "{address} leads to {found:?}");
}
