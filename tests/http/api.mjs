// api.mjs: the diary story and all its refusals over the API, on both engines; every answer is held against
// the OpenAPI document.                                        SPEC: B3 P2 P7 P8 P9 P11  DESIGN: Interfaces that stay
import {DATABASES, done, eq, must, ok, request, serve, stave, test, uuid7} from './stave.mjs';
import {JPEG, cast, claiming, daysAgo, demo, withPlace} from './demo.mjs';
import {Checked} from './openapi.mjs';

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const problem = (r, status, code, field) => r.status === status && /problem\+json/.test(r.headers['content-type']) &&
  (!code || r.json.code === code || r.json.fields.some(f => f.code === code)) &&
  (!field || r.json.fields.some(f => f.field === field)) && r.json.detail.length > 0;
let engine;
const told = (r, status, name, {code, field} = {}) =>
  ok(problem(r, status, code, field), `${engine}: ${name}`, `${r.status} ${r.text.slice(0, 600)}`);
const is = (r, status, name) => ok(r.status === status, `${engine}: ${name}`, `${r.status} ${r.text.slice(0, 600)}`);

let day = 2000; // far before anything the demo wrote
const freshDay = () => daysAgo(day++);

async function whoAmI(api, c) {
  told(await api.call('GET', '/api/v1/me'), 401, 'nobody is told 401', {code: 'web.sign_in'});
  const dead = await api.call('GET', '/api/v1/me', {token: 'x'.repeat(43)});
  told(dead, 401, 'a dead token is told 401');
  ok(/^Bearer/.test(dead.headers['www-authenticate']), `${engine}: and how to come in`);
  const me = await api.call('GET', '/api/v1/me', {token: c.s1.token});
  is(me, 200, 'the first secretary reads who he is');
  eq(me.json.account, c.s1.account, `${engine}: his account`);
  eq(me.json.name, c.s1.name, `${engine}: his name`);
  eq(me.json.is_admin, false, `${engine}: no administrator`);
  ok(me.json.postings.some(p => p.role === 'first_secretary' && p.unit === c.s1.unit && p.unit_name === c.s1.unit_name), `${engine}: his post`);
  const admin = await api.call('GET', '/api/v1/me', {token: c.admin.token});
  ok(admin.json.is_admin && admin.json.postings.length === 0, `${engine}: the administrator holds no post`);
  for (const path of ['/api/v1/diary', `/api/v1/diary/${uuid7()}`, `/api/v1/diary/${uuid7()}/history`, `/api/v1/file/${uuid7()}`])
    told(await api.call('GET', path), 401, `nobody gets 401 at ${path.replace(/[0-9a-f-]{36}/, 'ID')}`);
}

