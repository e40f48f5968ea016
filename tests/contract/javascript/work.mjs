// Transifex's own JavaScript client does a project's whole work. Run by ../test_transifex_javascript.py, which gives the
// address and the token in BRIDGE_CONTRACT_URL and BRIDGE_CONTRACT_TOKEN; prints {step: null or what went wrong}.
import assert from 'node:assert/strict';
import { transifexApi as api } from '@transifex/api';

const URL_OF_API = process.env.BRIDGE_CONTRACT_URL;
const TOKEN = process.env.BRIDGE_CONTRACT_TOKEN;
const MANY = 320;
// Seconds between two polls; the client's own 5 are for a slow Transifex.
const interval = 0.01;
const SOURCE = "en:\n  form: Form\n  case:\n    name: Case name\n  people:\n    one: One person\n    other: '%{count} people'\n";
const FRENCH = 'fr:\n  form: Formulaire\n  case:\n    name: Nom du cas\n';

// Without an address the client would take the real one.
assert(TOKEN && new URL(URL_OF_API ?? '').hostname === '127.0.0.1', 'this is for a sandbox on this machine alone');
api.setup({ host: URL_OF_API, auth: TOKEN });

let project;
let resource;
let french;
let arabic;

async function all(list) {
  const found = [];
  for await (const each of list.all()) found.push(each);
  return found;
}

async function rows(language) {
  const listed = api.ResourceTranslation.list().filter({ resource, language }).include('resource_string');
  return Object.fromEntries((await all(listed)).map((row) => [row.get('resource_string').get('key'), row]));
}

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was refused');
}

