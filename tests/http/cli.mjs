// cli.mjs: every command as others call it: exit codes, what stands on stdout and what on stderr, beside a
// running server and without one, on both engines.                         SPEC: P13  DESIGN: Interfaces that stay
import {appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {spawn, spawnSync} from 'node:child_process';
import net from 'node:net';
import {Browser, DATABASES, STAVE, database, done, eq, must, ok, request, serve, stave, tempDir, test, uuid7} from './stave.mjs';
import {JPEG, cast, daysAgo, demo} from './demo.mjs';

const CJK = /[\u4e00-\u9fff]/, tmp = tempDir();
let engine;
// Exit 1 or 2 with a sentence on stderr and nothing on stdout.
function fault(args, code, name, words) {
  const r = stave(...args);
  ok(r.code === code && CJK.test(r.err) && r.out === '' && (!words || words.test(r.err)), `${engine ? engine + ': ' : ''}${name}: exit ${code}`, `exit ${r.code} ${r.signal}\n${r.out}${r.err}`);
  return r;
}

function usage() {
  const help = stave('help'), list = help.out.split('\n').filter(l => /^stave /.test(l));
  eq(help.code, 0, 'help: exit 0');
  for (const word of ['init DIR', 'demo DIR', 'serve DIR', 'user list DIR', 'user add DIR ACCOUNT', 'user invite DIR ACCOUNT', 'user disable DIR ACCOUNT', 'token DIR ACCOUNT', 'model check', 'model show', 'model help', 'import DIR', 'export DIR TYPE', 'verify DIR|BACKUP', 'search rebuild DIR', 'backup DIR FILE', 'restore FILE DIR', 'help'])
    ok(list.some(l => l.startsWith(`stave ${word}`)), `help knows ${word}`);
  for (const line of list) {
    const words = line.match(/^stave ((?:[a-z]+ ?)+)/)[1].trim().split(' ');
    const one = stave('help', ...words);
    ok(one.code === 0 && one.out.includes(line) && CJK.test(one.out), `help ${words.join(' ')}`, one.out + one.err);
    fault([...words, '--nonsense'], 2, `${words.join(' ')} --nonsense`, /--nonsense/);
    fault([...words, ...Array(12).fill('x')], 2, `${words.join(' ')} with twelve arguments`);
    if (/^(init|demo|serve|token|import|export|verify|search|backup|restore|user)/.test(words.join(' '))) fault(words, 2, `${words.join(' ')} alone`, new RegExp(words[0]));
  }
  for (const args of [['nonsense'], ['user'], ['user', 'nonsense'], ['help', 'nonsense'], ['match'], ['init', 'a', '--db'], ['export', 'a', 'b', '--unit', '1', '--unit', '2'], ['demo', join(tmp, 'x'), '--seed', 'x'], ['demo', join(tmp, 'x'), '--size', 'huge']])
    fault(args, 2, args.join(' ').replace(tmp, 'DIR'));
  ok(stave().code === 2, 'nothing at all: exit 2');
  ok(stave('--help').code === 0, '--help: exit 0');
  const en = spawnSync(STAVE, ['nonsense'], {encoding: 'utf8', env: {...process.env, LC_ALL: 'en_US.UTF-8'}});
  ok(en.status === 2 && !CJK.test(en.stderr) && /nonsense/.test(en.stderr), 'in English where the terminal is', en.stderr);
  const full = spawnSync('sh', ['-c', `"${STAVE}" help > /dev/full`], {encoding: 'utf8'});
  ok(full.status === 1 && CJK.test(full.stderr), 'what cannot be written out is said: exit 1', `${full.status} ${full.stderr}`);
}

// Every command and option that the guides for operators name is one that `stave help` knows; and none is left out.
function guides() {
  const usage = stave('help').out.split('\n').filter(l => /^stave /.test(l));
  const named = usage.map(l => l.match(/^stave ((?:[a-z]+ ?)+)/)[1].trim());
  for (const lang of ['zh', 'en']) {
    const text = readFileSync(`docs/guide/${lang}/operator.md`, 'utf8'), used = new Set();
    const lines = [...text.matchAll(/(?:^|`|\$ | {2})stave ([a-z][^`\n]*)/gm)].map(m => m[1]);
    for (const line of lines) {
      const name = named.filter(n => line === n || line.startsWith(n + ' ')).sort((a, b) => b.length - a.length)[0];
      if (name === undefined) { ok(false, `guide ${lang}: stave ${line.split(' ')[0]} exists`, line); continue; }
      used.add(name);
      const own = usage[named.indexOf(name)];
      const strange = (line.match(/ --[a-z-]+/g) || []).filter(o => !(own.match(/--[a-z-]+/g) || []).includes(o.trim()));
      if (strange.length) ok(false, `guide ${lang}: stave ${name} knows${strange.join()}`, own);
    }
    ok(lines.length > 30, `guide ${lang}: its commands are found`, lines.length);
    eq(named.filter(n => !used.has(n)).join(), '', `guide ${lang}: tells of every command of stave help`);
    const both = text + readFileSync(`docs/guide/${lang}/user.md`, 'utf8');
    for (const [, file] of both.matchAll(/(?:\]\(|src=")((?:\.\.\/)*[^)"#:]+)[)"]/g))
      ok(existsSync(join('docs/guide', lang, file)), `guide ${lang}: ${file} is there`);
  }
}

function nothingThere() {
  const none = join(tmp, 'none');
  for (const args of [['serve', none], ['user', 'list', none], ['user', 'list', none, '--json'], ['user', 'add', none, 'a', '--name', 'b', '--role', 'c', '--unit', 'd'], ['user', 'invite', none, 'a'], ['user', 'disable', none, 'a'],
    ['token', none, 'a'], ['import', none, 'unit', 'tests/data/divisions_jiaozuo.csv'], ['export', none, 'unit'], ['verify', none], ['search', 'rebuild', none], ['backup', none, join(tmp, 'b')], ['restore', join(tmp, 'no-backup'), join(tmp, 'r')], ['model', 'check', none]])
    fault(args, 1, `${args.slice(0, 2).join(' ').replace(none, 'DIR')} where nothing is`);
  ok(!existsSync(none) && !existsSync(join(tmp, 'r')), 'and none of them made anything');
  fault(['init', join(tmp, 'no/such/folder')], 1, 'init below a folder that is not there');
  fault(['init', join(tmp, 'pg'), '--db', 'postgresql://nobody@/nowhere?host=/nonexistent'], 1, 'init with a database that is not there');
  mkdirSync(join(tmp, 'full'));
  writeFileSync(join(tmp, 'full', 'mine'), 'x');
  fault(['demo', join(tmp, 'full')], 1, 'demo into a folder with something in it');
  eq(readdirSync(join(tmp, 'full')).join(), 'mine', 'it stands as it was');
}

function model() {
  const dir = join(tmp, 'm');
  must('init', dir);
  ok(/1/.test(must('model', 'check')) && must('model', 'check', dir), 'model check of what is built in');
  ok(must('model', 'show', 'diary').includes('diary') && must('model', 'show').includes('diary') && must('model', 'help').length > 500, 'model show, model help');
  fault(['model', 'show', 'nosuch'], 1, 'model show of no type', /nosuch/);
  fault(['model', 'help', 'nosuch'], 1, 'model help of no word', /nosuch/);
  writeFileSync(join(dir, 'model', 'trip.yaml'), 'type: trip\nlabel: {zh: 出行, en: Trip}\nat: vilage\nfields:\n  day: {is: dat}\n  note: {is: text, requird: yes}\nstates:\n  open: {label: 开, see: author}\nactions:\n  create: {to: opn, by: author}\n');
  const r = fault(['model', 'check', dir], 1, 'model check of a file with mistakes');
  const places = r.err.trim().split('\n').map(l => l.match(/^(?:\S*\/)?trip\.yaml:(\d+):(\d+): /));
  ok(places.every(Boolean) && [3, 5, 6].every(n => places.some(p => +p[1] === n)), 'each with file, line and column, all at once', r.err);
  ok(/village/.test(r.err) && /date/.test(r.err) && /required/.test(r.err), 'and the nearest word', r.err);
  fault(['serve', dir, '--listen', '127.0.0.1:0'], 1, 'serve with a model that has mistakes', /trip\.yaml:\d+:\d+/);
  writeFileSync(join(dir, 'model', 'trip.yaml'), readFileSync('model/village/diary.yaml', 'utf8').replace(/^type: diary/m, 'type: trip'));
  const good = stave('model', 'check', dir);
  ok(good.code === 0 && /2/.test(good.out), 'a good file is good', good.out + good.err);
  fault(['serve', dir, '--listen', '127.0.0.1:0'], 1, 'serve with a model the database does not know', /model\//);
  writeFileSync(join(dir, 'model', 'trip.yaml'), '\tx: [}\n\0');
  fault(['model', 'check', dir], 1, 'model check of what is no YAML', /trip\.yaml:\d+:\d+/);
  writeFileSync(join(dir, 'settings'), 'listen = 127.0.0.1:0\ncolour = red\n');
  fault(['user', 'list', dir], 1, 'a setting nobody knows', /2.*colour/);
}

async function emptyDeployment() {
  const dir = join(tempDir(), 'd'), db = database(engine), r = stave('init', dir, ...db);
  ok(r.code === 0 && /^\d{4} ?\d{4}\n$/.test(r.out) && r.err.includes('admin'), `${engine}: init prints the administrator's code alone on stdout`, r.out + r.err);
  fault(['init', dir], 1, 'init once more');
  eq(statSync(dir).mode & 0o077, 0, `${engine}: the folder is its owner's alone`);
  ok(JSON.stringify(JSON.parse(must('user', 'list', dir, '--json')).map(u => [u.account, u.unit, u.unit_name])) === '[["admin",null,null]]', `${engine}: one account`);
  fault(['user', 'add', dir, 'office', '--name', '邬长庚', '--role', 'county_office', '--unit', '1'], 1, 'user add before there are units');
  must('import', dir, 'unit', 'tests/data/divisions_jiaozuo.csv');
  const notice = join(dir, 'notice.csv');
  writeFileSync(notice, 'date,kind,name\n2027-01-01,holiday,元旦\n2027-01-02,holiday,元旦\n2026-10-07,workday,国庆节\n');
  const turns = /2026-10-07 国庆节：放假 → 上班\n2027-01-01 元旦：上班 → 放假\n2027-01-02 元旦：仍是放假\n/;
  for (const words of [['--dry-run'], []]) ok(turns.test(must('import', dir, 'holiday', notice, ...words)), `${engine}: import holiday ${words} names the days that turn`);
  ok(/新增 0，更新 0，没变化 3/.test(must('import', dir, 'holiday', notice)), `${engine}: import holiday again changes nothing`);
  writeFileSync(notice, 'date,kind,name\n2027-02-30,holiday,元旦\n');
  fault(['import', dir, 'holiday', notice], 1, 'import holiday of a day there is none', /2027-02-30/);
  const add = (account, role, unit, name = '邬长庚') => ['user', 'add', dir, account, '--name', name, '--role', role, '--unit', unit];
  fault(add('office', 'town_office', '410802001000'), 1, 'user add of a post that is not the root\'s office');
  fault(add('office', 'county_office', '410802000000'), 1, 'user add of the office of a county below');
  fault(add('office', 'nosuch', '410800000000'), 1, 'user add of no role');
  fault(add('office', 'county_office', '999'), 1, 'user add at no unit', /999/);
  fault(add('!', 'county_office', '410800000000'), 1, 'user add of what is no account');
  fault(add('admin', 'county_office', '410800000000'), 1, 'user add of the administrator');
  const named = stave(...add('office', 'county_office', '410800000000'));
  ok(named.code === 0 && /^\d{4} ?\d{4}\n$/.test(named.out) && named.err.includes('office'), `${engine}: user add prints the code alone on stdout`, named.out + named.err);
  fault(add('office2', 'county_office', '410800000000', '另一个'), 1, 'user add once somebody is there');
  const list = JSON.parse(must('user', 'list', dir, '--json'));
  ok(JSON.stringify(list.find(u => u.account === 'office')) === JSON.stringify({account: 'office', name: '邬长庚', role: 'county_office', unit: '410800000000', unit_name: '焦作市'}), `${engine}: user list --json as DESIGN says`, JSON.stringify(list));
  const invited = stave('user', 'invite', dir, 'office');
  ok(invited.code === 0 && /^\d{4} ?\d{4}\n$/.test(invited.out) && invited.out !== named.out, `${engine}: user invite prints another`, invited.out + invited.err);
  const server = await serve(dir, ...db), b = new Browser(server);
  const redeem = async code => b.post('/i', {...Browser.hidden(await b.get('/i'), '/i'), code, password: '南山有台北山有莱', again: '南山有台北山有莱'});
  const redeemed = async (code, status, name) => eq((await redeem(code)).status, status, `${engine}: ${name}`);
  await redeemed(named.out.trim(), 422, 'the code before is void');
  const short = await redeem(invited.out.trim());
  ok([303, 422].includes(short.status), `${engine}: a code is asked for its password`, short.status);
  if (short.status === 422) {
    const page = await b.get('/i');
    eq((await b.post('/i', {...Browser.hidden(page, '/i'), code: invited.out.trim(), password: '南山有台，北山有莱，乐只君子', again: '南山有台，北山有莱，乐只君子'})).status, 303, `${engine}: the new code opens the door`);
  }
  b.jar = {};
  await redeemed(invited.out.trim(), 422, 'once');
  eq((await server.stop()).code, 0, `${engine}: SIGTERM: exit 0`);
}

async function besideServer() {
  const {dir, password} = demo(engine), c = cast(dir);
  const list = JSON.parse(must('user', 'list', dir, '--json'));
  ok(list.every(u => Object.keys(u).join() === 'account,name,role,unit,unit_name') && c.users.filter(u => u.unit === null).length === 1 &&
    c.users.every(u => u.unit === null || (typeof u.unit === 'string' && c.units.get(u.unit).name === u.unit_name)), `${engine}: user list --json: one entry a post`);
  const plain = must('user', 'list', dir);
  ok(plain.trim().split('\n').length === c.users.length && plain.includes(c.s1.account), `${engine}: user list for people`);
  const server = await serve(dir);
  ok(/^listening on http:\/\/127\.0\.0\.1:\d+$/.test(`listening on ${server.url}`) && (await request(server, 'GET', '/readyz')).status === 200, `${engine}: serve says where, once it is ready`);
  if (engine === 'sqlite') fault(['serve', dir, '--listen', '127.0.0.1:0'], 1, 'a second server', new RegExp(dir));
  fault(['user', 'add', dir, 'zz', '--name', '某', '--role', 'county_office', '--unit', c.city.unit], 1, 'beside a server: user add where somebody is');
  fault(['token', dir, 'nobody'], 1, 'beside a server: token of no account', /nobody/);
  fault(['user', 'disable', dir, 'nobody'], 1, 'beside a server: disable of no account', /nobody/);
  fault(['user', 'invite', dir, 'nobody'], 1, 'beside a server: invite of no account', /nobody/);
  const token = stave('token', dir, c.m1.account);
  ok(token.code === 0 && /^\S{20,}\n$/.test(token.out), `${engine}: beside a server: a token alone on stdout`, token.out + token.err);
  eq((await request(server, 'GET', '/api/v1/me', {token: token.out.trim()})).json?.account, c.m1.account, `${engine}: and it works at once`);
  eq((await request(server, 'GET', '/api/v1/me', {token: c.m1.token})).status, 200, `${engine}: the one before as well`);
  const b = new Browser(server);
  eq((await b.signIn(c.m1.account, password)).status, 303, `${engine}: he is signed in`);
  const off = stave('user', 'disable', dir, c.m1.account);
  ok(off.code === 0 && off.out.includes(c.m1.account), `${engine}: beside a server: disabled`, off.out + off.err);
  const gone = await b.get('/');
  ok(gone.status === 303 && gone.headers.location.startsWith('/signin'), `${engine}: his session has ended`, gone.status);
  for (const t of [token.out.trim(), c.m1.token]) eq((await request(server, 'GET', '/api/v1/me', {token: t})).status, 401, `${engine}: his tokens too`);
  eq((await b.signIn(c.m1.account, password)).status, 401, `${engine}: his password opens nothing`);
  ok(stave('token', dir, c.m1.account).code === 1, `${engine}: no new token for him`);
  // reading beside a server
  ok(must('user', 'list', dir, '--json').length > 100 && must('export', dir, 'diary').split('\r\n').length > 20, `${engine}: beside a server: user list, export`);
  const v = stave('verify', dir);
  ok(v.code === 0 && CJK.test(v.out) && v.err === '', `${engine}: beside a server: verify`, v.out + v.err);
  const anew = stave('search', 'rebuild', dir);
  ok(anew.code === 0 && CJK.test(anew.out) && anew.err === '', `${engine}: beside a server: search rebuild`, anew.out + anew.err);
  eq(stave('verify', dir).code, 0, `${engine}: beside a server: the index made anew is proved`);
  fault(['export', dir, 'nosuch'], 1, 'export of no type', /nosuch/);
  fault(['export', dir, 'diary', '--unit', '999'], 1, 'export at no unit', /999/);
  fault(['export', dir, 'diary', '--format', 'ods'], 1, 'export in a format there is not', /ods/);
  ok(must('export', dir, 'diary', '--format', 'xlsx').startsWith('PK'), `${engine}: beside a server: export as a workbook`);
  const busy = net.createServer();
  await new Promise(r => busy.listen(0, '127.0.0.1', r));
  const other = join(tempDir(), 'd');
  must('init', other, ...database(engine));
  for (const [listen, words] of [[`127.0.0.1:${busy.address().port}`, /端口/], ['127.0.0.1:99999'], ['nonsense'], [':1'], ['256.1.1.1:80'], ['127.0.0.1:'], ['127.0.0.1:x']]) fault(['serve', other, '--listen', listen], 1, `serve at ${listen.replace(/\d{5}$/, 'N')}`, words);
  busy.close();

  // ended while people write: what was acknowledged is there
  const acked = [];
  let day = 4000, hung = 0;
  const writers = Array.from({length: 12}, async (_, i) => {
    for (let k = 0; k < 500; k++) {
      const id = uuid7();
      const r = await Promise.race([request(server, 'PUT', `/api/v1/diary/${id}`, {token: (i % 2 ? c.s1 : c.s2).token, body: {day: daysAgo(day++), body: `第 ${k} 篇`}}).catch(() => null), new Promise(res => setTimeout(res, 15000, 'hung'))]);
      if (r === 'hung') { hung++; return; }
      if (!r || r.status === 503) return;
      if (r.status === 201) acked.push(id);
      else { ok(false, `${engine}: a create while it ends`, r.text); return; }
    }
  });
  await new Promise(r => setTimeout(r, 700));
  const x = await server.stop();
  await Promise.all(writers);
  ok(x.code === 0 && !hung && acked.length > 10, `${engine}: SIGTERM under load: exit 0, nobody is left waiting`, `${x.code} ${hung} ${acked.length}\n${x.err()}`);
  const out = must('export', dir, 'diary');
  ok(acked.every(id => out.includes(id)), `${engine}: every one of ${engine === 'pg' ? 'the' : 'the'} acknowledged is there`);
  // killed, and started again; its socket left behind disturbs nobody
  const second = await serve(dir);
  await second.kill();
  ok(stave('token', dir, c.s1.account).code === 0, `${engine}: after kill -9 the commands work without it`);
  const third = await serve(dir);
  process.kill(third.pid, 'SIGINT');
  eq((await third.exited).code, 0, `${engine}: SIGINT: exit 0`);
  const again = stave('search', 'rebuild', dir);
  ok(again.code === 0 && again.out.includes('verify'), `${engine}: search rebuild without a server`, again.out + again.err);
  eq(stave('verify', dir).code, 0, `${engine}: verify is clean`);
}

async function backups() {
  const {dir, password} = demo(engine), c = cast(dir), out = tempDir();
  const server = await serve(dir);
  const file = uuid7(), id = uuid7();
  await request(server, 'PUT', `/api/v1/file/${file}`, {token: c.s1.token, body: JPEG, headers: {'Content-Type': 'image/jpeg'}});
  eq((await request(server, 'PUT', `/api/v1/diary/${id}`, {token: c.s1.token, body: {day: daysAgo(5000), body: '备份前的一篇', photos: [file]}})).status, 201, `${engine}: a diary with a photo`);
  const paper = uuid7(), pdf = Buffer.from(`%PDF-1.4\n${'村里的材料 '.repeat(9000)}\n%%EOF\n`);
  eq((await request(server, 'PUT', `/api/v1/file/${paper}?name=${encodeURIComponent('材料.pdf')}`, {token: c.s1.token, body: pdf, headers: {'Content-Type': 'application/pdf'}})).status, 201, `${engine}: a document`);
  eq((await request(server, 'PUT', `/api/v1/issue/${uuid7()}`, {token: c.s1.token, body: {kind: 'difficulty', title: '路灯坏了', papers: [paper]}})).status, 201, `${engine}: an issue with it`);
  if (engine === 'pg') {
    fault(['backup', dir, join(out, 'b')], 1, 'backup of PostgreSQL is its own', /pg_dump/);
    eq((await server.stop()).code, 0, `${engine}: SIGTERM: exit 0`);
    return;
  }
  // while people write
  let going = true, n = 0;
  const writer = (async () => {
    while (going) n += (await request(server, 'PUT', `/api/v1/diary/${uuid7()}`, {token: c.s2.token, body: {day: daysAgo(5000 + n), body: '写'.repeat(200)}})).status === 201;
  })();
  const child = spawn(STAVE, ['backup', dir, join(out, 'live')], {stdio: 'ignore'});
  eq(await new Promise(r => child.on('exit', r)), 0, `${engine}: backup while people write`);
  going = false;
  await writer;
  ok(n > 0, `${engine}: they went on writing`, n);
  for (const args of [['verify', join(out, 'live')], ['restore', join(out, 'live'), join(out, 'live.d')], ['verify', join(out, 'live.d')]]) {
    const r = stave(...args);
    ok(r.code === 0 && CJK.test(r.out), `${engine}: ${args[0]} of it`, r.out + r.err);
  }
  const lines = t => t.split('\r\n'), live = lines(must('export', dir, 'diary')), part = lines(must('export', join(out, 'live.d'), 'diary'));
  const all = new Set(live);
  ok(part.length > 20 && part.every(l => all.has(l)), `${engine}: what it holds is what there was`);
  // at rest: equal
  eq(stave('backup', dir, join(out, 'rest')).code, 0, `${engine}: backup at rest`);
  eq(statSync(join(out, 'rest')).mode & 0o077, 0, `${engine}: it is its owner's alone`);
  fault(['backup', dir, join(out, 'rest')], 1, 'backup over a file that is there');
  fault(['backup', dir, join(out, 'no/such/b')], 1, 'backup into no folder');
  fault(['backup', dir, '/dev/full/x'], 1, 'backup to nowhere');
  eq((await server.stop()).code, 0, `${engine}: SIGTERM: exit 0`);
  eq(stave('restore', join(out, 'rest'), join(out, 'rest.d')).code, 0, `${engine}: restore`);
  for (const type of ['diary', 'unit']) ok(must('export', dir, type) === must('export', join(out, 'rest.d'), type), `${engine}: the export of ${type} is equal`);
  ok(must('user', 'list', dir) === must('user', 'list', join(out, 'rest.d')), `${engine}: the people are equal`);
  fault(['restore', join(out, 'rest'), join(out, 'rest.d')], 1, 'restore into a folder that is there');
  eq(stave('verify', join(out, 'rest.d')).code, 0, `${engine}: it stands as it was`);
  const again = await serve(join(out, 'rest.d')), b = new Browser(again);
  eq((await b.signIn(c.s1.account, password)).status, 303, `${engine}: the restored one is served, the password opens it`);
  const photo = await request(again, 'GET', `/api/v1/file/${file}`, {token: c.s1.token});
  ok(photo.status === 200 && photo.headers['content-type'] === 'image/jpeg', `${engine}: the photo is in it`, photo.status);
  const doc = await request(again, 'GET', `/api/v1/file/${paper}`, {token: c.s1.token});
  ok(doc.status === 200 && pdf.equals(doc.bytes) && /^attachment; .*filename\*=UTF-8''%E6%9D%90%E6%96%99\.pdf$/.test(doc.headers['content-disposition']), `${engine}: peers 24: so is the document, with its name`, doc.status);
  eq((await again.stop()).code, 0, `${engine}: SIGTERM: exit 0`);
  // spoilt
  const good = readFileSync(join(out, 'rest'));
  const spoil = (name, bytes) => {
    const path = join(out, 'spoilt');
    writeFileSync(path, bytes);
    fault(['verify', path], 1, `verify of a backup ${name}`);
    fault(['restore', path, join(out, 'spoilt.d')], 1, `restore of a backup ${name}`);
    ok(!existsSync(join(out, 'spoilt.d')), `${engine}: nothing is left of it: ${name}`);
  };
  for (const at of [9, 0.2, 0.5, 0.8, 0.999]) {
    const bytes = Buffer.from(good);
    bytes[at < 1 ? Math.floor(good.length * at) : at] ^= 0x10;
    spoil(`with a changed byte at ${at}`, bytes);
  }
  spoil('cut in half', good.subarray(0, good.length >> 1));
  spoil('without its last byte', good.subarray(0, good.length - 1));
  spoil('with something behind it', Buffer.concat([good, good.subarray(0, 100)]));
  spoil('that is empty', '');
  spoil('that is something else', 'not a backup at all, only a text that is long enough');
  fault(['verify', '/dev/null'], 1, 'verify of nothing');
  ok(!readdirSync('/tmp').some(f => f.startsWith('stave-verify-') && statSync(join('/tmp', f)).ctimeMs > began), `${engine}: verify leaves nothing behind`);
  // a deployment with a file lost or cut
  truncateSync(join(out, 'live.d', 'files.db'), 4096 * 3);
  ok(stave('verify', join(out, 'live.d')).code === 1, `${engine}: a cut file of photos is found`);
  appendFileSync(join(out, 'rest.d', 'stave.db'), '');
  writeFileSync(join(out, 'rest.d', 'stave.db'), readFileSync(join(out, 'rest.d', 'stave.db')).subarray(0, 8192));
  ok(stave('verify', join(out, 'rest.d')).code === 1, `${engine}: a cut database is found`);
}

function demoUnderSanitizer() {
  const dir = join(tempDir(), 'd'), began = Date.now(), r = stave('demo', dir, '--size', 'page', ...database(engine));
  ok(r.code === 0 && /127\.0\.0\.1|serve/.test(r.out) && ['county', 'co\\.', 'to\\.', 'fs\\.', 'tm\\.'].slice(1).every(a => new RegExp(a).test(r.out)) && /admin/.test(r.out), `${engine}: demo tells how to start it and one sign-in per role`, r.out + r.err);
  console.log(`# ${engine}: demo in ${Date.now() - began} ms`);
  const v = stave('verify', dir);
  ok(v.code === 0, `${engine}: verify of the demo`, v.err);
  const states = new Set(must('export', dir, 'diary').split('\r\n').slice(1).map(l => l.split(',')[5]));
  ok(['draft', 'submitted', 'returned', 'accepted'].every(s => states.has(s)), `${engine}: it has diaries in all states`, [...states].join());
  const roles = new Set(JSON.parse(must('user', 'list', dir, '--json')).map(u => u.role));
  ok(['county_office', 'town_office', 'first_secretary', 'team_member'].every(x => roles.has(x)), `${engine}: and people in all roles`);
}

// SQL of the test's own, on a deployment nobody serves.
function sql(dir, db, text) {
  const r = engine === 'pg' ? spawnSync('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', '-c', text, db[1]], {encoding: 'utf8'}) : spawnSync('sqlite3', ['-bail', join(dir, 'stave.db'), text], {encoding: 'utf8'});
  if (r.status !== 0) throw new Error(`sql: ${r.stderr}`);
}

function olderTables() {
  const dir = join(tempDir(), 'd'), db = database(engine);
  must('demo', dir, '--size', 'page', ...db);
  const figures = must('figures', dir), people = must('user', 'list', dir);
  ok(figures.split('\n').filter(l => /\t[1-9]\d*$/.test(l)).length >= 3, `${engine}: the demo has figures`, figures);
  // as the program before left it: no calendar, no figures, account.is_admin
  sql(dir, db, "DROP TABLE calendar_day; DROP TABLE cell; DROP TABLE span; DROP TABLE seen; DROP INDEX seat_falls_to; ALTER TABLE account RENAME COLUMN admin TO is_admin; DELETE FROM meta WHERE key = 'calendar'; UPDATE meta SET value = '1' WHERE key = 'schema'");
  for (const args of [['user', 'list', dir], ['figures', dir], ['export', dir, 'diary'], ['verify', dir], ['model', 'plan', dir]])
    fault(args, 1, `${args.slice(0, 2).join(' ').replace(dir, 'DIR')} of older tables`, /1.*3.*stave model apply/);
  const r = stave('model', 'apply', dir);
  ok(r.code === 0 && /schema 1 is now 3/.test(r.err), `${engine}: model apply brings them up`, r.out + r.err);
  eq(stave('search', 'rebuild', dir).code, 0, `${engine}: the next writing command counts what is owed`);
  eq(must('figures', dir), figures, `${engine}: figures of existing records are what they were`);
  eq(must('user', 'list', dir), people, `${engine}: so are the people`);
  const v = stave('verify', dir);
  ok(v.code === 0, `${engine}: and all of it holds`, v.out + v.err);
  sql(dir, db, "UPDATE meta SET value = '99' WHERE key = 'schema'");
  for (const args of [['user', 'list', dir], ['serve', dir, '--listen', '127.0.0.1:0'], ['model', 'apply', dir]])
    fault(args, 1, `${args.slice(0, 2).join(' ').replace(dir, 'DIR')} of newer tables`, /99/);
}

const began = Date.now() - 1000;
for (const part of [usage, guides, nothingThere, model]) await test(part.name, part);
for (engine of DATABASES)
  for (const part of [emptyDeployment, besideServer, backups, demoUnderSanitizer, olderTables]) await test(`${engine}: ${part.name}`, part);
done();
