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
CREATE INDEX unit_parent ON unit(parent);
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
CREATE INDEX seat_falls_to ON seat(falls_to);
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
  admin       BIGINT NOT NULL,          -- 1 system, 2 security, 3 audit: hold no posting; 0: none of them
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
CREATE INDEX posting_heir ON posting(heir) WHERE heir IS NOT NULL;
CREATE TABLE deputy(                    -- somebody acts for a posting during leave; written by access
  id         BIGINT NOT NULL PRIMARY KEY,
  posting    BIGINT NOT NULL REFERENCES posting(id),
  person     UUID NOT NULL REFERENCES person(id),
  starts     BIGINT NOT NULL,           -- day, first
  ends       BIGINT NOT NULL,           -- day, last: it ends by itself
  by_account BIGINT NOT NULL            -- who said so
) STRICT;
CREATE INDEX deputy_person ON deputy(person);
CREATE INDEX deputy_posting ON deputy(posting);
CREATE TABLE reach(                     -- a unit assigned to another for a time; written by access
  id     BIGINT NOT NULL PRIMARY KEY,
  unit   BIGINT NOT NULL REFERENCES unit(id), -- whose people of `role` reach it
  target BIGINT NOT NULL REFERENCES unit(id),
  role   TEXT NOT NULL,
  starts BIGINT NOT NULL,               -- day, first
  ends   BIGINT                         -- day, last; null: open
) STRICT;
CREATE INDEX reach_unit ON reach(unit);
CREATE INDEX reach_target ON reach(target);
CREATE TABLE session(                   -- written by access
  id         BLOB NOT NULL PRIMARY KEY, -- SM3 of the cookie's 32 bytes
  account    BIGINT NOT NULL REFERENCES account(id),
  csrf       TEXT NOT NULL,             -- what a form must bring back
  made_ms    BIGINT NOT NULL,
  seen_ms    BIGINT NOT NULL,           -- raised at most once an hour
  view_seat  BIGINT,                    -- looks as this seat; null: as himself
  view_until BIGINT                     -- instant it ends by itself
) STRICT;
CREATE INDEX session_account ON session(account);
CREATE TABLE token(                     -- bearer tokens; written by access
  id         BLOB NOT NULL PRIMARY KEY, -- SM3 of the token's text
  account    BIGINT NOT NULL REFERENCES account(id),
  ends_ms    BIGINT NOT NULL
) STRICT;
CREATE TABLE feed(                      -- a calendar's address, one an account; written by access
  account BIGINT NOT NULL PRIMARY KEY REFERENCES account(id),
  id      BLOB NOT NULL UNIQUE,         -- SM3 of the secret in the address
  made_ms BIGINT NOT NULL
) STRICT;
CREATE TABLE invite(                    -- sets a password once; written by access
  code       BLOB NOT NULL PRIMARY KEY, -- SM3 of the eight digits
  account    BIGINT NOT NULL REFERENCES account(id),
  by_account BIGINT,                    -- null: the command line
  ends_ms    BIGINT NOT NULL
) STRICT;
CREATE INDEX invite_account ON invite(account);
CREATE TABLE access_log(                -- what was done with accounts, posts, looks; written by access
  id      BIGINT NOT NULL PRIMARY KEY,
  at_ms   BIGINT NOT NULL,
  account BIGINT,                       -- who; null: the command line
  what    TEXT NOT NULL,                -- staff end deputise heir merge view_as invite disable ...
  about   TEXT NOT NULL,                -- account, seat or unit it was done to
  detail  TEXT NOT NULL                 -- dates, the reason given
) STRICT;
CREATE INDEX access_log_at ON access_log(at_ms);
CREATE TABLE saved_list(                -- filters somebody keeps; written by access
  id      BIGINT NOT NULL PRIMARY KEY,
  account BIGINT NOT NULL REFERENCES account(id),
  type    TEXT NOT NULL,                -- name of a type
  name    TEXT NOT NULL,                -- what he calls it
  query   TEXT NOT NULL,                -- as in the address
  UNIQUE(account, type, name)
) STRICT;

