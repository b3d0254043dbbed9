//! Pictures, as the JSON of articles has them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::model::article::Image;

/// A picture.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Image)]
pub(crate) struct ImageOut {
    /// Where it is.
    #[schema(max_length = 2000, pattern = r"^https?://")]
    url: String,
    /// What it shows.
    #[schema(required, max_length = 2000, pattern = r"^[^\u0000]*$")]
    alt: Option<String>,
    /// Pixels.
    #[schema(required, minimum = 1, maximum = 100000)]
    width: Option<i64>,
    /// Pixels.
    #[schema(required, minimum = 1, maximum = 100000)]
    height: Option<i64>,
    /// Text under it.
    #[schema(required, max_length = 2000, pattern = r"^[^\u0000]*$")]
    caption: Option<String>,
    /// Who made it.
    #[schema(required, max_length = 2000, pattern = r"^[^\u0000]*$")]
    credit: Option<String>,
}

impl From<Image> for ImageOut {
    fn from(image: Image) -> Self {
        let Image {
            url,
            alt,
            width,
            height,
            caption,
            credit,
        } = image;
        Self {
            url,
            alt,
            width,
            height,
            caption,
            credit,
        }
    }
}
