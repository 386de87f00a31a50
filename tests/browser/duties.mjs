// duties.mjs: a training that is not recorded in time, told once to who owes it, under a clock that is set; and a
// notice of holidays, which says what it moves before it moves it. On a phone with scripts, on a desktop without.
//                                                              SPEC: P3 P4  DESIGN: Duties and the clock
import {spawnSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {must, serve, serveAt} from '../http/stave.mjs';
import {DESK, PHONE, TEMP, Visitor, eq, has, hasNot, ok} from './browser.mjs';

const PASSWORD = 'stave-demo-2026', DAY = 864e5, CHINA = 8 * 3600e3;
const LOOKS = [{where: 'phone', size: PHONE, js: true}, {where: 'desktop', size: DESK, js: false}];

// ---- days, as the notices have them ----
const listed = new Map(readFileSync('data/holidays.csv', 'utf8').split(/\r?\n/).slice(1).map(l => l.split(',')));
const text = ms => new Date(ms + CHINA).toISOString().slice(0, 10); // in China
const worked = d => (listed.get(d) ?? (new Date(d).getUTCDay() % 6 ? 'workday' : 'holiday')) === 'workday';
const plus = (d, n) => new Date(Date.parse(d) + n * DAY).toISOString().slice(0, 10);
function workdays(d, n) { // the n-th behind d
  while (n > 0) { d = plus(d, 1); n -= worked(d); }
  return d;
}
const ten = d => Date.parse(d) + 10 * 3600e3 - CHINA; // 10:00 there
const chinese = d => `${+d.slice(5, 7)}月${+d.slice(8, 10)}日`;

function ask(dir, sql) {
  const r = spawnSync('sqlite3', ['-readonly', join(dir, 'stave.db'), sql], {encoding: 'utf8'});
  if (r.status !== 0) throw new Error(`${sql}: ${r.stderr}`);
  return r.stdout.trim();
}
async function wait(what, seconds = 15) {
  for (let i = 0; i < seconds * 10; i++) {
    if (what()) return true;
    await new Promise(r => setTimeout(r, 100));
  }
  return false;
}

async function as(browser, server, look, account) {
  const v = await Visitor.open(browser, server, look.size, {js: look.js});
  eq(await v.signIn(account, PASSWORD), 200, `${look.where}: ${account} signs in`);
  return v;
}

// ---- a training that is not recorded in time ----

const COURSE = '灌溉用电怎么算';
async function course(v) {
  await v.go('/course/new');
  await v.field('课程名').fill(COURSE);
  await v.page.locator('label.tick', {hasText: '业务'}).click();
  await v.press('记好了');
}
async function plan(v, day, place) {
  await v.go('/session/new');
  await v.field('课程').fill(COURSE);
  await v.field('日期').fill(day);
  await v.field('地点').fill(place);
  await v.page.locator('select[name="invited.0.role"]').selectOption('first_secretary');
  await v.press('记好了');
  const path = new URL(v.page.url()).pathname;
  ok(/^\/session\/[0-9a-f-]{36}$/.test(path), `${place}: it is planned`, path + '\n' + await v.text());
  return path;
}

// Whom the clock told of a record's duty, and what.
function told(dir, path) {
  const id = path.split('/').pop().replaceAll('-', '');
  return ask(dir, `SELECT n.what || ' ' || coalesce(a.name, s.role || ' of ' || u.code) FROM notice n JOIN duty d ON d.id = n.about
    LEFT JOIN posting p ON p.id = n.posting LEFT JOIN account a ON a.person = p.person
    JOIN seat s ON s.id = n.seat JOIN unit u ON u.id = s.unit WHERE d.record = x'${id}' AND n.what IN ('remind', 'late', 'escalated') ORDER BY 1`).split('\n').filter(Boolean);
}
const count = (list, what) => list.filter(x => x.startsWith(what)).length;

async function training(browser, look) {
  const t = `${look.where}: a late training`, dir = join(TEMP, `late-${look.where}`);
  must('demo', dir, '--size', 'page');
  const held = workdays(text(Date.now()), 1), due = workdays(held, 3), late = workdays(due, 1);
  let server = await serveAt(dir, ten(held));
  let v = await as(browser, server, look, 'to.yanhe');
  await course(v);
  const path = await plan(v, held, '镇政府三楼'), next = await plan(v, workdays(held, 1), '镇中学');
  await v.go('/');
  const mine = () => v.page.locator('ol.owe li').filter({has: v.page.locator(`a[href="${path}"]`)});
  eq(await mine().count(), 1, `${t}: planned, it stands on my day once`);
  hasNot(await mine().innerText(), '晚了', `${t}: and is not late`);
  await v.check(`${t} planned`);
  await v.close(`${t} planned`);
  await server.stop();
  eq(count(told(dir, path), 'late'), 0, `${t}: nobody is told that it is late`);

  server = await serveAt(dir, ten(late)); // the days go by with the machine switched off
  ok(await wait(() => count(told(dir, path), 'late')), `${t}: the morning after its day the clock tells`);
  v = await as(browser, server, look, 'to.yanhe');
  await v.go('/');
  eq(await mine().count(), 1, `${t}: it stands on my day once`);
  has(await mine().innerText(), '晚了 1 个工作日', `${t}: as late, by a working day`);
  has(await mine().innerText(), chinese(due), `${t}: and says when it was due`);
  await v.check(`${t} late`);
  await mine().locator('summary').click();
  has(await mine().innerText(), /3 个工作日/, `${t}: how that was counted is one press away`);
  await v.shot(`${t} counted`.replace(/[^\p{L}\p{N}]+/gu, '-'));
  await v.close(`${t} late`);
  const other = await as(browser, server, look, 'to.shuangyu');
  await other.go('/');
  eq(await other.page.locator(`main a[href="${path}"]`).count(), 0, `${t}: another town does not owe it`);
  await other.close(`${t} another town`);
  await server.kill(); // a crash, and then it is up again the same day

  server = await serveAt(dir, ten(late) + 3600e3);
  await server.stop();
  server = await serveAt(dir, ten(workdays(late, 1))); // the clock ran: the second training is late now
  ok(await wait(() => count(told(dir, next), 'late')), `${t}: the clock goes on the next day`);
  const list = told(dir, path);
  eq(count(list, 'late'), 1, `${t}: told late once, however often the clock ran: ${list.join(', ')}`);
  eq(count(list, 'late to.yanhe'), 1, `${t}: to who owes it`);
  ok(count(list, 'escalated') <= 1 && count(list, 'remind') <= 1, `${t}: nothing twice`, list.join('\n'));
  eq(count(list, 'escalated county_office'), 1, `${t}: and once to what his post falls to`);

  const said = async (account, what) => { // what stands under his bell of this training
    const who = await as(browser, server, look, account);
    await who.go('/notices');
    const rows = who.page.locator('.told li', {hasText: COURSE}).filter({hasText: what}).filter({hasText: chinese(due)});
    const n = await rows.count();
    await who.check(`${t} notices of ${account}`);
    await who.close(`${t} notices of ${account}`);
    return n;
  };
  eq(await said('to.yanhe', '已逾期：记出勤'), 1, `${t}: under the bell of who owes it, once`);
  eq(await said('co.qingyuan', '下面没有按时办：记出勤'), 1, `${t}: and of the county, once`);
  eq(await said('to.shuangyu', '记出勤'), 0, `${t}: not of another town`);

  v = await as(browser, server, look, 'to.yanhe');
  await v.go(path);
  has(await v.text(), '晚了 2 个工作日', `${t}: the record says so too`);
  await v.check(`${t} the record`);
  await v.press('修改');
  await v.press(v.page.locator('button[value="start:attendance"]'));
  await v.press('记好出勤，办结');
  has(await v.text(), '已办', `${t}: recorded after all`);
  await v.go('/');
  eq(await mine().count(), 0, `${t}: it is off my day`);
  await v.close(`${t} recorded`);
  await server.stop();
  eq(count(told(dir, path), 'late'), 1, `${t}: and nobody was told again`);
}

// ---- a notice of holidays ----

async function holidays(browser, look) {
  const t = `${look.where}: a notice of holidays`, dir = join(TEMP, `days-${look.where}`);
  must('demo', dir, '--size', 'page');
  const server = await serve(dir), off = workdays(text(Date.now()), 2);
  let on = plus(off, 21); // worked for it later: what is due before then moves
  while (worked(on) || listed.has(on)) on = plus(on, 1);
  const file = join(TEMP, `放假安排-${look.where}.csv`), open = "SELECT id, due_ms FROM duty WHERE done_ms IS NULL ORDER BY id";
  writeFileSync(file, `date,kind,name,notice\n${off},holiday,试行节,示例一号\n${on},workday,试行节,示例一号\n`);
  const was = ask(dir, open).split('\n');

  const v = await as(browser, server, look, 'admin');
  await v.go('/import');
  await v.press(v.page.locator('main a[href="/import/holidays"]'));
  await v.check(`${t} empty`);
  await v.page.locator('input[type=file]').last().setInputFiles(file);
  eq(await v.press('试一遍，先不写入'), 200, `${t}: it is tried`);
  const said = await v.text();
  has(said, '上班、放假变了的日子：2 天', `${t}: the days that turn are named`);
  for (const d of [off, on]) has(said, chinese(d), `${t}: ${d} is among them`);
  const moves = v.page.locator('section', {hasText: '期限会移动的待办'}), rows = moves.locator('tbody tr');
  const n = +(await moves.locator('h2').innerText()).match(/：(\d+) 件/)[1];
  ok(n > 3, `${t}: it says how many open duties move`, said);
  eq(await rows.count(), Math.min(n, 50), `${t}: and lists them`);
  if (n > 50) has(await moves.innerText(), '先列出 50 件', `${t}: as far as it says`);
  for (const row of (await rows.allInnerTexts()).slice(0, 3)) {
    const days = [...row.matchAll(/(\d+)月(\d+)日/g)].map(m => `${m[1]}月${m[2]}日`);
    ok(days.length === 2 && days[0] !== days[1], `${t}: with the day it is due now and then`, row);
  }
  eq(ask(dir, open), was.join('\n'), `${t}: nothing has moved yet`);
  await v.check(`${t} tried`);
  await v.press('写入 2 天，期限一起移动');
  has(await v.text(), '期限也一起移动了', `${t}: written, it says that they moved`);
  await v.check(`${t} written`);
  const now = ask(dir, open).split('\n');
  eq(now.length, was.length, `${t}: as many duties are open`);
  eq(now.filter((x, i) => x !== was[i]).length, n, `${t}: as many moved as it said`);

  await v.page.locator('input[type=file]').last().setInputFiles(file);
  await v.press('试一遍，先不写入');
  hasNot(await v.text(), '期限会移动的待办', `${t}: the same table again moves nothing`);
  eq(await v.page.locator('button[value=apply]').count(), 0, `${t}: and there is nothing to write`);
  await v.close(`${t} admin`);

  const town = await as(browser, server, look, 'to.yanhe'); // who owes reads why
  await town.go('/');
  const counted = await town.page.locator('ol.owe details').evaluateAll(l => l.map(x => x.textContent));
  ok(counted.some(x => x.includes('试行节')), `${t}: how a due day was counted names the holiday`, counted.join('\n'));
  await town.close(`${t} town`);
  await server.stop();
}

export async function duties(browser) {
  for (const look of LOOKS) {
    await training(browser, look);
    await holidays(browser, look);
  }
}