CREATE TABLE calendar_day(              -- what notices say of a day; written by flow
  day    BIGINT NOT NULL PRIMARY KEY,
  kind   TEXT NOT NULL,                 -- off, work
  name   TEXT NOT NULL,                 -- of the holiday
  notice TEXT NOT NULL                  -- which notice says so; '' where it was not said
) STRICT;

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
  deputy_for UUID,                      -- person he stood in for; null: himself
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
CREATE TABLE comment(                   -- said about a record; written by record
  id         UUID NOT NULL PRIMARY KEY, -- UUIDv7 made with the form
  record     UUID NOT NULL REFERENCES record(id),
  author     UUID NOT NULL REFERENCES person(id),
  seat       BIGINT NOT NULL REFERENCES seat(id), -- under which post
  deputy_for UUID REFERENCES person(id),
  at_ms      BIGINT NOT NULL,
  body       TEXT NOT NULL
) STRICT;
CREATE INDEX comment_record ON comment(record, at_ms);

CREATE TABLE duty(                      -- a seat owes an action on a record by an instant; written by flow
  id          UUID NOT NULL PRIMARY KEY,
  record      UUID NOT NULL REFERENCES record(id),
  type        BIGINT NOT NULL,          -- catalogue number
  name        TEXT NOT NULL,            -- of the duty in the type's file
  unit        BIGINT NOT NULL REFERENCES unit(id), -- of the record
  seat        BIGINT NOT NULL REFERENCES seat(id), -- who owes it; empty: what it falls to
  posting     BIGINT REFERENCES posting(id), -- owed by an author: his posting, then its heir; null: the seat
  opened_ms   BIGINT NOT NULL,
  due_ms      BIGINT,                   -- null: no day was said
  counted     TEXT NOT NULL,            -- how due_ms was counted: flow_count_text
  left_min    BIGINT,                   -- of work, while the clock stands still
  stopped_ms  BIGINT,                   -- since when it stands still; null: it runs
  reminded_ms BIGINT,
  late_ms     BIGINT,                   -- when it was told to be late
  done_ms     BIGINT,                   -- null: open
  taken_by    UUID REFERENCES person(id), -- who said he is at it
  taken_ms    BIGINT
) STRICT;
CREATE UNIQUE INDEX duty_once ON duty(record, name, coalesce(posting, 0)) WHERE done_ms IS NULL;
CREATE INDEX duty_of ON duty(record);
CREATE INDEX duty_seat ON duty(seat, due_ms, id) WHERE done_ms IS NULL AND posting IS NULL;
CREATE INDEX duty_posting ON duty(posting, due_ms, id) WHERE done_ms IS NULL AND posting IS NOT NULL;
CREATE INDEX duty_due ON duty(due_ms) WHERE done_ms IS NULL AND stopped_ms IS NULL AND late_ms IS NULL;
-- what figures count: done or late, at the instant it was done in time, else at the one it was due
CREATE INDEX duty_counted ON duty(type, name, unit, (CASE WHEN done_ms <= due_ms THEN done_ms ELSE due_ms END), id)
  WHERE due_ms IS NOT NULL AND (done_ms IS NOT NULL OR late_ms IS NOT NULL);
