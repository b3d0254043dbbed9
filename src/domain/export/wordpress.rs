//! WordPress eXtended RSS 1.2: what WordPress imports, and with it most other systems.

use std::io::{self, Write};

use quick_xml::{
    Writer,
    events::{BytesCData, BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use crate::{
    domain::{
        address::Site,
        body::{self, escaped},
        export::{ExportError, Figures, each_article, each_name, read},
    },
    model::{
        article::{Article, Image, Status},
        author::AuthorRef,
        record::{ArticleRecord, NameRecord},
        time::UtcTime,
    },
    store::{self, Store},
};

const NAMESPACES: [(&str, &str); 5] = [
    ("xmlns:excerpt", "http://wordpress.org/export/1.2/excerpt/"),
    ("xmlns:content", "http://purl.org/rss/1.0/modules/content/"),
    ("xmlns:wfw", "http://wellformedweb.org/CommentAPI/"),
    ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
    ("xmlns:wp", "http://wordpress.org/export/1.2/"),
];

/// The date that WordPress gives what has none.
const NO_DATE: &str = "0000-00-00 00:00:00";

type Xml<'a> = Writer<&'a mut dyn Write>;

/// Writes everything that the format has a place for.
pub fn write(store: &Store, site: &Site, out: &mut dyn Write) -> Result<Figures, ExportError> {
    read(store, |reader| {
        let mut figures = Figures::default();
        let mut xml: Xml<'_> = Writer::new(out);
        head(&mut xml, site)?;
        each_name(reader, store::records::next_authors, |record| {
            figures.authors += 1;
            Ok(author(&mut xml, &record)?)
        })?;
        for record in store::records::all_categories(reader)? {
            figures.categories += 1;
            category(&mut xml, &record)?;
        }
        each_name(reader, store::records::next_tags, |record| {
            figures.tags += 1;
            Ok(tag(&mut xml, &record)?)
        })?;
        each_article(reader, |_, record| {
            figures.articles += 1;
            Ok(article(&mut xml, &record, site)?)
        })?;
        close(&mut xml, "channel")?;
        close(&mut xml, "rss")?;
        xml.get_mut().write_all(b"\n")?;
        xml.get_mut().flush()?;
        Ok(figures)
    })
}

fn head(xml: &mut Xml<'_>, site: &Site) -> io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.write_event(Event::Text(BytesText::new("\n")))?;
    let mut rss = BytesStart::new("rss");
    rss.push_attribute(("version", "2.0"));
    for namespace in NAMESPACES {
        rss.push_attribute(namespace);
    }
    xml.write_event(Event::Start(rss))?;
    open(xml, "channel")?;
    text(xml, "title", &site.name)?;
    text(xml, "link", site.base())?;
    text(xml, "description", "")?;
    text(xml, "generator", "Newsstand")?;
    text(xml, "wp:wxr_version", "1.2")?;
    text(xml, "wp:base_site_url", site.base())?;
    text(xml, "wp:base_blog_url", site.base())
}

fn author(xml: &mut Xml<'_>, record: &NameRecord) -> io::Result<()> {
    open(xml, "wp:author")?;
    text(xml, "wp:author_id", &record.row.to_string())?;
    cdata(xml, "wp:author_login", &record.slug)?;
    cdata(xml, "wp:author_email", "")?;
    words(xml, "wp:author_display_name", &record.name)?;
    cdata(xml, "wp:author_first_name", "")?;
    cdata(xml, "wp:author_last_name", "")?;
    close(xml, "wp:author")
}

/// Numbers of terms are one sequence there: categories have even ones, tags odd ones.
fn category(xml: &mut Xml<'_>, record: &NameRecord) -> io::Result<()> {
    open(xml, "wp:category")?;
    text(xml, "wp:term_id", &even(record.row).to_string())?;
    cdata(xml, "wp:category_nicename", &record.slug)?;
    cdata(
        xml,
        "wp:category_parent",
        record.parent.as_deref().unwrap_or_default(),
    )?;
    words(xml, "wp:cat_name", &record.name)?;
    if let Some(description) = &record.description {
        words(xml, "wp:category_description", description)?;
    }
    close(xml, "wp:category")
}

fn tag(xml: &mut Xml<'_>, record: &NameRecord) -> io::Result<()> {
    open(xml, "wp:tag")?;
    text(xml, "wp:term_id", &(even(record.row) + 1).to_string())?;
    cdata(xml, "wp:tag_slug", &record.slug)?;
    words(xml, "wp:tag_name", &record.name)?;
    if let Some(description) = &record.description {
        words(xml, "wp:tag_description", description)?;
    }
    close(xml, "wp:tag")
}

/// The row is the number, so that it is the same in every export; pictures have those between.
fn even(row: i64) -> i64 {
    row.saturating_mul(2).min(i64::MAX - 1)
}

fn article(xml: &mut Xml<'_>, record: &ArticleRecord, site: &Site) -> io::Result<()> {
    let article = &record.article;
    let number = even(article.row);
    if let Some(image) = &article.image {
        attachment(xml, record, image, number)?;
    }
    open(xml, "item")?;
    words(xml, "title", &article.title)?;
    text(xml, "link", &site.article(article))?;
    if let Some(date) = article.published_at {
        text(xml, "pubDate", &mail_date(date))?;
    }
    let first = article.authors.first();
    cdata(xml, "dc:creator", first.map_or("", |author| &author.slug))?;
    guid(xml, &format!("urn:uuid:{}", article.id))?;
    text(xml, "description", "")?;
    let html = body::html(article.body.as_deref().unwrap_or_default());
    cdata(xml, "content:encoded", &html)?;
    words(
        xml,
        "excerpt:encoded",
        article.summary.as_deref().unwrap_or_default(),
    )?;
    text(xml, "wp:post_id", &number.to_string())?;
    dates(xml, record)?;
    cdata(xml, "wp:post_name", &article.slug)?;
    cdata(xml, "wp:status", status(article.status))?;
    post_columns(xml, 0, "post", article.featured)?;
    terms(xml, article)?;
    if article.image.is_some() {
        meta(xml, "_thumbnail_id", &(number + 1).to_string())?;
    }
    for former in record
        .exact
        .former_slugs
        .iter()
        .filter(|former| former.public)
    {
        meta(xml, "_wp_old_slug", &former.slug)?;
    }
    if let Some(url) = &article.canonical_url {
        meta(xml, "_yoast_wpseo_canonical", url)?;
    }
    close(xml, "item")
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Published => "publish",
        Status::Scheduled => "future",
        Status::Draft | Status::Unpublished => "draft",
    }
}

fn dates(xml: &mut Xml<'_>, record: &ArticleRecord) -> io::Result<()> {
    let article = &record.article;
    let local = article.published_at.unwrap_or(record.exact.created_at);
    let gmt = article.published_at.map(sql_date);
    cdata(xml, "wp:post_date", &sql_date(local))?;
    cdata(xml, "wp:post_date_gmt", gmt.as_deref().unwrap_or(NO_DATE))?;
    cdata(xml, "wp:post_modified", &sql_date(article.modified_at))?;
    cdata(xml, "wp:post_modified_gmt", &sql_date(article.modified_at))
}

fn post_columns(xml: &mut Xml<'_>, parent: i64, kind: &str, sticky: bool) -> io::Result<()> {
    cdata(xml, "wp:comment_status", "closed")?;
    cdata(xml, "wp:ping_status", "closed")?;
    text(xml, "wp:post_parent", &parent.to_string())?;
    text(xml, "wp:menu_order", "0")?;
    cdata(xml, "wp:post_type", kind)?;
    cdata(xml, "wp:post_password", "")?;
    text(xml, "wp:is_sticky", if sticky { "1" } else { "0" })
}

fn terms(xml: &mut Xml<'_>, article: &Article) -> io::Result<()> {
    if let Some(category) = &article.category {
        term(xml, "category", &category.slug, &category.name)?;
    }
    for tag in &article.tags {
        term(xml, "post_tag", &tag.slug, &tag.name)?;
    }
    // WordPress itself knows one author; this is how the plugin Co-Authors Plus has several.
    if article.authors.len() > 1 {
        for AuthorRef { slug, .. } in &article.authors {
            term(xml, "author", &format!("cap-{slug}"), slug)?;
        }
    }
    Ok(())
}

fn term(xml: &mut Xml<'_>, domain: &str, slug: &str, name: &str) -> io::Result<()> {
    let mut start = BytesStart::new("category");
    start.push_attribute(("domain", domain));
    start.push_attribute(("nicename", slug));
    xml.write_event(Event::Start(start))?;
    character_data(xml, &escaped(name))?;
    close(xml, "category")
}

/// The lead picture, which is an item of its own there.
fn attachment(
    xml: &mut Xml<'_>,
    record: &ArticleRecord,
    image: &Image,
    post: i64,
) -> io::Result<()> {
    let article = &record.article;
    let first = article.authors.first();
    open(xml, "item")?;
    words(xml, "title", image.alt.as_deref().unwrap_or(&article.title))?;
    text(xml, "link", &image.url)?;
    cdata(xml, "dc:creator", first.map_or("", |author| &author.slug))?;
    guid(xml, &image.url)?;
    text(xml, "description", "")?;
    words(
        xml,
        "content:encoded",
        image.credit.as_deref().unwrap_or_default(),
    )?;
    words(
        xml,
        "excerpt:encoded",
        image.caption.as_deref().unwrap_or_default(),
    )?;
    text(xml, "wp:post_id", &(post + 1).to_string())?;
    dates(xml, record)?;
    cdata(xml, "wp:post_name", &format!("{}-image", article.slug))?;
    cdata(xml, "wp:status", "inherit")?;
    post_columns(xml, post, "attachment", false)?;
    cdata(xml, "wp:attachment_url", &image.url)?;
    if let Some(alt) = &image.alt {
        meta(xml, "_wp_attachment_image_alt", alt)?;
    }
    close(xml, "item")
}

fn meta(xml: &mut Xml<'_>, key: &str, value: &str) -> io::Result<()> {
    open(xml, "wp:postmeta")?;
    cdata(xml, "wp:meta_key", key)?;
    cdata(xml, "wp:meta_value", value)?;
    close(xml, "wp:postmeta")
}

fn guid(xml: &mut Xml<'_>, value: &str) -> io::Result<()> {
    let mut start = BytesStart::new("guid");
    start.push_attribute(("isPermaLink", "false"));
    xml.write_event(Event::Start(start))?;
    xml.write_event(Event::Text(BytesText::new(&legal(value))))?;
    close(xml, "guid")
}

/// An element whose text is written with escapes.
fn text(xml: &mut Xml<'_>, name: &str, value: &str) -> io::Result<()> {
    open(xml, name)?;
    xml.write_event(Event::Text(BytesText::new(&legal(value))))?;
    close(xml, name)
}

/// An element whose text is written as it is, as WordPress does.
/// Plain text, where WordPress takes HTML.
fn words(xml: &mut Xml<'_>, name: &str, value: &str) -> io::Result<()> {
    cdata(xml, name, &escaped(value))
}

fn cdata(xml: &mut Xml<'_>, name: &str, value: &str) -> io::Result<()> {
    open(xml, name)?;
    character_data(xml, value)?;
    close(xml, name)
}

/// One section, or several where the text holds what ends one.
fn character_data(xml: &mut Xml<'_>, value: &str) -> io::Result<()> {
    let value = legal(value);
    for section in BytesCData::escaped(&value) {
        xml.write_event(Event::CData(section))?;
    }
    Ok(())
}

fn open(xml: &mut Xml<'_>, name: &str) -> io::Result<()> {
    xml.write_event(Event::Start(BytesStart::new(name)))
}

fn close(xml: &mut Xml<'_>, name: &str) -> io::Result<()> {
    xml.write_event(Event::End(BytesEnd::new(name)))?;
    xml.write_event(Event::Text(BytesText::new("\n")))
}

/// A text without the characters that XML 1.0 has no way to write (section 2.2).
fn legal(text: &str) -> String {
    let is_legal = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    text.chars().filter(is_legal).collect()
}

/// As databases write it; whole seconds.
fn sql_date(time: UtcTime) -> String {
    let written = time.to_string();
    let seconds = written.chars().take(19);
    seconds.map(|c| if c == 'T' { ' ' } else { c }).collect()
}

/// As mail writes it (RFC 5322).
fn mail_date(time: UtcTime) -> String {
    time.to_http_date().replace(" GMT", " +0000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_ends_its_section_is_split() {
        let mut bytes: Vec<u8> = Vec::new();
        {
            let out: &mut dyn Write = &mut bytes;
            let mut xml: Xml<'_> = Writer::new(out);
            cdata(&mut xml, "a", "x]]>y\u{B}z").unwrap();
        }
        let written = String::from_utf8(bytes).unwrap();
        assert_eq!(written, "<a><![CDATA[x]]]]><![CDATA[>yz]]></a>\n");
    }

    #[test]
    fn dates_are_as_wordpress_has_them() {
        let time = UtcTime::parse("2025-08-09T02:03:04.567Z").unwrap();
        assert_eq!(sql_date(time), "2025-08-09 02:03:04");
        assert_eq!(mail_date(time), "Sat, 09 Aug 2025 02:03:04 +0000");
    }
}
