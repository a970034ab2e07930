import { filesOfFolder } from '../file-system-access';

/** What was dropped on the page. */
export interface Dropped {
  readonly files: File[];
  readonly hasFolder: boolean;
}

/**
 * The files that are dropped, those in dropped folders too, without hidden ones (such as the `._` files of a Mac).
 *
 * @param isWanted chooses among the files of folders; what is dropped itself is taken in any case.
 */
export async function droppedFiles(
  transfer: DataTransfer,
  isWanted: (file: File) => boolean,
): Promise<Dropped> {
  // Items are gone once this event has been handled, so all is taken from them before the first wait.
  const found = [...transfer.items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => ({ file: item.getAsFile(), entry: item.webkitGetAsEntry(), handle: handleOf(item) }));
  const files: File[] = [];
  let hasFolder = false;
  for (const { file, entry, handle } of found) {
    const isFolder = entry?.isDirectory ?? false;
    hasFolder ||= isFolder;
    if (isFolder) files.push(...(await photosOf(entry as FileSystemDirectoryEntry, await handle, isWanted)));
    else if (file) files.push(file);
  }
  return { files, hasFolder };
}

/** The handle of a dropped folder, by which results can be written beside the photos; null where browsers have none. */
async function handleOf(item: DataTransferItem): Promise<FileSystemHandle | null> {
  const { getAsFileSystemHandle } = item as {
    getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>;
  };
  return getAsFileSystemHandle?.call(item).catch(() => null) ?? null;
}

async function photosOf(
  entry: FileSystemDirectoryEntry,
  handle: FileSystemHandle | null,
  isWanted: (file: File) => boolean,
): Promise<File[]> {
  if (handle?.kind === 'directory') return filesOfFolder(handle as FileSystemDirectoryHandle, isWanted);
  return (await filesOf(entry)).filter((file) => !file.name.startsWith('.') && isWanted(file));
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile)
    return [
      await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
    ];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const entries: FileSystemEntry[] = [];
  // A reader hands out a hundred entries at a time.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0) break;
    entries.push(...batch);
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return (await Promise.all(entries.map(filesOf))).flat();
}
