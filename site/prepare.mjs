/**
 * Gathers what the site is built from in content/: the repository's documents with their folders, so that links between
 * them hold, the pages of this folder, and as static files the app and the live examples.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const site = fileURLToPath(new URL('.', import.meta.url));
const root = join(site, '..');
const content = join(site, 'content');

if (!existsSync(join(root, 'dist/app/index.html'))) {
  console.error('The app and the library are not built. Run npm run build first.');
  process.exit(1);
}

const copy = (from, to = from) => cpSync(join(root, from), join(content, to), { recursive: true });
const edit = (name, change) => {
  const path = join(content, name);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
};

rmSync(content, { recursive: true, force: true });
copy('docs');
copy('examples/code');
for (const file of ['index.md', 'live.md']) copy(`site/${file}`, file);
for (const file of ['examples/README.md', 'examples/pytorch/README.md', 'SECURITY.md', 'CHANGELOG.md'])
  copy(file);
for (const card of ['instant', 'nano', 'small', 'niqe-pristine']) copy(`weights/${card}.md`);

// Links to folders, which are no pages.
edit('docs/api.md', (text) => text.replace('](../examples/code)', '](../live.md)'));
edit('docs/weights.md', (text) => text.replace('](../examples/pytorch)', '](../examples/pytorch/README.md)'));
edit('docs/performance.md', (text) => text.replace(/\[([^\]]*)\]\(\.\.\/bench\/results\)/, '$1'));

copy('docs/enhance.schema.json', 'public/docs/enhance.schema.json');
copy('docs/images/before-after.jpg', 'public/before-after.jpg');
copy('dist/app', 'public/app');
execFileSync(process.execPath, [join(root, 'scripts/live-examples.mjs'), join(content, 'public/live')], {
  stdio: 'inherit',
});

// Hosts read this file at the root only, and its rules are those of the app.
rmSync(join(content, 'public/app/_headers'));
const base = process.env.BASE ?? '/';
const headers = readFileSync(join(root, 'dist/app/_headers'), 'utf8').replace(/^\//gm, `${base}app/`);
mkdirSync(dirname(join(content, 'public/_headers')), { recursive: true });
writeFileSync(join(content, 'public/_headers'), headers);
