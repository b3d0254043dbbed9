//! `page`: a published article page, saved as the text that a reader sees.
//!
//! Line by line: category, title, summary, the share bar, "Published by NAME", "MONTH DAY, YEAR -
//! N min Read", then paragraphs, sub-headings and "ADVERTISEMENT" markers, then "Related Articles"
//! with three lines for each: category, summary, date.

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use crate::{
    domain::{
        body::{self, BodySource},
        import::{Entry, Place, Refusal},
    },
    model::{
        article::{ArticleInput, MAX_SUMMARY, MAX_TITLE, Status},
        block::{Block, MarkerBlock, TextBlock},
        shown::shows,
        time::UtcTime,
    },
};

/// A line of the body up to this long that does not go on as a paragraph would is a sub-heading.
const HEADING_AT_MOST: usize = 90;
/// Words of a provisional title.
const TITLE_WORDS: usize = 12;

const SHARE_BAR: &str = "X Linkedin Facebook Reddit Email Bluesky";
const AUTHOR_BEFORE: &str = "Published by ";
const AD_MARKER: &str = "ADVERTISEMENT";
const RELATED_HEADING: &str = "Related Articles";

/// Reads one page.
pub fn entry(text: &str, file: &str) -> Entry {
    let lines: Vec<(u64, &str)> = (1_u64..)
        .zip(text.trim_start_matches('\u{FEFF}').lines())
        .map(|(number, line)| (number, line.trim()))
        .filter(|(_, line)| shows(line))
        .collect();
    let mut page = Page {
        lines: lines.into_iter().peekable(),
        line: 0,
    };
    match page.read() {
        Ok((article, related)) => Entry::Article {
            article: Box::new(article),
            related,
            place: Place::line(file, 1),
            notes: Vec::new(),
        },
        Err(reason) => Entry::Refused(Refusal {
            place: Place::line(file, page.line),
            reason: format!("this is not an article page: {reason}"),
        }),
    }
}

struct Page<'a> {
    lines: std::iter::Peekable<std::vec::IntoIter<(u64, &'a str)>>,
    /// The line that was read last, or the one after the last when they ended.
    line: u64,
}

