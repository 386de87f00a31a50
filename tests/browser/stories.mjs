// stories.mjs: what people do with trainings, study trips and village issues, with leave and with a merger, on
// the invented city: on a phone with scripts, on a desktop without.          SPEC: A1 B2 D2 D3 P1 P3 P10
import {join} from 'node:path';
import {must, serve} from '../http/stave.mjs';
import {DESK, PHONE, TEMP, Visitor, eq, has, hasNot, ok} from './browser.mjs';

const PASSWORD = 'stave-demo-2026';
const day = n => new Date(Date.now() + 8 * 3600e3 + n * 864e5).toISOString().slice(0, 10); // in China
const pathOf = v => new URL(v.page.url()).pathname;

// Who plays: each look has villages of its own in one deployment, so that one story leaves the other alone.
const LOOKS = [
  {where: 'phone', mark: '甲', size: PHONE, js: true, home: '单长发',
    first: ['fs.shangli', '贺长林'], deputy: ['tm.shangli', '康水清'],
    merged: {from: ['990121100204', '柿园头村'], into: ['990121100205', '新田洼村'], author: 'fs.shiyuantou', heir: 'fs.xintianwa'}},
  {where: 'desktop', mark: '乙', size: DESK, js: false,
    first: ['fs.xiali', '翟素问'], deputy: ['tm.xiali', '谷满仓'],
    merged: {from: ['990121101200', '槐树坪村'], into: ['990121101201', '韩家渡村'], author: 'fs.huaishuping', heir: 'fs.hanjiadu'}},
];

export async function stories(browser) {
  const dir = join(TEMP, 'stories');
  must('demo', dir, '--size', 'page');
  const server = await serve(dir);
  for (const look of LOOKS) {
    const play = {...look,
      as: async account => {
        const v = await Visitor.open(browser, server, look.size, {js: look.js});
        eq(await v.signIn(account, PASSWORD), 200, `${look.where}: ${account} signs in`);
        return v;
      }};
    for (const story of [training, trip, issue, leave, merger]) await story(play);
  }
  await server.stop();
}

// A town plans a training, fills attendance in one press, adds a late name, holds it.
async function training({as, where, mark}) {
  const v = await as('to.yanhe'), t = `${where}: training`, title = `冬季用火用电（${mark}）`;
  await v.go('/course/new');
  await v.field('课程名').fill(title);
  await v.page.locator('label.tick', {hasText: '业务'}).click();
  await v.press('记好了');
  has(await v.text(), '在用', `${t}: the course is there`);

  await v.go('/session/new');
  await v.field('课程').fill(title);
  await v.field('日期').fill(day(0));
  await v.field('地点').fill('镇政府二楼会议室');
  await v.field('主讲').fill('镇消防站');
  await v.page.locator('select[name="invited.0.role"]').selectOption('first_secretary');
  await v.page.locator('select[name="invited.1.role"]').selectOption('team_member');
  await v.page.locator('[name="invited.1.unit"]').fill('上栗村');
  await v.press('记好了');
  has(await v.text(), '计划中', `${t}: it is planned`);
  has(await v.text(), '上栗村', `${t}: and says who is invited`);
  await v.check(`${t} planned`);

  await v.press('修改');
  const start = v.page.locator('button[value="start:attendance"]');
  const invited = +(await start.innerText()).match(/(\d+) 人/)[1];
  ok(invited > 4, `${t}: the button says how many are invited`, invited);
  await v.check(`${t} before attendance`);
  await v.press(start);
  eq(await v.page.locator('ol.att:not(.add) li').count(), invited, `${t}: one press and all of them stand there`);
  eq(await v.page.locator('ol.att:not(.add) input[value=present]:checked').count(), invited, `${t}: as present`);
  has(await v.text('.att-s h2'), `${invited} 人：到 ${invited}`, `${t}: and are counted`);
  await v.check(`${t} attendance`);

  const away = v.page.locator('ol.att:not(.add) li').nth(1), name = await away.locator('b').innerText();
  await away.locator('label', {hasText: '请假'}).click();
  await away.locator('input.why').fill('陪老人看病');
  await v.page.locator('ol.att.add input[aria-label]').first().fill('qld'); // by the initials of 仇立冬
  await v.press('记好出勤，办结');
  has(await v.text(), '已办', `${t}: it is held`);
  has(await v.text(), '仇立冬', `${t}: the late name, found by its initials, is among them`);
  const count = v.page.locator('section', {hasText: '到了几人'}).last();
  has((await count.innerText()).replace(/\s+/g, ' '), `到了几人 ${invited}`, `${t}: the record shows the count`);
  const row = v.page.locator('tr', {hasText: name});
  has(await row.innerText(), '请假', `${t}: who was on leave is shown so`);
  has(await row.innerText(), '陪老人看病', `${t}: with the reason`);
  eq(await v.page.locator('main table').first().locator('tbody tr').count(), invited + 1, `${t}: nobody is lost`);
  await v.check(`${t} held`);
  await v.go('/session');
  has(await v.page.locator('tbody tr', {hasText: title}).first().innerText(), '已办', `${t}: the list shows it held`);
  await v.close(t);
}

