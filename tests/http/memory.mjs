// memory.mjs: what the release server holds, at rest, under sixty-four clients, and afterwards: the limits of a
// small machine, and no growth from one round to the next.                               SPEC: P13  DESIGN: Scale
import {readFileSync} from 'node:fs';
import http from 'node:http';
import {Browser, DATABASES, done, eq, ok, request, serve, test, uuid7} from './stave.mjs';
import {JPEG, cast, daysAgo, demo} from './demo.mjs';

const CLIENTS = 64, ROUND_MS = 2500;
const ROUNDS_MAX = 10;
const mb = (pid, what = 'VmRSS') => +readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`${what}:\\s+(\\d+)`))[1] / 1024;
const pause = ms => new Promise(r => setTimeout(r, ms));

// Reads and writes as people do, a page for every way in, until the time is over.
async function round(server, c, b, engine, state) {
  const agent = new http.Agent({keepAlive: true, maxSockets: CLIENTS}), until = Date.now() + ROUND_MS, cookie = b.cookie();
  const got = {};
  await Promise.all(Array.from({length: CLIENTS}, async (_, i) => {
    const who = [c.s1, c.s2, c.town, c.county][i % 4];
    for (let k = 0; Date.now() < until; k++) {
      const id = uuid7(), way = (i + k) % 8;
      const r = way === 0 && i % 4 < 2 ? await request(server, 'PUT', `/api/v1/diary/${id}`, {token: who.token, agent, body: {day: daysAgo(2000 + state.day++), body: '写了一篇。'.repeat(80)}})
        : way === 1 && i % 4 < 2 ? await request(server, 'PUT', `/api/v1/file/${id}`, {token: who.token, agent, body: JPEG, headers: {'Content-Type': 'image/jpeg'}})
        : way === 2 ? await request(server, 'GET', '/api/v1/diary?limit=100', {token: who.token, agent})
        : way === 3 ? await request(server, 'GET', '/diary', {cookie, agent})
        : way === 4 ? await request(server, 'GET', '/', {cookie, agent})
        : way === 5 ? await request(server, 'GET', '/diary/export', {token: who.token, agent})
        : way === 6 ? await request(server, 'PUT', `/api/v1/diary/${id}`, {token: who.token, agent, body: '{'.repeat(1000)})
        : await request(server, 'GET', '/diary/new', {cookie, agent});
      got[r.status] = (got[r.status] || 0) + 1;
    }
  }));
  agent.destroy();
  const odd = Object.keys(got).filter(s => !['200', '201', '400'].includes(s));
  ok(!odd.length && got[201] > 20 && got[200] > 100, `${engine}: sixty-four clients are served`, JSON.stringify(got));
  await pause(300);
  return mb(server.pid);
}

for (const engine of DATABASES) {
  await test(`${engine}: memory`, async () => {
    const {dir, password} = demo(engine), c = cast(dir), server = await serve(dir), b = new Browser(server);
    await pause(300);
    const rest = mb(server.pid), after = [], state = {day: 0};
    eq((await b.signIn(c.s1.account, password)).status, 303, `${engine}: signed in`);
    // Workers open their connections as they are needed, so it grows at first; a leak never levels off.
    const isLevel = () => after.length > 2 && after.at(-1) < after.at(-2) + 1;
    while (!isLevel() && after.length < ROUNDS_MAX) after.push(await round(server, c, b, engine, state));
    const peak = mb(server.pid, 'VmHWM');
    console.log(`# ${engine}: rest ${rest.toFixed(1)} MB, after rounds ${after.map(n => n.toFixed(1))} MB, highest ${peak.toFixed(1)} MB`);
    ok(rest < 30, `${engine}: under 30 MB at rest`, rest);
    ok(peak < 100, `${engine}: under 100 MB at the highest`, peak);
    ok(isLevel(), `${engine}: a round leaves no more than the one before`, after);
    eq((await server.stop()).code, 0, `${engine}: SIGTERM: exit 0`);
  });
}
done();
