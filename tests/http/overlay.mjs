// overlay.mjs: a county changes its model in text files; the data follows.        SPEC: P12 P14
import {cpSync, mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {spawn} from 'node:child_process';
import {join} from 'node:path';
import {Browser, DATABASES, STAVE, database, done, eq, must, ok, request, serve, stave, tempDir, test, uuid7} from './stave.mjs';

const put = (dir, path, text) => { mkdirSync(join(dir, 'model', path, '..'), {recursive: true}); writeFileSync(join(dir, 'model', path), text); };
const clear = dir => { for (const f of readdirSync(join(dir, 'model'))) rmSync(join(dir, 'model', f), {recursive: true}); };
const later = (...args) => new Promise(res => {
  const c = spawn(STAVE, args); let out = '', err = '';
  c.stdout.on('data', d => { out += d; }); c.stderr.on('data', d => { err += d; });
  c.on('close', code => res({code, out, err}));
});
const day = back => new Date(Date.now() + 8 * 3600e3 - back * 86400e3).toISOString().slice(0, 10);
process.env.LANG = 'en_US.UTF-8';

for (const db of DATABASES) {
  const dir = join(tempDir(), 'd');
  must('demo', dir, ...database(db));
  const token = a => must('token', dir, a).trim().split('\n').pop();
  const says = (name, files, want) => {
    clear(dir);
    for (const [path, text] of Object.entries(files)) put(dir, path, text);
    const r = stave('model', 'plan', dir);
    ok(r.code === 1 && want.test(r.out + r.err), `${db}: ${name}`, r.out + r.err);
  };

  await test(`${db}: bad overlays`, async () => {
    const before = must('export', dir, 'diary');
    says('a wider see is refused with its place', {'village/diary.yaml': 'type: diary\nstates:\n  draft: {see: [author, county_office]}\n'}, /model\/village\/diary\.yaml:3:/);
    says('a check of the law cannot be loosened', {'economy/lease.yaml': 'type: lease\nchecks:\n  term: {that: starts < ends}\n'}, /model\/economy\/lease\.yaml:\d+:/);
    says('broken text has a line and a column', {'village/x.yaml': 'type: diary\nfields: {a: {is: text\n'}, /model\/village\/x\.yaml:\d+:\d+:/);
    says('an expression says what is wrong with it', {'village/x.yaml': 'type: diary\nchecks:\n  c: {that: "hous > 3"}\n'}, /model\/village\/x\.yaml:3:\d+:.*hous/);
    says('rows nest once', {'village/x.yaml': 'type: session\nfields:\n  more: {is: rows, of: {deep: {is: rows, of: {a: {is: text}}}}}\n'}, /model\/village\/x\.yaml:3:\d+:/);
    says('a state that holds records cannot go', {'village/x.yaml': 'type: diary\nstates:\n  accepted: {removed: yes}\nactions:\n  accept: {removed: yes}\n'}, /!.*accepted.*records/);
    says('a field of another kind is refused', {'village/x.yaml': 'type: household\nfields:\n  group: {is: int}\n'}, /household\.group|model\/village\/x\.yaml/);
    clear(dir);
    eq(must('export', dir, 'diary'), before, `${db}: and nothing was written`);
  });

  await test(`${db}: the county's own`, async () => {
    const s = await serve(dir);
    const fs = token('fs.shangli'), town = token('to.yanhe'), other = token('to.shuangyu');
    const api = (t, m, p, body, headers) => request(s, m, `/api/v1${p}`, {token: t, body, headers});
    const old = (await api(fs, 'GET', '/diary?limit=100')).json.items.find(x => x.state === 'accepted');
    cpSync('tests/overlay', join(dir, 'model'), {recursive: true});
    const plan = stave('model', 'plan', dir);
    ok(plan.code === 0 && /\+ new type well_check/.test(plan.out) && /\* diary\.weather is now required/.test(plan.out) && /- field diary\.photos/.test(plan.out), `${db}: the plan says what the data goes through`, plan.out + plan.err);
    const json = JSON.parse(must('model', 'plan', dir, '--json'));
    ok(json.some(x => x.kind === 'add' && x.path === 'well_check.wells' || x.path === 'well_check'), `${db}: the plan as JSON`);

    // readers read on while it is done
    let reading = true, read = 0; const strange = [];
    const loop = (async () => { while (reading) { const r = await api(fs, 'GET', '/diary?limit=5'); read++; if (r.status !== 200) strange.push(r.status + r.text.slice(0, 200)); } })();
    const r = await later('model', 'apply', dir);
    await new Promise(res => setTimeout(res, 300));
    reading = false; await loop;
    ok(r.code === 0, `${db}: it is applied`, r.out + r.err);
    ok(read > 0 && strange.length === 0, `${db}: readers read on meanwhile (${read} answers)`, strange.join('\n'));

    const same = (await api(fs, 'GET', `/diary/${old.id}`)).json;
    ok(same.body === old.body && same.weather === null && same.photos === undefined, `${db}: an old record is as it was, the new field empty`, JSON.stringify(same));
    const id = uuid7();
    const bad = await api(fs, 'PUT', `/diary/${uuid7()}`, {day: day(40), body: '新的', photos: null});
    ok(bad.status === 422 && bad.json.fields.some(f => f.field === 'photos'), `${db}: a hidden field is not known any more`, bad.text);
    eq((await api(fs, 'PUT', `/diary/${id}`, {day: day(41), body: '查了灌渠', homes: 120})).status, 201, `${db}: a draft may lack what is required`);
    const unsent = await api(fs, 'POST', `/diary/${id}/submit`, {});
    ok(unsent.status === 422 && unsent.json.fields.some(f => f.field === 'weather'), `${db}: the new required field is asked for`, unsent.text);
    const checked = await api(fs, 'PATCH', `/diary/${id}`, {weather: 'rain', homes: 80}, {'If-Match': '"1"'});
    eq(checked.status, 200, `${db}: and can be given`);
    eq((await api(fs, 'POST', `/diary/${id}/submit`, {})).status, 200, `${db}: then it is sent`);
    eq((await api(town, 'POST', `/diary/${id}/accept`, {})).status, 200, `${db}: the town accepts`);
    const praised = await api(town, 'POST', `/diary/${id}/praise`, {praise_for: '把水渠的事说清楚了'});
    ok(praised.status === 200 && praised.json.state === 'praised', `${db}: the county's own state and action work`, praised.text);
    eq((await api(other, 'GET', `/diary/${id}`)).status, 404, `${db}: another town sees nothing of it`);

    const well = uuid7();
    const made = await api(fs, 'PUT', `/well_check/${well}`, {day: day(1), wells: [{number: 'A1', works: 'yes_', depth: 30}, {number: 'A2', works: 'no_', fault: '水泵烧了', depth: 45}]});
    ok(made.status === 201 && made.json.broken === 1 && made.json.deepest === 45, `${db}: a type of its own, with rows and what is computed`, made.text);
    const wrong = await api(fs, 'PUT', `/well_check/${uuid7()}`, {day: day(2), wells: [{number: 'B1', works: 'no_'}, {number: 'B1', works: 'maybe'}]});
    ok(wrong.status === 422 && wrong.json.fields.some(f => f.field.startsWith('wells.1.')), `${db}: faults of rows have their place`, wrong.text);
    eq((await api(town, 'GET', `/well_check/${well}`)).status, 404, `${db}: a draft is nobody else's`);
    eq((await api(fs, 'POST', `/well_check/${well}/send`, {})).status, 200, `${db}: it is reported`);
    const list = await api(town, 'GET', '/well_check');
    ok(list.status === 200 && list.json.items.length === 1, `${db}: and listed`, list.text);
    eq((await api(other, 'GET', '/well_check')).json.items.length, 0, `${db}: not for another town`);
    const doc = (await request(s, 'GET', '/api/openapi.json')).json;
    ok(JSON.stringify(doc.paths).includes('/well_check') && JSON.stringify(doc).includes('praise'), `${db}: the API describes it`);
    const csv = must('export', dir, 'diary');
    ok(/天气|weather/.test(csv.split('\n')[0]), `${db}: and so does the export`, csv.split('\n')[0]);
    const b = new Browser(s);
    await b.signIn('fs.shangli', 'stave-demo-2026');
    const page = await b.get('/well_check/new');
    ok(page.status === 200 && page.text.includes('井号') && page.text.includes('wells.0.number'), `${db}: the form asks for its lines`);
    ok((await b.get('/diary')).text.includes('民情日志'), `${db}: the list has the county's words`);
    let found;
    for (let i = 0; i < 20 && !found; i++) {
      const hits = await b.get('/search?q=' + encodeURIComponent('水泵'));
      found = hits.status === 200 && hits.text.includes(well);
      if (!found) await new Promise(res => setTimeout(res, 200));
    }
    ok(found, `${db}: what stands in a line is found`);
    eq(stave('model', 'plan', dir).code, 0, `${db}: the plan has nothing more to do`);
    eq((await s.stop()).code, 0, `${db}: the server ends`);
    const again = await serve(dir);
    eq((await request(again, 'GET', `/api/v1/well_check/${well}`, {token: town})).status, 200, `${db}: a server started anew serves the same model`);
    await again.stop();
    const v = stave('verify', dir);
    ok(v.code === 0, `${db}: all of it verifies`, v.out + v.err);
  });

  if (db === 'sqlite')
    await test('peers 24: one backup holds the model, too, and is restored', async () => {
      const file = join(tempDir(), 'b'), back = join(tempDir(), 'r');
      must('backup', dir, file);
      must('restore', file, back);
      eq(stave('verify', back).code, 0, 'peers 24: the restored deployment verifies');
      eq(must('export', back, 'well_check'), must('export', dir, 'well_check'), 'peers 24: with the county\'s own type and its records');
    });
}
done();
