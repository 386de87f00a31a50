// pictures.mjs: the pictures of docs/img, from the demo and the sheet of units: node tests/browser/pictures.mjs
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {must, serve} from '../http/stave.mjs';
import {DESK, PHONE, TEMP, Visitor, launch} from './browser.mjs';

const OUT = 'docs/img', PASSWORD = 'stave-demo-2026';
mkdirSync(OUT, {recursive: true});
const browser = await launch(), dir = join(TEMP, 'demo');
must('demo', dir, '--size', 'page');
const server = await serve(dir);
const open = async (account, size, look) => {
  const v = await Visitor.open(browser, server, size, look);
  if (account) await v.signIn(account, PASSWORD);
  return v;
};
const take = async (v, name, height) => {
  await v.page.mouse.move(0, 0);
  const {width} = v.page.viewportSize();
  await v.page.screenshot({path: join(OUT, name + '.png'), clip: height && {x: 0, y: 0, width, height}});
};

let v = await open(null, DESK);
await v.go('/signin');
await take(v, 'signin-1280');

v = await open('to.yanhe', PHONE);
await v.go('/');
await take(v, 'myday-360');

v = await open('fs.shangli', PHONE);
await v.go('/diary?state=returned&mine=1');
await v.press(v.page.locator('td.t a').first());
await take(v, 'returned-360');
const returned = new URL(v.page.url()).pathname;
await v.press('修改');
await v.page.locator('.box.back').first().evaluate(x => x.scrollIntoView());
await take(v, 'mend-360');

v = await open('fs.shangli', PHONE, {big: true});
await v.page.context().addCookies([{name: 'lang', value: 'en', url: server.url}]);
await v.go(returned);
await take(v, 'returned-en-large-360');

v = await open('to.yanhe', DESK);
await v.go(`${returned}/history`);
await take(v, 'history-1280');
await v.go('/');
await v.press(v.page.locator('main a.r').first());
await v.press('退回');
await take(v, 'return-1280');

v = await open('co.qingyuan', DESK);
await v.go('/diary');
await take(v, 'list-1280', 640);

v = await open('to.yanhe', DESK);
await v.go('/unit/990121100200');
await v.press(v.page.locator('tr', {hasText: '工作队员'}).getByText('再派一人', {exact: true}).first());
await v.field('姓名').fill('古丽巴哈尔·阿卜杜热合曼');
await v.field('账号').fill('gulbahar');
await v.press(v.page.locator('.bar .b.p'));
await take(v, 'units-1280');

const lines = readFileSync('tests/data/divisions_jiaozuo.csv', 'utf8').trimEnd().split(/\r?\n/);
lines[4] = lines[4].replace(/,town,/, ',hamlet,');
lines[9] = lines[9].replace(/[^,]*$/, '999999999999');
const sheet = join(TEMP, '单位表.csv');
writeFileSync(sheet, lines.join('\n'));
const empty = join(TEMP, 'empty');
const code = must('init', empty).replace(/\D/g, '');
const other = await serve(empty);
v = await Visitor.open(browser, other, DESK);
await v.go(`/i/${code}`);
await v.field('新密码').fill('早起看麦苗，晚归记日记');
await v.field('再写一遍').fill('早起看麦苗，晚归记日记');
await v.press('设好，进来');
await v.page.locator('input[type=file]').setInputFiles(sheet);
await v.press('试一遍，先不写入');
await take(v, 'import-1280');
await server.stop();
await other.stop();
await browser.close();
process.exit(0);
