// stave.mjs: what the suites in JavaScript share: a deployment, a server, a client, TAP.
import {spawn, spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {randomBytes} from 'node:crypto';
import http from 'node:http';

export const STAVE = process.env.STAVE || 'build/stave';
export const DATABASES = process.env.STAVE_TEST_PG ? ['sqlite', 'pg'] : ['sqlite'];

export function tempDir() {
  const dir = mkdtempSync(join(tmpdir(), 'stave-t-'));
  process.on('exit', () => rmSync(dir, {recursive: true, force: true}));
  return dir;
}

export function stave(...args) {
  const r = spawnSync(STAVE, args, {encoding: 'utf8', maxBuffer: 1 << 28});
  return {code: r.status, out: r.stdout, err: r.stderr};
}

export function must(...args) {
  const r = stave(...args);
  if (r.code !== 0) throw new Error(`stave ${args.join(' ')}: exit ${r.code}\n${r.err}`);
  return r.out;
}

// Starts a server on a free port; {url, port, pid, stop(), kill(), exited}.
export function serve(dir, ...more) {
  const child = spawn(STAVE, ['serve', dir, '--listen', '127.0.0.1:0', ...more], {stdio: ['ignore', 'pipe', 'pipe']});
  let err = '';
  child.stderr.on('data', d => { err += d; });
  const exited = new Promise(res => child.on('exit', (code, signal) => res({code, signal, err: () => err})));
  return new Promise((res, rej) => {
    let out = '';
    child.stdout.on('data', d => {
      out += d;
      const m = out.match(/listening on (http:\/\/127\.0\.0\.1:(\d+))/);
      if (m) res({url: m[1], port: +m[2], pid: child.pid, exited, log: () => err,
        stop: () => { child.kill('SIGTERM'); return exited; },
        kill: () => { child.kill('SIGKILL'); return exited; }});
    });
    exited.then(x => rej(new Error(`serve ended with ${x.code} ${x.signal}: ${err}`)));
  });
}

let last = 0n;
export function uuid7(ms = Date.now()) {
  let t = BigInt(ms) << 12n;
  if (t <= last) t = last + 1n;
  last = t;
  const h = (t >> 12n).toString(16).padStart(12, '0') + '7' + (t & 0xfffn).toString(16).padStart(3, '0');
  const r = randomBytes(8);
  r[0] = (r[0] & 0x3f) | 0x80;
  const s = h + r.toString('hex');
  return `${s.slice(0, 8)}-${s.slice(8, 12)}-${s.slice(12, 16)}-${s.slice(16, 20)}-${s.slice(20)}`;
}

// One request: {status, headers, text, json}. body: object becomes JSON, else sent as it is.
export function request(server, method, path, {token, cookie, headers = {}, body, agent} = {}) {
  const h = {...headers};
  let data;
  if (body !== undefined && body !== null) {
    if (typeof body === 'string' || Buffer.isBuffer(body)) data = Buffer.from(body);
    else { data = Buffer.from(JSON.stringify(body)); h['Content-Type'] ??= 'application/json'; }
    h['Content-Length'] = data.length;
  }
  if (token) h.Authorization = `Bearer ${token}`;
  if (cookie) h.Cookie = cookie;
  return new Promise((res, rej) => {
    const q = http.request({host: '127.0.0.1', port: server.port, method, path, headers: h, agent}, r => {
      const parts = [];
      r.on('data', d => parts.push(d));
      r.on('end', () => {
        const bytes = Buffer.concat(parts), text = bytes.toString('utf8');
        let json = null;
        if (/json/.test(r.headers['content-type'] || '')) try { json = JSON.parse(text); } catch { json = undefined; }
        res({status: r.statusCode, headers: r.headers, text, json, bytes});
      });
      r.on('error', rej);
    });
    q.on('error', rej);
    if (data) q.write(data);
    q.end();
  });
}

// ---- TAP ----
let n = 0, bad = 0;
export function ok(cond, name, why = '') {
  n++;
  if (!cond) bad++;
  if (!cond && why) console.log('# ' + String(why).slice(0, 2000).replace(/\n/g, '\n# '));
  console.log(`${cond ? 'ok' : 'not ok'} ${n} - ${name}`);
  return !!cond;
}
export function eq(got, want, name) {
  return ok(got === want, name, `got ${JSON.stringify(got)}, expected ${JSON.stringify(want)}`);
}
export async function test(name, fn) {
  try { await fn(); } catch (e) { ok(false, name, e.stack || e); }
}
export function done() {
  console.log(`1..${n}`);
  process.exit(bad ? 1 : 0);
}
