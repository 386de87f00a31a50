// diary.mjs: a diary goes through: written on a phone, returned with a remark, mended, accepted, read by
// the county, and by nobody else.                                                     SPEC: B3 P2 P8 P11
import {createHash} from 'node:crypto';
import {must, request, uuid7} from '../http/stave.mjs';
import {DESK, PHONE, Visitor, eq, has, hasNot, ok} from './browser.mjs';
import {LONG, PEOPLE, VILLAGE, passwordOf} from './setup.mjs';

const GOOD = '上午陪农技员看了东坡的麦田，返青差的有四十多亩。';
const VAGUE = '下午去了几户人家。';
const CLEAR = '下午去了三户：村东头老两口缺柴，村西两家要修漏雨的屋顶。';
const END = '晚上和村支书商量，明天先把柴火送过去。';

async function photo(v) {
  const p = await v.ctx.newPage();
  await p.setContent('<body style="margin:0;background:linear-gradient(#9cf,#386 60%,#573)"><h1 style="padding:3em">麦田</h1>');
  const bytes = await p.screenshot({type: 'jpeg'});
  await p.close();
  return {name: '麦田.jpg', mimeType: 'image/jpeg', buffer: bytes};
}

const visit = (browser, d, who, size = PHONE, more = {}) =>
  Visitor.open(browser, d.server, size, {...d.look, ...more, state: d.login[who]});
const pathOf = v => new URL(v.page.url()).pathname;

