//! Reads one element of an export, of which everything is in memory.

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_xml_entity,
    events::{BytesRef, BytesStart, Event},
};

/// An element with what stands in it, two levels deep.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// Its own text.
    pub(super) text: String,
    /// The elements in it.
    pub(super) fields: Vec<Field>,
}

/// An element within another.
#[derive(Debug, Default)]
pub(super) struct Field {
    /// With its prefix.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// Its text.
    pub(super) text: String,
    inner: Vec<(String, String)>,
}

impl Field {
    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        value(&self.attributes, name)
    }

    /// The text of an element in it.
    pub(super) fn inner(&self, name: &str) -> Option<&str> {
        value(&self.inner, name)
    }
}

fn value<'a>(pairs: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|(name, _)| name == wanted);
    found.map(|(_, value)| value.as_str())
}

impl Element {
    /// Reads markup; knows no entities but those of XML itself.
    pub(super) fn read(bytes: Vec<u8>) -> Result<Self, String> {
        let xml = String::from_utf8(bytes).map_err(|_| "is not UTF-8 text")?;
        let mut reader = Reader::from_str(&xml);
        let mut element = Self::default();
        let mut depth = 0_usize;
        loop {
            match reader.read_event().map_err(|why| why.to_string())? {
                Event::Start(tag) => {
                    depth += 1;
                    element.open(depth, &tag)?;
                }
                Event::Empty(tag) => element.open(depth + 1, &tag)?,
                Event::End(_) => depth = depth.saturating_sub(1),
                Event::Text(text) => element.add(depth, &text.xml10_content())?,
                Event::CData(text) => element.add(depth, &text.xml10_content())?,
                Event::GeneralRef(name) => {
                    let text = referred(&name)?;
                    element.add(depth, &text)?;
                }
                Event::Eof if depth > 0 => return Err("ends too early".to_owned()),
                Event::Eof => return Ok(element),
                _ => {}
            }
        }
    }

    fn open(&mut self, depth: usize, tag: &BytesStart<'_>) -> Result<(), String> {
        let name = tag.name().into_inner().to_owned();
        match depth {
            2 => self.fields.push(Field {
                attributes: attributes(tag)?,
                name,
                ..Field::default()
            }),
            3 => {
                if let Some(field) = self.fields.last_mut() {
                    field.inner.push((name, String::new()));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, depth: usize, text: &str) -> Result<(), String> {
        check(text)?;
        let field = self.fields.last_mut();
        match (depth, field) {
            (1, _) => self.text.push_str(text),
            (2, Some(field)) => field.text.push_str(text),
            (_, Some(field)) if depth > 2 => {
                if let Some((_, inner)) = field.inner.last_mut() {
                    inner.push_str(text);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The text of an element in it, without space around it, if there is any.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|field| field.name == name)?;
        let text = found.text.trim();
        (!text.is_empty()).then_some(text)
    }

    /// What plugins and WordPress itself keep with a post.
    pub(super) fn metas(&self) -> impl Iterator<Item = (&str, &str)> {
        let of_meta = |field: &&Field| field.name == "wp:postmeta";
        self.fields.iter().filter(of_meta).filter_map(|field| {
            let key = field.inner("wp:meta_key")?.trim();
            Some((key, field.inner("wp:meta_value")?.trim()))
        })
    }

    /// One such value, if it is not blank.
    pub(super) fn meta(&self, wanted: &str) -> Option<&str> {
        self.metas()
            .find(|(key, value)| *key == wanted && !value.is_empty())
            .map(|(_, value)| value)
    }
}

fn attributes(tag: &BytesStart<'_>) -> Result<Vec<(String, String)>, String> {
    let mut found = Vec::new();
    let mut attributes = tag.attributes();
    // Looking for doubles takes the square of their number.
    attributes.with_checks(false);
    for attribute in attributes {
        let attribute = attribute.map_err(|why| why.to_string())?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|why| why.to_string())?;
        check(&value)?;
        let name = attribute.key.into_inner().to_owned();
        found.push((name, value.into_owned()));
    }
    Ok(found)
}

fn referred(name: &BytesRef<'_>) -> Result<String, String> {
    if let Some(c) = name.resolve_char_ref().map_err(|why| why.to_string())? {
        return Ok(c.to_string());
    }
    resolve_xml_entity(name).map(str::to_owned).ok_or_else(|| {
        let name: String = name.chars().take(40).collect();
        format!("the entity &{name}; is not known")
    })
}

/// Refuses what XML has no place for.
fn check(text: &str) -> Result<(), String> {
    let is_control = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r');
    match text.chars().find(|c| is_control(*c)) {
        None => Ok(()),
        Some(c) => Err(format!("contains the character U+{:04X}", u32::from(c))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(xml: &str) -> Result<Element, String> {
        Element::read(xml.as_bytes().to_vec())
    }

    #[test]
    fn text_of_every_form_is_joined() {
        let xml = "<item><a>x &amp; &#121;<![CDATA[<z>]]></a><b/><c k='&lt;'>1</c>\
                   <wp:postmeta><wp:meta_key>k</wp:meta_key><wp:meta_value>v</wp:meta_value>\
                   </wp:postmeta></item>";
        let element = read(xml).unwrap();
        assert_eq!(element.get("a"), Some("x & y<z>"));
        assert_eq!(element.get("b"), None);
        assert_eq!(element.fields[2].attribute("k"), Some("<"));
        assert_eq!(element.meta("k"), Some("v"));
    }

    #[test]
    fn what_is_no_xml_is_refused() {
        for xml in [
            "<item><a>&lol;</a></item>",
            "<item><a k='&lol;'/></item>",
            "<item><a>\u{1}</a></item>",
            "<item><a>&#8;</a></item>",
            "<item><a></item>",
            "<item><a>",
        ] {
            assert!(read(xml).is_err(), "{xml}");
        }
        assert!(Element::read(b"<item>\xFF</item>".to_vec()).is_err());
    }
}
