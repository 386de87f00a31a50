// xlsx_read.mjs FILE ROWS: a reader of its own, of what bench/xlsx wrote: the package by its list, each
// part's sum, XML that closes what it opens, every row and cell in its place and of its kind.
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

const [file, rowText] = process.argv.slice(2);
const bytes = readFileSync(file);
const die = (what) => {
  console.error(what);
  process.exit(1);
};
const table = Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});
const crc = (b) => {
  let c = 0xffffffff;
  for (const x of b) c = table[(c ^ x) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
};

const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
if (end < 0) die('no list');
const parts = new Map();
let at = bytes.readUInt32LE(end + 16);
for (let i = 0; i < bytes.readUInt16LE(end + 10); i++) {
  if (bytes.readUInt32LE(at) !== 0x02014b50) die('list broken');
  const [sum, packed, whole] = [16, 20, 24].map((o) => bytes.readUInt32LE(at + o));
  const [n, x, c] = [28, 30, 32].map((o) => bytes.readUInt16LE(at + o));
  const name = bytes.toString('utf8', at + 46, at + 46 + n);
  const head = bytes.readUInt32LE(at + 42);
  if (bytes.readUInt32LE(head) !== 0x04034b50) die(`${name}: no head`);
  const from = head + 30 + bytes.readUInt16LE(head + 26) + bytes.readUInt16LE(head + 28);
  const out = inflateRawSync(bytes.subarray(from, from + packed));
  if (out.length !== whole || crc(out) !== sum) die(`${name}: size or sum`);
  if (bytes.readUInt32LE(from + packed) !== 0x08074b50) die(`${name}: nothing behind it`);
  parts.set(name, out.toString('utf8'));
  at += 46 + n + x + c;
}

const attr = (text, name) => text.match(new RegExp(`(?:^|\\s)${name}="([^"<]*)"`))?.[1];
function* tags(xml) {
  const open = [];
  const rest = xml.replace(/^<\?xml[^>]*\?>\s*/, '');
  let end = 0;
  for (const m of rest.matchAll(/<(\/?)([A-Za-z:]+)((?:\s+[A-Za-z:]+="[^"<]*")*)\s*(\/?)>/g)) {
    const text = rest.slice(end, m.index);
    if (/[<>]|&(?!(amp|lt|gt|quot);)/.test(text)) die(`stray sign: ${text}`);
    end = m.index + m[0].length;
    if (m[1] && open.pop() !== m[2]) die(`</${m[2]}> closes nothing`);
    if (!m[1] && !m[4]) open.push(m[2]);
    yield { close: !!m[1], name: m[2], attrs: m[3], before: text };
  }
  if (open.length || end !== rest.trimEnd().length) die(`left open: ${open}`);
}
for (const [name, xml] of parts) {
  let n = 0;
  for (const _ of tags(xml)) n++;
  if (!n) die(`${name}: empty`);
}
for (const m of parts.get('[Content_Types].xml').matchAll(/PartName="\/([^"]*)"/g))
  if (!parts.has(m[1])) die(`${m[1]} is named and not there`);

// by place: what the workbook's columns must be
const kinds = ['inlineStr', 'n', 'decimal', 'date', 'inlineStr'];
const xml = parts.get('xl/worksheets/sheet1.xml');
const letters = 'ABCDEFGHIJKLMNO';
let row = 0, formulas = 0, cell = null, seen = 0;
for (const t of tags(xml)) {
  if (t.name === 'f') die('a formula');
  if (t.name === 'row' && !t.close && (row += 1, +attr(t.attrs, 'r') !== row)) die(`row ${row}`);
  if (t.name === 'c' && !t.close) {
    cell = { ref: attr(t.attrs, 'r'), type: attr(t.attrs, 't') ?? 'n' };
    const column = letters.indexOf(cell.ref[0]);
    if (cell.ref !== `${letters[column]}${row}` || column < 0) die(`cell ${cell.ref} in row ${row}`);
    const want = kinds[column % 5];
    if (row > 1 && cell.type !== (want === 'inlineStr' ? want : 'n')) die(`${cell.ref}: ${cell.type}`);
    cell.want = want;
    seen++;
  }
  if (t.name === 'v' && t.close) {
    if (!(cell.want === 'decimal' ? /^\d+\.\d\d$/ : /^\d+$/).test(t.before)) die(`${cell.ref}: ${t.before}`);
  }
  if (t.name === 't' && t.close && t.before === '=1+&lt;&amp;&gt;&quot;') formulas++;
}
const rows = +rowText;
if (row !== rows + 1 || seen !== 15 * (rows + 1)) die(`${row} rows, ${seen} cells`);
if (formulas !== rows) die(`${formulas} texts that look like formulas`);
if (!xml.includes(`<autoFilter ref="A1:O${rows + 1}"/>`) || !xml.includes('state="frozen"')) die('head');