const STEPS = {
  async 'a project is made'() {
    french = await api.Language.get({ code: 'fr' });
    arabic = await api.Language.get({ code: 'ar' });
    project = await api.Project.create({
      name: 'App',
      slug: 'app',
      private: true,
      organization: await api.Organization.get({ slug: 'sandbox' }),
      source_language: await api.Language.get({ code: 'en' }),
    });
    assert.equal(project.id, 'o:sandbox:p:app');
    assert.equal((await api.Project.get({ organization: 'o:sandbox', slug: 'app' })).get('name'), 'App');
    assert.equal((await project.fetch('organization')).get('slug'), 'sandbox');
  },

  async 'its languages are added, replaced and removed'() {
    const codes = async () => (await all(await project.fetch('languages', true))).map((each) => each.get('code')).sort();
    await project.add('languages', [french, arabic]);
    assert.deepEqual(await codes(), ['ar', 'fr']);
    await project.remove('languages', [arabic]);
    assert.deepEqual(await codes(), ['fr']);
    await project.reset('languages', [arabic, french]);
    assert.deepEqual(await codes(), ['ar', 'fr']);
  },

  async 'a resource is made and changed'() {
    resource = await api.Resource.create({
      name: 'forms.yml',
      slug: 'forms',
      project,
      i18n_format: { data: { type: 'i18n_formats', id: 'YML' } },
    });
    await resource.save({ name: 'Forms', priority: 'urgent' });
    const again = await (await project.fetch('resources')).get({ slug: 'forms' });
    assert.deepEqual([again.id, again.get('name'), again.get('priority')], [resource.id, 'Forms', 'urgent']);
  },

  async 'a long list is read page by page'() {
    const keys = Array.from({ length: MANY }, (_, number) => `key_${number}`);
    const content = `en:\n${keys.map((key) => `  ${key}: Text of ${key}\n`).join('')}`;
    await api.ResourceStringsAsyncUpload.upload({ resource, content, interval });
    const pages = [];
    for await (const page of api.ResourceString.list().filter({ resource }).allPages()) pages.push(page);
    assert.deepEqual(pages.map((page) => page.data.length), [150, 150, MANY - 300]);
    assert.deepEqual(pages.flatMap((page) => page.data.map((each) => each.get('key'))), keys);
    assert.deepEqual((await pages[2].getPrevious()).data.map((each) => each.id), pages[1].data.map((each) => each.id));
    assert.equal(pages[0].previous, null);
    assert.equal(Object.keys(await rows(french)).length, MANY);
    const whole = api.ResourceString.list().filter({ resource }).extra({ limit: 1000 });
    await whole.fetch();
    assert.deepEqual([whole.data.length, whole.next], [MANY, null]);
  },

  async 'a source is uploaded, as text and as base64'() {
    await api.ResourceStringsAsyncUpload.upload({ resource, content: SOURCE, interval });
    await resource.reload();
    assert.equal(resource.get('string_count'), 3);
    const content = Buffer.from(SOURCE).toString('base64');
    await api.ResourceStringsAsyncUpload.upload({
      resource, content, content_encoding: 'base64', keep_translations: true, interval,
    });
    await resource.reload();
    assert.equal(resource.get('string_count'), 3);
  },

  async 'translations are uploaded and listed with their strings'() {
    await api.ResourceTranslationsAsyncUpload.upload({ resource, language: french, content: FRENCH, interval });
    const found = await rows(french);
    assert.deepEqual(found.form.get('strings'), { other: 'Formulaire' });
    assert.deepEqual(found.form.get('resource_string').get('strings'), { other: 'Form' });
    assert.equal(found.people.get('strings'), null);
    assert.equal(found.people.get('translator'), null);
    assert.equal((await found.form.fetch('translator')).get('username'), 'bridge');
    const single = await api.ResourceTranslation.get(found.form.id, { include: ['resource_string'] });
    assert.equal(single.get('resource_string').get('key'), 'form');
    const filtered = { resource, language: french, translated: 'true', resource_string__key: 'form' };
    assert.equal((await all(api.ResourceTranslation.list().filter(filtered))).length, 1);
  },

  async 'a translation is written, reviewed and emptied'() {
    const row = (await rows(french)).form;
    row.set('strings', { other: 'Fiche' });
    await row.save(['strings']);
    assert.deepEqual([row.get('strings'), row.get('origin')], [{ other: 'Fiche' }, 'API']);
    // The client cannot bear that a relationship it knew as null (here the reviewer) is set in the answer. The change
    // was made by then. In bulk it does not look.
    const stumble = await refusal(row.save({ reviewed: true }));
    assert(stumble instanceof TypeError);
    const reviewed = (await rows(french)).form;
    assert.equal(reviewed.get('reviewed'), true);
    assert.equal(reviewed.get('reviewer').id, 'u:bridge');
    await reviewed.save({ strings: { other: 'Formulaire' } });
    assert.equal(reviewed.get('reviewed'), false);
    const named = (await rows(french))['case.name'];
    await named.save({ strings: null });
    assert.equal((await rows(french))['case.name'].get('strings'), null);
    await api.ResourceTranslation.bulkUpdate(
      [{ data: { type: 'resource_translations', id: named.id, attributes: { strings: { other: 'Nom du cas' } } } }],
      ['strings'],
    );
    assert.deepEqual((await rows(french))['case.name'].get('strings'), { other: 'Nom du cas' });
  },

  async 'translations are written in bulk'() {
    const found = await rows(arabic);
    found.form.set('strings', { other: 'استمارة' });
    found['case.name'].set('strings', { other: 'اسم الحالة' });
    const changed = await api.ResourceTranslation.bulkUpdate([found.form, found['case.name']], ['strings']);
    assert.deepEqual(changed.data.map((each) => each.attributes.strings.other), ['استمارة', 'اسم الحالة']);
    assert.deepEqual((await rows(arabic)).form.get('strings'), { other: 'استمارة' });
    found.people.set('strings', { other: 'x' });
    const error = await refusal(api.ResourceTranslation.bulkUpdate([found.form, found.people], ['strings']));
    assert.equal(error.statusCode, 400);
    assert.deepEqual(error.errors[0].source, { pointer: '/data/1/attributes/strings' });
  },

  async 'strings are changed singly and in bulk'() {
    const strings = await all(api.ResourceString.list().filter({ resource }));
    await strings[0].save({ tags: ['mobile', 'v2'], instructions: 'Noun', character_limit: 40 });
    assert.deepEqual(strings[0].get('tags'), ['mobile', 'v2']);
    strings.slice(0, 2).forEach((each) => each.set('tags', ['v2']));
    await api.ResourceString.bulkUpdate(strings.slice(0, 2), ['tags']);
    const tagged = await all(api.ResourceString.list().filter({ resource, tags__all: 'v2' }));
    assert.deepEqual(tagged.map((each) => each.get('key')), ['form', 'case.name']);
  },

  async 'statistics are listed'() {
    const found = await all(api.ResourceLanguageStats.list().filter({ project }));
    const counts = Object.fromEntries(
      found.map((each) => [each.get('language').id, each.get('translated_strings')]),
    );
    assert.deepEqual(counts, { 'l:en': 3, 'l:fr': 2, 'l:ar': 2 });
    await found[0].reload();
    assert.equal(found[0].get('total_strings'), 3);
  },

  async 'files are downloaded from the storage'() {
    const url = await api.ResourceTranslationsAsyncDownload.download({
      resource, language: french, mode: 'onlytranslated', interval,
    });
    assert.notEqual(new URL(url).origin, new URL(URL_OF_API).origin);
    assert.equal(await (await fetch(url)).text(), FRENCH);
    assert.equal((await fetch(url, { headers: { Authorization: `Bearer ${TOKEN}` } })).status, 400);
    const source = await resource.downloadSource({ interval });
    assert.equal(await (await fetch(source)).text(), SOURCE);
    const whole = await api.ResourceTranslationsAsyncDownload.download({ resource, language: french, interval });
    assert.match(await (await fetch(whole)).text(), /Nom du cas/);
  },

  async 'refusals are read'() {
    const taken = await refusal(api.Resource.create({
      name: 'Again', slug: 'forms', project, i18n_format: { data: { type: 'i18n_formats', id: 'YML' } },
    }));
    assert.deepEqual([taken.statusCode, taken.errors[0].code], [409, 'conflict']);
    assert.equal((await refusal(api.Resource.get(`${project.id}:r:none`))).statusCode, 404);
  },

  async 'a project is changed, and deleted with its resources'() {
    const team = await api.Team.create({ name: 'Volunteers', organization: { data: { type: 'organizations', id: 'o:sandbox' } } });
    const fresh = await api.Project.get(project.id);
    await fresh.change('team', team);
    await fresh.save({ name: 'Renamed' });
    const again = await api.Project.get(project.id);
    assert.deepEqual([again.get('name'), (await again.fetch('team')).get('name')], ['Renamed', 'Volunteers']);
    const { id } = resource;
    await resource.delete();
    assert.equal((await refusal(api.Resource.get(id))).statusCode, 404);
    await again.delete();
    assert.deepEqual(await all(api.Project.list().filter({ organization: 'o:sandbox' })), []);
  },
};

const outcome = {};
for (const [name, step] of Object.entries(STEPS)) {
  try {
    await step();
    outcome[name] = null;
  } catch (error) {
    outcome[name] = String(error.stack);
  }
}
console.log(JSON.stringify(outcome));
