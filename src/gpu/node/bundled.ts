import { createReadStream, createWriteStream, existsSync, lstatSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { brotliDecompressSync, createBrotliDecompress } from 'node:zlib';
import { makeFolder } from '../../make-folder-node';
import { openCache } from './cache';
import { readTar } from './tar';

/**
 * Parts of the optional package `@sparticuz/chromium` (Linux x64): a headless Chromium, the NSS libraries it needs, a
 * font, and a Vulkan loader with SwiftShader. The package itself unpacks to fixed names in /tmp, where users and
 * processes collide; this code unpacks atomically to a folder of the user.
 */
type BundledPart = 'vulkan' | 'chromium' | 'nss' | 'fonts';

const VULKAN_FILES = ['libvulkan.so.1', 'libvk_swiftshader.so', 'vk_swiftshader_icd.json'];

/** Unpacks into `target`, a folder that is finally renamed to `later`. */
type Unpack = (archives: string, target: string, later: string) => Promise<void>;

const UNPACK: Record<BundledPart, Unpack> = {
  vulkan: (archives, target) => unpackTar(join(archives, 'swiftshader.tar.br'), target, VULKAN_FILES),
  nss: (archives, target) => unpackTar(join(archives, 'al2023.tar.br'), target),
  async fonts(archives, target, later) {
    await unpackTar(join(archives, 'fonts.tar.br'), target);
    await writeFile(join(target, 'fonts.conf'), fontConfiguration(later));
  },
  async chromium(archives, target) {
    const source = createReadStream(join(archives, 'chromium.br'));
    await pipeline(
      source,
      createBrotliDecompress(),
      createWriteStream(join(target, 'chromium'), { mode: 0o755 }),
    );
    // Chromium looks for SwiftShader in its own folder.
    await unpackTar(join(archives, 'swiftshader.tar.br'), target);
  },
};

/** The folder of archives and their version; null if the package is not installed. */
export function findBundle(): { archives: string; version: string } | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  let root: string;
  try {
    root = resolve(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '../..');
  } catch {
    return null;
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return existsSync(join(root, 'bin', 'chromium.br')) ? { archives: join(root, 'bin'), version } : null;
}

/**
 * The folder of an unpacked part; null if npm did not install the package. Unpacks once per version, to
 * `$XDG_CACHE_HOME/glocal` (`~/.cache/glocal`), or to the temporary folder if that is not writable.
 */
export async function unpackBundled(part: BundledPart): Promise<string | null> {
  const bundle = findBundle();
  if (!bundle) return null;
  const cache = await openCache();
  const target = join(cache, `${part}-${bundle.version}`);
  if (!isWhole(target)) {
    const work = await mkdtemp(`${target}.`);
    try {
      await UNPACK[part](bundle.archives, work, target);
      await writeFile(join(work, LISTING), JSON.stringify(await listFiles(work)));
      await moveInto(work, target);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  return target;
}

/** Renames a finished folder to its place, replacing a broken one. Another process may have done so already. */
async function moveInto(work: string, target: string): Promise<void> {
  if (existsSync(target) && !isWhole(target)) {
    const away = `${work}.broken`;
    await rename(target, away).catch(() => undefined);
    await rm(away, { recursive: true, force: true });
  }
  try {
    await rename(work, target);
  } catch (error) {
    if (!isWhole(target)) throw error;
  }
}

/** Lists the unpacked files: sizes and modification times, by path. */
const LISTING = '.files.json';
type Listing = Readonly<Record<string, { readonly bytes: number; readonly changed: number }>>;

async function listFiles(folder: string): Promise<Listing> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [relative(folder, path), factsOf(path)]));
}

function factsOf(path: string): Listing[string] {
  const { size, mtimeMs } = lstatSync(path);
  return { bytes: size, changed: mtimeMs };
}

/** Whether every file is as unpacked: not truncated, changed, missing, or replaced by a link. */
function isWhole(folder: string): boolean {
  try {
    const listing = JSON.parse(readFileSync(join(folder, LISTING), 'utf8')) as Listing;
    return Object.entries(listing).every(([name, { bytes, changed }]) => {
      const facts = lstatSync(join(folder, name));
      return facts.isFile() && facts.size === bytes && facts.mtimeMs === changed;
    });
  } catch {
    return false;
  }
}

async function unpackTar(archive: string, target: string, only?: readonly string[]): Promise<void> {
  for (const { name, mode, data } of readTar(brotliDecompressSync(await readFile(archive)))) {
    if (only && !only.includes(name)) continue;
    const path = resolve(target, name);
    if (!path.startsWith(target + sep)) throw new Error(`${archive}: "${name}" points outside the archive.`);
    makeFolder(dirname(path));
    await writeFile(path, data, { mode });
  }
}

/** The archive's own configuration refers to folders in /tmp. */
const fontConfiguration = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <cachedir>${folder}/cache</cachedir>
</fontconfig>
`;
