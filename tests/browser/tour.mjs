// tour.mjs: every kind of page, as everybody sees it: phone and desktop, large type, English, dark; the
// keyboard alone; how heavy, and what a second page costs.                        UX: 8  SPEC: P2 B3
import {gzipSync} from 'node:zlib';
import {join} from 'node:path';
import {must, serve} from '../http/stave.mjs';
import {ASSETS_MAX, DESK, PHONE, TEMP, Visitor, eq, has, hasNot, ok} from './browser.mjs';
import {LONG, PEOPLE, VILLAGE, passwordOf} from './setup.mjs';

const LOOKS = [
  ['phone, large', PHONE, {big: true}, {axe: false}],
  ['phone, English', PHONE, {lang: 'en'}, {axe: false}],
  ['phone, English, large', PHONE, {lang: 'en', big: true}, {axe: false}],
  ['desktop', DESK, {}, {}],
  ['desktop, English', DESK, {lang: 'en'}, {axe: false}],
];

export async function tour(browser, d, {path}) {
  const stops = {
    first: ['/', '/new', '/diary', '/diary/new', path, `${path}/history`, `${path}/who`, '/settings', '/nothing-here'],
    other: ['/', '/diary'],
    town: [`/unit/${VILLAGE}`, `/unit/${LONG}/staff?role=team_member`, '/diary/new'],
    city: ['/unit', '/import', '/diary'],
    nobody: ['/signin', '/i', '/i/12345678'],
  };
  for (const [name, size, look, how] of LOOKS)
    for (const [who, paths] of Object.entries(stops)) {
      const v = await Visitor.open(browser, d.server, size, {...look, state: d.login[who]});
      await v.look(look);
      for (const p of paths) {
        await v.go(p);
        await v.check(`${name}: ${who} ${p.replace(path, '/diary/ID')}`, how);
        eq(await v.page.locator('html').getAttribute('class'), look.big ? 'big' : null, `${name}: large type is ${look.big ? 'on' : 'off'}`);
        if (look.lang) has(await v.page.locator('html').getAttribute('lang'), 'en', `${name}: the page says its language`);
      }
      await v.close(`${name}: ${who}`);
    }
  const v = await Visitor.open(browser, d.server, PHONE, {state: d.login.first});
  await v.page.emulateMedia({colorScheme: 'dark'});
  for (const p of ['/', '/diary', path, '/diary/new', `${path}/history`]) {
    await v.go(p);
    await v.check(`dark: ${p.replace(path, '/diary/ID')}`);
  }
  await v.page.emulateMedia({media: 'print', colorScheme: 'light'});
  await v.go(path);
  for (const part of ['.nav', '.tabs', '.crumb'])
    eq(await v.page.locator(part).first().isVisible(), false, `printed: no ${part}`);
  await v.close('dark and printed');
}

// The switches themselves, without scripts.
export async function switches(browser, d) {
  const v = await Visitor.open(browser, d.server, PHONE, {js: false});
  await v.go('/signin');
  await v.press('大字');
  eq(await v.page.locator('html').getAttribute('class'), 'big', 'large type is one press away, before signing in');
  await v.press('小字');
  await v.press('English');
  has(await v.text('h1'), 'Sign in', 'and English');
  hasNot(await v.text('main'), '登录', 'all of it');
  await v.press('中文');
  has(await v.text('h1'), '登录', 'and back');
  await v.close('switches');
}

// ---- the keyboard alone ---------------------------------------------------------------------------

async function focused(v) {
  return v.page.evaluate(() => {
    const x = document.activeElement, s = getComputedStyle(x), r = x.getBoundingClientRect();
    return {tag: x.tagName, cls: x.className, name: x.name || '', text: (x.innerText || x.value || '').trim(),
      // the button of a date field draws its own ring
      shown: (x.type === 'date' || (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2)) &&
        r.bottom > 0 && r.top < innerHeight && r.width > 0};
  });
}

// Tab until `is` holds; every stop must show its focus.
async function tabTo(v, what, is) {
  for (let i = 0; i < 60; i++) {
    await v.page.keyboard.press('Tab');
    const f = await focused(v);
    if (f.tag === 'BODY') continue;
    if (!f.shown) { ok(false, `the focus shows on ${f.tag} ${f.cls} "${f.text}"`); return f; }
    if (is(f)) { ok(true, `by Tab to ${what}`); return f; }
  }
  ok(false, `by Tab to ${what}`, 'not reached');
  return null;
}

const leave = (v, key) => Promise.all([v.page.waitForEvent('load'), v.page.keyboard.press(key)]);
const enter = v => leave(v, 'Enter');

export async function keyboard(browser, d) {
  const v = await Visitor.open(browser, d.server, DESK, d.look);
  await v.go('/signin');
  eq((await focused(v)).name, 'account', 'sign-in: the account has the focus');
  await v.page.keyboard.type(PEOPLE.other.account);
  await v.page.keyboard.press('Tab');
  await v.page.keyboard.type(passwordOf('other'));
  await enter(v);
  eq(new URL(v.page.url()).pathname, '/', 'signed in by keyboard');
  await v.page.keyboard.press('Tab');
  const skip = await focused(v);
  ok(skip.cls === 'skip' && skip.shown, 'the first stop is the skip link, and it shows', JSON.stringify(skip));
  await v.page.keyboard.press('Enter');
  await v.page.keyboard.press('Tab');
  ok(await v.page.evaluate(() => document.querySelector('#main').contains(document.activeElement) ||
    document.activeElement.closest('#nav')), 'it leads past the head');
  await tabTo(v, 'the diaries', f => f.text.startsWith('驻村日记'));
  await enter(v);
  await tabTo(v, 'writing one', f => f.text === '写日记');
  await enter(v);
  await tabTo(v, 'the text', f => f.name === 'body');
  await v.page.keyboard.type('只用键盘写的一篇。');
  await tabTo(v, 'the button that sends', f => f.text === '送镇里');
  await enter(v);
  has(await v.text(), '只用键盘写的一篇。', 'written and sent by keyboard');
  has(await v.text(), '等审阅', 'and it waits for review');
  if (v.js) {
    await v.page.keyboard.press('g');
    await leave(v, 't');
    eq(new URL(v.page.url()).pathname, '/', 'g t leads to my day');
  }
  await v.close('keyboard');
}

