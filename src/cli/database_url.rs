//! The address of a database on the command line and in the environment.

use std::ffi::OsStr;

use clap::{Arg, Command, Error, builder::TypedValueParser, error::ErrorKind};

use crate::store::DatabaseUrl;

/// Reads an address. What the parser of the command line refuses by itself, it quotes; and there
/// may be a password in this.
#[derive(Debug, Clone)]
pub struct DatabaseUrlParser;

impl TypedValueParser for DatabaseUrlParser {
    type Value = DatabaseUrl;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<DatabaseUrl, Error> {
        let read = match value.to_str() {
            Some(text) => text.parse::<DatabaseUrl>(),
            None => Err("expected UTF-8".to_owned()),
        };
        read.map_err(|cause| {
            let name = arg.map_or_else(|| "DATABASE_URL".to_owned(), ToString::to_string);
            let told = format!("the value of {name} can't be used: {cause}\n");
            Error::raw(ErrorKind::ValueValidation, told).with_cmd(command)
        })
    }
}
