/* demo_text.c: diaries put together from sentences about village life. In a sentence {n} is a
 * small number, {m} one of two digits, {s} a family, {g} a villagers' group. */
#include "cli/demo.h"

static const char *const openings[] = {
    "早上先到村委会碰头，把今天的事排了排。",
    "一早有雾，等雾散了才下组。",
    "天放晴了，路面还有点滑。",
    "上午村里停电，手写了材料。",
    "昨晚住在村里，早饭后就出门了。",
    "今天降温，先看了几户老人的炉子。",
    "赶集的日子，路上碰到不少人，边走边聊。",
    "上午参加村“两委”例会。",
    "阴天，风大，大棚的膜要压一压。",
    "和支书一起从{g}走到村东头。",
    "上午镇里来电话，催了一遍报表，先把能交的交了。",
    "下了半天小雨，改在屋里说事。",
    "今天没有会，整天都在户里。",
    "周末村里年轻人回来得多，正好能见上面。",
};

/* by season: spring, summer, autumn, winter, and any time */
static const char *const spring[] = {
    "看了返青的麦田，{g}有{m}亩偏黄，农技员说补一次肥还来得及。",
    "春灌排了班，{s}家和邻居为先后争了几句，当面说开了。",
    "清沟队干了{n}天，主渠到{g}这一段通了。",
    "育苗棚里出了苗，按户登了{m}户要多少。",
};
static const char *const summer[] = {
    "麦子收了七成，联系到{n}台收割机，{s}家的地窄，换了小机子。",
    "防汛沙袋点了数，还差{m}条，已报镇里。",
    "雨后查了{n}处老屋，{s}家后墙有裂缝，先搬到儿子家住。",
    "晒场腾出来了，夜里安排{n}个人轮着看天。",
};
static const char *const autumn[] = {
    "玉米收得差不多了，{g}还剩{m}亩没进仓，抢在下雨前联系了收割机。",
    "秸秆打捆的机子到了，{n}户先打，打完由合作社统一收。",
    "冬小麦播完{m}亩，有{n}户想等墒情好点再种。",
    "柿子下树，{s}家请人摘了{n}天，商量一起装箱卖，能省些运费。",
    "核桃晾晒的场地不够，把小学旧操场借了出来。",
    "秋收用工紧，给{n}户独居老人找了帮手。",
    "看了玉米的烘干塔，排队的有{m}车，把顺序贴在了门口。",
};
static const char *const winter[] = {
    "查了{n}户的取暖，{s}家的烟囱接口松，当场找人拧紧了。",
    "大棚夜里要加温，和{n}户算了算煤钱。",
    "下雪后带人清了{g}到公路的坡道，撒了炉灰。",
    "水管包了保温，还有{n}户没包，明天接着干。",
};
static const char *const always[] = {
    "走访{n}户，{s}家老人腿脚不便，下次把药一起捎去。",
    "给{s}家补低保复核的材料，还差一张住院单据。",
    "东渠闸口渗水，水到不了下面{m}亩地，拍了照，已报镇水利站。",
    "陪镇卫生院的医生给{m}位老人量了血压，{n}位偏高，约了复查。",
    "和会计把这个月的账对了一遍，缺{n}张机耕票，让他去补。",
    "开村民代表会，到了{m}人，议了路灯装在哪儿，定了{n}处。",
    "党员大会学了文件，讨论的时候大家说得最多的还是灌溉。",
    "{s}家和{s}家为地界的一棵树闹了几年，今天量了地，双方都签了字。",
    "合作社的花椒装了{m}箱，发给县里的两家单位食堂。",
    "村医说慢病的药断了一样，打电话问了县医院药房，后天能到。",
    "{g}的路灯坏了{n}盏，联系了维修，让先修学校门口那一盏。",
    "去{s}家看了危房改造的进度，屋面已经上瓦。",
    "接到{s}打来的电话，孩子想学修车，把职校的报名表发给了他。",
    "和扶持项目的施工方看了冷库地基，{n}处要返工，写了单子。",
    "村里的水塔该清洗了，请了人，明天停水半天，已经挨组通知。",
    "{n}户改厕还没接上水，催了施工队，说本周内接好。",
    "大学生村医来报到，帮着收拾了住处。",
    "把公益岗的名单念了一遍，有{n}人想换岗，记下了理由。",
    "整理了驻村工作队的台账，把重复的几张表合成了一张。",
    "到镇里开会，传达了冬春农田建设的安排，本村报了{m}亩。",
    "晚上在村委会开院坝会，{m}个人到场，问得最多的是医保怎么交。",
    "陪县里派来的技术员看果园，剪枝示范了{n}棵，跟着学的有{m}人。",
    "{s}家的孩子考上了大专，生活费差一点，问清了助学贷款怎么办。",
    "垃圾清运车两天没来，联系上了，说车坏了，下午补一趟。",
    "巡了一遍河道，劝走{n}个钓鱼的，警示牌倒了一块，扶正了。",
    "村史馆收到{n}件老物件，{s}家送来一只用了四十年的木犁。",
    "和{n}位返乡的年轻人聊了聊，有一位想办民宿，先去看了他家的院子。",
    "检查了敬老院的食堂，油烟机太旧，写了申请。",
};

