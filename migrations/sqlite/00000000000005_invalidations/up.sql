-- What caches of answers are told beside the log of changes: lists of related articles that are
-- others now, and the like. A number is never given twice, though old rows are forgotten.
CREATE TABLE invalidations (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Keys of the answers that no longer hold, parted by spaces; * for all answers.
    keys TEXT NOT NULL,
    at BIGINT NOT NULL
);