async function story(api, c, dir) {
  const id = uuid7(), at = `/api/v1/diary/${id}`, d = freshDay();
  const as = (who, method, path, more = {}) => api.call(method, path, {token: who.token, ...more});
  const body = {unit: c.s1.unit, day: d, body: '上午走访三户。\n下午开会，会上说了不少。'};

  // create: 201, 200, 409, 404
  const made = await as(c.s1, 'PUT', at, {body});
  is(made, 201, 'a diary is created under the id its writer made');
  ok(same(made.json, {id, version: 1, unit: c.s1.unit, state: 'draft', day: d, body: body.body, mentions: null, photos: null, remark: null}),
    `${engine}: and looks as DESIGN says`, made.text);
  eq(made.headers.etag, '"1"', `${engine}: its version is the ETag`);
  eq(made.headers.location, at, `${engine}: its address is the Location`);
  const again = await as(c.s1, 'PUT', at, {body});
  ok(again.status === 200 && same(again.json, made.json), `${engine}: the same thing again is 200`, again.text);
  const other = await as(c.s1, 'PUT', at, {body: {...body, body: '另一篇', day: freshDay()}});
  told(other, 409, 'another text under the same id is 409', {code: 'record.exists_differs', field: 'body'});
  ok(other.json.fields.some(f => f.field === 'day') && !other.json.fields.some(f => f.field === 'unit'), `${engine}: naming what differs`, other.text);
  told(await as(c.s2, 'PUT', at, {body: {day: d, body: 'x'}}), 404, 'the id of somebody else is not usable', {code: 'record.id_not_usable'});
  told(await as(c.m1, 'PUT', at, {body}), 404, 'nor for his own team', {code: 'record.id_not_usable'});
  told(await as(c.s1, 'PUT', '/api/v1/diary/4f3c1d8e-0000-4000-8000-000000000000', {body}), 404, 'an id that is no UUIDv7 is not usable', {code: 'record.id_not_usable'});
  told(await as(c.s1, 'PUT', '/api/v1/diary/nonsense', {body}), 404, 'nor one that is no id', {code: 'record.id_not_usable'});
  told(await as(c.s1, 'PUT', `/api/v1/diary/${uuid7()}`, {body}), 422, 'one day has one diary', {code: 'record.not_unique'});

  // drafts are their author's alone
  for (const who of ['m1', 's2', 'town', 'town2', 'county', 'county2', 'city', 'admin'])
    told(await as(c[who], 'GET', at), 404, `${who} does not see a draft`, {code: 'web.missing'});

  // change: 428, 404, 412, 400, 200
  told(await as(c.s1, 'PATCH', at, {body: {body: 'x'}}), 428, 'a change names its version', {code: 'web.need_match'});
  told(await as(c.s2, 'PATCH', at, {body: {body: 'x'}}), 404, 'to others it is not there');
  told(await as(c.s2, 'PATCH', at, {body: {body: 'x'}, headers: {'If-Match': '"1"'}}), 404, 'with a version neither');
  told(await as(c.s1, 'PATCH', at, {body: {body: 'x'}, headers: {'If-Match': '1'}}), 400, 'a version without quotes is 400', {code: 'web.if_match'});
  const change = await as(c.s1, 'PATCH', at, {body: {body: '第二稿'}, headers: {'If-Match': '"1"'}});
  is(change, 200, 'a change goes through');
  ok(change.json.version === 2 && change.json.body === '第二稿' && change.json.day === d, `${engine}: version 2, only the text`, change.text);
  const repeat = await as(c.s1, 'PATCH', at, {body: {body: '第二稿'}, headers: {'If-Match': '"1"'}});
  ok(repeat.status === 200 && repeat.json.version === 2, `${engine}: sent twice it counts once`, repeat.text);
  const stale = await as(c.s1, 'PATCH', at, {body: {body: '我的第三稿'}, headers: {'If-Match': '"1"'}});
  told(stale, 412, 'a change of an old version is 412', {code: 'record.stale'});
  ok(stale.json.current?.body === '第二稿' && stale.json.current?.version === 2 && stale.json.mine?.body === '我的第三稿',
    `${engine}: with both texts`, stale.text);
  eq(stale.headers.etag, '"2"', `${engine}: and the version to use`);

  // submit
  told(await as(c.s2, 'POST', `${at}/submit`), 404, 'a stranger does not submit it');
  told(await as(c.town, 'POST', `${at}/accept`), 404, 'the town does not accept what it does not see');
  told(await as(c.s1, 'POST', `${at}/nothing`), 404, 'an action nobody declared is 404');
  told(await as(c.s1, 'POST', `${at}/change`), 404, 'change is no action of its own');
  const sent = await as(c.s1, 'POST', `${at}/submit`, {body: {}});
  ok(sent.status === 200 && sent.json.state === 'submitted' && sent.json.version === 3, `${engine}: its author submits it`, sent.text);
  told(await as(c.s1, 'POST', `${at}/submit`), 409, 'from submitted it cannot be submitted', {code: 'record.not_from_here'});
  told(await as(c.s1, 'PATCH', at, {body: {body: 'x'}, headers: {'If-Match': '"3"'}}), 409, 'nor changed', {code: 'record.not_from_here'});
  for (const [who, status] of Object.entries({s1: 200, town: 200, county: 200, city: 200, m1: 404, s2: 404, town2: 404, county2: 404, admin: 404}))
    is(await as(c[who], 'GET', at), status, `submitted: ${who} gets ${status}`);

  // return
  told(await as(c.town, 'POST', `${at}/return`, {body: {}}), 422, 'a return without remark is 422', {code: 'field.required', field: 'remark'});
  told(await as(c.town, 'POST', `${at}/return`, {body: {remark: '好', body: '改了'}}), 422, 'a return changes nothing else', {code: 'field.unknown', field: 'body'});
  told(await as(c.s1, 'POST', `${at}/return`, {body: {remark: '好'}}), 403, 'its author may not return it', {code: 'record.may_not'});
  told(await as(c.county, 'POST', `${at}/return`, {body: {remark: '好'}}), 403, 'nor the county');
  told(await as(c.s2, 'POST', `${at}/return`, {body: {remark: '好'}}), 404, 'to a stranger it is not there');
  const remark = '> 第二稿\n说了什么，写具体些。';
  const back = await as(c.town, 'POST', `${at}/return`, {body: {remark}, headers: {'If-Match': '"3"'}});
  ok(back.status === 200 && back.json.state === 'returned' && back.json.remark === remark, `${engine}: the town returns it with a remark`, back.text);
  eq((await as(c.s1, 'GET', at)).json?.remark, remark, `${engine}: the author reads the remark`);
  for (const [who, status] of Object.entries({s1: 200, town: 200, county: 404, city: 404, m1: 404, s2: 404, admin: 404}))
    is(await as(c[who], 'GET', at), status, `returned: ${who} gets ${status}`);
  told(await as(c.town, 'POST', `${at}/accept`), 409, 'what is returned is not accepted', {code: 'record.not_from_here'});

  // mended, accepted
  const mended = await as(c.s1, 'PATCH', at, {body: {body: '会上定了修渠，周五动工。'}, headers: {'If-Match': '"4"'}});
  is(mended, 200, 'the author mends it');
  told(await as(c.s1, 'POST', `${at}/submit`, {headers: {'If-Match': '"4"'}}), 412, 'an action on an old version is 412', {code: 'record.stale'});
  is(await as(c.s1, 'POST', `${at}/submit`, {headers: {'If-Match': '"5"'}}), 200, 'and submits it again');
  const accepted = await as(c.town, 'POST', `${at}/accept`);
  ok(accepted.status === 200 && accepted.json.state === 'accepted' && accepted.json.version === 7, `${engine}: the town accepts`, accepted.text);
  told(await as(c.town, 'POST', `${at}/accept`), 409, 'once');
  told(await as(c.s1, 'PATCH', at, {body: {body: 'x'}, headers: {'If-Match': '"7"'}}), 409, 'accepted is not changed any more');
  for (const [who, status] of Object.entries({s1: 200, town: 200, county: 200, city: 200, m1: 404, s2: 404, town2: 404, county2: 404, admin: 404}))
    is(await as(c[who], 'GET', at), status, `accepted: ${who} gets ${status}`);

  // history
  for (const who of ['s1', 'town', 'county']) {
    const h = await as(c[who], 'GET', `${at}/history`);
    is(h, 200, `${who} reads the history`);
    ok(same(h.json.items.map(i => i.act), ['create', 'change', 'submit', 'return', 'change', 'submit', 'accept']), `${engine}: one item a change, oldest first`, h.text);
    ok(h.json.items.every((i, k) => i.version === k + 1), `${engine}: versions without gaps`);
    ok(same(h.json.items.map(i => i.state_to), ['draft', null, 'submitted', 'returned', null, 'submitted', 'accepted']) ||
      same(h.json.items.map(i => i.state_to), ['draft', 'draft', 'submitted', 'returned', 'returned', 'submitted', 'accepted']), `${engine}: where it went`, h.text);
    ok(h.json.items[0].actor_name === c.s1.name && h.json.items[3].actor_name === c.town.name && h.json.items[3].role === 'town_office' &&
      h.json.items[3].unit === c.town.unit, `${engine}: who did it, by which post`);
    ok(same(h.json.items[1].changes, {body: {from: body.body, to: '第二稿'}}), `${engine}: what was changed`, JSON.stringify(h.json.items[1]));
    eq(h.json.items[3].changes.remark?.to, remark, `${engine}: the remark is in it`);
  }
  for (const who of ['m1', 's2', 'town2', 'county2', 'admin'])
    told(await as(c[who], 'GET', `${at}/history`), 404, `${who} reads no history`);

  // lists and exports: by every way the same sight
  for (const [who, sees] of Object.entries({s1: 1, town: 1, county: 1, city: 1, m1: 0, s2: 0, town2: 0, county2: 0})) {
    const list = await as(c[who], 'GET', `/api/v1/diary?day=${d}`);
    eq(list.json?.items.filter(i => i.id === id).length, sees, `${engine}: in the list of ${who}: ${sees}`);
    const csv = await request(api.server, 'GET', '/diary/export', {token: c[who].token});
    ok(csv.status === 200 && /text\/csv/.test(csv.headers['content-type']) && csv.text.includes(id) === !!sees, `${engine}: in the export of ${who}: ${sees}`, csv.status);
  }
  told(await as(c.admin, 'GET', '/api/v1/diary'), 404, 'the administrator has no list');
  is(await request(api.server, 'GET', '/diary/export', {token: c.admin.token}), 404, 'nor an export');
  ok(must('export', dir, 'diary', '--unit', c.s1.unit).includes(id), `${engine}: the command line exports it`);
  ok(!must('export', dir, 'diary', '--unit', c.s2.unit).includes(id), `${engine}: below its unit only`);
  const foreign = await as(c.s2, 'GET', `/api/v1/diary?unit=${c.s1.unit}`);
  ok(foreign.status === 200 && foreign.json.items.length === 0 && foreign.json.next === null, `${engine}: the unit of others is an empty list`, foreign.text);
  return {id, d};
}

