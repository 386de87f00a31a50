/* demo_deeds.c: what stands in the records of a large invented city. */
#include "cli/demo_city.h"

#define PICK(list, dice) (list)[(size_t)(dice) % LEN(list)]

static const char *const groups[] = {"一组", "二组", "三组", "四组", "五组", "六组"};
static const char *const cares[] = {"", "", "", "", "", "alone", "ill", "child", "low"};
static const char *const met[] = {"户主", "户主和老伴", "老人在家", "儿媳", "户主，刚下地回来"};
static const char *const states[] = {
    "老两口身体还行，冬煤备了一半。", "玉米卖了，钱到账。", "刚出院，药按时吃。",
    "孙子在镇上上学，接送靠电动车。", "院里收拾得利索。",   "合作社的工每月能做二十天。",
    "老人腿脚不便，常用的药快吃完了。", "房子去年修过，不漏。"};
static const char *const hopes[] = {
    "家里比去年宽裕。",       "儿子在外跑车，腊月才回。", "想把西边那块地也流转出去。",
    "门诊慢病的本子还没办。", "水管包了保温。",           "问了医保怎么交，已说清。"};
static const char *const troubles[] = {
    "闸口渗水，下边三十多亩浇不上。",   "门诊慢病补助的材料差一张，不知道找谁。",
    "去镇上的路有一段没灯。",           "后墙裂缝又宽了，下雨怕塌。",
    "想学修农机，不知道哪里有班。",     "低保复核的单子看不懂要填什么。"};
static const char *const subjects[] = {"闸口渗水浇不上地", "慢病补助材料差一张",
                                       "上学路有一段没有路灯", "老屋后墙裂缝要加固",
                                       "想参加农机维修班",     "低保复核不会填表"};
static const char *const kinds[] = {"difficulty", "wish", "finding"};
static const char *const points[] = {"核桃自己烘，不再拉到外乡", "村账每月贴墙，一笔一张票",
                                     "土地托管先找二十户试", "旧校舍改成分拣点",
                                     "独居老人中午一顿热饭"};
static const char *const places[] = {"东岭县梨园村", "北湾市集体经济示范村", "南川县枣岗村",
                                     "西原县蔬菜合作社", "云渡市养老互助点"};
static const char *const lessons[][3] = {
    {"烘干房几家合用，按斤收费", "梨园村支书", "村里的核桃也能这么烘"},
    {"账每月贴墙，一笔一张票", "示范村会计", "从下个月起照样贴"},
    {"土地托管，农忙不用回来", "枣岗村合作社", "先找二十户试"},
    {"分拣用旧校舍，不盖新房", "蔬菜合作社", "小学旧址正好空着"},
    {"老人中午一顿热饭，子女每月交一百", "互助点管理员", "先从独居的几户开始"},
};

/* Being filled. */
typedef struct Form {
    const City *city;
    Arena *arena;
    const Deed *deed;
    uint64_t dice;
    Day day;
    FieldInput *list;
    int n;
} Form;

static void put(Form *f, const char *name, Str text)
{
    CHECK(f->n < DEED_FIELDS_MAX);
    f->list[f->n++] = (FieldInput){.name = str_of(name), .text = text};
}

static void put_z(Form *f, const char *name, const char *text)
{
    put(f, name, str_of(text));
}

static void put_id(Form *f, const char *name, Thing thing, int place, int ix)
{
    put(f, name, uuid_text(f->arena, city_id(f->city, thing, place, ix)));
}

static void put_home(Form *f)
{
    int n = city_homes(f->city, f->deed->place);
    put_id(f, "household", THING_HOME, f->deed->place, (int)((f->dice >> 32) % (uint64_t)n));
}

static uint64_t roll(Form *f)
{
    return f->dice = f->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407),
           f->dice >> 33;
}