export async function diary(browser, d) {
  const t = d.db, body = `${GOOD}${VAGUE}\n${END}`;

  // written: a draft is kept, found again, edited, sent
  let v = await visit(browser, d, 'first');
  await v.go('/');
  await v.check(`my day with nothing ${t}`);
  await v.go('/diary');
  await v.check(`list of nothing ${t}`);
  await v.press(v.page.locator('.tabs').getByText('记一笔'));
  await v.check(`what to write ${t}`);
  await v.press(v.page.locator('main a.r').first());
  await v.check(`new diary ${t}`);
  ok(/^\d{4}-\d\d-\d\d$/.test(await v.field('日期').inputValue()), `${t}: today stands there already`);
  await v.field('正文').fill(GOOD);
  await v.press('先存着');
  const path = pathOf(v), id = path.split('/')[2];
  ok(/^\/diary\/[0-9a-f-]{36}$/.test(path), `${t}: a draft is kept`, path);
  has(await v.text(), '草稿', `${t}: and is called so`);
  await v.check(`draft ${t}`);
  await v.go('/');
  has(await v.text(), '草稿', `${t}: my day shows the draft`);
  await v.check(`my day with a draft ${t}`);
  await v.press(v.page.locator('main a.r').first());
  await v.press('修改');
  eq(await v.page.getByLabel('正文').inputValue(), GOOD, `${t}: the draft opens with its text`);
  await v.field('正文').fill(body);
  await v.page.locator('input[type=file]').setInputFiles(await photo(v));
  await v.press('先存着');
  eq(await v.page.locator('main .photos img').count(), 1, `${t}: the photo is there`);
  const shown = await v.page.locator('main .photos img').evaluate(x => x.decode().then(() => x.naturalWidth));
  ok(shown > 100, `${t}: and can be seen`, shown);
  const photoPath = await v.page.locator('main .photos img').getAttribute('src');
  await v.check(`draft with a photo ${t}`);
  await v.press('修改');
  eq(await v.field('正文').inputValue(), body, `${t}: opened once more it has what was kept`);
  eq(await v.page.getByText('上次没送出的').count(), 0, `${t}: and nothing of it counts as not sent`);
  await v.check(`form with a photo ${t}`);
  if (v.js) {
    await v.field('正文').fill(body + '手机没电了');
    await v.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await v.go('/');
    await v.go(path + '/change');
    eq(await v.field('正文').inputValue(), body + '手机没电了', `${t}: what was not sent is put back`);
    ok(await v.page.getByText('上次没送出的').isVisible(), `${t}: and the page says so`);
  }
  await v.go(path + '/change');
  await v.field('正文').fill(body);
  await v.press('先存着');
  has(await v.text(), '没有改动', `${t}: what changes nothing is no new version`);
  await v.go(path);
  await v.press('送镇里');
  has(await v.text(), '等审阅', `${t}: sent, it waits for review`);
  eq(await v.page.getByText('修改', {exact: true}).count(), 0, `${t}: and can no longer be edited`);
  await v.check(`sent diary ${t}`);
  await v.close(`${t}: writing`);

  // the town finds it on its day and returns it with a remark on one sentence
  v = await visit(browser, d, 'town', DESK);
  await v.go('/');
  has(await v.text(), '审阅日记', `${t}: the town's day shows that it waits`);
  has(await v.text(), '贺长林', `${t}: and whose it is`);
  await v.check(`my day of the town ${t}`);
  await v.press(v.page.locator('main a.r').first());
  eq(pathOf(v), path, `${t}: it leads to the diary`);
  await v.check(`diary to review ${t}`);
  await v.press('退回');
  await v.check(`return ${t}`);
  eq(await v.press(v.page.locator('.bar .b.p')), 422, `${t}: a return without a remark is not taken`);
  await v.check(`return without a remark ${t}`);
  await v.page.locator('label.tick', {hasText: VAGUE}).click();
  await v.field('意见').fill('请写明哪几户，缺什么。');
  await v.press(v.page.locator('.bar .b.p'));
  has(await v.text(), '已退回', `${t}: it is returned`);
  await v.check(`returned diary of the town ${t}`);
  await v.close(`${t}: returning`);

  // the author finds the remark above the field, the sentence quoted
  v = await visit(browser, d, 'first');
  await v.go('/');
  has(await v.text(), '改日记', `${t}: the author's day shows the return`);
  await v.check(`my day with a return ${t}`);
  await v.press(v.page.locator('main a.r').first());
  has(await v.text('q'), VAGUE.slice(0, -1), `${t}: the sentence is marked in the text`);
  has(await v.text(), '请写明哪几户，缺什么。', `${t}: the remark stands below it`);
  await v.check(`returned diary ${t}`);
  await v.press('修改');
  const above = await v.page.evaluate(() => {
    const q = document.querySelector('blockquote q'), f = document.querySelector('textarea[name=body]');
    return q && f && q.getBoundingClientRect().bottom <= f.getBoundingClientRect().top ? q.textContent : '';
  });
  has(above, VAGUE.slice(0, -1), `${t}: above the field the remark quotes it`);
  await v.check(`mending ${t}`);
  await v.field('正文').fill(`${GOOD}${CLEAR}\n${END}`);
  await v.press('送镇里');
  has(await v.text(), '等审阅', `${t}: mended, it is sent again`);
  await v.close(`${t}: mending`);

  // the town accepts on its phone
  v = await visit(browser, d, 'town');
  await v.go('/');
  await v.press(v.page.locator('main a.r').first());
  has(await v.text(), CLEAR, `${t}: the town reads the mended text`);
  await v.press('通过');
  has(await v.text(), '已通过', `${t}: it is accepted`);
  await v.go(path);
  await v.check(`accepted diary ${t}`);
  await v.close(`${t}: accepting`);

  // the county reads it: list, record, history side by side, who can see this
  v = await visit(browser, d, 'county', DESK);
  await v.go('/diary');
  eq(await v.page.locator('main table tbody tr').count(), 1, `${t}: the county's list holds it`);
  await v.check(`list of the county ${t}`);
  await v.press(v.page.locator('main td.t a').first());
  has(await v.text(), CLEAR, `${t}: the county reads it`);
  eq((await v.ctx.request.get(photoPath)).status(), 200, `${t}: and its photo`);
  await v.press(v.page.locator('main .sec h2 a'));
  has(await v.text('main'), '留痕完整', `${t}: the history says that it is whole`);
  const del = await v.page.locator('.chg del').allInnerTexts(), ins = await v.page.locator('.chg ins').allInnerTexts();
  ok(ins.some(x => x.includes('老两口缺柴')) && del.some(x => x.includes('几户人家') || x.includes('几')),
    `${t}: old and new stand side by side`, `${del} / ${ins}`);
  const beside = await v.page.locator('.chg div:not(.h)').last().evaluate(x =>
    x.children[1].getBoundingClientRect().right <= x.children[2].getBoundingClientRect().left);
  ok(beside, `${t}: beside each other, on a wide screen`);
  await v.check(`history ${t}`);
  await v.go(path);
  await v.press('为什么');
  const who = await v.text();
  for (const p of ['first', 'town', 'county', 'city']) has(who, PEOPLE[p].name, `${t}: who can see this names ${p}`);
  hasNot(who, PEOPLE.other.name, `${t}: and not who cannot`);
  await v.check(`who can see this ${t}`);
  await v.close(`${t}: reading`);

  await nobodyElse(browser, d, {path, id, photoPath});
  return {path, id, photoPath};
}

