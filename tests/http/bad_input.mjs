// bad_input.mjs: what people and machines send that is wrong, on pages and API, on both engines: a clear
// answer in plain words, nothing typed is lost, the server lives.                  SPEC: P2 P3 P8 P9 P13
import {Browser, DATABASES, done, eq, form, multipart, must, ok, raw, request, serve, stave, test, unescape, uuid7} from './stave.mjs';
import {JPEG, cast, claiming, daysAgo, demo} from './demo.mjs';

let engine, server, c, dir, password;
let day = 3000;
const freshDay = () => daysAgo(day++);
const CJK = /[\u4e00-\u9fff]/;
const main = r => unescape(r.text.slice(r.text.indexOf('<main'), r.text.indexOf('</main>')));

async function lives(name) {
  const r = await request(server, 'GET', '/readyz').catch(e => ({status: String(e)}));
  if (r.status !== 200) ok(false, `${engine}: after ${name} the server lives`, `${r.status}`);
}

// A page that says no: its status, a sentence in Chinese, what was typed.
async function says(r, status, name, {typed = [], words} = {}) {
  const text = r.text.includes('<main') ? main(r) : r.text;
  const lost = typed.filter(t => !text.includes(t));
  ok([status].flat().includes(r.status) && CJK.test(text) && !lost.length && (!words || words.test(text)), `${engine}: ${name}: ${status}`,
    `${r.status}, lost: ${lost.map(l => l.slice(0, 40))}\n${text.slice(0, 900)}`);
  await lives(name);
}
async function refuses(r, status, name, code) {
  ok([status].flat().includes(r.status) && (!r.json ? !code : (!code || r.json.code === code || r.json.fields.some(f => f.code === code)) && CJK.test(r.json.detail)),
    `${engine}: ${name}: ${status}`, `${r.status} ${r.text.slice(0, 500)}`);
  await lives(name);
}

