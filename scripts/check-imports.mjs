/**
 * Checks the arrows of docs/architecture.md: the imports allowed between rooms, that there are no circles, and that
 * no file for browsers imports one for Node. Prints `file:line: what is wrong` and exits with 1. The root may be
 * given as an argument.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

const root = resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)));
const source = join(root, 'src');

/**
 * The rooms that each room may import; its folder node/ may import the same unless it has its own line. All rooms may
 * import files directly in src/ (errors, random numbers); `index*.ts` may import all rooms.
 */
const ROOMS = {
  gpu: [],
  kernels: ['gpu'],
  'kernels/node': ['kernels', 'gpu'],
  graph: ['kernels', 'gpu'],
  model: ['graph', 'kernels', 'gpu'],
  onnx: ['model', 'graph', 'kernels', 'gpu'],
  photo: [],
  data: ['photo'],
  eval: [],
  'eval/node': ['eval', 'photo', 'data', 'enhance', 'model', 'graph', 'kernels', 'gpu'],
  train: ['model', 'graph', 'kernels', 'gpu', 'data', 'eval'],
  enhance: ['photo', 'model', 'graph', 'kernels', 'gpu'],
  bench: ['train', 'enhance', 'photo', 'model', 'graph', 'kernels', 'gpu'],
  app: ['bench', 'train', 'enhance', 'photo', 'data', 'model', 'graph', 'kernels', 'gpu'],
  cli: [
    'bench',
    'eval/node',
    'enhance',
    'onnx',
    'photo',
    'train',
    'model',
    'graph',
    'kernels',
    'gpu',
    'data',
    'eval',
  ],
};

/** Arrows for type imports only. */
const TYPES_ONLY = [['kernels', 'gpu']];

const NODE_PACKAGES = [
  'webgpu',
  'sharp',
  'puppeteer',
  'commander',
  'cli-progress',
  '@sparticuz/chromium',
  '@bomb.sh/tab/commander',
  'tinyglobby',
  'tar-stream',
];

const isForNode = (file) => /(^|\/)(node|cli)\/|-node\.ts$/.test(file);
const isNodePackage = (name) =>
  name.startsWith('node:') || builtinModules.includes(name) || NODE_PACKAGES.includes(name);

const files = readdirSync(source, { recursive: true })
  .map((name) => name.split(sep).join('/'))
  .filter((name) => name.endsWith('.ts'));
const imports = new Map(files.map((file) => [file, importsOf(file)]));
const faults = files.flatMap((file) => imports.get(file).flatMap((found) => check(file, found)));
faults.push(...checkCircles(), ...checkPicture());
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(`${files.length} files keep to the arrows of docs/architecture.md`);

/** All imports, exports from elsewhere, dynamic imports and `new URL(..., import.meta.url)` of a file. */
function importsOf(file) {
  const code = readFileSync(join(source, file), 'utf8');
  const { module, errors } = parseSync(file, code);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const isType = ({ entries }) => entries.length > 0 && entries.every((entry) => entry.isType);
  const found = [
    ...module.staticImports.map((item) => ({
      at: item.start,
      name: item.moduleRequest.value,
      type: isType(item),
    })),
    ...module.staticExports
      .filter((item) => item.entries[0]?.moduleRequest)
      .map((item) => ({ at: item.start, name: item.entries[0].moduleRequest.value, type: isType(item) })),
    ...module.dynamicImports.map(({ start, moduleRequest }) => {
      return { at: start, name: code.slice(moduleRequest.start + 1, moduleRequest.end - 1), type: false };
    }),
    ...[...code.matchAll(/new URL\(\s*'(\.[^']*)',\s*import\.meta\.url/g)].map((match) => {
      return { at: match.index, name: match[1], type: false };
    }),
  ];
  return found.map(({ at, ...rest }) => ({ ...rest, line: code.slice(0, at).split('\n').length }));
}

