-- The index by date serves as well: what is scheduled is sorted by its date.
DROP INDEX articles_by_schedule;