// By page, API, list, export and photo address it is not there, for whoever it does not concern.
async function nobodyElse(browser, d, {path, id, photoPath}) {
  const t = d.db, file = photoPath.split('/').pop();
  const v = await visit(browser, d, 'other');
  const kinds = [path, `${path}/history`, `${path}/who`, `${path}/change`, `${path}/accept`, `${path}/return`];
  for (const p of kinds) {
    eq(await v.go(p), 404, `${t}: another village: ${p.replace(id, 'ID')} is not found`);
    has(await v.text(), '没有这一页', `${t}: and says so`);
  }
  await v.check(`not found ${t}`);
  const missing = await v.text();
  await v.go(`/diary/${uuid7()}`);
  eq((await v.text()).replace(/[0-9A-Z]{2}-[0-9A-Z]{4}/, ''), missing.replace(/[0-9A-Z]{2}-[0-9A-Z]{4}/, ''),
    `${t}: in the words used for what does not exist`);
  await v.go('/diary');
  eq(await v.page.locator('main table tbody tr').count(), 0, `${t}: another village: the list is empty`);
  hasNot(await v.text(), PEOPLE.first.name, `${t}: and names nobody`);
  await v.go(`/diary?unit=${VILLAGE}`);
  hasNot(await v.text(), '东坡', `${t}: asked for that village as well`);
  for (const q of ['', `?unit=${VILLAGE}`, '?state=accepted']) {
    const r = await v.ctx.request.get(`/diary/export.csv${q}`), csv = await r.text();
    ok(!csv.includes(id) && !csv.includes('东坡'), `${t}: another village: the export${q} lacks it`, csv);
  }
  eq((await v.ctx.request.get(photoPath)).status(), 404, `${t}: another village: the photo is not found`);
  await v.close(`${t}: another village`);

  const other = must('token', d.dir, PEOPLE.other.account).trim();
  const api = (method, p, more) => request(d.server, method, `/api/v1${p}`, {token: other, ...more});
  eq((await api('GET', `/diary/${id}`)).status, 404, `${t}: another village: the API does not find it`);
  eq((await api('GET', `/diary/${id}/history`)).status, 404, `${t}: nor its history`);
  eq((await api('GET', '/diary')).json.items.length, 0, `${t}: nor lists it`);
  eq((await api('GET', `/file/${file}`)).status, 404, `${t}: nor its photo`);
  eq((await api('PATCH', `/diary/${id}`, {body: {body: 'x'}, headers: {'If-Match': '"1"'}})).status, 404,
    `${t}: nor can it be changed`);
  eq((await api('POST', `/diary/${id}/accept`, {body: {}})).status, 404, `${t}: nor accepted`);
  const put = await api('PUT', `/diary/${id}`, {body: {unit: LONG, day: '2026-01-02', body: 'x'}});
  eq(put.status, 404, `${t}: nor its id taken`);
  eq((await request(d.server, 'GET', photoPath)).status === 200, false, `${t}: without an account there is no photo`);

  const a = await visit(browser, d, 'admin', DESK);
  await a.go('/');
  eq(new URL(a.page.url()).pathname, '/unit', `${t}: the administrator's day is the tree`);
  for (const p of ['/diary', path, `${path}/history`, '/diary/export.csv'])
    eq((await a.ctx.request.get(p)).status(), 404, `${t}: the administrator sees no record: ${p.replace(id, 'ID')}`);
  eq((await a.ctx.request.get(photoPath)).status(), 404, `${t}: and no photo`);
  hasNot(await a.text('body'), '驻村日记', `${t}: nor is a type of record named to him`);
  await a.close(`${t}: the administrator`);
}