async function lists(api, c) {
  const as = (who, q) => api.call('GET', `/api/v1/diary?${q}`, {token: c[who].token});
  for (let i = 0; i < 7; i++)
    is(await api.call('PUT', `/api/v1/diary/${uuid7()}`, {token: c.s2.token, body: {day: freshDay(), body: `第 ${i} 篇`}}), 201, 'a draft for the lists');
  for (const who of ['s2', 'town', 'county']) {
    const all = [];
    let next = '', steps = 0;
    do {
      const r = await as(who, `limit=3${next && '&after=' + encodeURIComponent(next)}`);
      if (r.status !== 200 || r.json.items.length > 3) { is(r, 200, 'a page of the list'); break; }
      all.push(...r.json.items);
      next = r.json.next;
    } while (next && ++steps < 400);
    const whole = [];
    next = '';
    do {
      const r = await as(who, `limit=100${next && '&after=' + encodeURIComponent(next)}`);
      whole.push(...r.json.items);
      next = r.json.next;
    } while (next);
    ok(all.length >= 7 && new Set(all.map(i => i.id)).size === all.length, `${engine}: ${who}: walking by cursor nothing comes twice`, `${all.length}`);
    ok(same(all.map(i => i.id), whole.map(i => i.id)), `${engine}: ${who}: and nothing is left out`, `${all.length} ${whole.length}`);
    ok(all.every((x, i) => !i || all[i - 1].day >= x.day), `${engine}: ${who}: newest first`);
    const states = new Set(all.map(i => i.state));
    ok(who === 's2' || !states.has('draft'), `${engine}: ${who} sees no draft of others`);
    ok(who !== 'county' || !states.has('returned'), `${engine}: ${who} sees nothing returned`);
    ok(who !== 's2' || all.every(i => i.unit === c.s2.unit), `${engine}: the secretary sees his own village`);
    const waiting = await as(who, 'state=submitted,accepted&limit=100');
    ok(same(waiting.json.items.map(i => i.id), whole.filter(i => ['submitted', 'accepted'].includes(i.state)).slice(0, waiting.json.items.length).map(i => i.id)) &&
      waiting.json.items.every(i => ['submitted', 'accepted'].includes(i.state)), `${engine}: ${who}: by state`);
    const first = whole[Math.floor(whole.length / 2)];
    const byDay = await as(who, `day=${first.day}&limit=100`);
    ok(same(byDay.json.items.map(i => i.id), whole.filter(i => i.day === first.day).map(i => i.id).slice(0, 100)), `${engine}: ${who}: by day`, byDay.text);
    const below = await as(who, `unit=${c.s2.unit}&limit=100`);
    ok(same(below.json.items.map(i => i.id), whole.filter(i => i.unit === c.s2.unit).map(i => i.id).slice(0, 100)), `${engine}: ${who}: at a unit`);
  }
  const town = await as('county', `unit=${c.town.unit}&limit=100`);
  ok(town.json.items.length > 0 && town.json.items.every(i => c.units.get(i.unit).parent === c.town.unit), `${engine}: below a unit`);
  eq((await as('s2', '')).json.items.length, 20, `${engine}: twenty unless asked`);
  eq((await as('county', 'state=draft')).json.items.length, 0, `${engine}: a state nobody shows him is an empty list`);
  for (const [q, field, code] of [['limit=0', 'limit', 'web.limit'], ['limit=101', 'limit', 'web.limit'], ['limit=x', 'limit', 'web.limit'],
    ['state=lost', 'state', 'web.no_such_state'], ['unit=999', 'unit', 'web.no_such_unit'], ['after=%2F%2F', 'after', 'field.not_cursor'],
    ['day=2026-02-30', 'day'], ['colour=red', 'colour', 'field.unknown'], ['body=x', 'body', 'web.no_filter'], ['limit=1&limit=2', 'limit', 'field.twice'],
    [`limit=${'9'.repeat(40)}`, 'limit', 'web.param_long']])
    told(await as('s1', q), 422, `?${q.slice(0, 20)} is 422`, {field, code});
}

