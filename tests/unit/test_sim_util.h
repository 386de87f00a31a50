/* test_sim_util.h: the world of test_sim.c: who writes what, on which node, and what befalls nodes.
 * Everything is drawn from the seed, ids too, so that both databases come to the same end whatever
 * the moment of a kill and whichever node was first. */
#ifndef STAVE_TEST_SIM_UTIL_H
#define STAVE_TEST_SIM_UTIL_H

#include "test_record_house_util.h"

enum { SIM_ITEMS = 20000, SIM_LETTERS = 16, SIM_TRIES = 200 };

typedef struct Item { /* something somebody wrote, to be sent again */
    Uuid id;
    const char *account;
    const char *day; /* of a diary; NULL: an issue */
    Str body;
} Item;

typedef struct Sim {
    TestStore *t;
    County nodes[2]; /* PostgreSQL: two of them on one database. SQLite: the first alone */
    County *w;       /* whose turn it is */
    uint64_t state;
    Item *items;
    int item_n;
    Uuid course;
    int written, acted, repeated, told;
    int crashes, heard, unheard,
        kept;                    /* answered before a kill; not; of those, there all the same */
    int meetings, raced, second; /* days both act at once; letters to both; made by the second */
    bool is_merged, is_away;
    Day off, on; /* what the later notice says: off though a weekday, worked though a weekend */
    UnixMs notice_ms; /* when it came; 0: not yet */
} Sim;

uint64_t sim_dice(Sim *s, uint64_t n);
Uuid sim_new_id(Sim *s); /* the clock goes on by a millisecond */
Str sim_day(Sim *s, int back);
const char *sim_text(Sim *s, Str text);
/* Who writes: first secretaries and a member of a team. */
const char *sim_villager(Sim *s);
/* What may go wrong for a person: he is not there (any more), wrote that day already, ... */
void sim_expect_ordinary(int rc, const Err *e);
int sim_send(County *w, const Item *it, Err *e);
/* The clock takes its steps until nobody is left to be told; how many it told. */
int sim_tick(County *w);
/* The one integer a question answers. */
int64_t sim_ask(County *w, const char *sql);
/* What an account owes, the earliest first, ties by record; at most 100. */
int sim_owed(County *w, const char *account, FlowDuty **ret);

/* ---- nodes ---- */
void sim_begin(Sim *s, TestStore *t);
void sim_end(Sim *s);
/* The dice say which node is asked next; it takes what the other one changed. */
void sim_turn(Sim *s);
/* A node is killed in the middle of writing; people send again what was not answered. */
void sim_crash(Sim *s);
/* Both nodes are sent the same letters at the same time, press the same button, run the clock. */
void sim_both(Sim *s);

#endif
