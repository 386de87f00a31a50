/* demo_crowd.c: units and people of a large invented city or province, made by rule from lists of
 * syllables. Codes begin with 99, which no province has (DOMAIN 1.3). */
#include "cli/demo_city.h"

enum { CHUNK = 500 }; /* people in one go */

static const char *const families[] = {"单", "仇", "解", "曾", "查", "郗", "逄", "亓", "璩", "濮",
                                       "仲", "柴", "芮", "储", "靳", "邴", "糜", "隗", "鄢", "佟",
                                       "宓", "蔺", "缪", "苗", "晏", "麻", "滕", "覃", "冼", "郜",
                                       "屈", "费"};
static const char *const givens[] = {
    "长发", "福来", "满囤", "桂枝", "玉兰", "春生", "冬梅", "有粮", "守田", "来顺", "秀禾",
    "金锁", "麦香", "石头", "拴柱", "喜凤", "砚耕", "青禾", "立夏", "望舒", "小满", "惊蛰",
    "秋收", "北辰", "丰年", "听雨", "映山", "知秋", "方舟", "路遥", "水清", "云起", "未央"};
static const char *const stems[] = {"栗", "柿", "槐", "榆", "枫", "苇", "鹭", "雁", "砚", "藕",
                                    "桐", "麦", "薯", "椒", "梨", "杏", "菱", "艾", "蒲", "葛"};
static const char *const village_tails[] = {"坪", "洼", "店", "渡", "岗", "沟", "湾", "坞",
                                            "桥", "滩", "岭脚", "树底", "塘沿", "亭后"};
static const char *const town_tails[] = {"河", "埠", "阳", "坞", "泊", "川", "源", "桥"};
static const char *const county_heads[] = {"青", "桐", "鹭", "枫", "麦", "渚", "栗", "菱", "砚", "槐"};
static const char *const county_tails[] = {"垣", "渚", "汀", "峪", "浦", "坂"};
static const char *const city_heads[] = {"澄", "鹤", "苇", "榆", "岚", "沅", "蓼"};
static const char *const city_tails[] = {"川", "渚", "坡"};

#define NTH(list, k) (list)[(size_t)(k) % LEN(list)]

const char *crowd_family(uint64_t dice)
{
    return NTH(families, dice);
}

const char *crowd_given(uint64_t dice)
{
    return NTH(givens, dice >> 16);
}

/* ---- units ---- */

static Str county_code(const City *c, Arena *a, int county)
{
    return str_fmt(a, "99%02d%02d000000", 1 + county / c->scale->counties,
                   21 + county % c->scale->counties);
}

Str crowd_code(const City *c, Arena *a, Rank rank, int place)
{
    const DemoScale *s = c->scale;
    if (rank == RANK_ROOT)
        return city_is_province(c) ? S("990000000000") : S("990100000000");
    if (rank == RANK_COUNTY)
        return county_code(c, a, place);
    int town = rank == RANK_TOWN ? place : city_town(c, place);
    Str county = str_sub(county_code(c, a, town / s->towns), 0, 6);
    int village = rank == RANK_TOWN ? 0 : 200 + place % s->villages;
    return str_fmt(a, "%.*s%03d%03d", STR_ARG(county), 100 + town % s->towns, village);
}

static Str unit_name(const City *c, Arena *a, Rank rank, int place)
{
    const DemoScale *s = c->scale;
    int k = place;
    switch (rank) {
    case RANK_ROOT:
        return city_is_province(c) ? S("澄原省") : S("澄川市");
    case RANK_COUNTY:
        return str_fmt(a, "%s%s县", NTH(county_heads, k), NTH(county_tails, k / 10 + k));
    case RANK_TOWN:
        k = place % s->towns;
        return str_fmt(a, "%s%s%s", NTH(stems, k + place / s->towns),
                       NTH(town_tails, k / 20 + place / s->towns), place % 4 == 3 ? "乡" : "镇");
    default:
        k = place % s->villages;
        return str_fmt(a, "%s%s%s村", k < 20 ? "" : k < 40 ? "上" : "下",
                       NTH(stems, k + place / s->villages * 3),
                       NTH(village_tails, k / 20 + place / s->villages));
    }
}

