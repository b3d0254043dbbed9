//! Bodies as the store has them. They are written with the kind of a block first, so that a block
//! of text, which most are, can be read without laying it aside until its kind is known.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::{Map, Value};

use crate::model::{
    block::{Block, TextBlock},
    common_word::{BLOCK, KIND, Word},
};

/// Reads a body from its JSON; also one whose members stand in another order.
pub fn read(json: &str) -> serde_json::Result<Vec<Block>> {
    let blocks: Vec<StoredBlock> = serde_json::from_str(json)?;
    Ok(blocks.into_iter().map(|StoredBlock(block)| block).collect())
}

struct StoredBlock(Block);

impl<'de> Deserialize<'de> for StoredBlock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(BlockVisitor).map(Self)
    }
}

struct BlockVisitor;

impl<'de> Visitor<'de> for BlockVisitor {
    type Value = Block;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a block")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Block, A::Error> {
        let mut members = Map::new();
        match map.next_key::<Word>()? {
            Some(Word(name)) if name == KIND => {
                let Word(kind) = map.next_value()?;
                if kind == BLOCK {
                    let text = TextBlock::deserialize(MapAccessDeserializer::new(map))?;
                    return Ok(Block::Block(text));
                }
                members.insert(name.into_owned(), Value::String(kind.into_owned()));
            }
            Some(Word(name)) => {
                members.insert(name.into_owned(), map.next_value()?);
            }
            None => {}
        }
        while let Some((name, value)) = map.next_entry()? {
            members.insert(name, value);
        }
        Block::deserialize(Value::Object(members)).map_err(A::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_as_its_blocks_are_in_any_order() {
        for json in [
            r#"[{"_type":"block","_key":"a","style":"normal","children":[{"_type":"span","text":"x"}]}]"#,
            r#"[{"_key":"a","children":[{"text":"x"}],"_type":"block"},{"_type":"divider","_key":"b"}]"#,
            r#"[{"_type":"image","_key":"a","url":"https://example.com/a.png"}]"#,
            "[]",
        ] {
            let plain: Vec<Block> = serde_json::from_str(json).unwrap();
            assert_eq!(read(json).unwrap(), plain);
        }
    }

    #[test]
    fn what_is_no_body_is_refused() {
        for json in [
            "{}",
            "[1]",
            "[{}]",
            r#"[{"_type":"poem"}]"#,
            r#"[{"_type":"block"}]"#,
            r#"[{"_type":"block","children":[],"_type":"block"}]"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
