/* limits.h: every limit of Stave, with unit and reason. Sizes from outside are compared with one of
 * these before anything is allocated.                                                STYLE: R27 */
#ifndef STAVE_LIMITS_H
#define STAVE_LIMITS_H

enum {
    ARENA_KEEP_BYTES = 64 * 1024, /* an idle arena keeps no more: rest_mb */

    LIMIT_DIR_ENTRIES = 100000, /* names read from one folder */

    LIMIT_UNITS = 100000, /* units in one deployment: a province has 50,000 */
    LIMIT_UNIT_DEPTH = 12,
    LIMIT_LIST_UNITS = 512,     /* a list merges at most so many units' heads */
    /* records; who sees a part of more has the number and the list, no charts */
    LIMIT_FIGURE_DRAWN = 5000,
    LIMIT_LIST_PAGE = 100,      /* records on one page, 20 unless asked */
    LIMIT_LIST_SCAN = 10000,    /* entries read for one page under other filters */
    LIMIT_IMPORT_UNITS = 20000, /* one import of units is one change */
    LIMIT_POSTINGS = 64,        /* of one person at one time */

    LIMIT_TEXT_CHARS = 8000, /* longest note, in code points; a model may say less */
    LIMIT_LINE_CHARS = 200,  /* longest text of one line, unless the model says more */
    LIMIT_NAME_CHARS = 60,
    LIMIT_CODE_CHARS = 32,

