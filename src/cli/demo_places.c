/* demo_places.c: an invented city: 2 counties, 7 towns, 30 villages, and who is posted there.
 * Codes begin with 99, which no province has; the rest is built as the real ones are (DOMAIN
 * 1.3). */
#include "cli/demo.h"

enum {
    CITY,
    QINGYUAN,
    TONGZHU,
    YANHE,
    SHUANGYU,
    MAIBU,
    LUWA,
    ZHUYANG,
    FENGWU,
    WEIBO,
    VILLAGES,
};

const DemoUnit demo_units[] = {
    [CITY] = {"990100000000", "澄川市", "city", "chengchuan", -1},
    [QINGYUAN] = {"990121000000", "青垣县", "county", "qingyuan", CITY},
    [TONGZHU] = {"990122000000", "桐渚县", "county", "tongzhu", CITY},
    [YANHE] = {"990121100000", "砚河镇", "town", "yanhe", QINGYUAN},
    [SHUANGYU] = {"990121101000", "双榆镇", "town", "shuangyu", QINGYUAN},
    [MAIBU] = {"990121102000", "麦埠镇", "town", "maibu", QINGYUAN},
    [LUWA] = {"990121200000", "鹭洼乡", "town", "luwa", QINGYUAN},
    [ZHUYANG] = {"990122100000", "渚阳镇", "town", "zhuyang", TONGZHU},
    [FENGWU] = {"990122101000", "枫坞镇", "town", "fengwu", TONGZHU},
    [WEIBO] = {"990122200000", "苇泊乡", "town", "weibo", TONGZHU},
    [VILLAGES] = {"990121100200", "上栗村", "village", "shangli", YANHE},
    {"990121100201", "下栗村", "village", "xiali", YANHE},
    {"990121100202", "东砚村", "village", "dongyan", YANHE},
    {"990121100203", "西砚村", "village", "xiyan", YANHE},
    {"990121100204", "柿园头村", "village", "shiyuantou", YANHE},
    {"990121100205", "新田洼村", "village", "xintianwa", YANHE},
    {"990121101200", "槐树坪村", "village", "huaishuping", SHUANGYU},
    {"990121101201", "韩家渡村", "village", "hanjiadu", SHUANGYU},
    {"990121101202", "南坡底村", "village", "nanpodi", SHUANGYU},
    {"990121101203", "北坡底村", "village", "beipodi", SHUANGYU},
    {"990121101204", "双榆店村", "village", "shuangyudian", SHUANGYU},
    {"990121102200", "麦埠村", "village", "maibucun", MAIBU},
    {"990121102201", "卧石桥村", "village", "woshiqiao", MAIBU},
    {"990121102202", "白鹭洼村", "village", "bailuwa", MAIBU},
    {"990121102203", "藕塘沿村", "village", "outangyan", MAIBU},
    {"990121200200", "芦根滩村", "village", "lugentan", LUWA},
    {"990121200201", "鹤鸣岗村", "village", "heminggang", LUWA},
    {"990121200202", "三汊口村", "village", "sanchakou", LUWA},
    {"990121200203", "老磨湾村", "village", "laomowan", LUWA},
    {"990122100200", "桐树底村", "village", "tongshudi", ZHUYANG},
    {"990122100201", "望渚村", "village", "wangzhu", ZHUYANG},
    {"990122100202", "花石坳村", "village", "huashiao", ZHUYANG},
    {"990122100203", "青篱沟村", "village", "qingligou", ZHUYANG},
    {"990122101200", "枫坞口村", "village", "fengwukou", FENGWU},
    {"990122101201", "茶亭后村", "village", "chatinghou", FENGWU},
    {"990122101202", "竹筏头村", "village", "zhufatou", FENGWU},
    {"990122101203", "栗岭脚村", "village", "lilingjiao", FENGWU},
    {"990122200200", "苇泊村", "village", "weibocun", WEIBO},
    {"990122200201", "落雁滩村", "village", "luoyantan", WEIBO},
    {"990122200202", "盐泉沟村", "village", "yanquangou", WEIBO},
};
const int demo_unit_n = (int)LEN(demo_units);

