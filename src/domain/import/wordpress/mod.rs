//! `wordpress`: an export of WordPress (WXR 1.0 to 1.2).

mod article;
mod body;
mod filing;
mod read;
mod site;
mod split;
mod survey;
mod terms;

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    fs::File,
    io::{BufReader, Seek},
};

use crate::domain::import::{Entry, Place, Refusal};
use article::Told;
use split::{Piece, Pieces};
use survey::{Survey, unreadable};

/// Types of which more are told apart than this are not.
const MAX_TYPES: usize = 200;

/// What of a WordPress export is taken.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Also posts of type page.
    pub pages: bool,
}

/// Reads a file twice: once for attachments, authors and terms, once for posts.
pub fn entries<'a>(
    mut file: File,
    name: &'a str,
    wanted: &'a Wanted,
) -> Result<impl Iterator<Item = Entry> + Send + 'a, String> {
    let again = |cause: std::io::Error| unreadable(name, &cause);
    file.rewind().map_err(again)?;
    let mut survey = Survey::read(BufReader::with_capacity(64 * 1024, &file), name)?;
    file.rewind().map_err(again)?;
    Ok(Posts {
        ready: survey.take_names(name).into(),
        pieces: Pieces::new(BufReader::with_capacity(64 * 1024, file)),
        survey,
        name,
        wanted,
        number: 0,
        comments: 0,
        left: BTreeMap::new(),
        slugs: HashSet::new(),
        is_over: false,
    })
}

/// The second reading.
struct Posts<'a> {
    ready: VecDeque<Entry>,
    pieces: Pieces<BufReader<File>>,
    survey: Survey,
    name: &'a str,
    wanted: &'a Wanted,
    /// Items so far.
    number: u64,
    /// Comments of readers so far.
    comments: u64,
    /// How many of which type are no articles.
    left: BTreeMap<String, u64>,
    /// Slugs given so far, as hashes.
    slugs: HashSet<u64>,
    is_over: bool,
}

impl Iterator for Posts<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                return Some(entry);
            }
            if self.is_over {
                return None;
            }
            match self.pieces.piece() {
                Ok(Some(piece)) if piece.name == b"item" => {
                    if let Some(entry) = self.item(piece) {
                        return Some(entry);
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => self.end(None),
                Err(cause) => self.end(Some(format!("can't be read any further: {cause}"))),
            }
        }
    }
}

impl Posts<'_> {
    fn item(&mut self, piece: Piece) -> Option<Entry> {
        self.number += 1;
        self.comments += piece.comments;
        let place = Place::item(self.name, self.number);
        let told = match piece.fault {
            Some(reason) => Err(reason),
            None => article::read(piece.bytes, &self.survey, self.wanted, &mut self.slugs),
        };
        match told {
            Ok(Told::Article(article, notes)) => Some(Entry::Article {
                article,
                related: Vec::new(),
                place,
                notes,
            }),
            Ok(Told::LeftOut(reason)) => Some(Entry::LeftOut(Refusal { place, reason })),
            Ok(Told::OfType(kind)) => {
                let is_full = self.left.len() >= MAX_TYPES && !self.left.contains_key(&kind);
                let kind = match is_full {
                    true => "other types".to_owned(),
                    false => kind,
                };
                *self.left.entry(kind).or_default() += 1;
                None
            }
            Err(reason) => Some(Entry::refused(place, reason)),
        }
    }

    /// Tells of everything that was left out.
    fn end(&mut self, cause: Option<String>) {
        self.is_over = true;
        let whole = || Place::whole(self.name);
        for (kind, count) in std::mem::take(&mut self.left) {
            let are = match count {
                1 => "is not an article",
                _ => "are not articles",
            };
            let reason = format!("{count} of type {kind} {are}");
            let place = whole();
            self.ready
                .push_back(Entry::LeftOut(Refusal { place, reason }));
        }
        if self.comments > 0 {
            let reason = format!("{} comments of readers", self.comments);
            let place = whole();
            self.ready
                .push_back(Entry::LeftOut(Refusal { place, reason }));
        }
        let cut_off = || {
            let within = match self.pieces.is_in_item() {
                true => "in the middle of an item",
                false => "before its channel does",
            };
            format!("the file ends {within}; what follows is missing")
        };
        let reason = cause.or_else(|| self.pieces.is_cut_off().then(cut_off));
        if let Some(reason) = reason {
            let number = self.number + u64::from(self.pieces.is_in_item());
            let place = Place::item(self.name, number);
            self.ready.push_back(Entry::refused(place, reason));
        }
    }
}
