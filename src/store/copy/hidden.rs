//! A column whose text nobody is to see.

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    serialize::{self, Output, ToSql},
    sql_types::Text,
};
use serde::{Serialize, Serializer};

use crate::model::secret::SecretText;

/// Text that is wiped from memory when its row is let go, and printed nowhere.
#[derive(Debug, Clone, PartialEq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub(in crate::store) struct Hidden(SecretText);

impl<DB: Backend> FromSql<Text, DB> for Hidden
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(String::from_sql(bytes)?.into()))
    }
}

impl<DB: Backend> ToSql<Text, DB> for Hidden
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.reveal().to_sql(out)
    }
}

/// For the hash of a table alone, by which both sides of a copy are compared.
impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.reveal())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_not_shown_with_its_row() {
        let hidden = Hidden(SecretText::from("hunter2".to_owned()));
        assert!(!format!("{hidden:?}").contains("hunter2"));
        assert_eq!(serde_json::json!(hidden), "hunter2");
    }
}
