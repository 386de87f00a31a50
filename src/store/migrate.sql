-- migrate.sql: what brings an older database to the tables of core.sql and files.sql. A line
-- `-- schema: N` begins what made schema N. Written like core.sql; store_migrate.c runs it in one
-- transaction and passes over an ALTER TABLE whose table stands in another database or whose column is
-- there already. What is only new (a table, an index) is not said here: it is taken from core.sql.

-- schema: 2
ALTER TABLE account RENAME COLUMN is_admin TO admin;
ALTER TABLE session ADD COLUMN view_seat BIGINT;
ALTER TABLE session ADD COLUMN view_until BIGINT;
ALTER TABLE history ADD COLUMN deputy_for UUID;
ALTER TABLE file ADD COLUMN name TEXT;

-- schema: 3
-- Tables of the calendar and of figures came: what they hold is owed, see record_is_owed.
INSERT INTO meta(key, value) VALUES('owed', 'figures') ON CONFLICT DO NOTHING;
