// openapi.mjs: holds every answer of the API against /api/openapi.json, and keeps count of what was asked.
import {ok, request} from './stave.mjs';

const FORMATS = {
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  date: /^\d{4}-\d\d-\d\d$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
};
const KNOWN = new Set(['$ref', 'type', 'enum', 'required', 'properties', 'additionalProperties', 'items', 'maxItems',
  'minimum', 'maximum', 'maxLength', 'format', 'allOf', 'title', 'description']);

function typeOf(v) {
  if (v === null) return 'null';
  if (Array.isArray(v)) return 'array';
  return Number.isInteger(v) ? 'integer' : typeof v;
}

// Every fault of `v` against `schema`; a word of the schema that is not understood here is one too.
export function faults(doc, schema, v, at = '$') {
  const out = [], say = why => out.push(`${at}: ${why}`);
  for (const k of Object.keys(schema)) if (!KNOWN.has(k)) say(`schema word ${k} is not known to this checker`);
  if (schema.$ref) {
    const found = schema.$ref.split('/').slice(1).reduce((o, k) => o?.[k], doc);
    return found ? faults(doc, found, v, at) : [`${at}: ${schema.$ref} is not there`];
  }
  for (const s of schema.allOf || []) out.push(...faults(doc, s, v, at));
  const t = typeOf(v);
  if (schema.type && ![schema.type].flat().includes(t)) return [`${at}: is ${t}, not ${schema.type}`];
  if (schema.enum && !schema.enum.includes(v)) say(`${JSON.stringify(v)} is none of ${JSON.stringify(schema.enum)}`);
  if (t === 'string') {
    if (schema.maxLength !== undefined && [...v].length > schema.maxLength) say('too long');
    if (schema.format && !FORMATS[schema.format]) say(`format ${schema.format} is not known`);
    else if (schema.format && !FORMATS[schema.format].test(v)) say(`${v} is no ${schema.format}`);
  } else if (t === 'integer') {
    if (v < (schema.minimum ?? -Infinity) || v > (schema.maximum ?? Infinity)) say(`${v} is out of range`);
  } else if (t === 'array') {
    if (v.length > (schema.maxItems ?? Infinity)) say('too many items');
    if (schema.items) v.forEach((x, i) => out.push(...faults(doc, schema.items, x, `${at}[${i}]`)));
  } else if (t === 'object') {
    for (const k of schema.required || []) if (!(k in v)) say(`${k} is missing`);
    for (const [k, x] of Object.entries(v)) {
      const p = schema.properties?.[k];
      if (p) out.push(...faults(doc, p, x, `${at}.${k}`));
      else if (schema.additionalProperties === false) say(`${k} is not declared`);
      else if (typeof schema.additionalProperties === 'object') out.push(...faults(doc, schema.additionalProperties, x, `${at}.${k}`));
    }
  }
  return out;
}

export class Checked {
  constructor(server, doc) {
    this.server = server;
    this.doc = doc;
    this.bad = [];
    this.n = 0;
    this.left = new Set(Object.entries(doc.paths).flatMap(([p, ops]) => Object.keys(ops).map(m => `${m} ${p}`)));
  }

  // Literal parts win, as on the server.
  operation(method, path) {
    const seg = path.split('?')[0].split('/'), fits = Object.keys(this.doc.paths).filter(p => {
      const s = p.split('/');
      return s.length === seg.length && s.every((x, i) => x === seg[i] || /^\{.*\}$/.test(x));
    }).sort((a, b) => a.split('{').length - b.split('{').length);
    return fits.length && this.doc.paths[fits[0]][method] ? [`${method} ${fits[0]}`, this.doc.paths[fits[0]][method]] : [null, null];
  }

  async call(method, path, options = {}) {
    const r = await request(this.server, method, path, options);
    const [name, op] = this.operation(method.toLowerCase(), path);
    const say = why => this.bad.push(`${method} ${path} ${r.status}: ${why}`);
    this.n++;
    if (!op) return r;
    this.left.delete(name);
    const spec = op.responses[r.status] || op.responses.default, mime = (r.headers['content-type'] || '').split(';')[0];
    const media = spec?.content?.[mime];
    if (!media) say(`${mime} is not declared`);
    else if (/json/.test(mime)) {
      for (const f of faults(this.doc, media.schema, r.json)) say(f);
      if (mime === 'application/problem+json' && r.json?.status !== r.status) say('the status in it is another');
    }
    if (r.status < 300) { // what was taken is what is declared
      const sent = op.requestBody?.content?.['application/json'];
      if (sent && options.body && !Buffer.isBuffer(options.body) && typeof options.body === 'object')
        for (const f of faults(this.doc, sent.schema, options.body)) say('sent ' + f);
      for (const q of new URLSearchParams(path.split('?')[1] || '').keys())
        if (!op.parameters?.some(p => p.in === 'query' && p.name === q)) say(`parameter ${q} is not declared`);
    }
    return r;
  }

  end() {
    ok(!this.bad.length, `${this.n} answers are as the OpenAPI document says`, this.bad.join('\n'));
    ok(!this.left.size, 'every operation of the OpenAPI document was asked', [...this.left].join('\n'));
  }
}
