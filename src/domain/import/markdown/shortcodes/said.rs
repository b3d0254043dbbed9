//! What stands in the place of a tag.

use std::fmt::Write;

use crate::domain::{body::escaped, import::markdown::shortcodes::args::Args};

/// What stands in the place of a tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Text within a line.
    Inline(String),
    /// Lines of their own.
    Block(String),
}

/// Something of another site.
pub(super) fn embed(url: &str) -> Said {
    let url = escaped(&one_line(url));
    Said::Block(format!(
        "<figure class=\"embed\" data-url=\"{url}\"><a href=\"{url}\">{url}</a></figure>"
    ))
}

/// Something of another site by an id, which may also be a whole address.
pub(super) fn by_id(id: Option<&str>, url: impl Fn(&str) -> String) -> Option<Said> {
    let id = id?;
    if id.starts_with("https://") || id.starts_with("http://") {
        return Some(embed(id));
    }
    is_id(id).then(|| embed(&url(id)))
}

/// Whether a text is an id that other sites give.
pub(super) fn is_id(id: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=100).contains(&id.len()) && id.chars().all(is_plain)
}

/// A picture with what is told of it.
pub(super) fn figure(args: &Args) -> Option<Said> {
    let source = args.named(&["src", "url", "image_path", "path", "image"]);
    let source = one_line(source.or(args.at(0))?);
    let said = |names: &[&str]| args.named(names).map(one_line);
    let alt = escaped(&said(&["alt"]).unwrap_or_default());
    let mut image = format!("<img src=\"{}\" alt=\"{alt}\">", escaped(&source));
    if let Some(link) = said(&["link", "href"]) {
        image = format!("<a href=\"{}\">{image}</a>", escaped(&link));
    }
    let beneath: [&[&str]; 3] = [&["title"], &["caption"], &["attr", "credit"]];
    let told: Vec<String> = beneath
        .into_iter()
        .filter_map(said)
        .map(|text| escaped(&text))
        .collect();
    let mut html = format!("<figure>{image}");
    if !told.is_empty() {
        let _ = write!(html, "<figcaption>{}</figcaption>", told.join(" "));
    }
    html.push_str("</figure>");
    Some(Said::Block(html))
}

/// Code between fences that are longer than any in it.
pub(super) fn fenced(language: &str, code: &str) -> String {
    let mut longest = 2;
    let mut run = 0;
    for c in code.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let language: String = language
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '#' | '.'))
        .collect();
    let code = code.trim_start_matches(['\n', '\r']).trim_end();
    format!("{fence}{language}\n{code}\n{fence}")
}

/// Nothing that is put in may end the HTML around it by a blank line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where a page or file of the folder is read, as a path of the site.
pub(super) fn path_of(name: &str) -> Option<String> {
    let name = one_line(name).replace(' ', "%20");
    let (name, fragment) = match name.split_once('#') {
        Some((name, fragment)) => (name, format!("#{fragment}")),
        None => (name.as_str(), String::new()),
    };
    let bare = name
        .strip_suffix(".md")
        .or_else(|| name.strip_suffix(".mdx"))
        .or_else(|| name.strip_suffix(".markdown"))
        .unwrap_or(name);
    let bare = bare
        .strip_suffix("/_index")
        .or_else(|| bare.strip_suffix("/index"))
        .unwrap_or(bare);
    let bare = bare.trim_start_matches("./");
    if bare.is_empty() {
        return (!fragment.is_empty()).then_some(fragment);
    }
    match bare.starts_with("../") {
        true => Some(format!("{bare}{fragment}")),
        false => Some(format!("/{}{fragment}", bare.trim_start_matches('/'))),
    }
}
