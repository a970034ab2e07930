import { createHash, randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { link, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { type ErrorCode, InputError } from '../../errors';
import { processIdentity } from '../../process-identity-node';
import { reason } from '../../reason';

/** The name of a result was taken before the result was ready. */
export class TakenError extends InputError {
  static override readonly code: ErrorCode = 'output-exists';
  override name = 'TakenError';
}

/** How a result was published. */
interface Published {
  /**
   * The file system has no hard links, so a small file reserved the name first. A crash at that moment leaves the
   * small file behind; the next run removes it.
   */
  readonly reserved: boolean;
}

/**
 * Writes a file so that it is there either whole or not at all, even after a power cut: to a temporary file beside
 * it, flushed to disk, then moved. Without `replace`, an existing file stays untouched, whoever wrote it.
 *
 * @throws {TakenError} when there is such a file.
 * @throws {InputError} naming the file, when the folder is missing, read-only or full.
 */
export async function publish(
  path: string,
  bytes: Uint8Array,
  { replace }: { readonly replace: boolean },
): Promise<Published> {
  const beside = partBeside(path);
  try {
    await writeFlushed(beside, bytes);
    const reserved = replace ? await rename(beside, path).then(() => false) : await place(beside, path);
    await flushFolder(dirname(path));
    return { reserved };
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(
      `${path} cannot be written: ${reason(cause)}. Choose another output folder with -o.`,
      { cause },
    );
  } finally {
    await rm(beside, { force: true }).catch(() => undefined);
  }
}

/** A new name for a temporary file, which includes the process number. */
export const partBeside = (path: string, pid = process.pid): string =>
  join(dirname(path), `.glocal-${OWNER}-${pid}-${randomBytes(6).toString('hex')}.part`);

async function writeFlushed(path: string, content: Uint8Array | string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * A new name is durable only once its folder is flushed. Some systems cannot open or flush folders and do not need
 * this.
 */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

/** Error codes for hard links on file systems without them (FAT, exFAT, some network shares). */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK', 'EACCES'];

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

/** Moves a file to its name unless the name is taken. Returns whether the name had to be reserved. */
async function place(beside: string, path: string): Promise<boolean> {
  try {
    await link(beside, path);
    return false;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw taken(path, error);
    if (!NO_LINKS.includes(codeOf(error) ?? '')) throw error;
  }
  try {
    await writeFlushed(path, reservation());
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw taken(path, error);
    throw error;
  }
  try {
    await rename(beside, path);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return true;
}

const taken = (path: string, cause: unknown): TakenError =>
  new TakenError(
    `${path} appeared in the meantime and was not replaced. Use --overwrite to replace it, or another output folder.`,
    { cause },
  );

/** Identifies the machine and container, since process numbers mean nothing on another. */
const OWNER = createHash('sha256').update(`${hostname()} ${processNamespace()}`).digest('hex').slice(0, 8);

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

const PART = /^\.glocal-(?:([0-9a-f]{8})-(\d+)-)?[0-9a-f]{12}\.part$/;
const RESERVATION = /^glocal ([0-9a-f]{8})-(\d+) reserves this name\n$/;
/** The content of a file that only reserves the name of a result. */
export const reservation = (pid = process.pid): string => `glocal ${OWNER}-${pid} reserves this name\n`;

/** After this long, no process is still writing a temporary file or holding a reservation. */
const STALE_MS = 24 * 3600 * 1000;

/** Removes files that killed runs left in an output folder, but nothing it is not sure about. */
export async function removeStrays(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const [isPart, owner, pid] = PART.exec(name) ?? [];
    if (!isPart) continue;
    const path = join(folder, name);
    if (await isAbandoned(path, owner, pid)) await rm(path, { force: true }).catch(() => undefined);
  }
}

/** Removes a killed run's reservation from a result's place, if there is one. */
export async function removeReservation(path: string): Promise<void> {
  const facts = await stat(path).catch(() => undefined);
  if (!facts?.isFile() || facts.size > reservation().length + 20) return;
  const [isReservation, owner, pid] = RESERVATION.exec(await readFile(path, 'latin1')) ?? [];
  if (isReservation && (await isAbandoned(path, owner, pid))) await rm(path, { force: true });
}

async function isAbandoned(path: string, owner: string | undefined, pid: string | undefined) {
  if (owner === OWNER && pid !== undefined && processIdentity(Number(pid)) === undefined) return true;
  const facts = await stat(path).catch(() => undefined);
  return facts !== undefined && Date.now() - facts.mtimeMs > STALE_MS;
}
