// cli_edges.mjs: the command line where it is easily got wrong: two backups at once, files of an overlay with
// names of any script, a client stuck on the socket, settings, who may read what lies on the disk.  SPEC: P13 P14
import {existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {spawn} from 'node:child_process';
import net from 'node:net';
import {STAVE, done, eq, must, ok, serve, stave, tempDir, test} from './stave.mjs';

const tmp = tempDir();
const oneLine = err => err.endsWith('\n') && err.trim().split('\n').length === 1;
const run = (...args) => new Promise(res => {
  const child = spawn(STAVE, args);
  let err = '';
  child.stderr.on('data', d => { err += d; });
  child.on('close', code => res({code, err}));
});

function onDisk() {
  const dir = join(tmp, 'open');
  mkdirSync(dir, 0o755);
  must('init', dir);
  for (const f of ['settings', 'stave.db', 'files.db']) eq(statSync(join(dir, f)).mode & 0o077, 0, `${f} is its owner's alone, in a folder open to all`);
}

function settings() {
  const dir = join(tmp, 's');
  must('init', dir);
  const text = readFileSync(join(dir, 'settings'), 'utf8');
  writeFileSync(join(dir, 'settings'), text.replace('secure = no', 'secure = Yes'));
  const r = stave('user', 'list', dir);
  ok(r.code === 1 && oneLine(r.err) && /secure/.test(r.err) && /Yes/.test(r.err) && /yes/.test(r.err), 'secure = Yes is refused, not taken for no', r.err);
  writeFileSync(join(dir, 'settings'), '\ufeff' + text.replace(/\n/g, '\r\n'));
  eq(stave('user', 'list', dir).code, 0, 'settings as an editor on Windows leaves them');
  const odd = stave('import', dir, 'unit', 'a\nb\u0007c');
  ok(odd.code === 1 && oneLine(odd.err), 'a name with a line end in it: one line all the same', odd.err);
  const none = stave('verify', join(dir, 'settings'));
  ok(none.code === 1 && oneLine(none.err), 'verify of what is no backup: one line', none.err);
}

async function backups() {
  const dir = join(tmp, 'b'), own = join('model', '县里的', '日记 一..二.yaml');
  mkdirSync(join(dir, 'model', '县里的'), {recursive: true});
  writeFileSync(join(dir, own), readFileSync('model/village/diary.yaml', 'utf8').replace('type: diary', 'type: journal'));
  const made1 = stave('init', dir);
  eq(made1.code, 0, `an overlay in a file of any name: ${made1.err}`);
  must('backup', dir, join(tmp, 'named'));
  const back = stave('restore', join(tmp, 'named'), join(tmp, 'named.d'));
  eq(back.code, 0, `its backup is restored: ${back.err}`);
  eq(readFileSync(join(tmp, 'named.d', own), 'utf8'), readFileSync(join(dir, own), 'utf8'), 'with what was in it');
  eq(stave('verify', join(tmp, 'named.d')).code, 0, 'and opened with it');
  const both = join(tmp, 'both');
  must('init', both);
  const made = await Promise.all([0, 1, 2, 3].map(i => run('backup', both, join(tmp, `both${i}`))));
  ok(made.some(r => r.code === 0), 'backups at once: one at least is made', JSON.stringify(made));
  for (const [i, r] of made.entries()) {
    if (r.code === 0) eq(stave('verify', join(tmp, `both${i}`)).code, 0, `backups at once: ${i} is good`);
    else ok(r.code === 1 && oneLine(r.err) && !existsSync(join(tmp, `both${i}`)), `backups at once: ${i} says that another runs`, r.err);
  }
  ok(!readdirSync(both).some(f => /backup/.test(f)), 'nothing is left beside the databases', readdirSync(both).join());
}

async function stuckOnTheSocket() {
  const dir = join(tmp, 'k');
  must('init', dir);
  const server = await serve(dir), path = join(dir, 'stave.sock');
  const junk = [Buffer.alloc(4, 0xff), Buffer.from([0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]), Buffer.from([0, 0, 0, 0]), Buffer.alloc(0),
    Buffer.from([0, 0, 0, 1, 0, 0, 0, 5, 0x73, 0x65, 0x72, 0x76, 0x65, 0, 0, 0, 0, 0, 0, 0, 0])];
  for (const bytes of junk) {
    const answer = await new Promise(res => {
      const s = net.connect(path), got = [];
      s.on('data', d => got.push(d));
      s.on('close', () => res(Buffer.concat(got)));
      s.on('error', () => res(Buffer.concat(got)));
      s.end(bytes);
    });
    ok(answer.length < 4096, `junk of ${bytes.length} bytes: a short answer`, answer.toString());
  }
  eq(stave('token', dir, 'nobody').code, 1, 'it still answers');
  const stuck = net.connect(path); // says how many arguments come, and no more
  stuck.on('error', () => {});
  await new Promise(res => stuck.on('connect', res));
  stuck.write(Buffer.from([0, 0, 0, 2]));
  await new Promise(res => setTimeout(res, 300));
  const began = Date.now(), x = await server.stop();
  ok(x.code === 0 && Date.now() - began < 8000, 'a stuck client does not hold up the end', `${x.code} ${Date.now() - began} ms`);
  stuck.destroy();
  ok(!existsSync(path), 'the socket is gone');
}

for (const part of [onDisk, settings, backups, stuckOnTheSocket]) await test(part.name, part);
done();
