//! The first look through an export: what posts refer to.

use std::{
    collections::HashMap,
    io::{self, BufRead},
};

use crate::{
    domain::import::{
        Entry, ImportedName, Place, Refusal, bounds,
        wordpress::{
            read::Element,
            site::Site,
            split::{Piece, Pieces},
            terms::{Categories, Term},
        },
    },
    model::{article::Image, kind::Kind, language::is_language, name::MAX_NAME},
};

/// Bytes of what is kept of pictures.
const MAX_KEPT: usize = 128 * 1024 * 1024;
/// Characters of what is told of a picture.
const MAX_TOLD: usize = 2_000;

/// A picture or file of the library.
#[derive(Debug)]
pub(super) struct Attachment {
    url: Box<str>,
    alt: Option<Box<str>>,
    caption: Option<Box<str>>,
}

impl Attachment {
    /// As the picture of an article, if its address is one on the web.
    pub(super) fn image(&self) -> Option<Image> {
        let image = bounds::picture(&self.url)?;
        Some(Image {
            alt: self.alt.as_deref().map(str::to_owned),
            caption: self.caption.as_deref().map(str::to_owned),
            ..image
        })
    }
}

/// What of an export must be known before its posts are read.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The site that it is of.
    pub(super) site: Site,
    /// The language of the site.
    pub(super) language: Option<String>,
    /// Its categories.
    pub(super) categories: Categories,
    /// Attachments by the posts that they were uploaded to.
    pub(super) children: HashMap<u64, Vec<u64>>,
    attachments: HashMap<u64, Attachment>,
    /// Names of authors by login, and of guests by theirs.
    authors: HashMap<String, String>,
    names: Vec<Entry>,
    kept: usize,
    forgotten: u64,
}

impl Survey {
    /// Reads a file to its end, or as far as it goes.
    pub(super) fn read(input: impl BufRead, file: &str) -> Result<Self, String> {
        let mut survey = Self::default();
        let mut pieces = Pieces::new(input);
        let mut is_wordpress = false;
        loop {
            let piece = match pieces.piece() {
                Ok(Some(piece)) => piece,
                Ok(None) => break,
                // What stands before is taken; the second reading meets it again, and tells.
                Err(_) if is_wordpress => break,
                Err(cause) => return Err(unreadable(file, &cause)),
            };
            is_wordpress = is_wordpress
                || is_export(&pieces.root)
                || piece.name == b"wp:wxr_version"
                || piece.name == b"wp:base_site_url";
            if !is_wordpress && piece.name == b"item" {
                break;
            }
            survey.piece(piece, file);
        }
        match is_wordpress || is_export(&pieces.root) {
            true => Ok(survey),
            false => Err(format!("{file} is no export of WordPress (WXR)")),
        }
    }

    /// Categories from the root down, tags and authors; to be taken once.
    pub(super) fn take_names(&mut self, file: &str) -> Vec<Entry> {
        let mut entries = self.categories.entries(file);
        entries.append(&mut self.names);
        if self.forgotten > 0 {
            let reason = format!(
                "{} attachments are more than can be kept in mind; articles come without them",
                self.forgotten
            );
            let place = Place::whole(file);
            entries.push(Entry::LeftOut(Refusal { place, reason }));
        }
        entries
    }

    /// A picture or file of the library.
    pub(super) fn attachment(&self, id: u64) -> Option<&Attachment> {
        self.attachments.get(&id)
    }

    /// The name of the author with a login.
    pub(super) fn author(&self, login: &str) -> Option<&str> {
        self.authors.get(login).map(String::as_str)
    }

    fn piece(&mut self, piece: Piece, file: &str) {
        let reads: fn(&mut Self, &Element, &str) = match piece.name.as_slice() {
            b"item" if is_of_interest(&piece.bytes) => Self::item,
            b"wp:author" => Self::named_author,
            b"wp:category" | b"wp:tag" | b"wp:term" => Self::term,
            b"wp:base_site_url" => |survey, element, _| survey.site.set_root(&element.text),
            b"wp:base_blog_url" => |survey, element, _| survey.site.set_blog(&element.text),
            b"link" => |survey, element, _| survey.site.set_link(&element.text),
            b"language" => |survey, element, _| {
                let tag = element.text.trim().replace('_', "-");
                survey.language = is_language(&tag).then_some(tag);
            },
            _ => return,
        };
        let is_item = piece.name == b"item";
        let name = String::from_utf8_lossy(&piece.name).into_owned();
        match piece.fault.map_or_else(|| Element::read(piece.bytes), Err) {
            Ok(element) => reads(self, &element, file),
            // An item is told of where it is read again.
            Err(_) if is_item => {}
            Err(reason) => {
                let reason = format!("<{name}> {reason}");
                self.names.push(Entry::refused(Place::whole(file), reason));
            }
        }
    }