async function values(api, c) {
  const put = (body, q = '') => api.call('PUT', `/api/v1/diary/${uuid7()}${q}`, {token: c.s1.token, body});
  const d = freshDay();
  for (const [name, body, field, code] of [
    ['a number for a text', {day: d, body: 7}, 'body', 'field.wrong_type'], ['a list for a text', {day: d, body: ['x']}, 'body', 'field.wrong_type'],
    ['an object for a text', {day: d, body: {a: 1}}, 'body', 'field.wrong_type'], ['true for a text', {day: d, body: true}, 'body', 'field.wrong_type'],
    ['a number for a day', {day: 20260101, body: 'x'}, 'day', 'field.wrong_type'], ['a day that is none', {day: '2026-02-30', body: 'x'}, 'day'],
    ['a word for a day', {day: 'soon', body: 'x'}, 'day'], ['tomorrow', {day: daysAgo(-2), body: 'x'}, 'day'],
    ['a text too long', {day: d, body: '字'.repeat(8001)}, 'body'], ['a field nobody declared', {day: d, body: 'x', mood: 'good'}, 'mood', 'field.unknown'],
    ['a remark at creation', {day: d, body: 'x', remark: 'r'}, 'remark', 'field.unknown'], ['the version as a field', {day: d, body: 'x', version: 1}, 'version', 'field.unknown'],
    ['a text for photos', {day: d, body: 'x', photos: 'x'}, 'photos', 'field.wrong_type'], ['a photo that is not there', {day: d, body: 'x', photos: [uuid7()]}, 'photos', 'field.no_such_file'],
    ['a photo that is no id', {day: d, body: 'x', photos: ['x']}, 'photos'], ['a number among photos', {day: d, body: 'x', photos: [1]}, 'photos', 'field.wrong_type'],
    ['ten photos', {day: d, body: 'x', photos: Array.from({length: 10}, uuid7)}, 'photos'], ['a number for the unit', {unit: 5, day: d, body: 'x'}, 'unit', 'field.wrong_type'],
  ]) told(await put(body), 422, `${name} is 422`, {field, code});
  const two = await put({day: 'soon', body: 7, mood: 1});
  ok(two.status === 422 && two.json.fields.length === 3, `${engine}: all faults at once`, two.text);
  told(await put({unit: c.s2.unit, day: d, body: 'x'}), 404, 'the village of another is 404', {code: 'web.missing'});
  told(await put({unit: '999999', day: d, body: 'x'}), 404, 'a unit that is not there too', {code: 'web.missing'});
  told(await put({day: d, body: 'x'}, '?as=first_secretary&as=team_member'), 422, 'as= twice is 422', {field: 'as', code: 'field.twice'});
  told(await put({day: d, body: 'x'}, '?colour=red'), 422, 'a parameter nobody declared is 422', {field: 'colour', code: 'field.unknown'});
  is(await put({day: d, body: '好'.repeat(8000)}, '?as=first_secretary'), 201, '8000 characters by the post he holds');
  const wrong = await put({day: freshDay(), body: 'x'}, '?as=team_member');
  ok([403, 404].includes(wrong.status), `${engine}: by a post he does not hold it is refused`, wrong.text);
  for (const who of ['town', 'county']) told(await api.call('PUT', `/api/v1/diary/${uuid7()}`, {token: c[who].token, body: {unit: c.s1.unit, day: d, body: 'x'}}), 403, `${who} writes no diary`);
  told(await api.call('PUT', `/api/v1/diary/${uuid7()}`, {token: c.admin.token, body: {unit: c.s1.unit, day: d, body: 'x'}}), 404, 'the administrator neither');
  // a draft may be empty, what is sent may not
  const id = uuid7(), empty = await api.call('PUT', `/api/v1/diary/${id}`, {token: c.s1.token, body: {day: null, body: null}});
  ok(empty.status === 201 && empty.json.day === null && empty.json.body === null && empty.json.unit === c.s1.unit, `${engine}: a draft may be empty; empty is null`, empty.text);
  const sent = await api.call('POST', `/api/v1/diary/${id}/submit`, {token: c.s1.token});
  told(sent, 422, 'what is sent may not', {field: 'day', code: 'field.required'});
  ok(sent.json.fields.some(f => f.field === 'body'), `${engine}: all that is missing at once`);
  const en = await api.call('POST', `/api/v1/diary/${id}/submit`, {token: c.s1.token, headers: {'Accept-Language': 'en'}});
  ok(/[a-z]/.test(en.json.fields[0].message) && !/[\u4e00-\u9fff]/.test(en.json.fields[0].message), `${engine}: in English where asked`, en.text);
  ok(/[\u4e00-\u9fff]/.test(sent.json.fields[0].message), `${engine}: in Chinese otherwise`, sent.text);
}

