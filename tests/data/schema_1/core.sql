-- core.sql: every table of the engine's own. One column a line with unit and meaning.
-- Written in one dialect: BIGINT, TEXT, BLOB, UUID, STRICT; the store says it in the engine's words.
-- Instants are ms since 1970 UTC (_ms), days are days since 1970-01-01 (China). Types' own tables
-- (r_NAME) are made from the model by record/record_schema.c.                         STYLE: R34

-- what this deployment is; written by store (schema) and access (name)
CREATE TABLE meta(
  key   TEXT NOT NULL PRIMARY KEY,  -- 'schema' migration number, 'model' hash in force, 'made_ms', 'name'
  value TEXT NOT NULL
) STRICT;

-- the catalogue of permanent numbers; written by model's keeper, record/record_schema.c
CREATE TABLE catalogue(
  number  BIGINT NOT NULL PRIMARY KEY,  -- permanent, never given twice
  kind    TEXT NOT NULL,                -- type, field, choice, state, action
  path    TEXT NOT NULL,                -- diary, diary.body, diary.kind.advice, diary.draft, diary.submit
  shape   TEXT NOT NULL,                -- kind of a field (text, date ...), else ''
  removed BIGINT NOT NULL,              -- 1: hidden, kept
  UNIQUE(kind, path)
) STRICT;

CREATE TABLE unit(                      -- written by access
  id        BIGINT NOT NULL PRIMARY KEY,
  parent    BIGINT REFERENCES unit(id), -- null: the root
  kind      TEXT NOT NULL,              -- key of a kind of model/base/tree.yaml
  code      TEXT NOT NULL UNIQUE,
  name      TEXT NOT NULL,
  opened    BIGINT NOT NULL,            -- day
  closed    BIGINT,                     -- day; null: open
  successor BIGINT REFERENCES unit(id), -- where a closed unit's records hang
  county    BIGINT NOT NULL,            -- id of the county above or itself; the root's id above counties
  ord       BIGINT NOT NULL             -- order among siblings, as imported
) STRICT;
CREATE TABLE unit_above(                -- closure, itself included; written by access
  above BIGINT NOT NULL REFERENCES unit(id),
  unit  BIGINT NOT NULL REFERENCES unit(id),
  PRIMARY KEY(above, unit)
) STRICT;
CREATE TABLE seat(                      -- one role at one unit; written by access
  id       BIGINT NOT NULL PRIMARY KEY,
  unit     BIGINT NOT NULL REFERENCES unit(id),
  role     TEXT NOT NULL,               -- key of a role
  falls_to BIGINT NOT NULL REFERENCES seat(id), -- who answers while it is empty; the root's office itself
  UNIQUE(unit, role)
) STRICT;
CREATE TABLE person(                    -- written by access
  id      UUID NOT NULL PRIMARY KEY,
  name    TEXT NOT NULL,
  made_ms BIGINT NOT NULL
) STRICT;
CREATE TABLE account(                   -- someone who can sign in; written by access
  id          BIGINT NOT NULL PRIMARY KEY,
  person      UUID NOT NULL REFERENCES person(id),
  name        TEXT NOT NULL UNIQUE,     -- what is typed at sign-in, folded
  password    TEXT,                     -- argon2id string; null: only invited
  is_admin    BIGINT NOT NULL,          -- 1: system administrator, holds no posting
  disabled    BIGINT NOT NULL,          -- 1: may not sign in
  access_no   BIGINT NOT NULL,          -- raised by each change of what he may; caches compare it
  fails       BIGINT NOT NULL,          -- wrong passwords in a row
  locked_ms   BIGINT NOT NULL,          -- no try before this instant
  lang        TEXT NOT NULL,            -- zh, en
  made_ms     BIGINT NOT NULL
) STRICT;
CREATE INDEX account_person ON account(person);
CREATE TABLE posting(                   -- a person holds a seat from a day to a day; written by access
  id     BIGINT NOT NULL PRIMARY KEY,
  person UUID NOT NULL REFERENCES person(id),
  seat   BIGINT NOT NULL REFERENCES seat(id),
  starts BIGINT NOT NULL,               -- day, first
  ends   BIGINT,                        -- day, last; null: open
  heir   BIGINT REFERENCES posting(id)
) STRICT;
CREATE INDEX posting_person ON posting(person);
CREATE INDEX posting_seat ON posting(seat);
CREATE TABLE session(                   -- written by access
  id         BLOB NOT NULL PRIMARY KEY, -- SM3 of the cookie's 32 bytes
  account    BIGINT NOT NULL REFERENCES account(id),
  csrf       TEXT NOT NULL,             -- what a form must bring back
  made_ms    BIGINT NOT NULL,
  seen_ms    BIGINT NOT NULL            -- raised at most once an hour
) STRICT;
CREATE INDEX session_account ON session(account);
CREATE TABLE token(                     -- bearer tokens; written by access
  id         BLOB NOT NULL PRIMARY KEY, -- SM3 of the token's text
  account    BIGINT NOT NULL REFERENCES account(id),
  ends_ms    BIGINT NOT NULL
) STRICT;
CREATE TABLE invite(                    -- sets a password once; written by access
  code       BLOB NOT NULL PRIMARY KEY, -- SM3 of the eight digits
  account    BIGINT NOT NULL REFERENCES account(id),
  by_account BIGINT,                    -- null: the command line
  ends_ms    BIGINT NOT NULL
) STRICT;
CREATE INDEX invite_account ON invite(account);

CREATE TABLE record(                    -- the one register of ids; written by record
  id     UUID NOT NULL PRIMARY KEY,     -- UUIDv7 of whoever made it
  type   BIGINT NOT NULL,               -- catalogue number
  unit   BIGINT NOT NULL REFERENCES unit(id),
  county BIGINT NOT NULL
) STRICT;
CREATE TABLE chain(                     -- head of each history chain; written by record
  id   BIGINT NOT NULL PRIMARY KEY,
  seq  BIGINT NOT NULL,                 -- last number given; 0: none
  hash BLOB NOT NULL                    -- of that entry; 32 zero bytes: none
) STRICT;
CREATE TABLE history(                   -- every change, sealed at the end of its batch; written by record
  chain     BIGINT NOT NULL,
  seq       BIGINT NOT NULL,            -- 1.. without gap
  at_ms     BIGINT NOT NULL,
  record    UUID NOT NULL,
  type      BIGINT NOT NULL,            -- catalogue number
  version   BIGINT NOT NULL,            -- of the record after this change, 1..
  act       BIGINT NOT NULL,            -- catalogue number of the action
  actor     UUID NOT NULL,              -- person
  seat      BIGINT,                     -- under which post
  body      BLOB NOT NULL,              -- entries: field, salt, value; see record/record_history.c
  body_hash BLOB NOT NULL,
  hash      BLOB NOT NULL,              -- SM3(previous hash, header, body_hash)
  PRIMARY KEY(chain, seq)
) STRICT;
CREATE INDEX history_record ON history(record, version);
CREATE TABLE file_use(                  -- which record shows a file; written by record
  file   UUID NOT NULL,
  record UUID NOT NULL REFERENCES record(id),
  PRIMARY KEY(file, record)
) STRICT;
CREATE INDEX file_use_record ON file_use(record);
