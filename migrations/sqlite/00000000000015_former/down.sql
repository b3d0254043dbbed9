DROP INDEX related_lists_of_category;
ALTER TABLE related_edited DROP COLUMN epoch;
DELETE FROM related_lists WHERE epoch < (SELECT epoch FROM related_state);
ALTER TABLE related_state DROP COLUMN holds_from;
