-- The first epoch whose lists hold: where a publication was learned anew, those from before hold
-- until they are looked for anew, as they are read.
ALTER TABLE related_state ADD COLUMN holds_from BIGINT NOT NULL DEFAULT 0;
UPDATE related_state SET holds_from = epoch;

-- When an article was edited last: of interest as long as a list from then holds.
ALTER TABLE related_edited ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
UPDATE related_edited SET epoch = (SELECT epoch FROM related_state);

-- Whether any list of one category alone is kept.
CREATE INDEX related_lists_of_category ON related_lists (epoch) WHERE same_category;