/* One sentence the town asks about: as first written, what it asks, as mended. */
static const struct {
    const char *vague, *remark, *mended;
} doubts[] = {
    {"渠道的问题已经反映了。", "反映给谁、对方怎么说？请补上，镇里好接着催。",
     "渠道渗水的事下午打给镇水利站，答应周四带人来看。"},
    {"还帮几户解决了困难。", "是哪几户、什么困难？写到户就行，不用展开。",
     "帮{s}家联系了收割机，帮{s}家把药从县城捎了回来。"},
    {"低保的事基本办好了。", "“基本”是指哪一步还没办？",
     "低保材料今天交到镇民政所，等他们入户核实。"},
    {"群众对项目很满意。", "请写群众的原话，不满意的也写。",
     "问了{n}户，{s}家说冷库离公路远，拉货多花一趟工夫，想在路口留个卸货的地方。"},
    {"安全隐患已全部排查。", "查了几处，发现什么，谁负责整改？",
     "查了{n}处，{s}家电线老化，电工明天上午去换。"},
    {"开展了政策宣传。", "讲的是哪一项，来了多少人？",
     "在{g}讲了医保缴费，来了{m}人，有{n}户当场交了。"},
    {"村里的纠纷得到妥善处理。", "哪两家、结果怎样，有没有签字？",
     "{s}家和{s}家的排水沟改到了路边，双方签了字，村里出管子。"},
    {"对接了相关单位。", "哪个单位、谈成什么、下一步什么时候？",
     "给县供销社打了电话，说好下周二来看柿饼，先带{n}箱样品。"},
    {"重点工作有序推进。", "这句可以删掉，换成今天做成的一件事。",
     "今天把{n}户的改厕接上了水，剩下的等水管到货。"},
    {"会上大家提了很多意见。", "挑最要紧的一两条写下来。",
     "会上提得最多的是机井晚上没人看，定了由{g}轮流看。"},
};

static const char *const closings[] = {
    "晚上在村委会值班。",         "明天去县里取单据。",
    "晚饭后把台账补齐了。",       "明天接着走{g}。",
    "回到住处快九点了。",         "这件事下周三再去看一次。",
    "晚上给{s}家回了电话。",      "记下来，月底一起报。",
    "今天走了一万多步，鞋湿了。", "明天镇里来人，约在渠头见。",
    "等材料齐了再去一趟。",       "晚上备了明天党课的提纲。",
};

static const char *const families[] = {"魏", "罗", "田", "段", "侯", "雷", "薛", "江",
                                       "邢", "洪", "温", "乔", "莫", "鲍", "闫", "芦"};
static const char *const groups[] = {"一组", "二组",   "三组",   "四组",
                                     "五组", "河西组", "沟口组", "老街组"};

#define PICK(d, list) (list)[dice_below((d), (int)LEN(list))]

static void put(Buf *b, Dice *d, const char *text)
{
    for (Str s = str_of(text); s.n;) {
        if (s.n >= 3 && s.p[0] == '{' && s.p[2] == '}') {
            char what = s.p[1];
            if (what == 'n')
                buf_i64(b, 2 + dice_below(d, 7));
            else if (what == 'm')
                buf_i64(b, 11 + dice_below(d, 55));
            else
                buf_z(b, what == 's' ? PICK(d, families) : PICK(d, groups));
            s = str_sub(s, 3, s.n);
            continue;
        }
        buf_byte(b, s.p[0]);
        s = str_sub(s, 1, s.n);
    }
}

static const char *seasonal(Dice *d, Day day)
{
    int y, m, dd;
    day_to_ymd(day, &y, &m, &dd);
    if (m >= 3 && m <= 5)
        return PICK(d, spring);
    if (m >= 6 && m <= 8)
        return PICK(d, summer);
    return m >= 9 && m <= 11 ? PICK(d, autumn) : PICK(d, winter);
}

void demo_text(Arena *a, Dice *d, Day day, DemoText *ret)
{
    Buf before = {.arena = a}, after = {.arena = a}, remark = {.arena = a}, plain = {.arena = a};
    int doubt = dice_below(d, (int)LEN(doubts)), more = dice_below(d, 3),
        first = dice_below(d, (int)LEN(always));
    if (dice_chance(d, 70))
        put(&before, d, PICK(d, openings));
    if (dice_chance(d, 60))
        put(&before, d, seasonal(d, day));
    put(&before, d, always[first]);
    if (more && dice_chance(d, 40))
        buf_z(&before, "\n");
    for (int i = 0; i < more; i++) /* steps of 11 among more than 22: never one twice */
        put(&after, d, always[(first + 11 * (i + 1)) % (int)LEN(always)]);
    if (dice_chance(d, 60))
        put(&after, d, PICK(d, closings));
    put(&plain, d, doubts[doubt].mended);
    buf_fmt(&remark, "> %s\n%s", doubts[doubt].vague, doubts[doubt].remark);
    Str head = buf_view(&before), tail = after.n ? buf_view(&after) : S("");
    ret->body = str_fmt(a, "%.*s%s%.*s", STR_ARG(head), doubts[doubt].vague, STR_ARG(tail));
    ret->mended =
        str_fmt(a, "%.*s%.*s%.*s", STR_ARG(head), STR_ARG(buf_view(&plain)), STR_ARG(tail));
    ret->remark = buf_view(&remark);
}

void demo_text_first(Arena *a, DemoText *ret)
{
    static const char body[] = "上午和支书、会计把第三季度账过了一遍，缺两张机耕作业的票，已让会计"
                               "去补。下午走访，田桂英说低保复核要的"
                               "住院单据还在县医院，我答应周一去取。%s东渠第 3 "
                               "个闸口一直渗水，水到不了下面三十来亩地。晚上在村委会值班。";
    ret->body = str_fmt(a, body, "还帮两户协调了灌溉用水。");
    ret->remark = S("> 还帮两户协调了灌溉用水。\n是哪两户？写上就行，不用重写。");
    ret->mended = str_fmt(a, body, "帮罗守田、康水生两户协调了灌溉用水，定了单双日轮着浇。");
}
