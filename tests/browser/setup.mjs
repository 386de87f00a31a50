// setup.mjs: from an empty deployment to two first secretaries: the import, the city's office from the
// command line, everybody else invited by the seat above him.                            SPEC: P1 P2 P7
import {spawnSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {must, serve, stave} from '../http/stave.mjs';
import {DESK, PHONE, TEMP, Visitor, eq, has, hasNot, ok} from './browser.mjs';

const GOOD = new URL('../data/divisions_jiaozuo.csv', import.meta.url).pathname;
const CITY = '410800000000', COUNTY = '410882000000', TOWN = '410882101000';
export const VILLAGE = '410882101201', LONG = '410882101299';
export const LONG_NAME = '上三官庙与下七里堡回族乡河湾新型农村社区第一行政村';
export const PEOPLE = {
  city:   {account: 'shi.zzb', name: '闻人晓', unit: CITY, role: '组织部'},
  county: {account: 'xian.zzb', name: '段清和', unit: COUNTY, role: '组织部'},
  town:   {account: 'xiang.djb', name: '孟雨桐', unit: TOWN, role: '党建办'},
  first:  {account: 'he.changlin', name: '贺长林', unit: VILLAGE, role: '第一书记'},
  other:  {account: '13700000001', name: '古丽巴哈尔·阿卜杜热合曼', unit: LONG, role: '第一书记'},
};
const passwordOf = who => `${who} 早起看麦苗`;

let databases = 0;
function database(db) {
  if (db !== 'pg') return [];
  const r = spawnSync('tests/pg.sh', ['new', `browser${databases++}`], {encoding: 'utf8'});
  if (r.status !== 0) throw new Error(`tests/pg.sh: ${r.stderr}`);
  return ['--db', r.stdout.trim()];
}

export async function redeem(browser, server, who, code, look) {
  const v = await Visitor.open(browser, server, PHONE, look);
  eq(await v.go(`/i/${code.replace(/\D/g, '')}`), 200, `${who}: the address of the code opens`);
  if (who === 'admin') {
    await v.check(`invitation ${look.db}`);
    await v.field('新密码').fill('短');
    await v.field('再写一遍').fill('短');
    eq(await v.press('设好，进来'), 422, 'a password that is too short is refused');
    await v.check(`invitation with a fault ${look.db}`);
  }
  await v.field('新密码').fill(passwordOf(who));
  await v.field('再写一遍').fill(passwordOf(who));
  await v.press('设好，进来');
  return v;
}

async function appoint(v, who, {check} = {}) {
  const {account, name, unit, role} = PEOPLE[who];
  await v.go(`/unit/${unit}`);
  await v.press(v.page.locator('tr', {hasText: role}).getByText('派人', {exact: true}).first());
  if (check) await v.check(`posting ${check}`);
  await v.field('姓名').fill(name);
  await v.field('账号').fill(account);
  await v.press(v.page.locator('.bar .b.p'));
  const code = (await v.text('.slip .code')).trim();
  ok(/^\d{4} \d{4}$/.test(code), `${who} is posted; the page shows a code of eight digits`, code);
  has(await v.text('.slip'), `/i/${code.replace(' ', '')}`, `${who}: and the address in the QR code`);
  ok(await v.page.locator('.slip svg.qr path').isVisible(), `${who}: and the QR code`);
  if (check) await v.check(`invitation slip ${check}`);
  return code;
}

// {dir, server, login: who -> state of a browser he is signed in with}
export async function setup(browser, look) {
  const dir = join(TEMP, `d-${look.db}`), at = database(look.db), t = look.db;
  const code = must('init', dir, ...at).trim();
  ok(/^\d{4} \d{4}$/.test(code), `${t}: init prints the administrator's code`, code);
  const server = await serve(dir);
  const admin = await redeem(browser, server, 'admin', code, look);
  eq(new URL(admin.page.url()).pathname, '/start', `${t}: the administrator lands on the first page`);
  await admin.check(`start ${t}`);

  // two broken rows
  const lines = readFileSync(GOOD, 'utf8').trimEnd().split(/\r?\n/);
  lines[0] = '代码,名称,层级,上级代码'; // as the page calls them
  lines[4] = lines[4].replace(/,town,/, ',hamlet,');
  lines[9] = lines[9].replace(/[^,]*$/, '999999999999');
  const broken = join(TEMP, `单位表-${t}.csv`);
  writeFileSync(broken, lines.join('\n') + '\n');
  await admin.page.locator('input[type=file]').first().setInputFiles(broken);
  eq(await admin.press('试一遍，先不写入'), 200, `${t}: a broken sheet is tried`);
  const rows = await admin.page.locator('table tbody tr').allInnerTexts();
  eq(rows.length, 2, `${t}: two rows are at fault`);
  has(rows[0], /5[\s\S]*(类别|层级)[\s\S]*hamlet[\s\S]*没有层级/, `${t}: the first with row, column, what is there, reason`);
  has(rows[1], /10[\s\S]*上级[\s\S]*999999999999[\s\S]*都没有/, `${t}: the second too`);
  eq(await admin.page.getByText(/^写入 \d+ 行/).count(), 0, `${t}: there is no button that writes`);
  await admin.check(`import with faults ${t}`);
  eq(must('export', dir, 'unit').trim().split('\n').length, 1, `${t}: nothing is written`);

  await admin.page.locator('input[type=file]').last().setInputFiles(GOOD);
  await admin.press('试一遍，先不写入');
  has(await admin.text('.figs'), '166', `${t}: the good sheet has 166 new units`);
  await admin.check(`import tried ${t}`);
  await admin.press('写入 166 行');
  eq(new URL(admin.page.url()).pathname, '/unit', `${t}: written, it shows the units`);
  await admin.check(`units of the administrator ${t}`);
  const exported = must('export', dir, 'unit').trim().split(/\r?\n/);
  eq(exported.length, 167, `${t}: 166 units are written`);
  const more = join(TEMP, `long-${t}.csv`);
  writeFileSync(more, `code,name,level,parent\n${LONG},${LONG_NAME},village,${TOWN}\n`);
  must('import', dir, 'unit', more);
  await admin.go(`/unit/${LONG}`);
  has(await admin.text(), LONG_NAME, `${t}: a unit imported beside the running server is there at once`);
  await admin.check(`unit with a long name ${t}`);
  eq(await admin.page.getByText('派人', {exact: true}).count(), 0, `${t}: the administrator posts nobody`);

  const {city} = PEOPLE;
  const first = stave('user', 'add', dir, city.account, '--name', city.name, '--role', 'county_office', '--unit', CITY);
  eq(first.code, 0, `${t}: the city's office is named on the command line`);
  const again = stave('user', 'add', dir, 'someone', '--name', '某', '--role', 'county_office', '--unit', CITY);
  eq(again.code, 1, `${t}: and nobody else from there`);

  const open = {admin};
  open.city = await redeem(browser, server, 'city', first.out, look);
  open.county = await redeem(browser, server, 'county', await appoint(open.city, 'county', {check: t}), look);
  open.town = await redeem(browser, server, 'town', await appoint(open.county, 'town'), look);
  open.first = await redeem(browser, server, 'first', await appoint(open.town, 'first'), look);
  open.other = await redeem(browser, server, 'other', await appoint(open.town, 'other'), look);
  has(await open.first.text(), '贺长林', `${t}: the first secretary is in, by the code of his town`);

  const used = await Visitor.open(browser, server, PHONE, look);
  await used.go('/i');
  await used.field('邀请码').fill(first.out.trim());
  await used.field('新密码').fill(passwordOf('thief'));
  await used.field('再写一遍').fill(passwordOf('thief'));
  eq(await used.press('设好，进来'), 422, `${t}: a code works once`);
  await used.close(`${t}: who tries a used code`);
  eq(await open.first.go(`/unit/${VILLAGE}`), 404, `${t}: a first secretary has no page of units`);
  await open.town.go(`/unit/${COUNTY}`);
  hasNot(await open.town.text(), PEOPLE.county.name, `${t}: the town reads no names above it`);

  const login = {};
  for (const [who, v] of Object.entries(open)) {
    login[who] = await v.state();
    await v.close(`${t}: ${who}`);
  }
  return {dir, server, login, look, db: t};
}
export {DESK, passwordOf};
