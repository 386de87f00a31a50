// notices.mjs: a returned diary shows on my day and under the bell, is read by opening it; the rest is marked as
// read at once; a calendar's address is made, read by a phone, withdrawn. On a phone with scripts, on a desktop
// without.                                                                   SPEC: P3 P9  UX: Notices
import {join} from 'node:path';
import {must, serve} from '../http/stave.mjs';
import {DESK, PHONE, TEMP, Visitor, eq, has, hasNot, ok} from './browser.mjs';

const PASSWORD = 'stave-demo-2026';

export async function notices(browser) {
  const dir = join(TEMP, 'notices');
  must('demo', dir, '--size', 'page');
  const server = await serve(dir);
  for (const [where, size, js, first] of [['phone', PHONE, true, 'fs.shangli'], ['desktop', DESK, false, 'fs.xiali']]) {
    const as = async account => {
      const v = await Visitor.open(browser, server, size, {js});
      eq(await v.signIn(account, PASSWORD), 200, `${where}: ${account} signs in`);
      return v;
    };
    await returned(as, where, first);
    await calendar(as, where, first);
  }
  await server.stop();
}

const bell = async v => {
  const n = v.page.locator('.top a[href="/notices"] .n');
  return await n.count() ? +(await n.innerText()) : 0;
};

async function returned(as, where, first) {
  const t = `${where}: notices`, v = await as(first);
  await v.go('/notices');
  if (await v.button('都标为已读').count()) await v.press('都标为已读');
  eq(await bell(v), 0, `${t}: all is read: the bell shows no number`);
  await v.go('/diary/new');
  await v.field('日期').fill('2024-03-05');
  await v.field('正文').fill('上午看了东渠的闸门。下午去了几户人家。');
  await v.press('送镇里');
  const path = new URL(v.page.url()).pathname;
  eq(await bell(v), 0, `${t}: nobody is told what he did himself`);

  const town = await as('to.yanhe');
  await town.go(path);
  await town.press('退回');
  await town.field('意见').fill('写清楚去了哪几户');
  await town.press(town.page.locator('.bar .b.p'));
  has(await town.text(), '已退回', `${t}: the town gives it back`);
  await town.close(t);

  await v.go('/');
  eq(await bell(v), 1, `${t}: the bell shows one`);
  has(await v.text(), '有变化的', `${t}: my day shows what changed`);
  has(await v.text(), '退回：孟雨桐（砚河镇党建办）', `${t}: what, and by whom`);
  has(await v.text(), '改日记', `${t}: and what he owes now`);
  await v.check(`${t} my day`);
  await v.press(v.page.locator('.top a[href="/notices"]'));
  eq(await v.text('h1'), '通知', `${t}: the bell leads to them`);
  const row = v.page.locator('.told li').first();
  has(await row.innerText(), '未读', `${t}: unread in a word`);
  has(await row.innerText(), '3月5日', `${t}: of his diary`);
  ok(await row.locator('b').count(), `${t}: and by weight`);
  has(await v.text('.sec p'), '退回 1 件', `${t}: the day in one sentence`);
  await v.check(`${t} list`);
  await v.press(row.locator('a'));
  eq(new URL(v.page.url()).pathname, path, `${t}: it leads to the diary`);
  eq(await bell(v), 0, `${t}: which is then read`);
  await v.go('/notices');
  hasNot(await v.page.locator('.told li').first().innerText(), '未读', `${t}: so it stands there`);
  await v.close(t);
}

async function calendar(as, where, first) {
  const t = `${where}: calendar`, v = await as(first);
  await v.go('/settings');
  await v.check(`${t} settings`);
  await v.press('给我一个日历地址');
  const url = (await v.text('p.ref')).trim();
  ok(/\/calendar\/[0-9a-f]{64}\.ics$/.test(url), `${t}: the address is shown`, url);
  await v.check(`${t} address`);
  const read = await fetch(url), body = await read.text();
  eq(read.status, 200, `${t}: a phone reads it without signing in`);
  has(read.headers.get('content-type'), 'text/calendar', `${t}: as a calendar`);
  has(body.replace(/\r\n /g, ''), 'SUMMARY:最晚：改日记', `${t}: with what he owes`);
  await v.go('/settings');
  eq(await v.page.locator('p.ref').count(), 0, `${t}: the address is shown once`);
  await v.press('收回地址');
  eq((await fetch(url)).status, 404, `${t}: withdrawn it is gone`);
  await v.close(t);
}
