// all.mjs: the first story in a real browser: with scripts on SQLite, without scripts on PostgreSQL.
import {DATABASES, done, test} from '../http/stave.mjs';
import {launch} from './browser.mjs';
import {diary, lists, troubles} from './diary.mjs';
import {setup} from './setup.mjs';
import {demo, keyboard, switches, tour, weight} from './tour.mjs';

const browser = await launch(), only = process.env.STAVE_BROWSER || '';
const part = async (name, fn) => {
  const began = Date.now();
  if (name.includes(only)) await test(name, fn);
  console.log(`# ${name}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
};

async function story(look) {
  let d, ids;
  await test('setup', async () => { d = await setup(browser, look); });
  if (!d) return;
  await test('diary', async () => { ids = await diary(browser, d); });
  await test('troubles', () => troubles(browser, d));
  await test('lists', () => lists(browser, d));
  if (look.js && ids) {
    await part('tour', () => tour(browser, d, ids));
    await part('weight', () => weight(browser, d, ids));
    await part('switches', () => switches(browser, d));
  }
  await test('keyboard', () => keyboard(browser, d));
  const end = await d.server.stop();
  if (end.code !== 0) throw new Error(`the server ended with ${end.code}: ${end.err()}`);
}

await part('story with scripts', () => story({js: true, db: 'sqlite'}));
await part('story without scripts', () => story({js: false, db: DATABASES.at(-1)}));
await part('demo', () => demo(browser));
await browser.close();
done();
