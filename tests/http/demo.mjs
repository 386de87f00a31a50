// demo.mjs: a demo deployment on one engine, with the people a scenario needs, found by role and place.
import {join} from 'node:path';
import {spawnSync} from 'node:child_process';
import {STAVE, database, must, tempDir} from './stave.mjs';

// Made by the release build when there is one beside: the same rows in a tenth of the time.
export function demo(engine) {
  const dir = join(tempDir(), 'd');
  const r = spawnSync(process.env.STAVE_RELEASE || STAVE, ['demo', dir, '--size', 'page', ...database(engine)], {encoding: 'utf8'});
  if (r.status !== 0) throw new Error(`stave demo: exit ${r.status}\n${r.stderr}`);
  return {dir, password: r.stdout.match(/admin · (\S+)/)[1]};
}

// The people of one story, each with a token. A town with two villages that have first secretaries:
//   s1 first secretary, m1 team member of the first village; s2 first secretary of the second;
//   town its office, town2 another town's; county, county2 the two counties'; city; admin.
export function cast(dir) {
  const users = JSON.parse(must('user', 'list', dir, '--json'));
  const units = new Map(must('export', dir, 'unit').replace(/^\ufeff/, '').split('\r\n').slice(1).filter(Boolean)
    .map(l => l.split(',')).map(([code, name, level, parent]) => [code, {code, name, level, parent}]));
  const at = (role, unit) => users.find(u => u.role === role && u.unit === unit);
  const firsts = users.filter(u => u.role === 'first_secretary' && at('team_member', u.unit));
  const s1 = firsts.find(u => at('town_office', units.get(u.unit).parent) &&
    firsts.some(o => o.unit !== u.unit && units.get(o.unit).parent === units.get(u.unit).parent));
  const town = units.get(s1.unit).parent, county = units.get(town).parent;
  const others = role => users.find(u => u.role === role && ![town, county, units.get(county).parent].includes(u.unit));
  const all = {
    s1, m1: at('team_member', s1.unit),
    s2: firsts.find(u => u.unit !== s1.unit && units.get(u.unit).parent === town),
    town: at('town_office', town), town2: others('town_office'),
    county: at('county_office', county), county2: others('county_office'),
    city: at('county_office', units.get(county).parent), admin: users.find(u => u.unit === null),
  };
  for (const who of Object.values(all)) who.token = must('token', dir, who.account).trim();
  return {...all, units, users};
}

export const daysAgo = n => new Date(Date.now() + 8 * 3600e3 - n * 86400e3).toISOString().slice(0, 10); // in China

// A photo of 24 by 16 pixels.
export const JPEG = Buffer.from(`
/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7
gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8
fHx8fHx8fHz/wAARCAAQABgDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUF
BAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVW
V1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi
4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAEC
AxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVm
Z2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq
8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDAjtParUdp7Vpx2ntVmO09qmeIMcPijNjtPaityO09qK5niNT2qeK90//Z`.replace(/\s/g, ''), 'base64');

// The same picture with a place in it, as a phone writes it.
export function withPlace(jpeg = JPEG) {
  const gps = Buffer.from('Exif\0\0MM\0*GPSLatitude 34.7466 GPSLongitude 113.6253', 'latin1');
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(gps.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, gps, jpeg.subarray(2)]);
}

// The same bytes, said to be of this size.
export function claiming(width, height, jpeg = JPEG) {
  const b = Buffer.from(jpeg), sof = b.indexOf(Buffer.from([0xff, 0xc0]));
  b.writeUInt16BE(height, sof + 5);
  b.writeUInt16BE(width, sof + 7);
  return b;
}
