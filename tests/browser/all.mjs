// all.mjs: the first story in a real browser: with scripts on SQLite, without scripts on PostgreSQL.
import {DATABASES, done, test} from '../http/stave.mjs';
import {launch} from './browser.mjs';
import {diary, lists, troubles} from './diary.mjs';
import {duties} from './duties.mjs';
import {figures} from './figures.mjs';
import {imports} from './imports.mjs';
import {notices} from './notices.mjs';
import {setup} from './setup.mjs';
import {stories} from './stories.mjs';
import {demo, keyboard, switches, tour, weight} from './tour.mjs';

const browser = await launch(), only = process.env.STAVE_BROWSER || '';
const timed = async (name, fn) => {
  const began = Date.now();
  await test(name, fn);
  console.log(`# ${name}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
};
const part = async (name, fn) => name.includes(only) && timed(name, fn);

async function story(look) {
  let d, ids;
  const t = look.db;
  await timed(`${t}: setup`, async () => { d = await setup(browser, look); });
  if (!d) return;
  await timed(`${t}: diary`, async () => { ids = await diary(browser, d); });
  await timed(`${t}: troubles`, () => troubles(browser, d));
  await timed(`${t}: lists`, () => lists(browser, d));
  if (look.js && ids) {
    await timed('tour', () => tour(browser, d, ids));
    await timed('weight', () => weight(browser, d, ids));
    await timed('switches', () => switches(browser, d));
  }
  await timed(`${t}: keyboard`, () => keyboard(browser, d));
  const end = await d.server.stop();
  if (end.code !== 0) throw new Error(`the server ended with ${end.code}: ${end.err()}`);
}

// side by side; a line of a story begins with its engine
await Promise.all([
  part('story with scripts', () => story({js: true, db: 'sqlite'})),
  part('story without scripts', () => story({js: false, db: DATABASES.at(-1)}))
    .then(() => part('demo', () => demo(browser)))
    .then(() => part('stories', () => stories(browser)))
    .then(() => part('duties', () => duties(browser)))
    .then(() => part('figures', () => figures(browser)))
    .then(() => part('import', () => imports(browser)))
    .then(() => part('notices', () => notices(browser))),
]);
await browser.close();
done();