async function photos(api, c) {
  const file = (who, id, body, method = 'PUT') => api.call(method, `/api/v1/file/${id}`, {token: c[who]?.token, body, headers: {'Content-Type': 'image/jpeg'}});
  const id = uuid7(), big = uuid7();
  is(await file('s1', id, withPlace()), 201, 'a photo is kept');
  is(await file('s1', id, withPlace()), 200, 'once');
  told(await file('s1', id, JPEG), 409, 'other bytes under its id are 409', {code: 'record.file_differs'});
  told(await file('s2', id, withPlace()), 404, 'its id is nobody else\'s', {code: 'record.id_not_usable'});
  told(await file('s1', 'nonsense', JPEG), 404, 'an id that is none is not usable');
  told(await file('admin', uuid7(), JPEG), 403, 'who holds no post keeps no photo');
  told(await file(null, uuid7(), JPEG), 401, 'nobody neither');
  for (const [name, bytes, code] of [['a text', Buffer.from('这不是照片'), 'photo.not_one'], ['a page', Buffer.from('<html><script>alert(1)</script>'), 'photo.not_one'],
    ['no size at all', claiming(0, 0)], ['half a photo', JPEG.subarray(0, 300)],
    ['the head alone', JPEG.subarray(0, 4)], ['a program', Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(600)]), 'photo.not_one']])
    told(await file('s1', big, bytes), 422, `${name} is no photo: 422`, {code});
  const png = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d494844520000753000007530080200000000000000', 'hex'), Buffer.alloc(200)]);
  told(await file('s1', big, claiming(30000, 30000)), 413, '30,000 × 30,000 points are too large', {code: 'photo.pixels'});
  told(await file('s1', big, png), 413, 'as a PNG too', {code: 'photo.pixels'});
  told(await api.call('PUT', `/api/v1/file/${big}`, {token: c.s1.token}), 422, 'nothing at all is no photo');
  told(await file('s1', id, undefined, 'GET'), 404, 'without a record that names it, it is not shown');
  const d = `/api/v1/diary/${uuid7()}`;
  told(await api.call('PUT', `/api/v1/diary/${uuid7()}`, {token: c.s2.token, body: {day: freshDay(), body: 'x', photos: [id]}}), 422, 'nobody hangs the photo of another into his record', {field: 'photos', code: 'field.no_such_file'});
  const made = await api.call('PUT', d, {token: c.s1.token, body: {day: freshDay(), body: '有照片', photos: [id]}});
  ok(made.status === 201 && same(made.json.photos, [id]), `${engine}: a record names it`, made.text);
  const seen = await file('s1', id, undefined, 'GET');
  ok(seen.status === 200 && seen.headers['content-type'] === 'image/jpeg' && seen.bytes[0] === 0xff && seen.bytes[1] === 0xd8, `${engine}: its author sees the photo`);
  ok(!seen.bytes.includes('GPS') && !seen.bytes.includes('Exif'), `${engine}: where it was taken is gone`);
  ok(/nosniff/.test(seen.headers['x-content-type-options']) && /sandbox/.test(seen.headers['content-security-policy']) && /private/.test(seen.headers['cache-control']), `${engine}: with careful headers`);
  const sight = async (name, list) => {
    for (const [who, status] of Object.entries(list)) {
      is(await file(who, id, undefined, 'GET'), status, `${name}: photo for ${who}: ${status}`);
      is(await request(api.server, 'GET', `/file/${id}`, {token: c[who].token}), status, `${name}: at its page address ${status}`);
    }
  };
  await sight('draft', {s1: 200, m1: 404, s2: 404, town: 404, county: 404, admin: 404});
  is(await api.call('POST', `${d}/submit`, {token: c.s1.token}), 200, 'submitted with its photo');
  await sight('submitted', {s1: 200, town: 200, county: 200, m1: 404, s2: 404, town2: 404, county2: 404, admin: 404});
  told(await file(null, id, undefined, 'GET'), 401, 'nobody sees a photo');
}