// A trip is reported; what was learnt becomes a plan point of the village.
async function trip({as, where, mark, first}) {
  const v = await as(first[0]), t = `${where}: trip`, place = `云台县梨沟村（${mark}）`;
  await v.go('/study_trip/new');
  await v.field('出发日期').fill(day(-3));
  await v.field('几天').fill('2');
  await v.field('去哪里').fill(place);
  await v.field('学什么').fill('梨树高接换头');
  await v.page.locator('[name="learnt.0.what"]').fill('老梨树不刨，高接换头三年见果');
  await v.page.locator('[name="learnt.0.from_"]').fill('梨沟合作社');
  await v.page.locator('[name="learnt.0.use"]').fill('村北四十亩老梨园可以先试五亩');
  await v.check(`${t} form`);
  await v.press('回来了，记好');
  has(await v.text(), '已回来', `${t}: it is reported`);
  has(await v.text(), '高接换头三年见果', `${t}: with what was learnt`);
  await v.check(`${t} reported`);
  const path = pathOf(v);
  await v.press('带回村里用');
  await v.field('村里打算做什么').fill(`老梨园试五亩高接换头（${mark}）`);
  await v.field('什么时候做成').fill(day(150));
  await v.check(`${t} adopting`);
  await v.press(v.page.locator('.bar .b.p'));
  await v.go(path);
  const point = v.page.locator('main a', {hasText: `老梨园试五亩高接换头（${mark}）`}).first();
  ok(await point.count(), `${t}: the trip shows what came of it`, await v.text());
  await v.check(`${t} adopted`);
  await v.press(point);
  ok(pathOf(v).startsWith('/plan_point/'), `${t}: it is a plan point`, pathOf(v));
  has(await v.text(), '打算做', `${t}: of the village, planned`);
  eq(await v.page.locator('main a', {hasText: '外出学习'}).last().getAttribute('href'), path, `${t}: and leads to where it was learnt`);
  await v.check(`${t} plan point`);
  await v.close(t);
}

// Raised by a village, passed to the town, solved, told to the household.
async function raise(v, title, household) {
  await v.go('/issue/new');
  await v.field('一句话说清').fill(title);
  await v.field('详细情况').fill('渠底淤了一尺多，下边三十亩浇不上。');
  if (household) await v.field('哪一户').fill(household);
  await v.press('记下来办');
}

async function issue({as, where, mark, first, home}) {
  const t = `${where}: issue`, title = `北渠清淤（${mark}）`;
  let v = await as(first[0]);
  await raise(v, title, home);
  if (home) {
    ok(await v.page.locator('input[name="household.pick"]').count() >= 2, `${t}: two households of one name are told apart`, await v.text());
    await v.check(`${t} which household`);
    const likes = await v.page.locator('label.tick small').allInnerTexts();
    ok(likes.slice(0, 2).every(x => /出生年 \d{4}/.test(x)) && likes[0] !== likes[1], `${t}: by the year of birth`, likes.join('\n'));
    await v.page.locator('label.tick').first().click();
    await v.press('就是这个');
  }
  has(await v.text(), '村里在办', `${t}: it is on the village's list`);
  if (home) has(await v.text(), home, `${t}: for that household`);
  const path = pathOf(v);
  await v.check(`${t} raised`);
  await v.press('交镇里');
  await v.check(`${t} passing`);
  eq(await v.press(v.page.locator('.bar .b.p')), 422, `${t}: without a reason it is not passed`);
  await v.field('村里办不了，因为').fill('要挖掘机，村里没有这笔钱。');
  await v.press(v.page.locator('.bar .b.p'));
  await v.go(path);
  has(await v.text(), '镇里在办', `${t}: it is with the town`);
  await v.close(`${t} passed`);

  v = await as('to.yanhe');
  await v.go('/');
  has(await v.text(), title, `${t}: it stands on the town's day`);
  await v.press(v.link(title).or(v.page.locator('main a.r', {hasText: title})).first());
  has(await v.text(), '村里没有这笔钱', `${t}: the town reads why`);
  await v.check(`${t} with the town`);
  await v.press('办好了');
  await v.field('怎么办好的').fill('镇里派机械清了一天，水已经放到地头。');
  await v.press(v.page.locator('.bar .b.p'));
  await v.go(path);
  has(await v.text(), '办好了，等告诉人', `${t}: solved, and to be told`);
  await v.close(`${t} solved`);

  v = await as(first[0]);
  await v.go('/');
  has(await v.text(), title, `${t}: back on the village's day`);
  await v.go(path);
  has(await v.text(), '水已经放到地头', `${t}: with the answer`);
  await v.press('已告诉本人');
  await v.field('哪天告诉的').fill(day(0));
  await v.press(v.page.locator('.bar .b.p'));
  await v.go(path);
  has(await v.text('.ph'), '已告诉本人', `${t}: it has its end`);
  has(await v.text(), '哪天告诉的', `${t}: the day is kept`);
  await v.check(`${t} told`);
  await v.go(`${path}/history`);
  await v.check(`${t} history`);
  await v.close(`${t} told`);
}

