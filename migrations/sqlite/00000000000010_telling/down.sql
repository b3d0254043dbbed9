ALTER TABLE related_state DROP COLUMN told;
DROP TABLE related_edited;