// ---- when it does not go smoothly --------------------------------------------------------------

const dayBefore = n => new Date(Date.now() + 8 * 3600e3 - n * 864e5).toISOString().slice(0, 10);

async function startDiary(v, day, text) {
  await v.go('/diary/new');
  await v.field('日期').fill(day);
  if (text !== null) await v.field('正文').fill(text);
}

export async function troubles(browser, d) {
  const t = d.db;
  // fields at fault
  let v = await visit(browser, d, 'first');
  await startDiary(v, dayBefore(1), null);
  eq(await v.press('送镇里'), 422, `${t}: without a text it is not sent`);
  has(await v.page.title(), '有误', `${t}: the title of the window says so`);
  eq(await v.page.locator('#errors a').count(), 1, `${t}: the summary names the one field`);
  has(await v.text('#errors'), '您写的都在', `${t}: and that nothing is lost`);
  ok(await v.page.evaluate(() => document.activeElement.id === 'errors'), `${t}: it has the focus`);
  eq(await v.field('日期').inputValue(), dayBefore(1), `${t}: what was typed is there`);
  ok(await v.page.locator('.f.bad .err').isVisible(), `${t}: the field says what is wrong`);
  await v.check(`form with a fault ${t}`);
  await v.page.locator('#errors a').click();
  eq(await v.page.evaluate(() => document.activeElement.name), 'body', `${t}: the summary leads to the field`);
  const text = '今天修渠，干了一天。<b>&"\'</b>';
  await v.field('日期').fill('2099-01-01');
  await v.field('正文').fill(text);
  eq(await v.press('送镇里'), 422, `${t}: a day to come is not taken`);
  eq(await v.page.locator('textarea[name=body]').inputValue(), text, `${t}: the text is kept, to the letter`);
  await v.field('日期').fill(dayBefore(1));
  await v.press('先存着');
  has(await v.text(), text, `${t}: mended, it is kept`);
  const draft = pathOf(v);
  await startDiary(v, dayBefore(1), '同一天再写一篇');
  eq(await v.press('先存着'), 422, `${t}: a second diary of that day is not taken`);
  await v.check(`a second one of the day ${t}`);

  // pressed twice: with one button, the second press before the answer
  await startDiary(v, dayBefore(2), '按了两下');
  await v.button('先存着').dblclick({noWaitAfter: true});
  for (let i = 0; i < 100 && !/^\/diary\/[0-9a-f]{8}-/.test(pathOf(v)); i++) // the second breaks off the first
    await new Promise(r => setTimeout(r, 100));
  await v.page.waitForLoadState();
  await v.go('/diary');
  eq((await v.page.locator('tbody tr').allInnerTexts()).filter(x => x.includes('按了两下')).length, 1,
    `${t}: pressed twice it is there once`);

  // two tabs, one draft
  const [a, b] = [v.page, await v.tab()];
  await v.go(draft + '/change');
  await b.goto(draft + '/change');
  await v.field('正文').fill('这是先存的一份。');
  await v.press('先存着');
  v.page = b;
  await v.field('正文').fill('这是后存的一份。');
  eq(await v.press('先存着'), 412, `${t}: the second tab is told`);
  has(await v.text(), '这是先存的一份。', `${t}: the stored text is shown`);
  has(await v.text(), '这是后存的一份。', `${t}: and one's own`);
  eq(await v.page.locator('input[type=radio]:checked').count(), 0, `${t}: nothing is chosen beforehand`);
  await v.check(`conflict ${t}`);
  eq(await v.press('就按这样存'), 422, `${t}: without a choice nothing is saved`);
  has(await v.text(), '这是后存的一份。', `${t}: and both are still there`);
  await v.check(`conflict not decided ${t}`);
  await v.page.locator('label.tick', {hasText: '您写的'}).click();
  await v.press('就按这样存');
  has(await v.text(), '这是后存的一份。', `${t}: the chosen one is saved`);
  eq(pathOf(v), draft, `${t}: in the same diary`);
  await b.close();
  v.page = a;

  // signed out while writing: by the clock (cookie dead) and in another tab (cookie gone)
  for (const [n, how] of [[3, 'dead'], [4, 'gone']]) {
    const words = `写到一半，登录没了。第 ${n} 次。`;
    await startDiary(v, dayBefore(n), words);
    if (how === 'dead') await v.ctx.addCookies([{name: 'stave', value: 'f'.repeat(64), url: d.server.url}]);
    else await v.ctx.clearCookies({name: 'stave'});
    eq(await v.press('先存着'), 401, `${t}: session ${how}: it is not saved`);
    eq(await v.page.locator('textarea[readonly]').last().inputValue(), words, `${t}: session ${how}: the text is there`);
    await v.check(`signed out ${how} ${t}`);
    const login = await v.tab(), before = v.page;
    v.page = login;
    await v.signIn(PEOPLE.first.account, passwordOf('first'));
    eq(pathOf(v), '/', `${t}: session ${how}: signed in again in another tab`);
    await login.close();
    v.page = before;
    for (let i = 0; i < 2 && !/^\/diary\/[0-9a-f]{8}-/.test(pathOf(v)); i++) {
      await v.press('再送一次');
      if (i === 0 && v.page.answer.status() === 403) await v.check(`sent again ${how} ${t}`);
    }
    has(await v.text(), words, `${t}: session ${how}: sent again it is saved`);
  }
  d.login.first = await v.state();

  // found, but not for this post, and not from this state
  await v.close(`${t}: troubles`);
  v = await visit(browser, d, 'town');
  await v.go('/signin');
  eq(pathOf(v), '/', `${t}: who is signed in does not sign in`);
  eq(await v.go('/diary/new'), 403, `${t}: the town writes no diary`);
  await v.check(`not yours to do ${t}`);
  await v.close(`${t}: the town`);

  v = await Visitor.open(browser, d.server, PHONE, d.look);
  await v.go(draft);
  eq(pathOf(v), '/signin', `${t}: a stranger is asked to sign in`);
  await v.field('账号').fill(PEOPLE.first.account);
  await v.field('密码').fill('不是这个密码');
  eq(await v.press('登录'), 401, `${t}: a wrong password is refused`);
  eq(await v.field('账号').inputValue(), PEOPLE.first.account, `${t}: the account stays`);
  await v.check(`sign-in refused ${t}`);
  await v.field('密码').fill(passwordOf('first'));
  await v.press('登录');
  eq(pathOf(v), draft, `${t}: signed in, he is where he wanted to go`);
  await v.close(`${t}: a stranger`);
}

