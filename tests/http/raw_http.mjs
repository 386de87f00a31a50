// raw_http.mjs: what comes over the wire and is no proper request: exactly one answer and the end of the
// connection, so that nothing can ride behind it; and clients that dawdle hold up nobody.     STACK: 2  SPEC: P13
import net from 'node:net';
import {readdirSync, readlinkSync} from 'node:fs';
import {join} from 'node:path';
import {DATABASES, database, done, eq, must, ok, raw, request, serve, tempDir, test} from './stave.mjs';

// The answers as a client takes them off the wire, each with the length it names. (What the library refuses
// by itself it writes with its head twice: by its length that is one answer.)
function answers(t) {
  const list = [];
  for (let m; (m = /^HTTP\/1\.[01] (\d{3})[^]*?\r\n\r\n/.exec(t));) {
    const length = /^content-length: *(\d+)/im.exec(m[0]);
    list.push(+m[1]);
    t = t.slice(m[0].length + (length ? +length[1] : 0));
  }
  return list;
}
const H = 'Host: 127.0.0.1\r\n', GET = `GET /healthz HTTP/1.1\r\n${H}`, RIDER = `GET /metrics HTTP/1.1\r\n${H}\r\n`;
const POST = `POST /signin HTTP/1.1\r\n${H}Content-Type: application/x-www-form-urlencoded\r\n`;

