// stave.mjs: what the suites in JavaScript share: a deployment, a server, a client, TAP.
import {spawn, spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {randomBytes} from 'node:crypto';
import http from 'node:http';

export const STAVE = process.env.STAVE || 'build/stave';
export const DATABASES = process.env.STAVE_TEST_PG ? ['sqlite', 'pg'] : ['sqlite'];

// What is taken away at the end, whatever happens.
const leftovers = [];
process.on('exit', () => { for (const f of leftovers.reverse()) f(); });

export function tempDir() {
  const dir = mkdtempSync(join(tmpdir(), 'stave-t-'));
  leftovers.push(() => rmSync(dir, {recursive: true, force: true}));
  return dir;
}

// What a sanitizer said of any process started here; done() fails on it.
const reports = [];
function watch(what, err) {
  if (/AddressSanitizer|LeakSanitizer|UndefinedBehavior|runtime error:|check failed at/.test(err)) reports.push(`${what}\n${err.slice(0, 3000)}`);
}

export function stave(...args) {
  const r = spawnSync(STAVE, args, {encoding: 'utf8', maxBuffer: 1 << 28});
  watch(`stave ${args.join(' ')}`, r.stderr);
  return {code: r.status, signal: r.signal, out: r.stdout, err: r.stderr};
}

// The arguments that put a deployment on this engine: none, or --db with a new empty database.
let databases = 0;
export function database(engine) {
  if (engine === 'sqlite') return [];
  const name = `t_${process.pid}_${databases++}`;
  const r = spawnSync('tests/pg.sh', ['new', name], {encoding: 'utf8'});
  if (r.status !== 0) throw new Error(r.stderr);
  leftovers.push(() => spawnSync('tests/pg.sh', ['drop', name]));
  return ['--db', r.stdout.trim()];
}

export function must(...args) {
  const r = stave(...args);
  if (r.code !== 0) throw new Error(`stave ${args.join(' ')}: exit ${r.code}\n${r.err}`);
  return r.out;
}

// Starts a server on a free port; {url, port, pid, stop(), kill(), exited}.
export const serve = (dir, ...more) => start(dir, more, process.env);

// The same with the time of day put to `ms`; it goes on from there.
let clock;
export function serveAt(dir, ms, ...more) {
  if (!clock) {
    clock = join(tempDir(), 'clock.so');
    const r = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', clock, 'tests/http/clock.c'], {encoding: 'utf8'});
    if (r.status !== 0) throw new Error(`clock.c: ${r.stderr}`);
  }
  const shift = String(Math.round((ms - Date.now()) / 1000));
  return start(dir, more, {...process.env, LD_PRELOAD: clock, STAVE_CLOCK_SHIFT_S: shift});
}

function start(dir, more, env) {
  const child = spawn(STAVE, ['serve', dir, '--listen', '127.0.0.1:0', ...more], {stdio: ['ignore', 'pipe', 'pipe'], env});
  let err = '';
  child.stderr.on('data', d => { err += d; });
  const exited = new Promise(res => child.on('close', (code, signal) => {
    watch(`stave serve: exit ${code} ${signal || ''}`, err);
    res({code, signal, err: () => err});
  }));
  leftovers.push(() => { if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL'); });
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

// Bytes as they are to the server; {text, closed} once it closes, or after `ms` of silence.
export function raw(server, bytes, {ms = 4000} = {}) {
  return new Promise(res => {
    let text = '';
    const s = net.connect(server.port, '127.0.0.1', () => { s.write(bytes); });
    const end = closed => { s.destroy(); res({text, closed}); };
    s.setTimeout(ms, () => end(false));
    s.on('data', d => { text += d.toString('latin1'); });
    s.on('end', () => end(true));
    s.on('error', () => end(true));
  });
}

// ---- a browser without scripts ----
export const unescape = t => t.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&amp;/g, '&');

const FORM = 'application/x-www-form-urlencoded';
export const form = o => Object.entries(o).flatMap(([k, v]) => [v].flat().map(x => `${encodeURIComponent(k)}=${encodeURIComponent(x)}`)).join('&');

// parts: [name, value] or [name, Buffer, filename]
export function multipart(parts, boundary = '----stave7d1f') {
  const out = [];
  for (const [name, value, filename] of parts) {
    out.push(Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"` +
      (filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: application/octet-stream`) + '\r\n\r\n'));
    out.push(Buffer.from(value), Buffer.from('\r\n'));
  }
  out.push(Buffer.from(`--${boundary}--\r\n`));
  return {body: Buffer.concat(out), headers: {'Content-Type': `multipart/form-data; boundary=${boundary}`}};
}

export class Browser {
  constructor(server) { this.server = server; this.jar = {}; }
  cookie() { return Object.entries(this.jar).map(([k, v]) => `${k}=${v}`).join('; '); }
  async send(method, path, options = {}) {
    const r = await request(this.server, method, path, {cookie: this.cookie(), ...options});
    for (const c of r.headers['set-cookie'] || []) {
      const [, name, value] = c.match(/^([^=]+)=([^;]*)/);
      if (value === '') delete this.jar[name]; else this.jar[name] = value;
    }
    return r;
  }
  get(path) { return this.send('GET', path); }
  post(path, fields, headers = {}) {
    const body = typeof fields === 'string' || Buffer.isBuffer(fields) ? fields : form(fields);
    return this.send('POST', path, {body, headers: {'Content-Type': FORM, ...headers}});
  }
  // The hidden inputs of the page's form that posts to `action` (any, without).
  static hidden(page, action) {
    const forms = page.text.split('<form').slice(1).filter(f => !action || f.includes(`action="${action}"`));
    const list = {};
    for (const m of (forms[0] || '').split('</form>')[0].matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g))
      list[m[1]] = unescape(m[2]);
    return list;
  }
  async signIn(account, password) {
    const page = await this.get('/signin');
    return this.post('/signin', {...Browser.hidden(page, '/signin'), account, password});
  }
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
  if (reports.length || STAVE === process.env.STAVE_DEV) ok(!reports.length, 'no sanitizer has anything to say', reports.join('\n'));
  console.log(`1..${n}`);
  process.exit(bad ? 1 : 0);
}
