// imports.mjs: a clerk's workbook with twelve broken rows comes back with reasons and goes in at the second try; a
// batch is undone, but for what somebody edited since.                                          SPEC: P7  PEERS: 17
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {inflateRawSync} from 'node:zlib';
import {must, serve} from '../http/stave.mjs';
import {DESK, PHONE, TEMP, Visitor, eq, has, ok} from './browser.mjs';

const PASSWORD = 'stave-demo-2026';
const HEAD = ['户主', '户主出生年', '村民组', '人口'];
const good = Array.from({length: 8}, (_, i) => [`蒲家${i}`, `19${60 + i}`, '一组', '3']);
const broken = [
  ['', '1960', '一组', '3'], ['蒲一', '196O', '一组', '3'], ['蒲二', '1899', '一组', '3'], ['蒲三', '2101', '一组', '3'], ['蒲四', '1960', '一组', '99'],
  ['蒲五', '1960', '一组', '三口'], ['蒲六', '1960', '一组', '0'], ['蒲七'.repeat(20), '1960', '一组', '3'], ['蒲八', '1960', '组'.repeat(40), '3'],
  ['蒲九', '1.96E+17', '一组', '3'], ['蒲家0', '1960', '一组', '3'], ['蒲十', '#N/A', '一组', '3'],
];