// name, the bytes, the statuses allowed
const REFUSED = [
  ['two equal lengths', `${POST}Content-Length: 3\r\nContent-Length: 3\r\n\r\na=b${RIDER}`, [400]],
  ['two differing lengths', `${POST}Content-Length: 3\r\nContent-Length: ${3 + RIDER.length}\r\n\r\na=b${RIDER}`, [400]],
  ['two lengths in one line', `${POST}Content-Length: 3, 3\r\n\r\na=b${RIDER}`, [400]],
  ['length and chunked', `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${RIDER}`, [400]],
  ['chunked and length', `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${RIDER}`, [400]],
  ['an unknown encoding', `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${RIDER}`, [400, 501]],
  ['identity', `${POST}Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n${RIDER}`, [400]],
  ['gzip, chunked', `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${RIDER}`, [400, 501]],
  ['two encodings', `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${RIDER}`, [400]],
  ['chunked twice in one line', `${POST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n${RIDER}`, [400]],
  ['chunked in HTTP/1.0', `POST /signin HTTP/1.0\r\n${H}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${RIDER}`, [400]],
  ['a blank before the colon of a length', `${POST}Content-Length : 3\r\n\r\na=b${RIDER}`, [400]],
  ['a blank before the colon of an encoding', `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${RIDER}`, [400]],
  ['a blank before the colon of any header', `${GET}X-Any : 1\r\n\r\n`, [400]],
  ['two hosts', `${GET}Host: 127.0.0.1\r\n\r\n`, [400]],
  ['two hosts, the second another', `${GET}Host: evil.test\r\n\r\n`, [400]],
  ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', [400]],
  ['length +3', `${POST}Content-Length: +3\r\n\r\na=b${RIDER}`, [400]],
  ['length -1', `${POST}Content-Length: -1\r\n\r\na=b${RIDER}`, [400]],
  ['length 0x3', `${POST}Content-Length: 0x3\r\n\r\na=b${RIDER}`, [400]],
  ['length 3 3', `${POST}Content-Length: 3 3\r\n\r\na=b${RIDER}`, [400]],
  ['an empty length', `${POST}Content-Length: \r\n\r\n${RIDER}`, [400]],
  ['a length no number holds', `${POST}Content-Length: 99999999999999999999999\r\n\r\na=b`, [400, 413]],
  ['a length beyond the limit', `${POST}Content-Length: 999999999\r\n\r\na=b`, [413]],
  ['a header of 64 KB', `${GET}X-Long: ${'a'.repeat(65536)}\r\n\r\n`, [431]],
  ['two hundred headers', GET + Array.from({length: 200}, (_, i) => `X-${i}: 1\r\n`).join('') + '\r\n', [431]],
  ['a chunk size that overflows', `${POST}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\na=b\r\n0\r\n\r\n`, [400, 413]],
  ['a chunk size that is none', `${POST}Transfer-Encoding: chunked\r\n\r\n-1\r\na=b\r\n0\r\n\r\n`, [400]],
  ['a chunk extension of 20 KB', `${POST}Transfer-Encoding: chunked\r\n\r\n3;${'x'.repeat(20480)}\r\na=b\r\n0\r\n\r\n`, [400, 413, 431, 500]],
  ['NUL in a header', `${GET}X-Any: a\0b\r\n\r\n`, [400]],
  ['NUL in the path', `GET /he\0althz HTTP/1.1\r\n${H}\r\n`, [400]],
  ['%00 in the path', `GET /healthz%00 HTTP/1.1\r\n${H}\r\n`, [400]],
  ['%00 in the middle', `GET /static/%00/x HTTP/1.1\r\n${H}\r\n`, [400]],
  ['..', `GET /static/../healthz HTTP/1.1\r\n${H}\r\n`, [400]],
  ['%2e%2e', `GET /static/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n${H}\r\n`, [400]],
  ['%2F', `GET /static%2Fx HTTP/1.1\r\n${H}\r\n`, [400]],
  ['%252F', `GET /static%252Fx HTTP/1.1\r\n${H}\r\n`, [400]],
  ['half an escape', `GET /a%2 HTTP/1.1\r\n${H}\r\n`, [400]],
  ['a path that is no UTF-8', `GET /%ff%fe HTTP/1.1\r\n${H}\r\n`, [400]],
  ['a path of raw bytes', Buffer.concat([Buffer.from('GET /'), Buffer.from([0xff, 0xfe]), Buffer.from(` HTTP/1.1\r\n${H}\r\n`)]), [400]],
  ['an overlong slash', `GET /static%c0%af HTTP/1.1\r\n${H}\r\n`, [400]],
  ['an address of another server', `GET http://evil.test/healthz HTTP/1.1\r\n${H}\r\n`, [400]],
  ['a path without slash', `GET healthz HTTP/1.1\r\n${H}\r\n`, [400]],
  ['a fragment', `GET /healthz#x HTTP/1.1\r\n${H}\r\n`, [400]],
  ['an address of 5000 bytes', `GET /${'a'.repeat(5000)} HTTP/1.1\r\n${H}\r\n`, [414]],
  ['a host we do not know', 'GET /healthz HTTP/1.1\r\nHost: evil.test\r\n\r\n', [421]],
  ['a host with a user', 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1@evil.test\r\n\r\n', [400, 421]],
  ['an expectation nobody knows', `${POST}Expect: miracles\r\nContent-Length: 3\r\n\r\na=b${RIDER}`, [417]],
  ['a method nobody knows', `BREW /healthz HTTP/1.1\r\n${H}\r\n`, [405, 501]],
  ['a method in small letters', `get /healthz HTTP/1.1\r\n${H}\r\n`, [400, 405, 501]],
  ['CONNECT', `CONNECT 127.0.0.1:22 HTTP/1.1\r\n${H}\r\n`, [400, 405, 501]],
  ['TRACE', `TRACE / HTTP/1.1\r\n${H}\r\n`, [405, 501]],
  ['HTTP/9.9', `GET /healthz HTTP/9.9\r\n${H}\r\n`, [400, 505]],
  ['a header without colon', `${GET}no colon here\r\n\r\n`, [400]],
  ['a folded host', 'GET /healthz HTTP/1.1\r\nHost:\r\n 127.0.0.1\r\n\r\n', [400]],
  ['a folded length', `${POST}Content-Length:\r\n 3\r\n\r\na=b${RIDER}`, [400]],
  ['a control in a header', `${GET}X-Any: a\x01b\r\n\r\n`, [400]],
  ['a name that is no token', `${GET}X(Any): 1\r\n\r\n`, [400]],
];

async function malformed(engine, server) {
  for (const [name, bytes, allowed] of REFUSED) {
    const r = await raw(server, bytes), list = answers(r.text);
    ok(list.length === 1 && allowed.includes(list[0]), `${engine}: ${name}: one answer, ${allowed.join(' or ')}`, `${list} ${r.text.slice(0, 300)}`);
    ok(r.closed, `${engine}: ${name}: and the connection ends`, r.text.slice(0, 200));
    ok(!/stave_answers_total/.test(r.text), `${engine}: ${name}: nothing rode behind it`);
  }
  for (const [name, bytes] of [['noise', Buffer.from(Array.from({length: 4096}, (_, i) => (i * 7919) & 255))], ['TLS', Buffer.from('160301020001000001fc0303', 'hex')], ['empty lines', '\r\n'.repeat(4000)], ['one long line', 'A'.repeat(100000)]]) {
    const r = await raw(server, bytes, {ms: 1500}), list = answers(r.text);
    ok(list.length <= 1 && list.every(s => s >= 400), `${engine}: ${name}: no answer or a refusal`, r.text.slice(0, 200));
  }
  const lf = await raw(server, 'GET /healthz HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n\n');
  ok(answers(lf.text).join() === '200', `${engine}: bare line ends are one request`, lf.text.slice(0, 200));
  const fold = await raw(server, `${GET}X-Any: a\r\n b\r\nConnection: close\r\n\r\n`);
  ok(answers(fold.text).length === 1 && fold.closed, `${engine}: a folded header that frames nothing is one request`, fold.text.slice(0, 200));
  eq((await request(server, 'GET', '/healthz')).text, 'ok\n', `${engine}: after all that the server lives`);
}

async function wellFormed(engine, server) {
  const lines = Array.from({length: 30}, (_, i) => `GET ${i % 3 ? '/healthz' : '/nosuch'} HTTP/1.1\r\n${H}${i === 29 ? 'Connection: close\r\n' : ''}\r\n`);
  const r = await raw(server, lines.join(''));
  eq(answers(r.text).join(), lines.map((_, i) => i % 3 ? 200 : 404).join(), `${engine}: thirty pipelined requests have thirty answers, in their order`);
  const body = 'account=a&password=b', post = await raw(server, `${POST}Content-Length: ${body.length}\r\n\r\n${body}${GET}\r\nGET /readyz HTTP/1.1\r\n${H}Connection: close\r\n\r\n`);
  ok(/^403,200,200$/.test(answers(post.text).join()), `${engine}: a form and two more behind it`, answers(post.text).join());
  const chunked = await raw(server, `${POST}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n9\r\naccount=a\r\nb\r\n&password=b\r\n0\r\n\r\n`);
  eq(answers(chunked.text).join(), '403', `${engine}: a form in chunks is read`);
  const bytes = [];
  const cut = await new Promise(res => { // byte by byte
    const s = net.connect(server.port, '127.0.0.1');
    s.on('data', d => bytes.push(d)).on('close', () => res(Buffer.concat(bytes).toString()));
    (async () => { for (const b of Buffer.from(`${GET}Connection: close\r\n\r\n`)) { s.write(Buffer.from([b])); await new Promise(r2 => setTimeout(r2, 2)); } })();
  });
  eq(answers(cut).join(), '200', `${engine}: a request that comes byte by byte is one`);
  for (const path of ['/healthz', '/signin', '/nosuch']) {
    const get = await request(server, 'GET', path), head = await request(server, 'HEAD', path);
    ok(head.status === get.status && head.text === '' && +head.headers['content-length'] === get.bytes.length, `${engine}: HEAD ${path} is GET without its body`, `${head.status} ${head.headers['content-length']} ${get.bytes.length}`);
  }
  const missing = await request(server, 'GET', '/nosuch/at/all');
  ok(missing.status === 404 && /[\u4e00-\u9fff]/.test(missing.text), `${engine}: what is not there is 404, in words`, missing.text.slice(0, 200));
  for (const [method, path, allow] of [['POST', '/healthz', 'GET'], ['DELETE', '/signin', 'POST'], ['PUT', '/', 'GET'], ['PATCH', '/api/v1/me', 'GET']]) {
    const x = await request(server, method, path);
    ok(x.status === 405 && x.headers.allow.split(', ').includes(allow) && !x.headers.allow.split(', ').includes(method), `${engine}: ${method} ${path} is 405 with Allow`, `${x.status} ${x.headers.allow}`);
  }
}

// Seventy that drip, in the head or in the body; others are served as if they were not there.
async function slowloris(engine, server) {
  const fds = () => readdirSync(`/proc/${server.pid}/fd`).filter(f => {
    try { return readlinkSync(`/proc/${server.pid}/fd/${f}`).startsWith('socket:'); } catch { return false; } // just closed
  }).length;
  const before = fds(), began = Date.now();
  const drips = Array.from({length: 70}, (_, i) => new Promise(res => {
    const s = net.connect(server.port, '127.0.0.1');
    s.write(i % 3 ? `GET /healthz HTTP/1.1\r\n${H}` : `${POST}Content-Length: 1000\r\n\r\n`);
    const timer = setInterval(() => s.write(i % 3 ? `X-${i}: 1\r\n` : 'a'), 300);
    s.on('error', () => {}).on('close', () => { clearInterval(timer); res(Date.now() - began); });
    s.resume();
  }));
  const times = [];
  let odd = 0;
  while (Date.now() - began < 4000) {
    const t = performance.now(), r = await request(server, 'GET', times.length % 2 ? '/readyz' : '/signin');
    times.push(performance.now() - t);
    odd += r.status !== 200;
  }
  times.sort((a, b) => a - b);
  const p = q => times[Math.floor(times.length * q)];
  ok(!odd && times.length > 40 && p(0.5) < 100 && p(0.95) < 1000, `${engine}: while seventy drip, others are served`, `${odd} refused, ${times.length} served, p50 ${p(0.5)} p95 ${p(0.95)} ms`);
  console.log(`# ${engine}: ${times.length} served, p50 ${p(0.5).toFixed(1)} ms, p95 ${p(0.95).toFixed(1)} ms`);
  const ended = await Promise.race([Promise.all(drips), new Promise(res => setTimeout(res, 20000, null))]);
  ok(ended && Math.min(...ended) > 7000 && Math.max(...ended) < 19000, `${engine}: after ten seconds they are cut, not before`, ended && `${Math.min(...ended)} ${Math.max(...ended)}`);
  const own = engine === 'pg' ? 7 : 3; // connections of workers; on PostgreSQL those of the threads for search, clock and imports, too
  for (let i = 0; i < 50 && fds() > before + own; i++) await new Promise(r => setTimeout(r, 100));
  ok(fds() <= before + own, `${engine}: and nothing is left of them`, `${before} ${fds()}`);
}

await Promise.all(DATABASES.map(engine => test(`${engine}: the wire`, async () => {
  const dir = join(tempDir(), 'd');
  must('init', dir, ...database(engine));
  const server = await serve(dir);
  await Promise.all([slowloris(engine, server), (async () => { await malformed(engine, server); await wellFormed(engine, server); })()]);
  const x = await server.stop();
  eq(x.code, 0, `${engine}: SIGTERM ends the server with 0`);
})));
done();