// Rows, an audience, links, choices: taken as GET gives them, told with their place when wrong.
async function rows(api, c) {
  const put = (who, type, body, id = uuid7()) => api.call('PUT', `/api/v1/${type}/${id}`, {token: c[who].token, body});
  const course = await put('town', 'course', {title: '管护办法', line: 'policy'});
  is(course, 201, 'a course is set up');
  const session = {course: course.json.id, day: daysAgo(0), place: '三楼', invited: [{role: 'first_secretary', unit: c.town.unit}]};
  const id = uuid7(), at = `/api/v1/session/${id}`, made = await put('town', 'session', session, id);
  is(made, 201, 'a session is planned');
  ok(same(made.json.invited, session.invited) && made.json.attendance === null && made.json.present === 0 && made.json.line === 'policy',
    `${engine}: its audience as pairs, no rows is null, copied and computed are there`, made.text);
  const person = async who => (await api.call('GET', '/api/v1/me', {token: c[who].token})).json.person;
  const [p1, p2] = [await person('s1'), await person('s2')];
  const patch = (v, body) => api.call('PATCH', at, {token: c.town.token, body, headers: {'If-Match': `"${v}"`}});
  told(await patch(1, {attendance: [{person: p1, came: 'present'}, {person: p1, came: 'leave', reason: 'x'}]}), 422, 'a person twice');
  told(await patch(1, {attendance: [{person: p1, came: 'present'}, {person: p2, came: 'leave'}]}), 422, 'leave wants its reason', {field: 'attendance.1.reason', code: 'field.required'});
  told(await patch(1, {attendance: Array.from({length: 501}, () => ({person: p1, came: 'present'}))}), 422, '501 rows', {field: 'attendance'});
  told(await patch(1, {attendance: [{person: uuid7(), came: 'present'}]}), 422, 'nobody', {field: 'attendance.0.person'});
  told(await patch(1, {attendance: [{id: uuid7(), person: p1, came: 'present'}]}), 422, 'an id no row has', {field: 'attendance.0.id'});
  told(await patch(1, {present: 7}), 422, 'what is computed is not taken', {field: 'present', code: 'field.unknown'});
  const two = await patch(1, {attendance: [{person: p1, came: 'present'}, {person: p2, came: 'leave', reason: '值班'}]});
  ok(two.status === 200 && two.json.present === 1 && two.json.attendance.length === 2 && two.json.version === 2, `${engine}: two rows`, two.text);
  const back = await patch(2, {attendance: two.json.attendance});
  ok(back.status === 200 && same(back.json.attendance, two.json.attendance), `${engine}: given back as they came nothing changes`, back.text);
  const v = back.json.version, one = await patch(v, {attendance: [{...two.json.attendance[1], came: 'present', reason: null}]});
  ok(one.status === 200 && one.json.attendance.length === 1 && one.json.attendance[0].id === two.json.attendance[1].id && one.json.present === 1,
    `${engine}: the list is the whole list; a row keeps its id`, one.text);
  const again = await put('town', 'session', session, id);
  ok(again.status === 200, `${engine}: the same creation again is 200`, again.text);
  is(await api.call('POST', `${at}/hold`, {token: c.town.token}), 200, 'and held');
  const list = await api.call('GET', '/api/v1/session?limit=100', {token: c.town.token});
  ok(list.json.items.some(i => i.id === id && i.present === 1 && !('attendance' in i)), `${engine}: a list leaves rows out`, list.text.slice(0, 400));
  const h = await api.call('GET', `${at}/history`, {token: c.town.token});
  ok(h.status === 200 && h.json.items.length >= 4, `${engine}: its history`, h.text.slice(0, 400));
  is(await api.call('GET', at, {token: c.s1.token}), 200, 'who was invited sees it');
  const csv = await request(api.server, 'GET', '/session/export', {token: c.town.token});
  ok(csv.status === 200 && csv.text.includes(`first_secretary@${c.town.unit}`) && !/attendance/.test(csv.text), `${engine}: a sheet has the audience, not the rows`, csv.text.slice(0, 400));
}