    LIMIT_MODEL_FILE_BYTES = 1024 * 1024,
    LIMIT_MODEL_DEPTH = 16,
    LIMIT_MODEL_ERRORS = 200,  /* told at once */
    LIMIT_MODEL_NODES = 50000, /* texts, lists and maps in one file */
    LIMIT_MODEL_KEYS = 512,    /* in one map: duplicates are looked for one by one */
    LIMIT_UNIT_KINDS = 64,     /* a set of kinds is one 64-bit mask */
    LIMIT_ROLES = 128,
    LIMIT_DUTIES = 32,
    LIMIT_DUTY_DAYS = 366,
    LIMIT_DUTIES_SHOWN = 100, /* on one page */
    LIMIT_TICK = 200,         /* duties the clock takes at once */
    LIMIT_NOTICES = 100,      /* shown at once */
    LIMIT_TALLIES = 64,       /* sorts of notices told apart in one day's sentence */
    LIMIT_BELL = 100,         /* unread ones are counted so far */
    LIMIT_BELL_DAYS = 30,     /* older ones count as read */
    LIMIT_FEED_ITEMS = 200,   /* of each sort in a calendar feed */
    LIMIT_FEED_BACK_DAYS = 30,
    LIMIT_FEED_AHEAD_DAYS = 366,
    LIMIT_TERM = 3660,        /* workdays, days, hours, months ... of one due date */
    LIMIT_TERM_MIN = 60 * 24 * LIMIT_TERM, /* of work left on a stopped clock */
    LIMIT_CALENDAR_FIRST_YEAR = 2000, /* notices name days within these years */
    LIMIT_CALENDAR_LAST_YEAR = 2099,
    LIMIT_CALENDAR_DAYS = 4000, /* named by all notices: 36 a year */
    LIMIT_TYPES = 256,
    LIMIT_MODEL_FILES = 2 * LIMIT_TYPES + 2, /* built in, and a county's own over each */
    LIMIT_FIELDS = 120,
    LIMIT_STATES = 32, /* a state set is one 32-bit mask */
    LIMIT_ACTIONS = 64,
    LIMIT_CHOICES = 200,
    LIMIT_WHO_TERMS = 16,
    LIMIT_ROWS = 500,         /* lines of one rows field, unless the model says less */
    LIMIT_ROW_FIELDS = 32,    /* fields of one line */
    LIMIT_ROWS_FIELDS = 8,    /* rows fields of one type */
    LIMIT_CHANGE_ENTRIES = LIMIT_FIELDS + 3 + LIMIT_ROWS_FIELDS * LIMIT_ROWS * 2, /* of history in
                                 * one change: every line of every rows field taken out or put in */
    LIMIT_LINKS = 50,         /* ids in one links field */
    LIMIT_AUDIENCE = 32,      /* pairs of role and unit in one audience */
    LIMIT_PARTS = 1000,       /* counted of one record by an action's condition */
    LIMIT_PART_DEPTH = 4,     /* a part of a part ... */
    LIMIT_CHECKS = 32,
    LIMIT_FIGURES = 64,       /* of one type */
    LIMIT_RUNS = 16,
    LIMIT_MAKES = 8,          /* records one action makes */
    LIMIT_WAS = 8,            /* former names of one thing */
    LIMIT_EXPR_BYTES = 1000,
    LIMIT_EXPR_DEPTH = 32,
    LIMIT_EXPR_NODES = 200,
    LIMIT_STANDS = 512,       /* postings somebody answers for at one time */
    LIMIT_READERS_KEPT = 4096, /* accounts whose posts are kept between requests, ... */
    LIMIT_READERS_BYTES = 16 * 1024 * 1024, /* ... all of them together, ... */
    LIMIT_READER_BYTES = 64 * 1024,         /* ... and one of them */
    LIMIT_LENT = 256,         /* units assigned to one person's posts */
    LIMIT_MINE = 256,         /* records that are somebody's own */
    LIMIT_DEPUTY_DAYS = 183,  /* one deputyship */
    LIMIT_VIEW_MIN = 15,      /* a look as another post ends by itself */
    LIMIT_PICKS = 20,         /* offered by a picker */
    LIMIT_SEARCH_CHARS = 64,  /* of one query */
    LIMIT_SEARCH_STEP = 1000, /* changes taken into the index at once */
    LIMIT_SEARCH_JOB_US = 5000, /* of the writer's time at a stretch, for the index */
    LIMIT_SEARCH_BEHIND = 200,  /* changes not in the index yet that a query reads by itself */
    LIMIT_SEARCH_SCOPE = 64,    /* units, posts a query names; a reader of more is checked after */
    LIMIT_SEARCH_SCAN = 2000,   /* documents looked at for one type's hits, ... */
    LIMIT_SEARCH_READ = 400,    /* ... and records read, a query and type; then there is more */
    LIMIT_SEARCH_WORD_BYTES = 32, /* of a word of letters that the index tells apart */
    LIMIT_SEARCH_HITS = 100,    /* of a type in one answer */
    LIMIT_COMMENT_CHARS = 1000,
    LIMIT_COMMENTS = 200,     /* on one record */
    LIMIT_SAVED_LISTS = 30,   /* of one person */
    LIMIT_MANY = 100,         /* records acted on at once */
    LIMIT_FILES = 9,          /* documents in one field */
    LIMIT_FILE_BYTES = 20 * 1024 * 1024, /* one document */
    LIMIT_FILE_INFLATED_BYTES = 200 * 1024 * 1024, /* what a packed document may unpack to */
    LIMIT_FILE_RATIO = 200,   /* ... and by how much */
    LIMIT_FILE_PARTS = 2000,  /* entries of a packed document */

