import { filesOfFolder } from '../file-system-access';

/** The items dropped on the page. */
export interface Dropped {
  readonly files: File[];
  readonly hasFolder: boolean;
}

/**
 * The dropped files, including those in folders, without hidden ones (such as the `._` files of a Mac).
 *
 * @param isWanted filters the files of folders; files dropped directly are always taken.
 */
export async function droppedFiles(
  transfer: DataTransfer,
  isWanted: (file: File) => boolean,
): Promise<Dropped> {
  // Items are gone after this event, so everything is read from them before the first await.
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

/**
 * The handle of a dropped folder, through which results can be written beside the photos; null if the browser has
 * none.
 */
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
  // A reader returns a hundred entries at a time.
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