// A deputy works during leave; both names show on record and history.
async function leave({as, where, mark, first, deputy}) {
  const t = `${where}: leave`, title = `井盖坏了两处（${mark}）`;
  let v = await as(first[0]);
  await raise(v, title);
  const path = pathOf(v);
  await v.go('/settings');
  await v.press('请假并指定代办');
  await v.page.locator('select[name=account]').selectOption(deputy[0]);
  await v.field('到哪天').or(v.page.locator('[name=ends]')).first().fill(day(6));
  await v.check(`${t} naming a deputy`);
  await v.press('就请他代办');
  has(await v.text(), deputy[1], `${t}: the settings say who stands in`);
  await v.check(`${t} settings`);
  await v.close(`${t} named`);

  v = await as(deputy[0]);
  await v.go('/');
  has(await v.text('body'), first[1], `${t}: the deputy sees for whom he stands in`);
  await v.check(`${t} the deputy's day`);
  await v.go(path);
  await v.press('交镇里');
  await v.field('村里办不了，因为').fill('井盖归镇里的管网。');
  await v.press(v.page.locator('.bar .b.p'));
  await v.go(path);
  const steps = v.page.locator('section', {hasText: '经过'}).last();
  for (const who of [first[1], deputy[1]]) has(await steps.innerText(), who, `${t}: the record names ${who}`);
  has(await steps.innerText(), /代/, `${t}: and says that one stood in`);
  await v.check(`${t} record`);
  await v.go(`${path}/history`);
  for (const who of [first[1], deputy[1]]) has(await v.text(), who, `${t}: the history names ${who}`);
  await v.check(`${t} history`);
  await v.close(`${t} deputy`);

  v = await as(first[0]); // back before the last day
  await v.go('/settings');
  await v.press(`结束${deputy[1]}的代办`);
  eq(pathOf(v), '/settings', `${t}: back early, he ends it himself`);
  hasNot(await v.text(), deputy[1], `${t}: and nobody stands in any more`);
  await v.close(`${t} back`);
}

// Two villages merge while an issue is open: it stays owned, by the same post of the heir.
async function merger({as, where, mark, merged}) {
  const t = `${where}: merger`, title = `桥栏杆松了（${mark}）`;
  let v = await as(merged.author);
  await raise(v, title);
  const path = pathOf(v);
  await v.close(`${t} raised`);

  v = await as('co.chengchuan'); // the office of the root
  await v.go(`/unit/${merged.from[0]}`);
  await v.press('撤并这个单位');
  await v.page.locator('select[name=into]').selectOption(merged.into[0]);
  await v.check(`${t} choosing`);
  await v.press('看看会怎样');
  has(await v.text(), `把${merged.from[1]}并入${merged.into[1]}`, `${t}: what will be is said beforehand`);
  has(await v.text(), /没办完的 \d+ 条/, `${t}: with what is open`);
  await v.check(`${t} preview`);
  await v.press(`并入${merged.into[1]}`);
  eq(pathOf(v), `/unit/${merged.into[0]}`, `${t}: it is merged`);
  await v.check(`${t} the heir`);
  await v.go(`/unit/${merged.from[0]}`);
  has(await v.text(), merged.into[1], `${t}: the old village says where it went`);
  await v.check(`${t} the old unit`);
  await v.close(`${t} county`);

  v = await as(merged.heir);
  await v.go('/issue'); // until tonight the old post's holder owes it; the heir sees and does already
  has(await v.text(), title, `${t}: the issue stands in the heir's list`);
  await v.check(`${t} the heir's list`);
  await v.press(v.page.locator('main a', {hasText: title}).first());
  eq(pathOf(v), path, `${t}: it is the same record`);
  await v.press('办好了');
  await v.field('怎么办好的').fill('村里电焊重新固定好了。');
  await v.press(v.page.locator('.bar .b.p'));
  await v.go(path);
  has(await v.text(), '办好了，等告诉人', `${t}: and he can see it through`);
  await v.check(`${t} seen through`);
  await v.close(`${t} heir`);
}
