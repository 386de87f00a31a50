/* generation.c: the model in force may change while the server runs (`stave model apply`). Each
 * model has an App of its own, made beside the one before; a request keeps the one it began with,
 * and the last to leave an old one takes it down. The root App is the first generation and the
 * handle by which the others are found; the deployment that made it closes it.      SPEC: P12 */
#include "web/web_int.h"

struct Generation {
    App app; /* first: an App * that was held is its generation */
    Arena *arena;
    int holds; /* under the root's lock; being the newest counts as one */
};

App *app_hold(App *root)
{
    CHECK(pthread_mutex_lock(&root->lock) == 0);
    Generation *g = root->newest;
    if (g)
        g->holds++;
    CHECK(pthread_mutex_unlock(&root->lock) == 0);
    return g ? &g->app : root;
}

static void take_down(Generation *g)
{
    records_close(g->app.records);
    access_close(g->app.access);
    arena_free(g->arena);
}

static void let_go(App *root, Generation *g)
{
    CHECK(pthread_mutex_lock(&root->lock) == 0);
    bool is_last = --g->holds == 0;
    CHECK(pthread_mutex_unlock(&root->lock) == 0);
    if (is_last)
        take_down(g);
}

void app_drop(App *app)
{
    if (app && app->root)
        let_go(app->root, (Generation *)app);
}

void app_swap(App *root, Arena *arena_take, const Model *m, Access *access, Records *records)
{
    CHECK(!root->root);
    Generation *g = NEW(arena_take, Generation), *before;
    *g = (Generation){.app = *root, .arena = arena_take, .holds = 1};
    g->app.root = root;
    g->app.newest = NULL;
    g->app.model = m;
    g->app.access = access;
    g->app.records = records;
    CHECK(pthread_mutex_lock(&root->lock) == 0);
    before = root->newest;
    root->newest = g;
    CHECK(pthread_mutex_unlock(&root->lock) == 0);
    if (before)
        let_go(root, before);
}

/* Numbers, tree and statements for a model read from the folder; NULL pointers where it failed. */
static int open_under(App *root, Arena *a, Lang lang, const Model **ret_m, Access **ret_access,
                      Records **ret_records, Err *e)
{
    const ModelSource *src;
    ModelError *errors;
    size_t n, error_n;
    TRY(model_sources(a, root->env, root->dir, &src, &n, e));
    TRY(model_load(a, src, n, lang, ret_m, &errors, &error_n, e));
    TRY(record_install(root->env, root->store, *ret_m, false, e));
    TRY(access_open(root->env, root->store, *ret_m, ret_access, e));
    return records_open(root->env, root->store, root->files, *ret_m, ret_records, e);
}

int app_turn(App *root, Lang lang, Err *e)
{
    CHECK(!root->root && pthread_mutex_lock(&root->turn_lock) == 0);
    Arena *a = arena_new(64 * 1024);
    const Model *m;
    Access *access = NULL;
    Records *records = NULL;
    App *now = app_hold(root);
    int rc = open_under(root, a, lang, &m, &access, &records, e);
    bool is_same = !rc && !memcmp(m->hash, now->model->hash, sizeof m->hash);
    app_drop(now);
    if (!rc && !is_same)
        app_swap(root, a, m, access, records);
    else {
        records_close(records);
        access_close(access);
        arena_free(a);
    }
    CHECK(pthread_mutex_unlock(&root->turn_lock) == 0);
    return rc;
}

void app_close(App *root)
{
    Generation *g = root->newest;
    root->newest = NULL;
    if (g)
        let_go(root, g);
}
