// figures.mjs: a county opens a number down to its sessions and people, and the count is the list every time;
// on a phone with scripts, on a desktop without.                                    SPEC: P5  PEERS 3: 9 18
import {join} from 'node:path';
import {must, serve} from '../http/stave.mjs';
import {DESK, PHONE, TEMP, Visitor, eq, has, hasNot, ok} from './browser.mjs';

const PASSWORD = 'stave-demo-2026';
const number = text => +text.replace(/[^\d]/g, '');

export async function figures(browser) {
  const dir = join(TEMP, 'figures');
  must('demo', dir, '--size', 'page');
  const server = await serve(dir);
  for (const [where, size, js] of [['phone', PHONE, true], ['desktop', DESK, false]]) {
    const as = async (account, look = {}) => {
      const v = await Visitor.open(browser, server, size, {js, ...look});
      eq(await v.signIn(account, PASSWORD), 200, `${where}: ${account} signs in`);
      return v;
    };
    await opened(as, where);
    await others(as, where);
  }
  await server.stop();
}

// Reads the open figure's list to its end: how many rows, how many it says.
async function readList(v) {
  let rows = 0, said;
  for (;;) {
    said = number(await v.text('#list h2 small'));
    rows += await v.page.locator('#list tbody tr').count();
    const older = v.page.locator('#list a[rel=next]');
    if (!await older.count()) return {rows, said};
    await v.press(older);
  }
}

// The county: all figures, one of them drawn, a town's part, a village's, one session and its people.
async function opened(as, where) {
  const v = await as('co.qingyuan'), t = `${where}: figures`;
  await v.press(v.page.locator('.nav a', {hasText: '指标'}));
  eq(await v.text('h1'), '指标', `${t}: the directory leads to them`);
  await v.check(`${t} all`);
  await v.press(v.page.locator('.kept a', {hasText: '全部'}));
  const tile = v.page.locator('.figs li', {hasText: '业务培训场次'}), n = number(await tile.locator('b').innerText());
  ok(n > 9, `${t}: the county has business trainings`, n);
  await v.press(tile.locator('a'));
  await v.check(`${t} one`);
  eq(number(await v.text('.figs b')), n, `${t}: peers_18: opened it is the same number`);
  const county = v.page.url();

  // every drawing has its numbers in a table; bars add up to the number, units in the tree's order
  const sum = async rows => (await rows.allInnerTexts()).reduce((all, x) => all + number(x), 0);
  const bars = v.page.locator('section', {hasText: '各单位'}).locator('.bart tr');
  eq(await sum(bars.locator('td.num')), n, `${t}: peers_18: the bars of the units add up to it`);
  eq(await sum(v.page.locator('.mon td.num')), n, `${t}: peers_18: and so do the months`);
  const towns = await bars.locator('th').allInnerTexts(), tree = await v.page.locator('details .kept a').allTextContents();
  eq(towns.filter(x => tree.includes(x)).join(), tree.join(), `${t}: peers_2: units in the tree's order, none ranked`);
  const list = await readList(v);
  eq(list.said, n, `${t}: peers_18: the list says the number`);
  eq(list.rows, n, `${t}: peers_18: and has as many rows, read to its end`);

  // one town, by its bar
  await v.page.goto(county);
  const bar = bars.filter({has: v.page.locator('td.num a')}).first(), town = number(await bar.locator('td.num').innerText());
  await v.press(bar.locator('td.num a'));
  const part = await readList(v);
  eq(part.said, town, `${t}: peers_18: a bar opens as many as it shows`);
  eq(part.rows, town, `${t}: peers_18: and lists them`);
  await v.check(`${t} of a town`);

  // a session, its people counted in it
  await v.press(v.page.locator('#list tbody td.t a').first());
  has(await v.text(), '已办', `${t}: a row is the session itself, held`);
  const table = v.page.locator('main table').first();
  const came = (await table.locator('tbody tr').allInnerTexts()).filter(x => !/请假|未到/.test(x)).length;
  const facts = (await v.text()).replace(/\s+/g, ' ').match(/到了几人 (\d+)/);
  eq(came, +facts?.[1], `${t}: and its people are as many as it counts`);
  await v.close(t);
}

// Whoever sees a part is told so; what he does not see is no page; English, large type.
async function others(as, where) {
  const t = `${where}: figures of others`, v = await as('fs.shangli');
  await v.go('/figures');
  has(await v.text(), '在办的事', `${t}: the village has its figures`);
  await v.check(`${t} village`);
  await v.go('/figure/open_issues');
  const {rows, said} = await readList(v);
  eq(rows, said, `${t}: peers_18: the number is his list`);
  eq(await v.go('/figure/leased_land_mu_x100'), 404, `${t}: peers_9: what his post does not see is not there`);
  await v.close(t);
  const en = await as('to.yanhe');
  await en.look({lang: 'en', big: true});
  await en.go('/figure/study_trips_held');
  has(await en.text(), 'The last twelve months', `${t}: in English`);
  hasNot(await en.text(), '名单', `${t}: all of it`);
  await en.check(`${t} English large`);
  await en.close(`${t} English`);
}
