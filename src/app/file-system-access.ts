/**
 * The File System Access API, where available (Chrome, Edge, Opera): pickers for destinations, and folders remembered
 * for their photos.
 */

type Permission = { mode: 'read' | 'readwrite' };

/** `lib.dom` omits features that fewer than two engines have. */
interface FolderHandle extends FileSystemDirectoryHandle {
  requestPermission(permission: Permission): Promise<PermissionState>;
}

interface Pickers {
  showSaveFilePicker(options: {
    suggestedName: string;
    types: { accept: Record<string, string[]> }[];
  }): Promise<FileSystemFileHandle>;
  showDirectoryPicker(options: Permission & { id?: string; startIn?: FolderHandle }): Promise<FolderHandle>;
}

const pickers = (): Partial<Pickers> => globalThis as unknown as Partial<Pickers>;

/** The folders in which photos were found. */
const folders = new WeakMap<File, FolderHandle>();

export const canSaveAs = (): boolean => 'showSaveFilePicker' in globalThis;

export const canPickFolder = (): boolean => 'showDirectoryPicker' in globalThis;

/** Whether the page knows the folder of this photo. */
export const hasFolder = (photo: File): boolean => folders.has(photo);

/** The files of a folder chosen by the user, including subfolders; null if cancelled. */
export async function pickFolderFiles(isWanted: (file: File) => boolean): Promise<File[] | null> {
  const folder = await chosen(pickers().showDirectoryPicker?.({ mode: 'read', id: 'photos' }));
  return folder && filesOfFolder(folder, isWanted);
}

/** The files of a folder and its subfolders by name, without hidden ones (such as the `._` files of a Mac). */
export async function filesOfFolder(
  handle: FileSystemDirectoryHandle,
  isWanted: (file: File) => boolean,
): Promise<File[]> {
  const folder = handle as FolderHandle;
  const entries = [];
  for await (const entry of folder.values()) if (!entry.name.startsWith('.')) entries.push(entry);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const files: File[] = [];
  for (const entry of entries) {
    if (entry.kind === 'directory') {
      files.push(...(await filesOfFolder(entry, isWanted)));
      continue;
    }
    const file = await entry.getFile();
    if (!isWanted(file)) continue;
    folders.set(file, folder);
    files.push(file);
  }
  return files;
}

/** Asks for a destination and returns a function that writes there; null if cancelled. */
export async function pickPlace(
  suggestedName: string,
  type: string,
): Promise<((data: Blob) => Promise<string>) | null> {
  const extension = suggestedName.slice(suggestedName.lastIndexOf('.'));
  const types = [{ accept: { [type]: [extension] } }];
  const handle = await chosen(pickers().showSaveFilePicker?.({ suggestedName, types }));
  return (
    handle &&
    (async (data) => {
      await write(handle, data);
      return handle.name;
    })
  );
}

/** A destination for many files. */
export interface Folder {
  /** Writes a file under this name, adding a number if it is taken. Returns the final name. */
  save(name: string, data: Blob): Promise<string>;
}

/** Asks for a folder to write to, starting in the photo's own; null if cancelled. */
export async function pickFolder(photo: File | undefined): Promise<Folder | null> {
  const startIn = photo && folders.get(photo);
  const options = { mode: 'readwrite' as const, ...(startIn && { startIn }) };
  const folder = await chosen(pickers().showDirectoryPicker?.(options));
  return folder && { save: (name, data) => saveIn(folder, name, data) };
}

/**
 * Writes a file into the photo's own folder.
 *
 * @throws DOMException NotAllowedError when the user denies writing there.
 */
export async function saveBeside(photo: File, name: string, data: Blob): Promise<string> {
  const folder = folders.get(photo);
  if (!folder) throw new Error(`The folder of ${photo.name} is not known.`);
  if ((await folder.requestPermission({ mode: 'readwrite' })) !== 'granted')
    throw new DOMException(folder.name, 'NotAllowedError');
  return saveIn(folder, name, data);
}

async function saveIn(folder: FileSystemDirectoryHandle, name: string, data: Blob): Promise<string> {
  const dot = name.lastIndexOf('.');
  let free = name;
  for (let n = 2; await exists(folder, free); n++) free = `${name.slice(0, dot)} (${n})${name.slice(dot)}`;
  await write(await folder.getFileHandle(free, { create: true }), data);
  return free;
}

async function exists(folder: FileSystemDirectoryHandle, name: string): Promise<boolean> {
  try {
    await folder.getFileHandle(name);
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return false;
    // The name is also taken if it is a folder's.
    if (error instanceof DOMException && error.name === 'TypeMismatchError') return true;
    throw error;
  }
}

/** All or nothing: the browser replaces the file only when it is closed. */
async function write(handle: FileSystemFileHandle, data: Blob): Promise<void> {
  const stream = await handle.createWritable();
  try {
    await stream.write(data);
  } catch (error) {
    await stream.abort();
    throw error;
  }
  await stream.close();
}

/** The result of a picker; null if cancelled. */
async function chosen<T>(picked: Promise<T> | undefined): Promise<T | null> {
  try {
    return (await picked) ?? null;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    throw error;
  }
}