// ---- weight ------------------------------------------------------------------------------------

export async function weight(browser, d, {path}) {
  const v = await Visitor.open(browser, d.server, PHONE, {state: d.login.first});
  const cdp = await v.ctx.newCDPSession(v.page), seen = new Map();
  await cdp.send('Network.enable');
  cdp.on('Network.requestWillBeSent', e => seen.set(e.requestId, {url: e.request.url, kind: e.type, from: 'net', bytes: 0}));
  cdp.on('Network.requestServedFromCache', e => { seen.get(e.requestId).from = 'memory'; });
  cdp.on('Network.responseReceived', e => { if (e.response.fromDiskCache) seen.get(e.requestId).from = 'disk'; });
  cdp.on('Network.loadingFinished', e => { seen.get(e.requestId).bytes = e.encodedDataLength; });
  const wait = () => v.page.waitForLoadState('networkidle');
  const ofAssets = () => [...seen.values()].filter(x => x.kind !== 'Document' && !x.url.startsWith('data:'));

  await v.go('/');
  await wait();
  const first = ofAssets(), bytes = first.reduce((n, x) => n + x.bytes, 0);
  ok(first.length > 0 && bytes > 1000 && bytes <= ASSETS_MAX, 'assets of the first load are at most 100 KB compressed',
    `${bytes} bytes: ${first.map(x => `${x.url} ${x.bytes}`).join(', ')}`);
  console.log(`# first load: ${first.length} assets, ${bytes} bytes`);
  const sheets = [];
  for (const x of first) {
    const r = await v.ctx.request.get(x.url);
    has(r.headers()['cache-control'] || '', 'immutable', `${x.url.split('/').pop()} is kept for ever`);
    if (/\.css$/.test(x.url)) sheets.push([/paper/.test(x.url), (await r.body()).length]);
    if (/\.js$/.test(x.url)) ok((await r.body()).length <= 40 * 1024, 'the script is at most 40 KB', (await r.body()).length);
    ok(x.bytes < gzipSync(await r.body()).length + 1200, `${x.url.split('/').pop()} comes compressed`, x.bytes);
  }
  const screen = sheets.find(([isPaper]) => !isPaper)?.[1], paper = sheets.find(([isPaper]) => isPaper)?.[1];
  ok(screen <= 20 * 1024, 'the style sheet is at most 20 KB', screen);
  ok(screen + paper < 26 * 1024, 'with the one for papers and printing it is under 26 KB', screen + paper);
  seen.clear();
  for (const p of ['/diary', '/diary/new', '/']) {
    await v.go(p);
    await wait();
  }
  const again = ofAssets().filter(x => x.from === 'net');
  ok(!again.length, 'later pages ask for no asset again', again.map(x => x.url).join(', '));
  seen.clear();
  await v.go(path);
  await wait();
  ok(ofAssets().filter(x => x.from === 'net').every(x => x.url.includes('/file/')), 'a record asks for its photo only');
  await v.close('weight');
}

// ---- many rows: the invented city ----------------------------------------------------------------

export async function demo(browser) {
  const dir = join(TEMP, 'demo');
  must('demo', dir, '--size', 'page');
  const server = await serve(dir);
  for (const [account, size, paths] of [
    ['fs.shangli', PHONE, ['/', '/diary', '/diary?mine=1', '/new']],
    ['to.yanhe', PHONE, ['/', '/diary', '/unit']],
    ['to.yanhe', DESK, ['/', '/diary', '/unit']],
    ['co.qingyuan', DESK, ['/', '/diary', '/unit']],
    ['co.qingyuan', PHONE, ['/', '/diary']],
    ['co.chengchuan', DESK, ['/', '/diary', '/unit']],
  ]) {
    const v = await Visitor.open(browser, server, size), where = size === PHONE ? 'phone' : 'desktop';
    await v.signIn(account, 'stave-demo-2026');
    for (const p of paths) {
      eq(await v.go(p), 200, `demo ${account}: ${p}`);
      await v.check(`demo ${where} ${account} ${p}`);
    }
    if (account.startsWith('co.qing') && size === DESK) {
      await v.go('/diary');
      let pages = 1;
      for (; await v.link('更早的').count() && pages < 4; pages++) await v.press('更早的');
      ok(pages > 2, `demo ${account}: many diaries, page by page`, pages);
      await v.check(`demo ${where} ${account} /diary, page ${pages}`);
      await v.press(v.page.locator('td.t a').first());
      await v.check(`demo ${where} ${account} a diary`);
    }
    if (account === 'to.yanhe') {
      await v.go('/');
      await v.press(v.page.locator('main a.r').first());
      await v.check(`demo ${where} ${account} waits for him`);
    }
    await v.close(`demo ${where} ${account}`);
  }
  await server.stop();
}