    fn item(&mut self, item: &Element, _file: &str) {
        match item.get("wp:post_type") {
            Some("attachment") => self.add_attachment(item),
            Some("guest-author") => {
                let name = item
                    .meta("cap-display_name")
                    .or_else(|| item.get("title"))
                    .map(bounds::plain);
                let logins = [item.meta("cap-user_login"), item.get("wp:post_name")];
                for login in logins.into_iter().flatten() {
                    let name = name.clone().filter(|name| !name.is_empty());
                    self.authors
                        .entry(login.to_owned())
                        .or_insert_with(|| name.unwrap_or_else(|| login.to_owned()));
                }
            }
            _ => {}
        }
    }

    fn add_attachment(&mut self, item: &Element) {
        let id = item.get("wp:post_id").and_then(|id| id.parse().ok());
        let url = item
            .get("wp:attachment_url")
            .filter(|url| url.len() <= MAX_TOLD);
        let (Some(id), Some(url)) = (id, url) else {
            return;
        };
        let told = |text: &str| -> Option<Box<str>> {
            let text: String = bounds::plain(text).chars().take(MAX_TOLD).collect();
            (!text.is_empty()).then(|| text.into())
        };
        let attachment = Attachment {
            url: url.into(),
            alt: item.meta("_wp_attachment_image_alt").and_then(told),
            caption: item.get("excerpt:encoded").and_then(told),
        };
        let length = |text: &Option<Box<str>>| text.as_ref().map_or(0, |text| text.len() + 16);
        // With what the tables themselves take.
        self.kept += 160 + url.len() + length(&attachment.alt) + length(&attachment.caption);
        if self.kept > MAX_KEPT {
            self.forgotten += 1;
            return;
        }
        let parent = item.get("wp:post_parent").and_then(|id| id.parse().ok());
        if let Some(parent) = parent.filter(|parent: &u64| *parent > 0) {
            self.children.entry(parent).or_default().push(id);
        }
        self.attachments.insert(id, attachment);
    }

    fn named_author(&mut self, element: &Element, file: &str) {
        let Some(login) = element.get("wp:author_login") else {
            return;
        };
        let name = element.get("wp:author_display_name").map(bounds::plain);
        let name = name
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| login.to_owned());
        self.authors.insert(login.to_owned(), name.clone());
        let term = Term {
            slug: bounds::slug(login),
            name,
            ..Term::default()
        };
        self.name(Kind::Author, term, file);
    }

    fn term(&mut self, element: &Element, file: &str) {
        let term = Term::read(element);
        match term.taxonomy.as_str() {
            "category" if term.is_uncategorized() => {}
            "category" if is_too_long(&term.name) => self.names.push(too_long(&term.name, file)),
            "category" => self.categories.add(term),
            "post_tag" => self.name(Kind::Tag, term, file),
            // Menus and what plugins file things under; posts tell of the latter.
            _ => {}
        }
    }

    fn name(&mut self, kind: Kind, term: Term, file: &str) {
        let place = Place::whole(file);
        if term.name.is_empty() {
            return;
        }
        if is_too_long(&term.name) {
            return self.names.push(too_long(&term.name, file));
        }
        let name = Box::new(ImportedName {
            kind,
            slug: term.slug,
            name: term.name,
            description: term.description,
            avatar: None,
            parents: Vec::new(),
        });
        self.names.push(Entry::Name { name, place });
    }
}

fn is_too_long(name: &str) -> bool {
    name.chars().count() > MAX_NAME
}

fn too_long(name: &str, file: &str) -> Entry {
    let begins: String = name.chars().take(40).collect();
    let reason = format!("the name \"{begins}…\" has more than {MAX_NAME} characters");
    Entry::refused(Place::whole(file), reason)
}

pub(super) fn unreadable(file: &str, cause: &io::Error) -> String {
    format!("{file} can't be read: {cause}")
}

/// Whether the root element tells of WordPress.
fn is_export(root: &[u8]) -> bool {
    String::from_utf8_lossy(root).contains("wordpress.org/export/")
}

/// Whether an item may be an attachment or a guest author; most are posts, and left unread.
fn is_of_interest(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes)
        .is_ok_and(|xml| xml.contains("<wp:attachment_url>") || xml.contains("guest-author"))
}