CREATE TABLE notice(                    -- what somebody is told, once; written by flow
  id         UUID NOT NULL PRIMARY KEY,
  at_ms      BIGINT NOT NULL,
  seat       BIGINT NOT NULL REFERENCES seat(id), -- whom
  posting    BIGINT REFERENCES posting(id), -- ... or its heir
  what       TEXT NOT NULL,             -- the clock: remind, late, escalated; a change: act, owed, ended, comment
  about      UUID NOT NULL,             -- act: the record; comment: the comment; else the duty
  nth        BIGINT NOT NULL,           -- the clock: due_ms of the duty then (moved, it is told anew); act: version; else 0
  record     UUID NOT NULL REFERENCES record(id),
  type       BIGINT NOT NULL,           -- catalogue number
  act        BIGINT,                    -- catalogue number of the action; null: the clock, a comment
  state      BIGINT,                    -- the same: where the record stood then
  actor      UUID REFERENCES person(id), -- null: the clock
  actor_seat BIGINT REFERENCES seat(id), -- under which post; null: none
  deputy_for UUID REFERENCES person(id), -- whom he stood in for
  UNIQUE(about, what, nth)
) STRICT;
CREATE INDEX notice_seat ON notice(seat, at_ms, id) WHERE posting IS NULL;
CREATE INDEX notice_posting ON notice(posting, at_ms, id) WHERE posting IS NOT NULL;
CREATE TABLE notice_mark(               -- up to where an account has read; written by flow
  account BIGINT NOT NULL PRIMARY KEY REFERENCES account(id),
  upto_ms BIGINT NOT NULL
) STRICT;
CREATE TABLE notice_read(               -- single ones read behind that; written by flow
  account BIGINT NOT NULL REFERENCES account(id),
  notice  UUID NOT NULL REFERENCES notice(id),
  PRIMARY KEY(account, notice)
) STRICT;
CREATE TABLE batch(                     -- an import of records; written by record
  id        UUID NOT NULL PRIMARY KEY,  -- UUIDv7; ids of its new records are made of it and the row
  account   BIGINT NOT NULL REFERENCES account(id),
  type      BIGINT NOT NULL,            -- catalogue number
  name      TEXT NOT NULL,              -- of the file
  at_ms     BIGINT NOT NULL,
  row_n     BIGINT NOT NULL,            -- rows in the file
  row_at    BIGINT NOT NULL,            -- last row dealt with, as Excel numbers it
  made      BIGINT NOT NULL,
  updated   BIGINT NOT NULL,
  same      BIGINT NOT NULL,
  bad       BIGINT NOT NULL,            -- left out
  phase     BIGINT NOT NULL,            -- 1 being written, 2 written, 3 being undone, 4 undone
  undone_ms BIGINT
) STRICT;
CREATE INDEX batch_account ON batch(account, type, at_ms);
CREATE TABLE batch_row(                 -- what it did; written by record
  batch          UUID NOT NULL REFERENCES batch(id),
  row            BIGINT NOT NULL,       -- as Excel numbers it
  record         UUID NOT NULL,
  version_before BIGINT NOT NULL,       -- 0: it was made
  version_after  BIGINT NOT NULL,
  undone         BIGINT NOT NULL,       -- 0 no, 1 yes, 2 kept: somebody changed it since, 3 kept: nobody may
  PRIMARY KEY(batch, row)
) KEYED;
CREATE TABLE batch_file(                -- the file a batch came from; written by record
  batch UUID NOT NULL PRIMARY KEY REFERENCES batch(id),
  type  BIGINT NOT NULL,
  sm3   BLOB NOT NULL
) STRICT;
CREATE INDEX batch_file_sm3 ON batch_file(type, sm3);
CREATE TABLE import_job(                -- a large file sent by a page, on its way; written by record
  id         UUID NOT NULL PRIMARY KEY, -- that of the batch it becomes
  account    BIGINT NOT NULL REFERENCES account(id),
  type       BIGINT NOT NULL,           -- catalogue number
  lang       BIGINT NOT NULL,
  name       TEXT NOT NULL,             -- of the file
  points     TEXT NOT NULL,             -- headings pointed at: heading US aim RS ...
  keys       TEXT NOT NULL,             -- by what records are found
  at_ms      BIGINT NOT NULL,
  phase      BIGINT NOT NULL,           -- 0 asks for columns, 1 tries, 2 tried, 3 writes, 4 written, 5 given up
  holder     UUID,                      -- the thread at it ...
  held_until BIGINT NOT NULL,           -- ... until then, unless it says so again
  tries      BIGINT NOT NULL,           -- since it last came on
  row_n      BIGINT NOT NULL,
  done       BIGINT NOT NULL,
  made       BIGINT NOT NULL,
  updated    BIGINT NOT NULL,
  same       BIGINT NOT NULL,
  bad        BIGINT NOT NULL,
  notes      TEXT NOT NULL,             -- what was mended, a line each
  told       TEXT NOT NULL              -- why it was given up
) STRICT;
CREATE INDEX import_job_phase ON import_job(phase, at_ms);
CREATE INDEX import_job_account ON import_job(account, type, at_ms);
CREATE TABLE import_part(               -- its file, in pieces; written by record
  job  UUID NOT NULL,
  ix   BIGINT NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY(job, ix)
) STRICT;
CREATE TABLE import_fault(              -- what is wrong in it, worded for who sent it; written by record
  job     UUID NOT NULL,
  ord     BIGINT NOT NULL,
  row     BIGINT NOT NULL,              -- as Excel numbers it
  heading TEXT NOT NULL,
  value   TEXT NOT NULL,
  reason  TEXT NOT NULL,
  PRIMARY KEY(job, ord)
) KEYED;
CREATE TABLE import_map(                -- headings somebody pointed at; written by record
  account BIGINT NOT NULL REFERENCES account(id),
  type    TEXT NOT NULL,
  heads   BLOB NOT NULL,                -- SM3 of all headings of the table
  heading TEXT NOT NULL,                -- folded
  aim     TEXT NOT NULL,                -- a field, unit, state, id; -: left out
  PRIMARY KEY(account, type, heads, heading)
) STRICT;

