-- files.sql: attachments, chunked; in files.db beside the main database, on PostgreSQL in the same one.
CREATE TABLE file(                      -- written by record
  id      UUID NOT NULL PRIMARY KEY,    -- UUIDv7 of whoever sent it
  owner   UUID NOT NULL,                -- person
  mime    TEXT NOT NULL,                -- from the bytes kept, image/jpeg
  bytes   BIGINT NOT NULL,              -- of what is kept
  sm3     BLOB NOT NULL,                -- of what is kept
  source  BLOB NOT NULL,                -- SM3 of what was sent: a repeated sending is recognised
  made_ms BIGINT NOT NULL
) STRICT;
CREATE TABLE file_chunk(                -- written by record
  file UUID NOT NULL REFERENCES file(id),
  ix   BIGINT NOT NULL,                 -- 0..
  data BLOB NOT NULL,                   -- LIMIT_FILE_CHUNK bytes, the last one fewer
  PRIMARY KEY(file, ix)
) STRICT;