    LIMIT_URL_BYTES = 4096,
    LIMIT_HEADER_BYTES = 16 * 1024,
    LIMIT_PARAMS = 4096,            /* fields of one form: 500 rows of eight */
    LIMIT_FORM_BYTES = 1024 * 1024, /* urlencoded or JSON body */
    LIMIT_STRANGER_BYTES = 256 * 1024, /* body of who has not signed in */
    LIMIT_JSON_BYTES = 1024 * 1024,
    LIMIT_JSON_DEPTH = 32,
    LIMIT_PHOTO_BYTES = 15 * 1024 * 1024, /* one upload; STACK 7 */
    LIMIT_PHOTO_PIXELS = 40 * 1000 * 1000,
    LIMIT_PHOTO_WHOLE_PIXELS =
        16 * 1000 * 1000,     /* progressive, interlaced: held whole, 6 bytes each */
    LIMIT_PHOTO_SIDE = 65535, /* what a JPEG can say of itself; PNG could say more */
    LIMIT_PHOTO_SCANS = 32,   /* each scan costs a pass over all pixels; cameras: 1, editors: 10 */
    LIMIT_PHOTO_EDGE = 1500,  /* longest edge kept */
    LIMIT_PHOTOS = 9,
    LIMIT_UPLOAD_BYTES = 64 * 1024 * 1024, /* a form with its photos, in all */
    LIMIT_IMPORT_BYTES = 16 * 1024 * 1024,
    LIMIT_IMPORT_FAULTS = 5000, /* told of one import of records, ... */
    LIMIT_IMPORT_NOTES = 200,   /* ... and what was mended in it, by column */
    LIMIT_IMPORT_STEP = 200,    /* rows of one step, ... */
    LIMIT_IMPORT_STEP_US = 5000, /* ... which gives the writer back after this */
    LIMIT_IMPORT_KEEP_DAYS = 3, /* a file a page sent, beside what is wrong in it */
    LIMIT_IMPORT_TRIES = 5,     /* of a job that does not come on */
    LIMIT_IMPORT_HELD_MS = 20 * 1000, /* a job whose thread does not say more is another's */
    LIMIT_IMPORT_HEAD_ROWS = 10, /* titles above the headings */
    LIMIT_CSV_COLUMNS = 256,
    LIMIT_CSV_CELL_BYTES = 64 * 1024,
    LIMIT_CSV_ERRORS = 200,
    LIMIT_XLSX_PART_BYTES = 64 * 1024 * 1024, /* one part of a workbook, unpacked */
    LIMIT_XLSX_SHEETS = 255,
    LIMIT_XLSX_CELLS = 1000 * 1000, /* with something in them, in one sheet */
    LIMIT_XLSX_ROWS = 1048576,      /* what the format itself allows, so with columns */
    LIMIT_XLSX_COLUMNS = 16384,
    LIMIT_XLSX_STRINGS = 1000 * 1000, /* shared ones */
    LIMIT_XLSX_STYLES = 65536,
    LIMIT_XLSX_MERGES = 10000,
    LIMIT_XLSX_DEPTH = 32,
    LIMIT_XLSX_TAG_BYTES = 256 * 1024, /* one tag or comment */

    LIMIT_EXPORT_RECORDS = 20000, /* one export of a page; the command line has no limit */
    LIMIT_EXPORT_BYTES = 64 * 1024 * 1024,

    LIMIT_QUEUE = 512,            /* waiting requests, then 503 */
    LIMIT_CONNECTIONS = 4096,     /* sockets open at once */
    LIMIT_HEADERS = 100,          /* of one request */
    LIMIT_PART_HEAD_BYTES = 4096, /* headers of one part of a multipart form */
    LIMIT_BODIES_BYTES =
        256 * 1024 * 1024,                /* bodies held in memory at once, all requests together */
    LIMIT_SEND_MS = 10 * 1000,            /* for a client to send its request, and ... */
    LIMIT_SEND_BYTES_PER_S = 64 * 1024,   /* ... a second more for each of these in the body */
    LIMIT_IDLE_MS = 60 * 1000,            /* a kept connection without a request */
    LIMIT_ANSWER_MS = 60 * 1000,          /* for a client to read its answer */
    LIMIT_JOB_MS = 30 * 1000,             /* a request waiting for a worker or for its commit */
    LIMIT_LAST_ANSWERS_MS = 500, /* at a stop, for what the workers answered last */
    LIMIT_DRAIN_MS = 10 * 1000,           /* what still runs may finish when the server stops */
    LIMIT_WORKER_IDLE_MS = 5 * 60 * 1000, /* then a worker gives back what it holds */
    LIMIT_REQUESTS_KEPT = 64,             /* idle request arenas kept for the next ones */
    LIMIT_LINGER = 64,                    /* refused connections read on, so the answer arrives */
    LIMIT_WORKERS = 32,
    LIMIT_BATCH = 1000, /* changes in one commit */
    LIMIT_BATCH_MS = 50,
    LIMIT_FILE_CHUNK = 64 * 1024,

    LIMIT_PASSWORD_MIN = 10, /* code points */
    LIMIT_PASSWORD_MAX = 200,
    LIMIT_SESSION_DAYS = 30,
    LIMIT_SESSION_IDLE_MIN = 60 * 24 * 7,
    LIMIT_TOKEN_DAYS = 30,
    LIMIT_INVITE_DAYS = 7,
    LIMIT_ID_AGE_DAYS = 400, /* client-made ids older than that are not usable */
    LIMIT_ID_AHEAD_DAYS = 1,
};

#endif