async function json() {
  const at = () => `/api/v1/diary/${uuid7()}`, send = (body, more = {}) =>
    request(server, 'PUT', at(), {token: c.s1.token, body, headers: {'Content-Type': 'application/json', ...more}});
  const d = freshDay(), deep = n => '{"day":' + '['.repeat(n) + ']'.repeat(n) + '}';
  for (const [name, body, status, code] of [
    ['no JSON', 'day=2020-01-01', 400, 'json.syntax'], ['half a JSON', '{"day":"2020-', 400], ['an object left open', '{"day":"2020-01-01"', 400, 'json.cut'],
    ['something behind it', '{} {}', 400, 'json.trailing'], ['a list', '[]', 400, 'web.json_object'], ['null', 'null', 400, 'web.json_object'], ['a text', '"x"', 400],
    ['a name twice', `{"day":"${d}","body":"a","body":"b"}`, 400, 'json.double_name'], ['a name twice, escaped', `{"body":"a","b\\u006fdy":"b"}`, 400, 'json.double_name'],
    ['40 levels', deep(40), 400, 'json.deep'], ['100,000 levels', '['.repeat(100000), 400, 'json.deep'], ['100,000 objects', '{"a":'.repeat(50000), 400, 'json.deep'],
    ['a fraction', '{"day":1.5}', 400, 'json.fraction'], ['a power', '{"day":1e9}', 400, 'json.fraction'], ['a number too big', '{"day":99999999999999999999}', 400, 'json.big'],
    ['broken UTF-8', Buffer.concat([Buffer.from('{"body":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]), 400, 'json.encoding'],
    ['overlong UTF-8', Buffer.concat([Buffer.from('{"body":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]), 400, 'json.encoding'],
    ['GB18030', Buffer.concat([Buffer.from('{"body":"'), Buffer.from([0xc4, 0xe3, 0xba, 0xc3]), Buffer.from('"}')]), 400, 'json.encoding'],
    ['half a surrogate', '{"body":"\\ud800"}', 400], ['NUL escaped', '{"body":"a\\u0000b"}', 400, 'json.nul'], ['NUL as it is', '{"body":"a\0b"}', 400],
    ['NUL in a name', '{"bo\\u0000dy":"a"}', 400, 'json.nul'], ['NaN', '{"day":NaN}', 400], ['a comment', '{/* */}', 400], ['single quotes', "{'day':1}", 400],
    ['1 MB and more', JSON.stringify({day: d, body: 'x'.repeat(1048576)}), 413], ['300 fields', JSON.stringify(Object.fromEntries(Array.from({length: 300}, (_, i) => [`f${i}`, 1]))), [413, 422]],
    ['rows 1,000 deep', `{"attendance":${'[{"a":'.repeat(500)}1${'}]'.repeat(500)}}`, 400, 'json.deep'], ['a text of 200 KB', JSON.stringify({day: d, body: 'x'.repeat(200000)}), 422],
  ]) await refuses(await send(body), status, `JSON: ${name}`, code);
  const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`, endless = await raw(server, `PUT ${at()} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${c.s1.token}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(65)}`);
  ok(/^HTTP\/1\.1 413 /.test(endless.text) && endless.closed, `${engine}: JSON: too long, in chunks: 413`, endless.text.slice(0, 300));
  const control = await send({day: d, body: '响铃\u0007和\u001b[31m红字'});
  ok(control.status === 422 || (control.status === 201 && !/[\u0007\u001b]/.test(control.json.body)), `${engine}: controls in a text are refused or taken out`, control.text);
  const list = await request(server, 'GET', `/api/v1/diary?day=${d}`, {token: c.s1.token});
  ok(list.json.items.length === (control.status === 201 ? 1 : 0), `${engine}: nothing of what was refused was kept`, list.text);
  // a browser's session at the API: not without the secret of its forms
  const b = new Browser(server);
  await b.signIn(c.s1.account, password);
  const body = {day: freshDay(), body: 'x'};
  await refuses(await b.send('PUT', at(), {body}), 403, 'API with a cookie alone', 'web.csrf');
  await refuses(await b.send('PUT', at(), {body: JSON.stringify(body), headers: {'Content-Type': 'text/plain'}}), 403, 'API as another site could send it', 'web.csrf');
  const csrf = Browser.hidden(await b.get('/diary/new'), '/diary').csrf;
  eq((await b.send('PUT', at(), {body, headers: {'X-CSRF-Token': csrf}})).status, 201, `${engine}: with the secret it goes through`);
  await refuses(await b.send('PUT', at(), {body, headers: {'X-CSRF-Token': csrf.replace(/./g, '0')}}), 403, 'API with a wrong secret', 'web.csrf');
  for (const q of ['%ff', 'day=%00', 'day=%zz', 'x'.repeat(3000), 'limit=1&'.repeat(100)])
    await refuses(await request(server, 'GET', `/api/v1/diary?${q}`, {token: c.s1.token}), [400, 413, 422], `query ${q.slice(0, 12)}`);
  for (const token of ['', 'x', 'x'.repeat(5000), '\xff\xfe', "' OR 1=1 --"])
    await refuses(await request(server, 'GET', '/api/v1/me', {headers: {Authorization: `Bearer ${token}`}}), 401, `token ${token.slice(0, 8)}`);
}

async function forms(b) {
  const text = `上午在村部开会 <b>&"'</b> ${'讨论修渠。'.repeat(20)}`, start = async () => Browser.hidden(await b.get('/diary/new'), '/diary');
  let h = await start();
  const post = (fields, headers) => b.post('/diary', {do: 'save', ...h, ...fields}, headers), d = freshDay();
  await says(await post({day: 'soon', body: text}), 422, 'form: a day that is none', {typed: [text, 'soon'], words: /日期/});
  await says(await post({day: daysAgo(-3), body: text}), 422, 'form: a day to come', {typed: [text]});
  const long = '很长。'.repeat(2700);
  await says(await post({day: d, body: long}), 422, 'form: a text too long', {typed: [long], words: /8,?000/});
  await says(await post({day: '', body: '', do: 'submit'}), 422, 'form: sent empty', {words: /正文/});
  await says(await post({day: '', body: text, do: 'submit'}), 422, 'form: sent without its day', {typed: [text]});
  await says(await post({unit: c.s2.unit, day: d, body: text}), 404, 'form: a village that is not his');
  await says(await post({unit: '000', day: d, body: text}), 404, 'form: a unit that is not there');
  const others = (await request(server, 'GET', '/api/v1/diary?limit=1', {token: c.s2.token})).json.items[0].id;
  const kept = await post({id: others, day: d, body: text});
  await says(kept, 404, 'form: the id of another', {typed: [text]});
  ok(Browser.hidden(kept, '/diary').id !== others, `${engine}: form: the text comes back under an id of its own`);
  ok((await request(server, 'GET', `/api/v1/diary/${others}`, {token: c.s1.token})).status === 404, `${engine}: form: and shows nothing of the other`);
  // bytes no browser sends
  const rawForm = form({...h, do: 'save', day: d});
  for (const [name, tail] of [['NUL', '&body=a%00b'], ['broken UTF-8', '&body=%ff%fe'], ['a broken escape', '&body=%zz'], ['5,000 fields', '&a=1'.repeat(5000)]])
    await says(await b.post('/diary', rawForm + tail), [400, 413], `form: ${name}`);
  await says(await b.post('/diary', form({...h, day: d, body: 'x'.repeat(1200000)})), 413, 'form: 1.2 MB in one field');
  for (const type of ['text/plain', 'application/json', 'application/xml', 'multipart/form-data', 'multipart/form-data; boundary=', 'multipart/form-data; boundary=a; boundary=b'])
    await says(await b.post('/diary', rawForm, {'Content-Type': type}), 400, `form: Content-Type ${type}`);
  const parts = Object.entries({...h, do: 'save', day: d, body: text});
  const whole = multipart(parts);
  await says(await b.post('/diary', whole.body.subarray(0, whole.body.length - 60), whole.headers), 400, 'form: in parts, cut off');
  await says(await b.post('/diary', Buffer.from('------stave7d1f'), whole.headers), 400, 'form: in parts, nothing in it');
  const many = multipart(Array.from({length: 6000}, (_, i) => [`p${i}`, 'x']));
  await says(await b.post('/diary', many.body, many.headers), [400, 413], 'form: in 6,000 parts');
  const fat = multipart([['x'.repeat(20000), 'y']]);
  await says(await b.post('/diary', fat.body, fat.headers), 400, 'form: a part with a head of 20 KB');
  // what nobody declared never arrives
  const odd = await post({day: d, body: text, state: 'accepted', version: '99', author: 'x', mood: 'good'});
  eq(odd.status, 303, `${engine}: form: fields nobody declared are left aside`);
  const stored = await request(server, 'GET', `/api/v1/diary/${h.id}`, {token: c.s1.token});
  ok(stored.json?.state === 'draft' && stored.json.version === 1 && stored.json.body === text, `${engine}: form: the rest is kept`, stored.text);
  for (const path of [`/diary/${h.id}`, `/diary/${h.id}/history`, `/diary/${h.id}/change`, '/diary?mine=1', '/']) {
    const page = await b.get(path);
    ok(page.status === 200 && !page.text.includes('<b>&"') && !page.text.includes("<b>&amp;\"'</b>"), `${engine}: ${path.replace(h.id, 'ID')} shows text as text`, page.status);
  }
  await says(await b.get(`/diary/${h.id}/nothing`), 404, 'an action that is not there');
  await says(await b.get('/diary/nonsense'), 404, 'an id that is none');
  await says(await b.get(`/diary/${others}`), 404, 'the diary of another');
  await says(await b.get(`/diary/${others}/history`), 404, 'its history');
  await says(await b.post(`/diary/${others}/submit`, {csrf: h.csrf, version: '1'}), 404, 'an action on it');
  await says(await b.get('/diary?limit=x&state=lost'), [200, 422], 'a list asked for oddly');
  await says(await b.get('/diary?after=%2F%2F'), [200, 422], 'a list from nowhere');
  const back = await b.get('/look?big=1&back=%2F%2Fevil.test%2F');
  ok(back.status === 303 && back.headers.location === '/', `${engine}: nobody is led to another site`, back.headers.location);
  const split = await b.get('/look?big=0&back=%2Fx%250d%250aSet-Cookie:a=b');
  ok(split.status === 303 && !/[\r\n]/.test(split.headers.location), `${engine}: nor gets headers of others' making`, split.headers.location);
}

async function repeated(b) {
  const d = freshDay(), h = Browser.hidden(await b.get('/diary/new'), '/diary'), fields = {...h, day: d, body: '送了几次的一篇', do: 'submit'};
  const all = await Promise.all(Array.from({length: 8}, () => b.post('/diary', fields)));
  ok(all.every(r => r.status === 303 && r.headers.location === `/diary/${h.id}`), `${engine}: eight times the same form: each is told where it is`, all.map(r => `${r.status} ${r.headers.location}`).join());
  const again = await b.post('/diary', fields);
  ok(again.status === 303, `${engine}: once more later`, again.status);
  const list = await request(server, 'GET', `/api/v1/diary?day=${d}`, {token: c.s1.token});
  ok(list.json.items.length === 1 && list.json.items[0].state === 'submitted' && list.json.items[0].version === 2, `${engine}: there is one, sent once`, list.text);
  await says(await b.post('/diary', {...fields, body: '同一张表，另一篇'}), 409, 'the same form with another text', {});
  const id = uuid7(), body = {day: freshDay(), body: '手机又送了一次'};
  const puts = await Promise.all(Array.from({length: 8}, () => request(server, 'PUT', `/api/v1/diary/${id}`, {token: c.s1.token, body})));
  ok(puts.filter(r => r.status === 201).length === 1 && puts.filter(r => r.status === 200).length === 7, `${engine}: eight times the same PUT: one 201, seven 200`, puts.map(r => r.status).join());
  const acts = await Promise.all(Array.from({length: 6}, () => request(server, 'POST', `/api/v1/diary/${h.id}/accept`, {token: c.town.token})));
  ok(acts.filter(r => r.status === 200).length === 1 && acts.every(r => [200, 409].includes(r.status)), `${engine}: accepted by six at once it is accepted once`, acts.map(r => r.status).join());
  const one = {day: freshDay(), body: '两台手机'};
  const two = await Promise.all([1, 2, 3, 4].map(() => request(server, 'PUT', `/api/v1/diary/${uuid7()}`, {token: c.s1.token, body: one})));
  ok(two.filter(r => r.status === 201).length === 1 && two.filter(r => r.status === 422).length === 3, `${engine}: four diaries for one day at once: one`, two.map(r => r.status).join());
}

async function stale(b) {
  const id = uuid7(), at = `/diary/${id}`, api = (who, method, path, body) => request(server, method, `/api/v1/diary/${id}${path}`, {token: c[who].token, body, headers: {'If-Match': '*'}});
  await request(server, 'PUT', `/api/v1/diary/${id}`, {token: c.s1.token, body: {day: freshDay(), body: '第一稿'}});
  const old = Browser.hidden(await b.get(`${at}/change`), `${at}/change`), fields = {...old, day: daysAgo(day - 1), do: 'save'};
  eq((await request(server, 'PATCH', `/api/v1/diary/${id}`, {token: c.s1.token, body: {body: '手机上改的'}, headers: {'If-Match': '"1"'}})).status, 200, `${engine}: changed elsewhere meanwhile`);
  const clash = await b.post(`${at}/change`, {...fields, body: '电脑上改的'});
  await says(clash, 412, 'form: changed meanwhile: both texts', {typed: ['手机上改的', '电脑上改的']});
  const h = Browser.hidden(clash, `${at}/change`), typed = m => unescape((clash.text.match(new RegExp(`name="body\\.${m}"[^>]*?value="([^"]*)"`)) || clash.text.match(new RegExp(`name="body\\.${m}"[^>]*>([^<]*)<`)) || [])[1] || '');
  await says(await b.post(`${at}/change`, {...h, 'body.mine': typed('mine'), 'body.theirs': typed('theirs'), do: 'save'}), 422, 'form: nothing chosen', {typed: ['手机上改的', '电脑上改的']});
  const chosen = await b.post(`${at}/change`, {...h, 'body.mine': typed('mine'), 'body.theirs': typed('theirs'), 'body.pick': 'mine', do: 'save'});
  eq(chosen.status, 303, `${engine}: one chosen`);
  const now = await api('s1', 'GET', '');
  ok(now.json.body === '电脑上改的' && now.json.version === 3, `${engine}: it stands`, now.text);
  // an action on what has moved on
  await api('s1', 'POST', '/submit');
  const t = new Browser(server);
  await t.signIn(c.town.account, password);
  const act = Browser.hidden(await t.get(`${at}/return`), `${at}/return`);
  await api('town', 'POST', '/return', {remark: '写具体些'});
  await api('s1', 'POST', '/submit');
  const late = await t.post(`${at}/return`, {...act, remark: '这句没说清，请补上地点', 'remark.at': 'all', do: 'return'});
  await says(late, [409, 412], 'form: an action on what has moved on', {typed: ['这句没说清，请补上地点']});
  const again = await t.post(`${at}/return`, {...Browser.hidden(late, `${at}/return`), remark: '这句没说清，请补上地点', 'remark.at': 'all', do: 'return'});
  eq(again.status, 303, `${engine}: asked once more it is done`);
  await says(await t.post(`${at}/return`, {...act, version: 'x', remark: '再来'}), 400, 'form: a version that is none');
  const wrong = await t.get(`${at}/accept`);
  await says(wrong, 409, 'form: an action from the wrong state');
  await says(await b.get(`${at}/accept`), [403, 409], 'form: an action that is not his');
  await says(await b.post(`${at}/accept`, {csrf: old.csrf, version: '6'}), 403, 'form: nor pressed');
}

async function sessions() {
  const b = new Browser(server), text = '写到一半，登录过期了。\n第二行也在。';
  ok((await b.signIn(c.m1.account, password)).status === 303, `${engine}: signed in`);
  const h = Browser.hidden(await b.get('/diary/new'), '/diary'), fields = {...h, day: freshDay(), body: text, do: 'save'}, live = {...b.jar};
  // CSRF
  for (const [name, csrf] of [['missing', undefined], ['empty', ''], ['wrong', 'f'.repeat(h.csrf.length)], ['cut', h.csrf.slice(0, 5)]]) {
    const bad = {...fields, csrf};
    if (csrf === undefined) delete bad.csrf;
    const r = await b.post('/diary', bad);
    await says(r, 403, `CSRF ${name}`, {typed: [text]});
    if (name === 'wrong') {
      const given = Browser.hidden(r, '/diary');
      ok(given.body === text && given.day === fields.day, `${engine}: CSRF: what was written can be sent again`, JSON.stringify(given));
      eq((await b.post('/diary', {...given, do: 'save'})).status, 303, `${engine}: CSRF: and goes through`);
    }
  }
  const other = new Browser(server);
  await other.signIn(c.s2.account, password);
  const theirs = Browser.hidden(await other.get('/diary/new'), '/diary');
  await says(await b.post('/diary', {...fields, id: uuid7(), csrf: theirs.csrf}), 403, 'CSRF of somebody else', {typed: [text]});
  // an ended, a forged, a broken session
  ok((await b.post('/signout', {csrf: h.csrf})).status === 303, `${engine}: signed out`);
  for (const [name, jar] of [['an ended session', live], ['a forged one', {stave: '0'.repeat(live.stave.length)}], ['a broken one', {stave: '\'"<x>%00'}], ['a huge one', {stave: 'a'.repeat(4000)}], ['none', {}]]) {
    b.jar = {...jar};
    const get = await b.get('/diary');
    ok(get.status === 303 && get.headers.location === '/signin?back=/diary', `${engine}: ${name}: a page leads to the sign-in and back`, `${get.status} ${get.headers.location}`);
    b.jar = {...jar};
    await says(await b.post('/diary', {...fields, id: uuid7()}), 401, `${name}: a form`, {typed: [text]});
    b.jar = {...jar};
    await refuses(await b.send('GET', '/api/v1/me'), 401, `${name}: the API`);
  }
  const list = await request(server, 'GET', `/api/v1/diary?day=${fields.day}`, {token: c.m1.token});
  eq(list.json.items.length, 1, `${engine}: of all that one diary came in`);
}

async function uploads(b) {
  const text = '有照片的一篇，字不能丢。', d = freshDay(), h = Browser.hidden(await b.get('/diary/new'), '/diary');
  const post = (files, more = {}) => {
    const m = multipart([...Object.entries({...h, day: d, body: text, do: 'save', ...more}), ...files]);
    return b.post('/diary', m.body, m.headers);
  };
  const photo = (bytes, name = 'a.jpg') => ['file.photos', bytes, name];
  for (const [name, files] of [['a text for a photo', [photo(Buffer.from('我是文字'))]], ['a page for a photo', [photo(Buffer.from('<svg onload=alert(1)>'), 'a.svg')]],
    ['half a photo', [photo(JPEG.subarray(0, 200))]], ['30,000 × 30,000', [photo(claiming(30000, 30000))]], ['one of two', [photo(JPEG), photo(Buffer.alloc(100, 1), 'b.jpg')]],
    ['ten photos', Array.from({length: 10}, (_, i) => photo(JPEG, `${i}.jpg`))]])
    await says(await post(files), 422, `upload: ${name}`, {typed: [text], words: /照片/});
  const named = await post([photo(JPEG, '../../etc/pass"wd')]);
  ok([303, 400].includes(named.status), `${engine}: upload: a name that would climb`, named.status);
  if (named.status === 303) {
    const r = await request(server, 'GET', `/api/v1/diary/${h.id}`, {token: c.s1.token});
    eq(r.json.photos?.length, 1, `${engine}: upload: the photo is kept, its name is not`);
  }
  h.id = uuid7();
  const ok1 = await post([photo(JPEG), photo(JPEG, 'b.jpg')], {day: freshDay()});
  ok(ok1.status === 303, `${engine}: upload: two good ones go through`, main(ok1).slice(0, 500));
  // what is too large is refused before it is sent, to strangers much earlier
  const head = (n, cookie) => `POST /diary HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: ${n}\r\n${cookie ? `Cookie: ${cookie}\r\n` : ''}\r\n`;
  for (const [name, bytes] of [['65 MB', head(65 << 20, b.cookie())], ['1 MB from nobody', head(1 << 20)], ['9 EB', head('9000000000000000000', b.cookie())]]) {
    const r = await raw(server, bytes);
    ok(/^HTTP\/1\.1 4(13|00)/.test(r.text) && r.closed, `${engine}: upload: ${name} is refused at once`, r.text.slice(0, 200));
  }
  const big = await request(server, 'PUT', `/api/v1/file/${uuid7()}`, {token: c.s1.token, body: Buffer.alloc(15 * 1048576 + 1), headers: {'Content-Type': 'image/jpeg'}}).catch(e => ({status: e.code}));
  ok([413, 'ECONNRESET', 'EPIPE'].includes(big.status), `${engine}: upload: a file over 15 MB is refused`, big.status);
  await lives('large uploads');
}

async function units() {
  const a = new Browser(server), csv = (text, name = 'units.csv') => [['file', Buffer.isBuffer(text) ? text : Buffer.from(text), name]];
  ok((await a.signIn(c.admin.account, password)).status === 303, `${engine}: the administrator signs in`);
  const h = Browser.hidden(await a.get('/import'), '/import');
  const post = files => { const m = multipart([['csrf', h.csrf], ['do', 'try'], ...files]); return a.post('/import', m.body, m.headers); };
  const county = c.county.unit;
  const tried = await post(csv(`code,name,level,parent\n${county}9,新设镇,town,${county}\n777,,town,${county}\n778,错级村,hamlet,${county}\n779,无上级村,village,nosuch\n`));
  await says(tried, 200, 'import page: broken rows', {words: /nosuch/});
  const rows = main(tried).replace(/<[^>]*>/g, ' ');
  ok([3, 4, 5].every(n => new RegExp(`(^|\\D)${n}(\\D|$)`).test(rows)) && /名称/.test(rows) && /层级/.test(rows) && /上级/.test(rows), `${engine}: import page: row, column and reason`, rows.slice(0, 900));
  ok(!must('export', dir, 'unit').includes(`${county}9`), `${engine}: import page: tried is not written`);
  for (const [name, bytes] of [['nothing', Buffer.alloc(0)], ['no columns known', 'a,b,c\n1,2,3\n'], ['a workbook', Buffer.from('PK\x03\x04xxxxxxxxxxxx')], ['a photo', JPEG], ['a quote left open', 'code,name,level,parent\n1,"x,town,2\n'],
    ['a million columns', 'code,name,level,parent\n' + ','.repeat(1000000)], ['no UTF-8 and no GB18030', Buffer.concat([Buffer.from('code,name,level,parent\n1,'), Buffer.from([0xff, 0xff, 0xff]), Buffer.from(',town,2\n')])], ['NUL', 'code,name,level,parent\n1,\0\0,town,2\n']])
    await says(await post(csv(bytes)), [413, 422], `import page: ${name}`);
  const b = new Browser(server);
  await b.signIn(c.s1.account, password);
  const mine = Browser.hidden(await b.get('/settings'));
  await says(await b.get('/import'), 404, 'the import is not for a secretary');
  const m = multipart([['csrf', mine.csrf || ''], ['do', 'apply'], ['rows', 'code,name,level,parent\n1,x,town,2\n']]);
  await says(await b.post('/import', m.body, m.headers), [403, 404], 'nor pressed');
  await says(await b.get(`/unit/${c.s2.unit}/staff`), 404, 'posts are not his to fill');
  await says(await b.post(`/unit/${c.s2.unit}/staff`, {role: 'first_secretary', account: 'zz', name: 'z'}), [403, 404], 'nor pressed');
}

// Last: it locks accounts, and this address for a while.
async function lockout() {
  const b = new Browser(server), tries = [];
  const wrong = async (account, pw = '不对的密码 <x>') => b.signIn(account, pw);
  const first = await wrong(c.town2.account);
  await says(first, 401, 'sign-in: a wrong password', {typed: [c.town2.account], words: /密码/});
  ok(!first.text.includes('不对的密码'), `${engine}: sign-in: it does not come back`);
  const ghost = await wrong('nobody.at.all');
  const sentence = r => main(r).match(/<p class="err[^]*?<\/p>|role="alert"[^]*?<\/(p|section|div)>/)?.[0];
  ok(ghost.status === 401 && sentence(ghost) === sentence(first), `${engine}: sign-in: of a name nobody has it says the same`, sentence(ghost));
  await says(await wrong('', ''), [401, 422], 'sign-in: nothing filled in');
  await says(await wrong('x'.repeat(300), 'y'.repeat(5000)), [401, 422], 'sign-in: far too long');
  await says(await wrong("' OR '1'='1", "' OR '1'='1"), 401, 'sign-in: not a name at all');
  await says(await b.post('/signin', {account: c.city.account, password}), 403, 'sign-in without the form\'s secret');
  for (let i = 0; i < 8; i++) {
    const r = await wrong(c.town2.account);
    tries.push(r.status);
    if (r.status === 429) { await says(r, 429, 'sign-in: locked after some tries', {typed: [c.town2.account], words: /分钟/}); break; }
  }
  const free = tries.indexOf(429);
  ok(free >= 3 && free <= 8, `${engine}: sign-in: some tries are free, then it is locked`, tries.join());
  const right = await b.signIn(c.town2.account, password);
  ok(right.status === 429, `${engine}: sign-in: while locked the right password does not help`, right.status);
  eq((await new Browser(server).signIn(c.city.account, password)).status, 303, `${engine}: sign-in: others are not locked`);
  const shown = [];
  for (let i = 0; i < 25; i++) shown.push(await b.get('/i').then(p => b.post('/i', {...Browser.hidden(p, '/i'), code: String(10000000 + i * 37), password: '一个很长的新密码', again: '一个很长的新密码'})));
  await says(shown[0], 422, 'a code that is none', {words: /邀请码/, typed: ['10000000']});
  const stop = shown.findIndex(r => r.status === 429);
  ok(stop >= 10 && stop <= 24 && +shown[stop].headers['retry-after'] > 0, `${engine}: codes cannot be tried for ever`, shown.map(r => r.status).join());
  await says(shown[stop], 429, 'and says how long', {words: /分钟/});
}

for (engine of DATABASES) {
  await test(`${engine}: bad input`, async () => {
    ({dir, password} = demo(engine));
    c = cast(dir);
    server = await serve(dir);
    const b = new Browser(server);
    ok((await b.signIn(c.s1.account, password)).status === 303, `${engine}: the first secretary signs in`);
    for (const part of [json, forms, repeated, stale, sessions, uploads, units, lockout]) await test(`${engine}: ${part.name}`, () => part(b));
    await lives('all of it');
    const x = await server.stop();
    eq(x.code, 0, `${engine}: SIGTERM ends the server with 0`);
    const errors = x.err().split('\n').filter(l => /status=500/.test(l));
    ok(!errors.length, `${engine}: nothing of it was an error inside`, errors.join('\n'));
    const v = stave('verify', dir);
    ok(v.code === 0, `${engine}: verify is clean afterwards`, v.err);
  });
}
done();