static void add_unit(UnitRow *rows, int *n, UnitRow row)
{
    row.row = *n + 2;
    rows[(*n)++] = row;
}

static void put_county(City *c, UnitRow *rows, int *n, int county, Str parent)
{
    Arena *a = c->demo->arena;
    const DemoScale *s = c->scale;
    Str code = county_code(c, a, county);
    add_unit(rows, n,
             (UnitRow){code, unit_name(c, a, RANK_COUNTY, county), S("county"), parent, 0});
    for (int t = county * s->towns; t < (county + 1) * s->towns; t++) {
        Str town = crowd_code(c, a, RANK_TOWN, t);
        add_unit(rows, n, (UnitRow){town, unit_name(c, a, RANK_TOWN, t), S("town"), code, 0});
        for (int v = t * s->villages; v < (t + 1) * s->villages; v++)
            add_unit(rows, n,
                     (UnitRow){crowd_code(c, a, RANK_FIRST, v), unit_name(c, a, RANK_FIRST, v),
                               S("village"), town, 0});
    }
}

/* One import holds so many units; a province comes city by city. */
static int import_units(City *c, UnitRow *rows, int n, Err *e)
{
    Demo *d = c->demo;
    UnitImport in = {.rows = rows, .row_n = n};
    void *arg = &in;
    Tx *tx;
    TRY(tx_read(d->conn, &tx, e));
    int rc = access_prepare_units(d->app->access, d->arena, tx, &in, e);
    tx_end(tx);
    TRY(rc);
    CHECK(in.fault_n == 0); /* the rows are ours */
    TRY(demo_apply(d, false, access_apply_units, &arg, 1, e));
    TRY(tx_read(d->conn, &tx, e));
    rc = access_tree_refresh(d->app->access, tx, e);
    tx_end(tx);
    return rc;
}

static int add_units(City *c, Err *e)
{
    const DemoScale *s = c->scale;
    Arena *a = c->demo->arena;
    int most = 2 + s->counties * (1 + s->towns * (1 + s->villages)), n = 0;
    UnitRow *rows = NEW_N(a, UnitRow, (size_t)most);
    Str root = crowd_code(c, a, RANK_ROOT, 0);
    add_unit(rows, &n,
             (UnitRow){root, unit_name(c, a, RANK_ROOT, 0),
                       city_is_province(c) ? S("province") : S("city"), S(""), 0});
    for (int i = 0; i < s->cities; i++) {
        Str parent = root;
        if (city_is_province(c)) {
            parent = str_fmt(a, "99%02d00000000", i + 1);
            Str name = str_fmt(a, "%s%s市", NTH(city_heads, i), NTH(city_tails, i / 7 + i));
            add_unit(rows, &n, (UnitRow){parent, name, S("city"), root, 0});
        }
        for (int k = i * s->counties; k < (i + 1) * s->counties; k++)
            put_county(c, rows, &n, k, parent);
        CHECK(n <= most);
        TRY(import_units(c, rows, n, e));
        n = 0;
    }
    c->demo->tree = access_tree_hold(c->demo->app->access);
    c->demo->calendar = flow_calendar_hold(c->demo->app->flow);
    return 0;
}

/* A province stands above the built-in tree: its deployment declares it in its own model. */
int demo_city_model(Cli *c, const DemoScale *s, Str dir, Err *e)
{
    static const Str tree = S("tree:\n"
                              "  kinds:\n"
                              "    province: {label: {zh: 省, en: Province}}\n"
                              "    city: {in: province}\n"
                              "  roles:\n"
                              "    county_office: {at: [province, city, county]}\n");
    const EnvFns *f = c->env->fns;
    Str model = str_fmt(c->arena, "%.*s/model", STR_ARG(dir));
    if (s->cities == 1)
        return 0;
    TRY(f->make_dir(c->env->self, dir, e));
    TRY(f->make_dir(c->env->self, model, e));
    return f->write_file(c->env->self, str_fmt(c->arena, "%.*s/tree.yaml", STR_ARG(model)), tree,
                         0600, e);
}

