//! Judgements as a table: CSV, with a row in each line.

use crate::{
    domain::related::judgements::{Judged, MEMBERS, judged},
    model::words::nearest,
};

/// Where in a row the three are.
pub(super) struct Columns {
    places: [usize; 3],
    width: usize,
}

impl Columns {
    /// Those that a header names.
    pub(super) fn of(header: &str) -> Result<Self, String> {
        let names = cells(header)?;
        let names: Vec<&str> = names.iter().map(str::trim).collect();
        let place = |member: &str| {
            let mut places = (0..).zip(&names).filter(|(_, name)| **name == member);
            match (places.next(), places.next()) {
                (Some((place, _)), None) => Ok(place),
                (Some(_), Some(_)) => Err(format!("the header has the column \"{member}\" twice")),
                (None, _) => Err(missing(member, &names)),
            }
        };
        let [article, other, grade] = MEMBERS;
        Ok(Self {
            places: [place(article)?, place(other)?, place(grade)?],
            width: names.len(),
        })
    }

    /// Reads one row.
    pub(super) fn judgement(&self, line: &str) -> Result<Judged, String> {
        let row = cells(line)?;
        if row.len() != self.width {
            return Err(format!(
                "has {} columns where the header has {}",
                row.len(),
                self.width
            ));
        }
        let [article, other, grade] = self.places.map(|place| row.get(place).unwrap_or_default());
        judged(article, other, grade.trim())
    }
}

fn missing(member: &str, names: &[&str]) -> String {
    let hint = nearest(member, names.iter().copied())
        .map(|name| format!("; did you mean it by \"{name}\"?"))
        .unwrap_or_default();
    format!(
        "the header has no column \"{member}\"{hint} (a table begins with the line {})",
        MEMBERS.join(",")
    )
}

fn cells(line: &str) -> Result<csv::StringRecord, String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(line.len().max(1))
        .from_reader(line.as_bytes());
    let mut row = csv::StringRecord::new();
    match reader.read_record(&mut row) {
        Ok(true) => Ok(row),
        Ok(false) => Err("has no columns".to_owned()),
        Err(cause) => Err(format!("is not CSV: {cause}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_names_each_column_once() {
        let columns = Columns::of(" grade ,by,other,by,article").unwrap();
        assert_eq!(columns.places, [4, 2, 0]);
        let refused = Columns::of("article,other,grade,other").err();
        assert_eq!(
            refused.as_deref(),
            Some("the header has the column \"other\" twice")
        );
        let refused = Columns::of("article,other,grad").err().unwrap_or_default();
        assert!(
            refused.contains("did you mean it by \"grad\"?"),
            "{refused}"
        );
    }
}
