// pictures_guide.mjs: the pictures of the guides that pictures.mjs does not take, from the invented city:
// node tests/browser/pictures_guide.mjs. Chinese and English: NAME.png and NAME-en.png.
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {must, serve} from '../http/stave.mjs';
import {DESK, PHONE, TEMP, Visitor, launch} from './browser.mjs';

const OUT = 'docs/img', PASSWORD = 'stave-demo-2026', HAND = {...PHONE, deviceScaleFactor: 1.5};
mkdirSync(OUT, {recursive: true});
const browser = await launch(), dir = join(TEMP, 'guide');
must('demo', dir, '--size', 'page');
const server = await serve(dir);

// `lang` en: the same page in English; what was typed stays as it is.
async function open(account, size, look = {}) {
  const v = await Visitor.open(browser, server, size);
  if (account) await v.signIn(account, PASSWORD);
  await v.look(look);
  return v;
}
async function take(v, name, height) {
  await v.page.mouse.move(0, 0);
  const {width} = v.page.viewportSize();
  await v.page.screenshot({path: join(OUT, `guide-${name}.png`), clip: height && {x: 0, y: 0, width, height}, fullPage: !!height});
}
const both = async (account, size, shoot) => {
  for (const lang of ['zh', 'en']) {
    const v = await open(account, size, {lang});
    await shoot(v, lang === 'zh' ? '' : '-en');
    await v.ctx.close();
  }
};

await both(null, HAND, async (v, tail) => {
  await v.go('/signin');
  await take(v, `signin${tail}`);
});
await both('fs.shangli', HAND, async (v, tail) => {
  for (const [path, name, height] of [['/', 'day', 640], ['/new', 'new', 560], ['/diary/new', 'diary'], ['/issue/new', 'issue'], ['/search?q=scf', 'search', 470]]) {
    await v.go(path);
    await take(v, name + tail, height);
  }
});
const first = await open('to.yanhe', DESK);
await first.go('/issue?state=town');
await first.press(first.page.locator('td.t a').first());
const issue = new URL(first.page.url()).pathname;
await both('to.yanhe', DESK, async (v, tail) => {
  await v.go('/issue?state=town');
  await take(v, `filter${tail}`, 420);
  await v.go('/many/diary/accept').catch(() => {});
  await v.go('/diary');
  await v.page.goto(await v.page.locator('.ph .acts a[href*="many"]').first().getAttribute('href'));
  await take(v, `many${tail}`, 400);
  await v.go(`${issue}/who`);
  await take(v, `who${tail}`, 540);
});
await both('co.qingyuan', DESK, async (v, tail) => {
  await v.go('/figures');
  await take(v, `figures${tail}`, 460);
  await v.go('/figure/business_trainings_held');
  await take(v, `figure${tail}`, 720);
});
await both('to.yanhe', HAND, async (v, tail) => {
  await v.go(issue);
  await take(v, `act${tail}`);
});
await both('admin', DESK, async (v, tail) => {
  await v.go('/admin');
  await take(v, `admin${tail}`, 560);
});
await both('to.yanhe', HAND, async (v, tail) => { // a late duty, with how its day was counted
  await v.go('/');
  const part = v.page.locator('section', {has: v.page.locator('.st.late')}).first();
  await part.locator('summary').first().click();
  const {y} = await part.boundingBox(), li = await part.locator('li').first().boundingBox();
  const {width} = v.page.viewportSize(), height = li.y + li.height - y;
  await v.page.screenshot({path: join(OUT, `guide-late${tail}.png`), clip: {x: 0, y, width, height}, fullPage: true});
});
const day = n => new Date(Date.now() + 8 * 3600e3 + n * 864e5).toISOString().slice(0, 10); // in China
let off = 2;
while (new Date(day(off)).getUTCDay() % 6 === 0) off++;
const notice = join(TEMP, '放假通知.csv');
writeFileSync(notice, `date,kind,name,notice\n${day(off)},holiday,试行节,示例一号\n`);
await both('admin', DESK, async (v, tail) => {
  await v.go('/import/holidays');
  await v.page.locator('input[type=file]').last().setInputFiles(notice);
  await v.press(v.page.locator('button[value=try]').last());
  await take(v, `holidays${tail}`, 720);
});
const big = await open('fs.shangli', HAND, {big: true});
await big.go('/');
await take(big, 'large');
await server.stop();
await browser.close();
process.exit(0);