// Whatever else is declared answers as it is described, whoever asks.
async function others(api, c) {
  for (const who of ['s1', 'town', 'county'])
    for (const op of Object.entries(api.doc.paths).flatMap(([p, ops]) => Object.keys(ops).map(m => [m, p]))) {
      if (!op[1].startsWith('/api/v1/') || /file/.test(op[1])) continue;
      const r = await api.call(op[0].toUpperCase(), op[1].replace(/\{.*?\}/g, () => uuid7()), {token: c[who].token, ...(op[0] === 'get' ? {} : {body: {}, headers: {'If-Match': '"1"'}})});
      ok(r.status < 500, `${engine}: ${op.join(' ')} for ${who}`, `${r.status} ${r.text.slice(0, 300)}`);
    }
}

// The number is the length of the list, whoever asks; the command line tells the same.
async function figures(api, c, dir) {
  const ask = (who, q = '') => api.call('GET', `/api/v1/figures${q}`, {token: c[who].token});
  told(await api.call('GET', '/api/v1/figures'), 401, 'nobody is told no figure');
  for (const who of ['s1', 'm1', 'town', 'county', 'city']) {
    const all = await ask(who, `?unit=${c[who].unit}`);
    is(all, 200, `${who} reads figures`);
    ok(Array.isArray(all.json) && all.json.every(f => f.unit === c[who].unit && f.from <= f.to), `${engine}: of his unit`, all.text.slice(0, 400));
    const byHand = JSON.parse(must('figures', dir, '--as', c[who].account, '--unit', c[who].unit, '--json'));
    for (const f of all.json)
      ok(byHand.some(x => same(x, f)), `${engine}: ${who}: the command line tells the same of ${f.figure}`, JSON.stringify(f));
    const held = all.json.find(f => f.figure === 'study_trips_held');
    let n = 0;
    for (let after = ''; after !== null;) {
      const r = await api.call('GET', `/api/v1/study_trip?state=reported&unit=${c[who].unit}&limit=100&after=${after}`, {token: c[who].token});
      n += r.json.items.filter(i => i.day <= daysAgo(0)).length;
      after = r.json.next;
    }
    eq(held?.records, n, `${engine}: peers_18: ${who}: the number of study trips is the length of the list`);
    const csv = await request(api.server, 'GET', `/figure/study_trips_held.csv?unit=${c[who].unit}&to=${daysAgo(0)}`, {token: c[who].token});
    eq(csv.text.trim().split('\r\n').length - 1, n, `${engine}: and of its sheet`);
  }
  const one = await ask('county', '?figure=study_trips_held&from=2001-01-01&to=2001-12-31');
  ok(one.status === 200 && one.json.length === 1 && one.json[0].value === 0 && one.json[0].from === '2001-01-01', `${engine}: of a period long gone`, one.text);
  told(await ask('s1', '?figure=leased_land_mu_x100'), 422, 'a figure that is not his', {code: 'web.no_such_figure', field: 'figure'});
  told(await ask('s1', '?figure=nosuch'), 422, 'and one there is not are one answer', {code: 'web.no_such_figure', field: 'figure'});
  told(await ask('s1', `?unit=${c.town2.unit}`), 422, 'so for units', {code: 'web.no_such_unit', field: 'unit'});
  told(await ask('county', '?from=gestern'), 422, 'a day that is none', {code: 'field.not_date', field: 'from'});
  told(await ask('county', '?from=2026-05-02&to=2026-05-01'), 422, 'days the wrong way round', {code: 'web.days_turned', field: 'from'});
}

