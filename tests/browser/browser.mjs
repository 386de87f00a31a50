// browser.mjs: a real Chromium, visitors of one deployment, and what every page must keep to.
// STAVE_SHOTS=DIR keeps pictures of what was looked at; STAVE_BROWSER=WORD runs the parts named so.
import {chromium} from 'playwright-core';
import {mkdirSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {eq, ok, tempDir} from '../http/stave.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SHOTS = process.env.STAVE_SHOTS;
export const TEMP = tempDir();
const KB = 1024;
export const HTML_MAX = 30 * KB, ASSETS_MAX = 100 * KB, TOUCH_PX = 44;

export const PHONE = {viewport: {width: 360, height: 740}, hasTouch: true, isMobile: true, deviceScaleFactor: 2};
export const DESK = {viewport: {width: 1280, height: 800}};

export async function launch() {
  if (SHOTS) mkdirSync(SHOTS, {recursive: true});
  return chromium.launch({
    executablePath: process.env.PLAYWRIGHT_CHROMIUM || '/usr/bin/chromium', headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--lang=zh-CN'],
  });
}

// Somebody with a browser of his own. `look`: {js, lang: 'en', big: true, state: of another visitor}.
export class Visitor {
  static async open(browser, server, size = PHONE, look = {}) {
    const v = new Visitor();
    v.server = server;
    v.js = look.js !== false;
    v.complaints = [];
    v.ctx = await browser.newContext({...size, baseURL: server.url, locale: 'zh-CN', timezoneId: 'Asia/Shanghai',
      javaScriptEnabled: v.js, storageState: look.state});
    v.ctx.setDefaultTimeout(15000);
    await v.look(look);
    v.page = await v.tab();
    return v;
  }
  async look({lang, big}) {
    const url = this.server.url;
    if (lang) await this.ctx.addCookies([{name: 'lang', value: lang, url}]);
    if (big !== undefined) await this.ctx.addCookies([{name: 'big', value: big ? '1' : '0', url}]);
  }
  async tab() {
    const page = await this.ctx.newPage(), say = x => this.complaints.push(`${new URL(page.url()).pathname}: ${x}`);
    page.on('pageerror', e => say(`script: ${e.message}`));
    page.on('console', m => {
      if (m.type() === 'error' || /Content Security Policy/i.test(m.text()))
        if (!/^Failed to load resource: the server responded/.test(m.text())) say(`console: ${m.text()}`);
    });
    page.on('request', q => {
      if (!/^(data|blob):/.test(q.url()) && new URL(q.url()).origin !== this.server.url) say(`asked ${q.url()}`);
    });
    page.on('requestfailed', q => {
      if (!/ABORTED/.test(q.failure()?.errorText || '')) say(`${q.url()} failed: ${q.failure()?.errorText}`);
    });
    page.on('response', r => {
      const isPage = r.request().resourceType() === 'document' || r.request().resourceType() === 'fetch';
      if (isPage && r.frame() === page.mainFrame() && (r.status() < 300 || r.status() >= 400)) page.answer = r;
      if (!isPage && r.status() >= 400) say(`${r.status()} for ${r.url()}`);
    });
    return page;
  }
  async go(path) {
    await this.page.goto(path);
    return this.page.answer.status();
  }
  field(label) { return this.page.getByLabel(label, {exact: false}).first(); }
  button(name) { return this.page.getByRole('button', {name, exact: true}); }
  link(name) { return this.page.getByRole('link', {name, exact: true}); }
  // Presses what leads to another page and waits until it is there; the status of its answer.
  async press(what) {
    const at = typeof what === 'string'
      ? this.page.locator('button, a').and(this.page.getByText(what, {exact: true})).first() : what;
    await Promise.all([this.page.waitForEvent('load'), at.click({noWaitAfter: true})]);
    return this.page.answer.status();
  }
  async text(selector = 'main') { return this.page.locator(selector).first().innerText(); }
  async shot(name, {full = true} = {}) {
    if (SHOTS) await this.page.screenshot({path: join(SHOTS, name + '.png'), fullPage: full});
  }
  async signIn(account, password) {
    await this.go('/signin');
    await this.field('账号').fill(account);
    await this.field('密码').fill(password);
    return this.press('登录');
  }
  async state() { return this.ctx.storageState(); }
  // Looks at the page that is open: everything a page must keep to. One test.
  async check(name, {axe = true, h1 = true} = {}) {
    const p = this.page, bad = [];
    const bytes = (await p.answer.body().catch(async () => Buffer.from(await p.content()))).length; // the browser may have let it go
    if (!bytes || bytes > HTML_MAX) bad.push(`${bytes} bytes of HTML, at most ${HTML_MAX}`);
    if (!/ · 五线谱$| · Stave$/.test(await p.title())) bad.push(`its title is "${await p.title()}"`);
    bad.push(...await p.evaluate(look, {h1, touch: (await p.viewportSize()).width < 500 ? TOUCH_PX : 0}));
    if (axe && this.js) bad.push(...await violations(p)); // without scripts axe cannot run: the page is the same
    await this.shot(name.replace(/[^\p{L}\p{N}]+/gu, '-'));
    ok(!bad.length, `${name} is as every page must be`, bad.join('\n'));
  }
  async close(name) {
    await this.ctx.close();
    ok(!this.complaints.length, `${name}: no error in the console, no other host asked`, this.complaints.join('\n'));
  }
}

// In the page: no sideways scrolling, one heading, at most one filled button, all can be touched.
function look({h1, touch}) {
  const bad = [], seen = x => x.getClientRects().length && getComputedStyle(x).visibility !== 'hidden';
  const name = x => `<${x.tagName.toLowerCase()}${x.id ? ' id=' + x.id : ''} class="${x.className}"> ${(x.innerText || '').slice(0, 30)}`;
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    bad.push(`${root.scrollWidth} px wide in ${root.clientWidth}`);
    for (const x of document.body.querySelectorAll('*'))
      if (seen(x) && x.getBoundingClientRect().right > root.clientWidth + 1 && !x.closest('.vh, .skip, .syms')) {
        bad.push(`  ${name(x)} ends at ${Math.round(x.getBoundingClientRect().right)}`);
        if (bad.length > 6) break;
      }
  }
  if (h1 && document.querySelectorAll('h1').length !== 1) bad.push(`${document.querySelectorAll('h1').length} headings h1`);
  const filled = [...document.querySelectorAll('.b.p')].filter(seen);
  if (filled.length > 1) bad.push(`${filled.length} filled buttons: ${filled.map(x => x.innerText).join(', ')}`);
  if (document.querySelector('a, button, input:not([type=hidden])') !== document.querySelector('a.skip'))
    bad.push('the skip link is not first');
  if (!document.querySelector('a.skip')) bad.push('no skip link');
  for (const x of document.querySelectorAll('[style], script:not([src])')) bad.push(`inline: ${name(x)}`);
  for (const x of document.querySelectorAll('td, th')) {
    const s = getComputedStyle(x), inner = x.clientWidth - parseFloat(s.paddingLeft) - parseFloat(s.paddingRight);
    if (seen(x) && x.innerText.trim().length > 3 && inner < 2.5 * parseFloat(s.fontSize)) bad.push(`${name(x)} is squeezed`);
  }
  const raw = document.body.innerText.match(/\b(page|ui|web|record|access|field|import|base|http)\.[a-z_]+\b/);
  if (raw) bad.push(`a sentence is missing: ${raw[0]}`);
  if (touch)
    for (const x of document.querySelectorAll('main .b, main input:not([type=hidden]):not([type=radio]):not([type=checkbox]), main select, main textarea, main label.tick, main a.r, .tabs a')) {
      const box = x.getBoundingClientRect();
      if (seen(x) && !x.closest('.vh') && !x.classList.contains('vh') && box.height < touch) bad.push(`${name(x)} is ${box.height} px high`);
    }
  return bad;
}

async function violations(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run(document, {resultTypes: ['violations'],
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}).then(r => r.violations.map(v =>
    `axe ${v.id}: ${v.help}: ${v.nodes.map(n => n.target.join(' ')).slice(0, 4).join(' | ')} ${v.nodes[0].failureSummary}`)));
  return found;
}

export const has = (text, part, name) =>
  ok(part instanceof RegExp ? part.test(text) : text.includes(part), name, `"${part}" is not in:\n${text}`);
export const hasNot = (text, part, name) => ok(!text.includes(part), name, `"${part}" is in:\n${text}`);
export {eq, ok};