static void fill_home(Form *f)
{
    put(f, "name",
        str_fmt(f->arena, "%s%s", crowd_family(f->dice), crowd_given(f->dice)));
    put(f, "born", str_fmt(f->arena, "%d", 1938 + (int)(roll(f) % 52)));
    put_z(f, "group", PICK(groups, roll(f)));
    put(f, "members", str_fmt(f->arena, "%d", 1 + (int)(roll(f) % 6)));
    put_z(f, "care", PICK(cares, roll(f)));
}

static void fill_visit(Form *f)
{
    put(f, "day", day_text(f->arena, f->day));
    put_home(f);
    put_z(f, "met", PICK(met, roll(f)));
    put(f, "situation",
        str_fmt(f->arena, "%s%s", PICK(states, roll(f)), PICK(hopes, roll(f))));
    if (roll(f) % 5 == 0)
        put_z(f, "difficulty", PICK(troubles, roll(f)));
}

static void fill_diary(Form *f)
{
    Dice dice = {f->dice};
    DemoText text;
    demo_text(f->arena, &dice, f->day, &text);
    put(f, "day", day_text(f->arena, f->day));
    put(f, "body", text.mended);
}

static void fill_issue(Form *f)
{
    size_t k = roll(f) % LEN(subjects);
    put_z(f, "kind", PICK(kinds, roll(f)));
    put_z(f, "title", subjects[k]);
    put_z(f, "body", troubles[k]);
    put_home(f);
}

static void fill_point(Form *f)
{
    put_z(f, "title", PICK(points, roll(f)));
    put_z(f, "how", "先和几户商量，写成一页纸，村民代表会上过。");
    put_z(f, "who", "第一书记");
    put(f, "by_day", day_text(f->arena, f->day + 60 + (Day)(roll(f) % 120)));
}

static void fill_course(Form *f)
{
    bool is_policy = f->deed->place < 0;
    put_z(f, "title", is_policy ? "耕地保护与土地流转政策" : "入户走访的方法");
    put_z(f, "line", is_policy ? "policy" : "business");
    put_z(f, "target", "驻村第一书记、工作队员");
}

static int own_place(const Deed *x)
{
    return x->place < 0 ? -1 - x->place : x->place;
}

Str deed_audience(const City *c, Arena *a, const Deed *x)
{
    bool is_training = x->act == DO_SESSION || x->act == DO_HOLD;
    if (!is_training && x->act != DO_TRIP && x->act != DO_REPORT)
        return STR_NONE;
    Rank rank = is_training ? (x->place < 0 ? RANK_COUNTY : RANK_TOWN)
                            : (x->place < 0 ? RANK_TOWN : RANK_FIRST);
    Str code = crowd_code(c, a, rank, own_place(x));
    if (rank == RANK_COUNTY)
        return str_fmt(a, "first_secretary@%.*s", STR_ARG(code));
    return str_fmt(a, "first_secretary@%.*s, team_member@%.*s", STR_ARG(code), STR_ARG(code));
}

static void fill_session(Form *f)
{
    const Deed *x = f->deed;
    bool is_policy = x->place < 0;
    put_id(f, "course", THING_COURSE, x->place, 0);
    put(f, "day", day_text(f->arena, f->day + 3));
    put_z(f, "place", is_policy ? "县委党校报告厅" : "镇政府二楼会议室");
    put_z(f, "lecturer", is_policy ? "县委党校 邝老师" : "镇党建办");
    put(f, "invited", deed_audience(f->city, f->arena, x));
}

/* Lines of people: most as expected, some not, with the reason asked for. */
static void put_people(Form *f, const char *name, Told told, const char *how,
                       const char *const words[2], const char *reason)
{
    RowInput *rows = NEW_N(f->arena, RowInput, (size_t)told.n + 1);
    for (int i = 0; i < told.n; i++) {
        FieldInput *x = NEW_N(f->arena, FieldInput, 3);
        bool is_there = i == 0 || roll(f) % 10;
        x[0] = (FieldInput){.name = S("person"), .text = uuid_text(f->arena, told.list[i].person)};
        x[1] = (FieldInput){.name = str_of(how), .text = str_of(words[is_there ? 0 : 1])};
        x[2] = (FieldInput){.name = S("reason"), .text = str_of(reason)};
        rows[i] = (RowInput){.fields = x, .field_n = is_there ? 2 : 3};
    }
    CHECK(f->n < DEED_FIELDS_MAX);
    f->list[f->n++] =
        (FieldInput){.name = str_of(name), .rows = rows, .row_n = told.n, .is_rows = true};
}

