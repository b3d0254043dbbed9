-- Articles that were published and have been taken into the index anew since the epoch began: kept
-- lists of others may have them with what they scored before.
CREATE TABLE related_edited (
    article_pk BIGINT PRIMARY KEY
);

-- How often new articles were told to their neighbours: who finds that another process did so
-- meanwhile looks again.
ALTER TABLE related_state ADD COLUMN told BIGINT NOT NULL DEFAULT 0;

-- What was edited before is noted nowhere: lists are found anew as they are read.
DELETE FROM related_lists;