// One row, and one more than a page.
export async function lists(browser, d) {
  const t = d.db, token = must('token', d.dir, PEOPLE.other.account).trim();
  const write = async n => {
    const r = await request(d.server, 'PUT', `/api/v1/diary/${uuid7()}`, {token,
      body: {unit: LONG, day: dayBefore(n), body: `第${n}天，${createHash('md5').update(`${n}`).digest('hex').slice(0, 6)} 号地块放水。`}});
    if (r.status !== 201) throw new Error(`${r.status} ${r.text}`);
  };
  await write(1);
  const v = await visit(browser, d, 'other');
  await v.go('/diary');
  eq(await v.page.locator('tbody tr').count(), 1, `${t}: one row`);
  await v.check(`list of one ${t}`);
  for (let n = 2; n <= 21; n++) await write(n);
  await v.go('/diary');
  eq(await v.page.locator('tbody tr').count(), 20, `${t}: twenty on the first page`);
  await v.check(`list of 21 ${t}`);
  await v.press('更早的');
  eq(await v.page.locator('tbody tr').count(), 1, `${t}: the last one on the next`);
  await v.check(`list of 21, older ${t}`);
  await v.press('更新的');
  eq(await v.page.locator('tbody tr').count(), 20, `${t}: and back`);
  await v.page.locator('label[for=fold]').click();
  await v.page.locator('select[name=state]').selectOption('草稿');
  await v.press(v.page.locator('form.filter button'));
  has(v.page.url(), 'state=draft', `${t}: the filter stands in the address`);
  await v.check(`filtered list ${t}`);
  await v.close(`${t}: lists`);
}
