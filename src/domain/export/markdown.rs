//! Markdown files with front matter, as Hugo, Astro and their like read them.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write},
    path::Path,
};

use crate::{
    domain::{
        address::{PageOf, Site},
        body,
        export::{ExportError, Figures, each_article, each_name, read},
    },
    model::{
        article::{Article, Image, Status},
        record::ArticleRecord,
    },
    store::{self, Store},
};

/// Where posts are, below the folder of the export.
const POSTS: [&str; 2] = ["content", "posts"];

/// Writes one file for each article. The folder must be new or empty, unless `force` is set: then
/// files of the same names are written over, and others left alone.
pub fn write(
    store: &Store,
    site: &Site,
    folder: &Path,
    force: bool,
) -> Result<Figures, ExportError> {
    if !force && folder.exists() && fs::read_dir(folder)?.next().is_some() {
        return Err(ExportError::Write(io::Error::new(
            io::ErrorKind::AlreadyExists,
            format!("{} is not empty", folder.display()),
        )));
    }
    let posts = POSTS
        .iter()
        .fold(folder.to_owned(), |path, name| path.join(name));
    fs::create_dir_all(&posts)?;
    read(store, |reader| {
        let mut figures = Figures::default();
        let categories = store::records::all_categories(reader)?;
        figures.categories = categories.iter().map(|_| 1).sum();
        each_name(reader, store::records::next_authors, |_| {
            figures.authors += 1;
            Ok(())
        })?;
        each_name(reader, store::records::next_tags, |_| {
            figures.tags += 1;
            Ok(())
        })?;
        each_article(reader, |_, record| {
            figures.articles += 1;
            let path = posts.join(format!("{}.md", record.article.slug));
            let mut file = fs::File::create(path)?;
            file.write_all(document(&record, site).as_bytes())?;
            Ok(())
        })?;
        Ok(figures)
    })
}

fn document(record: &ArticleRecord, site: &Site) -> String {
    let article = &record.article;
    let text = body::markdown(article.body.as_deref().unwrap_or_default());
    let mut out = front_matter(record, site);
    if !text.is_empty() {
        out.push('\n');
        out.push_str(&text);
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

fn front_matter(record: &ArticleRecord, site: &Site) -> String {
    let article = &record.article;
    let mut out = "---\n".to_owned();
    member(&mut out, "title", &quoted(&article.title));
    member(&mut out, "slug", &article.slug);
    if let Some(date) = article.published_at {
        member(&mut out, "date", &date.to_string());
    }
    member(&mut out, "lastmod", &article.modified_at.to_string());
    if let Some(summary) = &article.summary {
        member(&mut out, "description", &quoted(summary));
    }
    let is_draft = matches!(article.status, Status::Draft | Status::Unpublished);
    member(&mut out, "draft", &is_draft.to_string());
    let categories = article.category.iter().map(|one| one.name.as_str());
    list(&mut out, "categories", categories);
    list(
        &mut out,
        "tags",
        article.tags.iter().map(|one| one.name.as_str()),
    );
    let authors = article.authors.iter().map(|one| one.name.as_str());
    list(&mut out, "authors", authors);
    if let Some(image) = &article.image {
        picture(&mut out, image);
    }
    member(&mut out, "language", &quoted(&article.language));
    if article.featured {
        member(&mut out, "featured", "true");
    }
    if let Some(url) = &article.canonical_url {
        member(&mut out, "canonicalURL", &quoted(url));
    }
    let aliases = aliases(record, site);
    list(&mut out, "aliases", aliases.iter().map(String::as_str));
    out.push_str("---\n");
    out
}

fn picture(out: &mut String, image: &Image) {
    out.push_str("image:\n");
    member(out, "  url", &quoted(&image.url));
    let texts = [
        ("  alt", &image.alt),
        ("  caption", &image.caption),
        ("  credit", &image.credit),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            member(out, name, &quoted(text));
        }
    }
    for (name, pixels) in [("  width", image.width), ("  height", image.height)] {
        if let Some(pixels) = pixels {
            member(out, name, &pixels.to_string());
        }
    }
}

/// Paths that led to the article before: of the site that it came from, and of this one.
fn aliases(record: &ArticleRecord, site: &Site) -> Vec<String> {
    let own = former_pages(&record.article, record, site);
    let mut aliases = record.exact.former_paths.clone();
    for path in own {
        if !aliases.contains(&path) {
            aliases.push(path);
        }
    }
    aliases
}

fn former_pages(article: &Article, record: &ArticleRecord, site: &Site) -> Vec<String> {
    let public = record
        .exact
        .former_slugs
        .iter()
        .filter(|former| former.public);
    let pages = public.map(|former| {
        site.page(&PageOf {
            slug: &former.slug,
            ..PageOf::from(article)
        })
    });
    let path = |page: String| page.strip_prefix(site.base()).map(str::to_owned);
    pages.filter_map(path).collect()
}

fn member(out: &mut String, name: &str, value: &str) {
    let _ = writeln!(out, "{name}: {value}");
}

fn list<'a>(out: &mut String, name: &str, items: impl Iterator<Item = &'a str>) {
    let items: Vec<String> = items.map(quoted).collect();
    if !items.is_empty() {
        member(out, name, &format!("[{}]", items.join(", ")));
    }
}

/// A double-quoted scalar of YAML (YAML 1.2, section 7.3.1), the same in JSON: whatever stands in
/// it is text.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Not printable in YAML, or taken for the end of a line by older parsers.
            c if c.is_control()
                || matches!(
                    c,
                    '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}'
                ) =>
            {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn whatever_stands_in_quotes_is_read_back() {
        for text in [
            "plain",
            "yes",
            "a: b # c",
            "\"quoted\" \\ and\nlines\r\n\t",
            "\u{1}\u{7F}\u{85}\u{9F}\u{2028}\u{2029}\u{FEFF}\u{FFFE}",
            "港の朝 🦀 e\u{301}",
            "---\n...",
        ] {
            let yaml = format!("title: {}\n", quoted(text));
            let read: std::collections::BTreeMap<String, String> =
                serde_saphyr::from_str(&yaml).unwrap();
            assert_eq!(read["title"], text, "{yaml}");
            let json: String = serde_json::from_str(&quoted(text)).unwrap();
            assert_eq!(json, text);
        }
    }
}