const TABLE = Array.from({length: 256}, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0; });
const crc = b => { let c = 0xffffffff; for (const x of b) c = TABLE[(c ^ x) & 255] ^ (c >>> 8); return (c ^ 0xffffffff) >>> 0; };
// A package of stored parts.
function zip(parts) {
  const local = [], central = [];
  let at = 0;
  for (const [name, text] of parts) {
    const data = Buffer.from(text), n = Buffer.from(name), h = Buffer.alloc(30), c = Buffer.alloc(46);
    h.writeUInt32LE(0x04034b50, 0); h.writeUInt16LE(20, 4); h.writeUInt16LE(33, 12); h.writeUInt32LE(crc(data), 14);
    h.writeUInt32LE(data.length, 18); h.writeUInt32LE(data.length, 22); h.writeUInt16LE(n.length, 26);
    c.writeUInt32LE(0x02014b50, 0); c.writeUInt16LE(20, 4); c.writeUInt16LE(20, 6); h.copy(c, 10, 8, 28); c.writeUInt16LE(n.length, 28); c.writeUInt32LE(at, 42);
    local.push(h, n, data); central.push(c, n);
    at += 30 + n.length + data.length;
  }
  const dir = Buffer.concat(central), end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0); end.writeUInt16LE(parts.length, 8); end.writeUInt16LE(parts.length, 10); end.writeUInt32LE(dir.length, 12); end.writeUInt32LE(at, 16);
  return Buffer.concat([...local, dir, end]);
}
function workbook(rows) {
  const x = '<?xml version="1.0" encoding="UTF-8"?>', ns = 'http://schemas.openxmlformats.org';
  const cells = rows.map((r, i) => `<row r="${i + 1}">${r.map((t, k) => `<c r="${'ABCD'[k]}${i + 1}" t="inlineStr"><is><t>${t}</t></is></c>`).join('')}</row>`).join('');
  return zip([
    ['[Content_Types].xml', `${x}<Types xmlns="${ns}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`],
    ['_rels/.rels', `${x}<Relationships xmlns="${ns}/package/2006/relationships"><Relationship Id="r1" Type="${ns}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`],
    ['xl/workbook.xml', `${x}<workbook xmlns="${ns}/spreadsheetml/2006/main" xmlns:r="${ns}/officeDocument/2006/relationships"><sheets><sheet name="台账" sheetId="1" r:id="r1"/></sheets></workbook>`],
    ['xl/_rels/workbook.xml.rels', `${x}<Relationships xmlns="${ns}/package/2006/relationships"><Relationship Id="r1" Type="${ns}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`],
    ['xl/worksheets/sheet1.xml', `${x}<worksheet xmlns="${ns}/spreadsheetml/2006/main"><sheetData>${cells}</sheetData></worksheet>`],
  ]);
}
// The text of one part, found by the package's list.
function part(bytes, name) {
  let at = bytes.readUInt32LE(bytes.lastIndexOf(Buffer.from('PK\x05\x06')) + 16);
  while (bytes.readUInt32LE(at) === 0x02014b50) {
    const n = bytes.readUInt16LE(at + 28), where = bytes.readUInt32LE(at + 42);
    if (String(bytes.subarray(at + 46, at + 46 + n)) === name) {
      const from = where + 30 + bytes.readUInt16LE(where + 26) + bytes.readUInt16LE(where + 28), data = bytes.subarray(from, from + bytes.readUInt32LE(at + 20));
      return String(bytes.readUInt16LE(at + 10) ? inflateRawSync(data) : data);
    }
    at += 46 + n + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return '';
}

export async function imports(browser) {
  const dir = join(TEMP, 'imports');
  must('demo', dir, '--size', 'page');
  const server = await serve(dir);
  await clerk(browser, server, 'phone', PHONE, true, 'fs.shangli');
  await clerk(browser, server, 'desktop', DESK, false, 'fs.xiali');
  await server.stop();
}

async function send(v, file, act) {
  await v.go('/household/import');
  await v.page.locator('input[name=file]').setInputFiles(file);
  await v.page.locator('input[name=key]').fill('户主, 户主出生年');
  return v.press(v.page.locator('button[value=try]'));
}

async function clerk(browser, server, where, size, js, account) {
  const v = await Visitor.open(browser, server, size, {js}), t = `${where}: import`;
  eq(await v.signIn(account, PASSWORD), 200, `${t}: ${account} signs in`);
  const bad = join(TEMP, `${where}-bad.xlsx`), mended = join(TEMP, `${where}-good.xlsx`);
  writeFileSync(bad, workbook([HEAD, ...good, ...broken]));
  eq(await send(v, bad), 422, `${t}: twelve rows are at fault`);
  const told = await v.text();
  has(told, '12', `${t}: it says how many`);
  has(told, '请只写整数', `${t}: and why`);
  await v.check(`${t} tried`);
  const [file] = await Promise.all([v.page.waitForEvent('download'), v.page.locator('button[value=reasons]').click()]);
  const sheet = part(readFileSync(await file.path()), 'xl/worksheets/sheet1.xml');
  const reasons = [...sheet.matchAll(/<c r="E(\d+)"/g)].map(m => Number(m[1]));
  eq(reasons.join(), [1, ...broken.map((_, i) => good.length + 2 + i)].join(), `${t}: the own workbook comes back, a reason in each broken row`);
  ok(sheet.includes('蒲家3') && sheet.includes('196O'), `${t}: with all that was in it`);
  await v.go('/household');
  ok(!(await v.text()).includes('蒲家'), `${t}: nothing is written yet`);

  writeFileSync(mended, workbook([HEAD, ...good, ...broken.map((_, i) => [`蒲补${i}`, '1970', '二组', '2'])]));
  eq(await send(v, mended), 200, `${t}: the second try has no fault`);
  await v.press(v.page.locator('button[value=apply]'));
  has(await v.text(), '新增 20', `${t}: twenty rows are in`);
  await v.check(`${t} written`);
  eq(await send(v, mended), 200, `${t}: the same file once more`);
  ok(!(await v.page.locator('button[value=apply]').count()), `${t}: all the same, there is nothing to write`);

  await v.go('/household');
  await v.press(v.link('蒲家3'));
  await v.press('修改');
  await v.field('人口').fill('5');
  await v.press(v.page.locator('main form button.p').first());
  await v.go('/household/import');
  await v.press(v.page.locator('button[value=undo]').first());
  has(await v.text(), '作废 19', `${t}: undone, nineteen are void`);
  has(await v.text(), '有人改过而留下 1', `${t}: the one edited since is kept, and it says so`);
  await v.check(`${t} undone`);
  await large(v, where, t);
  await v.close(t);
}

// Some thousand rows: tried and written while its page says how far it is and asks anew by itself.
async function large(v, where, t) {
  const n = 12000, file = join(TEMP, `${where}-large.csv`);
  writeFileSync(file, '户主名,户主出生年,人口\n' + Array.from({length: n}, (_, i) => `大表${where}${i},${1930 + i % 70},${i === 77 ? 99 : 3}\n`).join(''));
  await v.go('/household/import');
  await v.page.locator('input[name=file]').setInputFiles(file);
  await v.press(v.page.locator('button[value=try]'));
  const place = v.page.url();
  await v.check(`${t} columns asked`);
  await v.page.locator('select[name=point]').selectOption({label: '户主'});
  await v.press(v.page.locator('button[value=try]').first());
  const still = async route => { const r = await route.fetch(), headers = r.headers(); delete headers.refresh; await route.fulfill({response: r, headers}); };
  await v.page.route(place, still); // so that it holds still while it is looked at
  await v.go(new URL(place).pathname);
  ok(await v.page.locator('progress').count(), `${t}: its page says how far it is`);
  await v.check(`${t} trying`);
  await v.page.unroute(place, still);
  await v.go(new URL(place).pathname);
  await v.page.locator('progress').waitFor({state: 'detached', timeout: 120000}); // it asks anew by itself
  has(await v.text(), '11,999', `${t}: all rows but one are good`);
  await v.go(new URL(place).pathname);
  await v.check(`${t} large tried`);
  await v.press(v.page.locator('button[value=apply]'));
  await v.page.locator('progress').waitFor({state: 'detached', timeout: 240000});
  has(await v.text(), '写进去 11,999 行', `${t}: they are in`);
  await v.go(new URL(place).pathname);
  await v.check(`${t} large written`);
}