-- figures: derived, counted anew by record_recount (figure/figure.h)
CREATE TABLE cell(                      -- sums by day and month, at a unit and all above; written by figure
  figure  BIGINT NOT NULL,              -- catalogue number
  unit    BIGINT NOT NULL,
  grain   BIGINT NOT NULL,              -- 0 day, 1 month
  dim     BLOB NOT NULL,                -- what it is split by: empty, a choice's number, a link's id
  at      BIGINT NOT NULL,              -- day, or months since year 0
  slot    BIGINT NOT NULL,              -- the chain that wrote it: connections do not wait for each other
  n       BIGINT NOT NULL,
  records BIGINT NOT NULL,              -- length of the list it opens to
  PRIMARY KEY(figure, unit, grain, dim, at, slot)
) KEYED;
CREATE TABLE span(                      -- a level's or a distinct thing's share while it lasts; written by figure
  figure BIGINT NOT NULL,
  record UUID NOT NULL,
  line   UUID NOT NULL,                 -- a line of its rows; zero: the record
  key    BLOB NOT NULL,                 -- distinct: the thing; else empty
  starts BIGINT NOT NULL,               -- day it began to count
  ends   BIGINT,                        -- first day it counts no more; null: it lasts
  unit   BIGINT NOT NULL,
  dim    BLOB NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY(figure, record, line, key, starts)
) KEYED;
CREATE INDEX span_unit ON span(figure, unit, starts);
CREATE TABLE seen(                      -- how many shares name a thing, at a unit and all above; written by figure
  figure BIGINT NOT NULL,
  unit   BIGINT NOT NULL,
  period BIGINT NOT NULL,               -- year; 0: while
  key    BLOB NOT NULL,
  n      BIGINT NOT NULL,
  PRIMARY KEY(figure, unit, period, key)
) KEYED;

-- the search index: derived, made again from the records at any time (record/record_search_job.c).
-- Beside these stands find_text, the engine's own inverted index of tokens by doc: store_schema.c
CREATE TABLE find_doc(                  -- a record as search knows it; written by record
  doc    BIGINT NOT NULL PRIMARY KEY,   -- day and instant it was made: the newest have the highest
  record UUID NOT NULL UNIQUE,
  body   TEXT NOT NULL                  -- scope and folded texts its tokens are made of
) STRICT;
CREATE TABLE find_at(                   -- how far each history chain was taken in; written by record
  chain BIGINT NOT NULL PRIMARY KEY,
  seq   BIGINT NOT NULL
) STRICT;