static const DemoPerson offices[] = {
    {"co", "姬望舒", "county_office", CITY, TERM_OPEN},
    {"co", "濮阳春", "county_office", QINGYUAN, TERM_OPEN},
    {"co2", "解延龄", "county_office", QINGYUAN, TERM_OPEN},
    {"co", "单明远", "county_office", TONGZHU, TERM_OPEN},
    {"ag", "邝立夏", "agriculture_office", QINGYUAN, TERM_OPEN},
    {"vc", "柴满仓", "village_committee", VILLAGES, TERM_ROUND},
    {"cc", "芮秋收", "company", VILLAGES, TERM_ROUND},
    {"hh", "单长发", "household", VILLAGES, TERM_ROUND},
    {"to", "孟雨桐", "town_office", YANHE, TERM_OPEN},
    {"to2", "仇立冬", "town_office", YANHE, TERM_OPEN},
    {"to", "尉迟砚耕", "town_office", SHUANGYU, TERM_OPEN},
    {"to", "古丽娜·艾山", "town_office", MAIBU, TERM_OPEN},
    {"to", "佘小满", "town_office", LUWA, TERM_OPEN},
    {"to", "查慕云", "town_office", ZHUYANG, TERM_OPEN},
    {"to", "卞青禾", "town_office", FENGWU, TERM_OPEN},
    {"to", "鄢冬青", "town_office", WEIBO, TERM_OPEN},
};

/* In the order of the villages; NULL: an empty seat. */
static const char *const first_secretaries[] = {
    "贺长林",   "翟素问",      "郎𠮷安",    "苗惊蛰",   "褚建业", "阚有田", /* 砚河镇 */
    "闻人晓峰", "巴图·那木尔", "牟秋实",    NULL,       "晏守拙",           /* 双榆镇 */
    "龙翀",     "蔺如山",      "桑吉·措姆", "俞立行",                       /* 麦埠镇 */
    "鲜于北辰", "缪春水",      "曾㛃",      "逄大江",                       /* 鹭洼乡 */
    "滕云起",   "万俟念一",    "储望山",    "覃木兰",                       /* 渚阳镇 */
    "宓丰年",   "阮䶮",        "蒲石榴",    "长孙知秋",                     /* 枫坞镇 */
    "冼海棠",   "麻敬之",      "虞听雨",                                    /* 苇泊乡 */
};
static const char *const members[][3] = {
    {"康水清", "邰小川"},
    {"谷满仓", "迟慧"},
    {"庹家兴"},
    {"甄大有", "冀文静"},
    {"柴进宝"},
    {"屈向阳", "亓玉"},
    {"郜春生", "阿依古丽·买买提"},
    {"房守信"},
    {"车路遥", "杭一苇"},
    {"费思源", "连翘"},
    {"门楚楚"},
    {"窦和平", "栾木子"},
    {"樊稼轩"},
    {"扎西·旺堆", "瞿兰"},
    {"胥晨"},
    {"弓平", "寇青"},
    {"钮晓棠"},
    {NULL},
    {"暴春雷", "米小禾"},
    {"终晓南", "郗巧云"},
    {"展鹏程"},
    {"靳四维", "边疆"},
    {"祝暖"},
    {"喻丹枫", "花映山"},
    {"海日古·苏和"},
    {"游方舟", "沙白"},
    {"景云"},
    {"卜满月"},
    {"安澜", "水丽丽"},
    {"曲未央"},
};

static void add(DemoPerson *list, int *n, DemoPerson p)
{
    CHECK(*n < DEMO_PEOPLE_MAX);
    list[(*n)++] = p;
}

int demo_people(DemoPerson ret[DEMO_PEOPLE_MAX])
{
    enum {
        CALLED_BACK = 3,
        JOINS_LATER = 4
    }; /* villages: one first secretary changed, one member is to come */
    static const char *const accounts[] = {"tm", "tm2", "tm3"};
    int n = 0;
    CHECK((int)LEN(first_secretaries) == demo_unit_n - VILLAGES &&
          LEN(members) == LEN(first_secretaries));
    for (size_t i = 0; i < LEN(offices); i++)
        add(ret, &n, offices[i]);
    for (int v = 0; v < (int)LEN(first_secretaries); v++) {
        int unit = VILLAGES + v;
        bool changed = v == CALLED_BACK, merged = unit == demo_merged_unit();
        if (first_secretaries[v])
            add(ret, &n,
                (DemoPerson){"fs", first_secretaries[v], "first_secretary", unit,
                             changed  ? TERM_ENDED
                             : merged ? TERM_MERGED
                                      : TERM_ROUND});
        if (changed)
            add(ret, &n, (DemoPerson){"fs2", "欧阳折柳", "first_secretary", unit, TERM_SINCE});
        for (int i = 0; i < 3 && members[v][i]; i++)
            add(ret, &n, (DemoPerson){accounts[i], members[v][i], "team_member", unit,
                                 merged ? TERM_MERGED : TERM_ROUND});
        if (v == JOINS_LATER)
            add(ret, &n, (DemoPerson){"tm2", "贾雪融", "team_member", unit, TERM_NEXT});
    }
    return n;
}