impl<'a> Page<'a> {
    fn next(&mut self, what: &str) -> Result<&'a str, String> {
        match self.lines.next() {
            Some((number, line)) => {
                self.line = number;
                Ok(line)
            }
            None => {
                self.line += 1;
                Err(format!("the file ends where {what} is expected"))
            }
        }
    }

    fn bounded(&mut self, what: &str, most: usize) -> Result<&'a str, String> {
        let line = self.next(what)?;
        if line.contains('\0') {
            return Err(format!("{what} contains the character U+0000"));
        }
        match line.chars().count() <= most {
            true => Ok(line),
            false => Err(format!("expected {what} of at most {most} characters")),
        }
    }

    fn read(&mut self) -> Result<(ArticleInput, Vec<ArticleInput>), String> {
        let category = self.bounded("the category", 200)?.to_owned();
        let title = self.bounded("the title", MAX_TITLE)?.to_owned();
        let summary = self.bounded("the summary", MAX_SUMMARY)?.to_owned();
        if self.next("the share bar")? != SHARE_BAR {
            return Err(format!("expected the share bar \"{SHARE_BAR}\""));
        }
        let author = self
            .bounded("\"Published by NAME\"", AUTHOR_BEFORE.len() + 200)?
            .strip_prefix(AUTHOR_BEFORE)
            .map(str::trim)
            .filter(|name| shows(name))
            .ok_or("expected \"Published by NAME\"")?
            .to_owned();
        let (date, minutes) = self.dateline()?;
        let body = self.body()?;
        let mut related = Vec::new();
        while self.lines.peek().is_some() {
            related.push(self.related()?);
        }
        if related.is_empty() {
            return Err("no related articles follow their heading".to_owned());
        }
        let article = ArticleInput {
            published_at: Some(date),
            reading_minutes: Some(minutes),
            authors: vec![author],
            body,
            ..input(&title, summary, category)
        };
        Ok((article, related))
    }

    fn dateline(&mut self) -> Result<(UtcTime, i64), String> {
        let expected = "expected a date and reading time such as \"August 09, 2025 - 3 min Read\"";
        let line = self.next("the date and reading time")?;
        let (date, reading) = line.rsplit_once(" - ").ok_or(expected)?;
        let minutes = reading
            .strip_suffix(" min Read")
            .and_then(|minutes| minutes.trim().parse().ok())
            .filter(|minutes| (1..=10_000).contains(minutes))
            .ok_or(expected)?;
        Ok((self.date(date)?, minutes))
    }

    fn date(&self, text: &str) -> Result<UtcTime, String> {
        let date = NaiveDate::parse_from_str(text.trim(), "%B %d, %Y")
            .ok()
            .and_then(UtcTime::from_date)
            .and_then(UtcTime::editorial)
            .ok_or_else(|| format!("\"{text}\" is no date such as \"August 09, 2025\""))?;
        match date <= UtcTime::now() {
            true => Ok(date),
            false => Err(format!("the date \"{text}\" lies in the future")),
        }
    }

    /// Everything up to the related articles.
    fn body(&mut self) -> Result<Vec<Block>, String> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut paragraphs = 0;
        loop {
            let line = self.next("the body or \"Related Articles\"")?;
            if line == RELATED_HEADING {
                break;
            }
            if line.contains('\0') {
                return Err("the body contains the character U+0000".to_owned());
            }
            if line == AD_MARKER {
                // The page marks each slot at its beginning and its end.
                if !matches!(blocks.last(), Some(Block::AdSlot(_))) {
                    blocks.push(Block::AdSlot(MarkerBlock::default()));
                }
                continue;
            }
            let style = if line.chars().count() <= HEADING_AT_MOST {
                "h2"
            } else {
                "normal"
            };
            paragraphs += usize::from(style == "normal");
            blocks.push(Block::Block(TextBlock::plain(style, line)));
        }
        if paragraphs == 0 {
            return Err("there is no paragraph before \"Related Articles\"".to_owned());
        }
        body::blocks(&BodySource::Blocks(blocks)).map_err(|cause| cause.to_string())
    }

    /// An article of which the page shows no title: one is made from the summary's first words.
    fn related(&mut self) -> Result<ArticleInput, String> {
        let category = self
            .bounded("the category of a related article", 200)?
            .to_owned();
        let summary = self
            .bounded("the summary of a related article", MAX_SUMMARY)?
            .to_owned();
        let date = self.next("the date of a related article")?;
        let date = self.date(date)?;
        let title = provisional_title(&summary);
        Ok(ArticleInput {
            title_provisional: true,
            published_at: Some(date),
            ..input(&title, summary, category)
        })
    }
}

/// Known again by its summary: the one thing that a page says alike of itself and of another.
/// So a related article becomes whole when its own page is imported.
fn input(title: &str, summary: String, category: String) -> ArticleInput {
    ArticleInput {
        external_id: Some(external_id(&summary)),
        title: title.to_owned(),
        summary: Some(summary),
        category: vec![category],
        status: Some(Status::Published),
        ..ArticleInput::default()
    }
}

fn external_id(words: &str) -> String {
    let digest = Sha256::digest(words.as_bytes());
    let hex: String = digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("page:{hex}")
}

/// The first words, up to the first pause that comes after the fourth word.
fn provisional_title(summary: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in summary.split_whitespace().take(TITLE_WORDS) {
        words.push(word);
        if words.len() > 4 && word.ends_with([',', '.', ';', ':']) {
            break;
        }
    }
    let title = words.join(" ");
    // A summary of nothing but pauses is one all the same, and a title must show something.
    let ended = title.trim_end_matches([',', '.', ';', ':', ' ']);
    let shown = if shows(ended) { ended } else { &title };
    shown.chars().take(MAX_TITLE).collect()
}
