// import.mjs: the tree of units from files as offices really have them, and from files that are none: what is
// wrong is named by row, column and reason, nothing is half written.          SPEC: P1 P7  DESIGN: Interfaces that stay
import {closeSync, ftruncateSync, openSync, readFileSync, writeFileSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {spawnSync} from 'node:child_process';
import {Browser, DATABASES, database, done, eq, must, ok, serve, stave, tempDir, test} from './stave.mjs';

const tmp = tempDir(), SAMPLE = 'tests/data/divisions_jiaozuo.csv', sample = readFileSync(SAMPLE, 'utf8');
const CJK = /[\u4e00-\u9fff]/;
let engine, files = 0;
const file = bytes => { const path = join(tmp, `f${files++}.csv`); writeFileSync(path, bytes); return path; };
const make = () => { const dir = join(tempDir(), 'd'); must('init', dir, ...database(engine)); return dir; };
const rows = text => text.replace(/^\ufeff/, '').split(/\r?\n/).filter(Boolean);
const small = '编码,名称,类别,上级\n1,甲县,county,\n2,乙镇,town,1\n3,丙村,village,2\n';
const told = n => r => (r.out.match(/\d+/g) || []).slice(0, 3).map(Number).join() === n;

const gb18030 = text => { // what Node cannot write, iconv can
  const r = spawnSync('iconv', ['-f', 'UTF-8', '-t', 'GB18030'], {input: text});
  if (r.status !== 0) throw new Error(String(r.stderr));
  return r.stdout;
};

async function sampleTree(dir) {
  const dry = stave('import', dir, 'unit', SAMPLE, '--dry-run');
  ok(dry.code === 0 && told('166,0,0')(dry), `${engine}: a dry run of the 166 units`, dry.out + dry.err);
  eq(rows(must('export', dir, 'unit')).length, 1, `${engine}: writes nothing`);
  const lines = sample.trim().split('\n'), bad = [...lines];
  bad[10] = bad[10].replace(/,town,/, ',tawn,').replace(/,village,/, ',tawn,');
  bad[20] = bad[20].split(',').slice(0, 3).concat('999999999999').join(',');
  const broken = stave('import', dir, 'unit', file(bad.join('\n')), '--dry-run');
  ok(broken.code === 1 && broken.out === '', `${engine}: a copy with two broken rows: exit 1`, broken.out);
  ok(broken.err.trim().split('\n').length === 2 && /(^|\D)11(\D|$).*level.*tawn/m.test(broken.err) && /(^|\D)21(\D|$).*parent.*999999999999/m.test(broken.err) && CJK.test(broken.err),
    `${engine}: one line each: row, column, what stands there, why`, broken.err);
  const really = stave('import', dir, 'unit', file(bad.join('\n')));
  ok(really.code === 1 && rows(must('export', dir, 'unit')).length === 1, `${engine}: nothing of a broken file is written`, really.err);
  const real = stave('import', dir, 'unit', SAMPLE);
  ok(real.code === 0 && told('166,0,0')(real), `${engine}: the good file goes in`, real.out + real.err);
  const again = stave('import', dir, 'unit', SAMPLE);
  ok(again.code === 0 && told('0,0,166')(again), `${engine}: once more: all the same`, again.out + again.err);
  const out = rows(must('export', dir, 'unit')), want = lines.map((l, i) => i === 1 ? l.replace(/,[^,]*$/, ',') : l); // the root's parent is nowhere
  ok(out.length === 167 && [...out].sort().join() === [...want].sort().join(), `${engine}: the export says what the file said`, out.slice(0, 4).join('\n'));
  const back = stave('import', dir, 'unit', file(must('export', dir, 'unit')));
  ok(back.code === 0 && told('0,0,166')(back), `${engine}: the export can be imported`, back.out + back.err);
  const other = make();
  const copy = stave('import', other, 'unit', file(must('export', dir, 'unit')));
  ok(copy.code === 0 && must('export', other, 'unit') === must('export', dir, 'unit'), `${engine}: into an empty deployment too, and comes out the same`, copy.err);
  const renamed = stave('import', dir, 'unit', file(sample.replace('民生街道', '民主新街道')));
  ok(renamed.code === 0 && told('0,1,165')(renamed) && must('export', dir, 'unit').includes('民主新街道'), `${engine}: a changed name is one change`, renamed.out);
  const part = rows(must('export', dir, 'unit', '--unit', '410802000000'));
  ok(part.length > 1 && part.length < 60 && part.slice(1).every(l => l.includes('410802')), `${engine}: the export of a part`, part.length);
  eq(stave('verify', dir).code, 0, `${engine}: verify is clean`);
}

// The same three units however the file is written.
async function dialects() {
  const quoted = '"编码","名称","类别","上级"\r\n"1","甲""县""，东,部","county",""\r\n"2"," 乙镇 ","town","1"\r\n"3","丙村","village","2"\r\n';
  for (const [name, bytes, names] of [
    ['commas', small], ['semicolons', small.replace(/,/g, ';')], ['tabs', small.replace(/,/g, '\t')], ['CRLF', small.replace(/\n/g, '\r\n')], ['CR alone', small.replace(/\n/g, '\r')],
    ['a BOM', '\ufeff' + small], ['GB18030', gb18030(small)], ['GB18030 with a rare character', gb18030(small.replace('丙村', '㛃𠮷村')), ['甲县', '乙镇', '㛃𠮷村']],
    ['GB18030 and semicolons', gb18030(small.replace(/,/g, ';'))], ['quotes', quoted, ['甲"县"，东,部', '乙镇', '丙村']],
    ['no line end at its end', small.trimEnd()], ['empty lines', small.replace(/\n/g, '\n\n')], ['other columns first', 'parent,level,code,name\n,county,1,甲县\n1,town,2,乙镇\n2,village,3,丙村\n'],
    ['children before parents', '编码,名称,类别,上级\n3,丙村,village,2\n2,乙镇,town,1\n1,甲县,county,\n'], ['blanks around', small.replace(/,/g, ' , ')],
  ]) {
    const dir = make(), r = stave('import', dir, 'unit', file(bytes));
    const got = rows(must('export', dir, 'unit')).slice(1).map(l => l.match(/^\d,("(?:[^"]|"")*"|[^,]*),/)[1].replace(/^"|"$/g, '').replace(/""/g, '"'));
    ok(r.code === 0 && told('3,0,0')(r) && got.join('|') === (names || ['甲县', '乙镇', '丙村']).join('|'), `${engine}: ${name}`, r.out + r.err + got.join('|'));
  }
}

async function broken() {
  const dir = make();
  const head = 'code,name,level,parent\n1,甲县,county,\n';
  for (const [name, bytes, ...words] of [
    ['no code', head + ',乙镇,town,1\n', /3/, /code/], ['a code twice', head + '2,乙镇,town,1\n2,丙镇,town,1\n', /4/, /code/, /2/], ['a code with a blank', head + '2 x,乙镇,town,1\n', /3/, /code/, /2 x/],
    ['no name', head + '2,,town,1\n', /3/, /name/], ['a name too long', head + `2,${'长'.repeat(61)},town,1\n`, /3/, /name/], ['no level', head + '2,乙镇,,1\n', /3/, /level/],
    ['a level nobody knows', head + '2,乙镇,hamlet,1\n', /3/, /level/, /hamlet/], ['a level in the wrong place', head + '2,丙村,village,1\n3,乙县,county,2\n', /4/, /level/],
    ['a parent that is nowhere', head + '2,乙镇,town,9\n', /3/, /parent/, /9/], ['its own parent', head + '2,乙镇,town,2\n', /3/, /parent/], ['a circle', head + '2,乙镇,town,3\n3,丙镇,town,2\n', /3/, /parent/],
    ['two roots', head + '2,乙县,county,\n', /3/, /parent/], ['a root that is a village', 'code,name,level,parent\n1,甲村,village,\n', /2/, /level/],
    ['a cell too many', head + '2,乙镇,town,1,x\n', /3/], ['a quote left open', head + '2,"乙镇,town,1\n', /3/], ['text behind a quote', head + '2,"乙"镇,town,1\n', /3/],
    ['NUL', head + '2,乙\0镇,town,1\n', /3/], ['broken UTF-8', Buffer.concat([Buffer.from(head + '2,'), Buffer.from([0xe4, 0xb8, 0xff, 0xff]), Buffer.from(',town,1\n')]), /3/],
    ['an unknown column', 'code,name,level,parent,colour\n1,甲县,county,,red\n', /colour/], ['a column missing', 'code,name,level\n1,甲县,county\n', /parent/],
    ['a column twice', 'code,name,level,parent,name\n1,甲县,county,,x\n', /name/], ['nothing', ''], ['the head alone', 'code,name,level,parent\n'], ['blanks', ' \n \n'],
    ['a workbook', Buffer.from('504b0304140006000800000021', 'hex'), /CSV/], ['UTF-16', Buffer.from('\ufeff' + small, 'utf16le'), /UTF-8/], ['a picture', Buffer.from('ffd8ffe000104a464946', 'hex')],
    ['a million columns', 'code,name,level,parent' + ','.repeat(1000000) + '\n', /1/, /256/], ['a row of a million columns', head + '2,乙镇,town,1' + ','.repeat(1000000) + '\n', /3/],
    ['a cell of 100 KB', head + `2,${'长'.repeat(34000)},town,1\n`, /3/, /KB/], ['a line of 15 MB', head + 'x'.repeat(15 * 1048576), /3/], ['a quoted line of 15 MB', head + '2,"' + 'x\n'.repeat(7 * 1048576), /3/],
    ['20,001 rows', 'code,name,level,parent\n1,甲县,county,\n' + Array.from({length: 20001}, (_, i) => `9${i},镇${i},town,1\n`).join(''), /20000|20,000/],
    ['faults in every row', head + Array.from({length: 3000}, (_, i) => `8${i},镇,hamlet,1\n`).join(''), /level/],
  ]) {
    const path = file(bytes), began = Date.now();
    for (const dry of [['--dry-run'], []]) {
      const r = stave('import', dir, 'unit', path, ...dry);
      ok(r.code === 1 && r.out === '' && CJK.test(r.err) && words.every(w => w.test(r.err)), `${engine}: ${name}: exit 1, in words${dry.length ? '' : ', without --dry-run too'}`, `exit ${r.code} ${r.signal} ${r.out} ${r.err.slice(0, 600)}`);
      if (bytes.length > 4e6) break;
    }
    if (Date.now() - began > 8000) ok(false, `${engine}: ${name}: it takes long to say so`, Date.now() - began);
  }
  eq(rows(must('export', dir, 'unit')).length, 1, `${engine}: and nothing of all that was written`);
}

// Far too large: refused by its size, nothing of it is read.
async function huge() {
  const dir = make(), path = join(tmp, 'huge.csv'), fd = openSync(path, 'w');
  writeSync(fd, small);
  ftruncateSync(fd, 1024 ** 3);
  closeSync(fd);
  const began = Date.now(), r = stave('import', dir, 'unit', path);
  ok(r.code === 1 && CJK.test(r.err) && /16/.test(r.err), `${engine}: a file of 1 GB is refused, with its limit`, `${r.code} ${r.err}`);
  ok(Date.now() - began < 3000, `${engine}: at once`, Date.now() - began);
  for (const [name, bad] of [['a file that is not there', join(tmp, 'no.csv')], ['a folder', tmp], ['a device without end', '/dev/zero']]) {
    const x = stave('import', dir, 'unit', bad);
    ok(x.code === 1 && CJK.test(x.err), `${engine}: ${name} is refused`, `${x.code} ${x.err}`);
  }
  eq(stave('import', dir, 'diary', SAMPLE).code, 1, `${engine}: only units are imported yet`);
  eq(stave('import', dir, 'nosuch', SAMPLE).code, 1, `${engine}: and no type that is not there`);
  eq(stave('import', dir, 'unit').code, 2, `${engine}: without a file: exit 2`);
  eq(stave('import', dir, 'unit', SAMPLE, '--fast').code, 2, `${engine}: with an option nobody knows: exit 2`);
  eq(stave('import', join(tmp, 'nowhere'), 'unit', SAMPLE).code, 1, `${engine}: into no deployment: exit 1`);
}

// Beside a running server, and what the server then knows.
async function beside() {
  const dir = make(), server = await serve(dir);
  const bad = stave('import', dir, 'unit', file('code,name,level,parent\n1,甲县,county,\n2,乙镇,hamlet,1\n'), '--dry-run');
  ok(bad.code === 1 && /3.*level.*hamlet/.test(bad.err), `${engine}: beside a server: what is wrong is told`, bad.err);
  const r = stave('import', dir, 'unit', SAMPLE);
  ok(r.code === 0 && told('166,0,0')(r), `${engine}: beside a server it goes in`, r.out + r.err);
  const add = stave('user', 'add', dir, 'office', '--name', '邬长庚', '--role', 'county_office', '--unit', '410800000000');
  const code = add.out.trim();
  ok(add.code === 0 && /^\d{4} ?\d{4}$/.test(code), `${engine}: the root's office is named`, add.out + add.err);
  const b = new Browser(server), page = await b.get('/i');
  const redeemed = await b.post('/i', {...Browser.hidden(page, '/i'), code, password: '山前的桥下有水流过去', again: '山前的桥下有水流过去'});
  eq(redeemed.status, 303, `${engine}: and comes in with the code`);
  const units = await b.get('/unit');
  ok([200, 303].includes(units.status), `${engine}: and sees the units`, units.status);
  const one = await b.get('/unit/410800000000');
  ok(one.status === 200 && one.text.includes('解放区'), `${engine}: those just imported`, one.text.slice(0, 500));
  eq((await server.stop()).code, 0, `${engine}: SIGTERM ends the server with 0`);
  ok(rows(must('export', dir, 'unit')).length === 167, `${engine}: they are there afterwards`);
}

for (engine of DATABASES) {
  await test(`${engine}: the sample`, () => sampleTree(make()));
  if (engine === 'sqlite') // how a file is read knows no engine
    for (const part of [dialects, broken, huge]) await test(`${engine}: ${part.name}`, part);
  await test(`${engine}: beside a server`, beside);
}
done();
