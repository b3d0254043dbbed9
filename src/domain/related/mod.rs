//! How well related articles are ranked, held against what people judged.

mod evaluate;
mod json;
mod judgements;
mod table;

pub use evaluate::{Evaluation, Figures, OfArticle, Question, RESULTS, evaluate};
pub use judgements::{JUDGEMENTS_AT_MOST, Judgement, judgements};
