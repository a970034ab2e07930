import { createHash, randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { link, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { type ErrorCode, InputError } from '../../errors';
import { processIdentity } from '../../process-identity-node';
import { reason } from '../../reason';

/** A result's name was taken before the result was ready. */
export class TakenError extends InputError {
  static override readonly code: ErrorCode = 'output-exists';
  override name = 'TakenError';
}

/** How a result came to its place. */
export interface Published {
  /**
   * The file system has no hard links, so the name was reserved by a small file first: a crash in that moment leaves
   * the small file there, and the next run takes it away.
   */
  readonly reserved: boolean;
}

/**
 * Writes a file so that it is whole or not there at all, also after a power cut: beside its place, flushed to the
 * disk, then moved. Without `replace`, a file that has the name by then stays as it is, whoever wrote it.
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

/** A new name for a file that is being written; it says which process writes. */
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

/** A new name is on the disk only once its folder is. Some systems cannot open or flush folders, and need not. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

/** What file systems without hard links (FAT, exFAT, some network shares) say to one. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK', 'EACCES'];

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

/** Gives a file its name unless there is one. Returns whether the name had to be reserved. */
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
    `${path} appeared meanwhile and is left as it is. Use --overwrite to replace it, or another output folder.`,
    { cause },
  );

/** Who runs: process numbers mean nothing on another machine, or in another container. */
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
/** What is in a file that only reserves the name of a result. */
export const reservation = (pid = process.pid): string => `glocal ${OWNER}-${pid} reserves this name\n`;

/** After so long nobody is still writing a part file or holding a reservation. */
const STALE_MS = 24 * 3600 * 1000;

/** Removes what runs that were killed left in a folder of results. What is not surely a stray stays. */
export async function removeStrays(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const [isPart, owner, pid] = PART.exec(name) ?? [];
    if (!isPart) continue;
    const path = join(folder, name);
    if (await isAbandoned(path, owner, pid)) await rm(path, { force: true }).catch(() => undefined);
  }
}

/** Removes the reservation that a killed run left at a place of a result, if that is what is there. */
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