/* ---- people ---- */

static const char *const roles[] = {"first_secretary", "team_member", "town_office",
                                    "county_office", "county_office"};

Str crowd_account(Arena *a, Rank rank, int place)
{
    static const char *const keys[] = {"fs.v", "tm.v", "to.t", "co.c"};
    return rank == RANK_ROOT ? S("co.root") : str_fmt(a, "%s%d", keys[rank], place + 1);
}

static Staff staff_of(City *c, Rank rank, int place)
{
    Arena *a = c->demo->arena;
    uint64_t dice = city_dice(c, 100 + (int)rank, place, 0);
    return (Staff){.account = crowd_account(a, rank, place),
                   .name = str_fmt(a, "%s%s", crowd_family(dice), crowd_given(dice)),
                   .role = str_of(roles[rank]),
                   .unit_code = crowd_code(c, a, rank, place),
                   .starts = c->from - 30,
                   .ends = DAY_NONE,
                   .is_root_office = rank == RANK_ROOT,
                   .model = c->demo->app->model,
                   .tree = c->demo->tree};
}

static int add_chunk(City *c, Staff *staff, int n, bool has_password, Err *e)
{
    Demo *d = c->demo;
    void **args = NEW_N(d->arena, void *, (size_t)n);
    Str *codes = NEW_N(d->arena, Str, (size_t)n);
    Tx *tx;
    int rc = 0;
    TRY(tx_read(d->conn, &tx, e));
    for (int i = 0; i < n && rc == 0; i++) {
        args[i] = &staff[i];
        rc = access_prepare_staff(d->app->access, d->arena, tx, NULL, &staff[i], e);
        codes[i] = staff[i].code;
    }
    tx_end(tx);
    TRY(rc);
    TRY(demo_apply(d, false, access_apply_staff, args, n, e));
    return has_password ? demo_passwords(d, codes, n, e) : 0;
}

static void tell_people(City *c, int rank, int n)
{
    enum { EVERY = 5000 };
    Cli *cli = c->demo->cli;
    Str done = str_fmt(cli->arena, "%d", n);
    if (rank <= RANK_MEMBER && n % EVERY == 0)
        cli_say(cli, 2, "demo.people", &done, NULL);
}

/* Of a province's villages the first ones sign in, the others have their codes still to redeem. */
static int add_people(City *c, Err *e)
{
    const int of[] = {[RANK_FIRST] = c->village_n,
                      [RANK_MEMBER] = city_is_province(c) ? 0 : c->village_n,
                      [RANK_TOWN] = c->town_n,
                      [RANK_COUNTY] = c->county_n,
                      [RANK_ROOT] = 1};
    Staff *staff = NEW_N(c->demo->arena, Staff, CHUNK);
    /* from above: seats fall to those that are there */
    for (int rank = RANK_ROOT; rank >= 0; rank--)
        for (int i = 0; i < of[rank]; i += CHUNK) {
            int n = of[rank] - i < CHUNK ? of[rank] - i : CHUNK;
            size_t mark = arena_mark(c->demo->arena);
            for (int k = 0; k < n; k++)
                staff[k] = staff_of(c, (Rank)rank, i + k);
            TRY(add_chunk(c, staff, n, !city_is_province(c) || rank >= RANK_TOWN || i == 0, e));
            arena_rewind(c->demo->arena, mark);
            tell_people(c, rank, i + n);
        }
    return 0;
}

static int add_admin(City *c, Err *e)
{
    Demo *d = c->demo;
    AddAdmin admin = {.account = S("admin"), .name = S("冉清禾")};
    void *arg = &admin;
    TRY(access_prepare_admin(d->app->access, d->arena, &admin, e));
    TRY(demo_apply(d, false, access_apply_admin, &arg, 1, e));
    return demo_passwords(d, &admin.code, 1, e);
}

int crowd_add(City *c, Err *e)
{
    TRY(add_units(c, e));
    TRY(add_admin(c, e));
    return add_people(c, e);
}
