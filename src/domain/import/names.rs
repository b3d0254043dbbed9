//! Authors, tags and categories as JSON, as writers send them.

use serde_json::Value;

use crate::{
    domain::import::{
        ImportedName,
        record::{FieldProblem, Reader},
    },
    model::{
        category::CategoryInput,
        kind::Kind,
        name::{MAX_DESCRIPTION, MAX_NAME, NameInput},
        stamp::Stamp,
    },
    store::{self, Connection, StoreError},
};

/// Makes a name that another system tells of, unless it is known.
pub(super) fn put(
    connection: &mut Connection,
    name: &ImportedName,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let input = NameInput {
        slug: name.slug.clone(),
        name: name.name.clone(),
        description: name.description.clone(),
        avatar: name.avatar.clone(),
    };
    match name.kind {
        Kind::Author => store::authors::ensure(connection, &input, stamp),
        Kind::Tag => store::tags::ensure(connection, &input, stamp),
        Kind::Category => {
            let input = CategoryInput {
                slug: input.slug,
                name: input.name,
                description: input.description,
                parent: None,
            };
            store::categories::ensure(connection, &name.parents, &input, stamp)
        }
        Kind::Article => Ok(()),
    }
}

/// Reads an author, who may have a portrait.
pub fn author_input(value: &Value) -> Result<NameInput, Vec<FieldProblem>> {
    let valid = ["slug", "name", "description", "avatar"];
    let mut reader = Reader::new(value, &valid)?;
    let input = NameInput {
        avatar: reader.web_address("avatar"),
        ..name(&mut reader)
    };
    reader.finish(input)
}

/// Reads a tag.
pub fn tag_input(value: &Value) -> Result<NameInput, Vec<FieldProblem>> {
    let mut reader = Reader::new(value, &["slug", "name", "description"])?;
    let input = name(&mut reader);
    reader.finish(input)
}

fn name(reader: &mut Reader<'_>) -> NameInput {
    NameInput {
        slug: reader.slug(),
        name: reader.required_text("name", MAX_NAME),
        description: reader.text("description", 1, MAX_DESCRIPTION),
        avatar: None,
    }
}

/// Reads a category.
pub fn category_input(value: &Value) -> Result<CategoryInput, Vec<FieldProblem>> {
    let mut reader = Reader::new(value, &["slug", "name", "description", "parent"])?;
    let input = CategoryInput {
        slug: reader.slug(),
        name: reader.required_text("name", MAX_NAME),
        description: reader.text("description", 1, MAX_DESCRIPTION),
        parent: reader.text("parent", 1, MAX_NAME),
    };
    reader.finish(input)
}
