/**
 * Collects the licences of bundled code. Vite lists the packages of each build (`build.license`); this merges the
 * lists, adds code contained in those packages, and writes dist/THIRD_PARTY_NOTICES, which npm packs.
 *
 *     node scripts/notices.mjs     prints the list, and fails if a licence or its text is missing
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const notices = join(root, 'dist', 'THIRD_PARTY_NOTICES');

/** A build's list of licences, in its folder. */
export const LICENCE_LIST = '.vite/licences.json';

/** Licences allowed in a package under MIT: they require no more than a notice. */
const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

/** Third-party code inside `three`, which its package file does not mention. */
async function insideThree() {
  const loader = await readFile(join(root, 'node_modules/three/examples/jsm/loaders/EXRLoader.js'), 'utf8');
  // The comment between imports and code has both notices.
  const comment =
    /(?:^\/\/.*\n|^\n)*^\/\/ Copyright \(c\)(?:.*\n)(?:^\/\/.*\n|^\n)*/m.exec(loader)?.[0] ?? '';
  const text = comment.replace(/^\/\/ ?(?:\/\/ ?)?/gm, '').trim();
  const isBoth = /Syoyo Fujita/.test(text) && /Industrial Light & Magic/.test(text);
  if (!isBoth) throw new Error("The notices in three's EXRLoader.js are not where they were.");
  const fflate = await readFile(join(root, 'node_modules/fflate/LICENSE'), 'utf8');
  return [
    { name: 'TinyEXR and OpenEXR', version: "in three's EXRLoader", identifier: 'BSD-3-Clause', text },
    { name: 'fflate', version: 'in three', identifier: 'MIT', text: fflate.trim() },
  ];
}

/** Some packages have their licence only at the end of the README. */
async function textInReadme(name) {
  const readme = await readFile(join(root, 'node_modules', name, 'README.md'), 'utf8').catch(() => '');
  return /^#+ *licen[cs]e.*\n([^#]*)/im.exec(readme)?.[1].trim();
}

/** Others name MIT and an author in their package file but have no licence text; it is the same as ours. */
async function textOfMit(name, identifier) {
  if (identifier !== 'MIT') return undefined;
  const { author } = JSON.parse(await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  if (!author) return undefined;
  const own = await readFile(join(root, 'LICENSE'), 'utf8');
  return own.replace(/^Copyright .*$/m, `Copyright (c) ${author.name ?? author}`).trim();
}

/**
 * Writes the notices and removes the lists of the builds.
 * @param folders of the builds.
 * @param workers packages bundled into workers, which the lists omit.
 */
export async function writeNotices(folders, workers) {
  const found = new Map();
  for (const folder of folders) {
    const list = JSON.parse(await readFile(join(folder, LICENCE_LIST), 'utf8'));
    for (const licence of list) {
      const { name, identifier } = licence;
      const text = licence.text ?? (await textInReadme(name)) ?? (await textOfMit(name, identifier));
      found.set(`${licence.name}@${licence.version}`, { ...licence, text });
    }
    await rm(join(folder, LICENCE_LIST));
  }
  const names = new Set([...found.values()].map(({ name }) => name));
  const unlisted = [...workers].filter((name) => !names.has(name));
  if (unlisted.length > 0) throw new Error(`In workers, but in no notice: ${unlisted.join(', ')}.`);
  if (names.has('three')) for (const part of await insideThree()) found.set(part.name, part);
  const all = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const parts = all.map(
    ({ name, version, identifier = '', text = '' }) => `## ${name}, ${version} (${identifier})\n\n${text}\n`,
  );
  await writeFile(
    notices,
    `The files beside this one contain code of the packages below, under their licences.\n\n${parts.join('\n')}`,
  );
}

/** Records the packages of a worker's modules. */
export const recordPackages = (names) => ({
  name: 'record-packages',
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      for (const id of file.moduleIds ?? []) {
        const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id) ?? [];
        if (name) names.add(name);
      }
    }
  },
});

async function check() {
  const text = await readFile(notices, 'utf8').catch(() => {
    throw new Error(`${notices} is missing. Run npm run build.`);
  });
  const [, ...parts] = text.split(/^## /m);
  const faults = [];
  for (const part of parts) {
    const [title, ...lines] = part.split('\n');
    console.log(title);
    const [, identifier] = /\(([^()]*)\)$/.exec(title) ?? [];
    if (!ALLOWED.includes(identifier))
      faults.push(`${title}: this licence is not among ${ALLOWED.join(', ')}.`);
    if (!/copyright/i.test(lines.join('\n'))) faults.push(`${title}: its text is missing.`);
  }
  if (parts.length === 0) faults.push('It contains no package.');
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await check();