static void fill_report(Form *f, Told told)
{
    static const char *const went[2] = {"yes_", "no_"};
    const char *const *l = lessons[city_dice(f->city, THING_TRIP + 200, f->deed->place, 0) % 5];
    FieldInput *x = NEW_N(f->arena, FieldInput, 3);
    RowInput *row = NEW(f->arena, RowInput);
    x[0] = (FieldInput){.name = S("what"), .text = str_of(l[0])};
    x[1] = (FieldInput){.name = S("from_"), .text = str_of(l[1])};
    x[2] = (FieldInput){.name = S("use"), .text = str_of(l[2])};
    *row = (RowInput){.fields = x, .field_n = 3};
    put_people(f, "people", told, "went", went, "家里有事");
    f->list[f->n++] = (FieldInput){.name = S("learnt"), .rows = row, .row_n = 1, .is_rows = true};
}

static void fill_trip(Form *f)
{
    put(f, "day", day_text(f->arena, f->day + 6));
    put(f, "days", str_fmt(f->arena, "%d", 1 + (int)(roll(f) % 3)));
    put_z(f, "place", places[city_dice(f->city, THING_TRIP + 200, f->deed->place, 0) % 5]);
    put_z(f, "purpose", "看人家怎么把集体的事办起来");
    put(f, "invited", deed_audience(f->city, f->arena, f->deed));
}

static void fill_adopt(Form *f)
{
    const char *const *l = lessons[city_dice(f->city, THING_TRIP + 200, f->deed->place, 0) % 5];
    put_z(f, "point", l[2]);
    put(f, "goal", day_text(f->arena, f->day + 120));
}

static void fill_made(Form *f)
{
    switch (f->deed->act) {
    case DO_HOME:
        fill_home(f);
        break;
    case DO_VISIT:
        fill_visit(f);
        break;
    case DO_DIARY:
        fill_diary(f);
        break;
    case DO_ISSUE:
        fill_issue(f);
        break;
    case DO_POINT:
        fill_point(f);
        break;
    case DO_COURSE:
        fill_course(f);
        break;
    case DO_SESSION:
        fill_session(f);
        break;
    case DO_TRIP:
        fill_trip(f);
        break;
    default:
        break;
    }
}

int deed_fields(const City *c, Arena *a, const Deed *x, Day day, Told told,
                FieldInput ret[DEED_FIELDS_MAX])
{
    static const char *const came[2] = {"present", "leave"};
    Form f = {.city = c,
              .arena = a,
              .deed = x,
              .dice = city_dice(c, 300 + (int)x->act, x->place, x->ix),
              .day = day,
              .list = ret};
    switch (x->act) {
    case DO_PASS:
        put_z(&f, "why_up", "要动用镇里的工程款，村里没有这笔钱。");
        break;
    case DO_SOLVE:
        put_z(&f, "answer", "带着去把材料补齐了，窗口当场收下。");
        break;
    case DO_TOWN_SOLVE:
        put_z(&f, "answer", "镇水利站换了止水，当天放水试过，不再渗。");
        break;
    case DO_PASS_ON:
        put_z(&f, "why_county", "归县里的局管，镇里改不了。");
        break;
    case DO_TELL:
        put(&f, "told_day", day_text(a, day));
        break;
    case DO_HOLD:
        put_people(&f, "attendance", told, "came", came, "值班走不开");
        put_z(&f, "notes", "讲完当场答疑，问得最多的是材料格式。");
        break;
    case DO_REPORT:
        fill_report(&f, told);
        break;
    case DO_ADOPT:
        fill_adopt(&f);
        break;
    default:
        fill_made(&f);
    }
    return f.n;
}
