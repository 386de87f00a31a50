// kill.mjs: kill -9 at 50 random moments under concurrent creates: every acknowledged record is there
// exactly once, what was in flight is there once or not at all, and verify is clean.    SPEC: P8 P11
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import http from 'node:http';
import {done, eq, must, ok, request, serve, stave, tempDir, uuid7} from './stave.mjs';

const ROUNDS = 50, CLIENTS = 16;
const seed = +(process.env.STAVE_SEED || Date.now() % 1e9);
console.log(`# STAVE_SEED=${seed}`);
let state = seed >>> 0;
const dice = k => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor(state / 2 ** 32 * k); };

const dir = join(tempDir(), 'd');
must('demo', dir, '--size', 'page');
const writers = JSON.parse(must('user', 'list', dir, '--json')).filter(u => u.role === 'first_secretary').slice(0, 8)
  .map(u => ({...u, token: must('token', dir, u.account).trim(), next: 0}));
ok(writers.length === 8, 'the demo has first secretaries');

const acked = new Map(), flying = new Map();
const dayOf = k => new Date(Date.UTC(2020, 0, 1) - k * 86400000).toISOString().slice(0, 10);
let killed = false;

async function client(server, me, agent) {
  while (!killed) {
    const id = uuid7(), day = dayOf(me.next++), body = {day, body: `第 ${me.next} 篇，上午开会，下午走访。`};
    flying.set(id, {me, body});
    try {
      const r = await request(server, 'PUT', `/api/v1/diary/${id}`, {token: me.token, body, agent});
      flying.delete(id);
      if (r.status === 201) acked.set(id, {me, body});
      else if (r.status !== 503) { ok(false, 'a create is answered with 201', `${r.status} ${r.text}`); return; }
    } catch { return; } // the server was killed
  }
}

let answers = 0;
for (let round = 0; round < ROUNDS; round++) {
  const server = await serve(dir);
  const agent = new http.Agent({keepAlive: true, maxSockets: CLIENTS});
  killed = false;
  const all = Array.from({length: CLIENTS}, (_, i) => client(server, writers[i % writers.length], agent));
  await new Promise(r => setTimeout(r, 5 + dice(180)));
  killed = true;
  const [x] = await Promise.all([server.kill(), ...all]);
  agent.destroy();
  if (x.signal !== 'SIGKILL') ok(false, `round ${round}: it ran until it was killed`, x.err());
  answers = acked.size;
}
ok(answers > ROUNDS, 'creates were acknowledged between the kills', `${answers} acknowledged`);
console.log(`# ${acked.size} acknowledged, ${flying.size} in flight when killed`);

const server = await serve(dir);
const agent = new http.Agent({keepAlive: true, maxSockets: CLIENTS});
let lost = 0, changed = 0;
for (const [id, {me, body}] of acked) {
  const r = await request(server, 'GET', `/api/v1/diary/${id}`, {token: me.token, agent});
  if (r.status !== 200) lost++;
  else if (r.json.body !== body.body || r.json.day !== body.day || r.json.version !== 1) changed++;
}
eq(lost, 0, 'every acknowledged record is there');
eq(changed, 0, 'as it was written');
let odd = 0;
for (const [id, {me, body}] of flying) { // the phone sends again what had no answer
  const r = await request(server, 'PUT', `/api/v1/diary/${id}`, {token: me.token, body, agent});
  if (r.status !== 200 && r.status !== 201) { odd++; console.log(`# ${r.status} ${r.text}`); }
}
eq(odd, 0, 'what was in flight arrives by sending it again');
agent.destroy();
const end = await server.stop();
eq(end.code, 0, 'SIGTERM ends it with 0');

const ids = must('export', dir, 'diary').split('\r\n').slice(1).map(l => l.slice(0, 36)).filter(Boolean);
eq(new Set(ids).size, ids.length, 'no record is there twice');
const wanted = [...acked.keys(), ...flying.keys()], have = new Set(ids);
ok(wanted.every(id => have.has(id)), 'all are in the export');
const v = stave('verify', dir);
eq(v.code, 0, 'verify is clean');
if (v.code) console.log('# ' + v.err.slice(0, 3000).replace(/\n/g, '\n# '));

// One byte of a diary changed behind the program, wherever its text stands.
const file = join(dir, 'stave.db'), text = Buffer.from([...acked.values()][0].body.body);
const clean = readFileSync(file);
let at = -1, places = 0, found = 0;
while ((at = clean.indexOf(text, at + 1)) >= 0) {
  const spoilt = Buffer.from(clean);
  spoilt[at + text.length - 4] = 0x80 + ((spoilt[at + text.length - 4] + 1) & 0x3f);
  writeFileSync(file, spoilt);
  places++;
  if (stave('verify', dir).code === 1) found++;
}
writeFileSync(file, clean);
ok(places >= 2 && found === places, 'a changed byte is found in the row and in its history', `${found} of ${places}`);
eq(stave('verify', dir).code, 0, 'and put right again it is clean');
done();