async function frame(api, c) {
  const r = await request(api.server, 'DELETE', `/api/v1/diary/${uuid7()}`, {token: c.s1.token});
  told(r, 405, 'what the address does not know is 405');
  ok(/GET/.test(r.headers.allow) && /PUT/.test(r.headers.allow) && /PATCH/.test(r.headers.allow) && !/DELETE/.test(r.headers.allow), `${engine}: with Allow`, r.headers.allow);
  told(await request(api.server, 'GET', '/api/v1/nosuch', {token: c.s1.token}), 404, 'a type that is not there is 404');
  told(await request(api.server, 'GET', '/api/v2/diary', {token: c.s1.token}), 404, 'an address that is not there is 404');
  const head = await request(api.server, 'HEAD', '/api/v1/me', {token: c.s1.token});
  ok(head.status === 200 && head.text === '', `${engine}: HEAD is GET without its body`);
  for (const path of ['/healthz', '/readyz', '/metrics']) is(await request(api.server, 'GET', path), 200, `${path} answers`);
  const en = await request(api.server, 'GET', '/api/openapi.json', {headers: {'Accept-Language': 'en'}});
  ok(en.json && !same(en.json, api.doc) && same(Object.keys(en.json.paths), Object.keys(api.doc.paths)), `${engine}: the document speaks English too`);
}

for (engine of DATABASES) {
  await test(`${engine}: the API`, async () => {
    const {dir} = demo(engine), c = cast(dir);
    const server = await serve(dir);
    const doc = await request(server, 'GET', '/api/openapi.json');
    ok(doc.status === 200 && /^3\.1/.test(doc.json?.openapi), `${engine}: the OpenAPI document is there`, doc.text.slice(0, 300));
    const api = new Checked(server, doc.json);
    api.left.delete('get /api/openapi.json');
    for (const part of [whoAmI, story, lists, values, photos, rows, figures, others, frame])
      await test(`${engine}: ${part.name}`, () => part(api, c, dir));
    api.end();
    const x = await server.stop();
    eq(x.code, 0, `${engine}: SIGTERM ends the server with 0`);
    const v = stave('verify', dir);
    ok(v.code === 0, `${engine}: verify is clean afterwards`, v.err);
  });
}
done();