function check(file, { name, line, type }) {
  const fault = (text) => [`src/${file}:${line}: ${text}`];
  if (!name.startsWith('.')) {
    return isNodePackage(name) && !type && !isForNode(file)
      ? fault(`imports "${name}", but only files in node/ or named *-node.ts may need Node`)
      : [];
  }
  const target = resolveInSource(file, name);
  if (target === null) return [];
  if (isForNode(target) && !isForNode(file) && !type)
    return fault(`a browser may bundle this file, but ${target} needs Node`);
  return checkRooms(file, target, type).flatMap(fault);
}

function checkRooms(file, target, type) {
  const from = roomOf(file);
  const to = roomOf(target);
  if (from === to || to === null)
    return from !== null && /^index(-node|-train)?\.ts$/.test(target) ? [`imports ${target}`] : [];
  if (from === null)
    return /^index(-node|-train)?\.ts$/.test(file)
      ? []
      : [`is open to all rooms, so it may not import ${target}`];
  if (!ROOMS[from]) return [`the room ${from} is not in docs/architecture.md`];
  if (!ROOMS[from].includes(to) && !ROOMS[from].includes(to.split('/')[0]))
    return [`${from} may not import ${to} (${target})`];
  if (!type && TYPES_ONLY.some(([a, b]) => a === from && b === to))
    return [`${from} may import types only of ${to}`];
  return [];
}

/** Groups of files that import each other, types included: none of them can be read without the others. */
function checkCircles() {
  return stronglyConnected().map(
    (circle) => `src/${circle[0]}: imports run in a circle: ${circle.join(', ')}`,
  );
}

/** The picture in docs/architecture.md must allow exactly the same imports, following its arrows transitively. */
function checkPicture() {
  const page = join(root, 'docs', 'architecture.md');
  if (!existsSync(page)) return [];
  const arrows = [...readFileSync(page, 'utf8').matchAll(/^ {2}(\S+) --> (\S+)$/gm)].map(([, from, to]) => [
    from,
    to,
  ]);
  const reached = (room) => {
    const rooms = new Set();
    const follow = (from) => {
      for (const [, to] of arrows.filter(([start]) => start === from)) {
        if (!rooms.has(to)) follow(to);
        rooms.add(to);
      }
    };
    follow(room);
    return rooms;
  };
  const fault = (text) => `docs/architecture.md: the picture ${text}`;
  return [
    ...arrows
      .filter(([from, to]) => !ROOMS[from]?.includes(to))
      .map(([from, to]) => fault(`has an arrow from ${from} to ${to}, which is not allowed`)),
    ...Object.entries(ROOMS)
      .filter(([room]) => arrows.some((arrow) => arrow.includes(room)))
      .flatMap(([room, allowed]) =>
        allowed.filter((to) => !reached(room).has(to)).map((to) => fault(`has no way from ${room} to ${to}`)),
      ),
  ];
}

/** Tarjan's algorithm; groups of one file are no circle. Members are sorted. */
function stronglyConnected() {
  const order = new Map();
  const low = new Map();
  const stack = [];
  const groups = [];
  const visit = (file) => {
    order.set(file, order.size);
    low.set(file, order.get(file));
    stack.push(file);
    for (const { name } of imports.get(file)) {
      const target = name.startsWith('.') ? resolveInSource(file, name) : null;
      if (target === null || !imports.has(target)) continue;
      if (!order.has(target)) visit(target);
      if (stack.includes(target)) low.set(file, Math.min(low.get(file), low.get(target)));
    }
    if (low.get(file) !== order.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1) groups.push(group.sort());
  };
  for (const file of files) if (!order.has(file)) visit(file);
  return groups;
}

function roomOf(file) {
  const [room, ...rest] = file.split('/');
  if (rest.length === 0) return null;
  const forNode = `${room}/${rest[0]}`;
  return ROOMS[forNode] ? forNode : room;
}

/** The path within src/, or null for files elsewhere (shaders, weights). */
function resolveInSource(file, name) {
  const path = relative(source, resolve(source, dirname(file), name.replace(/\?.*$/, '')))
    .split(sep)
    .join('/');
  if (path.startsWith('../')) return null;
  return (
    [path, `${path}.ts`, `${path}/index.ts`].find(
      (option) => option.endsWith('.ts') && existsSync(join(source, option)),
    ) ?? path
  );
}
