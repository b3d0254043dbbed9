mod get;
mod list;
mod related;
mod share;
