/**
 * The files that are dropped, those in dropped folders too, without hidden ones (such as the `._` files of a Mac).
 *
 * @param isWanted chooses among the files of folders; what is dropped itself is taken in any case.
 */
export async function droppedFiles(
  transfer: DataTransfer,
  isWanted: (file: File) => boolean,
): Promise<{ readonly files: File[]; readonly hasFolder: boolean }> {
  // Entries are gone once this event has been handled, so all are taken before the first wait.
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  if (entries.length === 0) return { files: [...transfer.files], hasFolder: false };
  const found = await Promise.all(
    entries.map(async (entry) => {
      const files = await filesOf(entry);
      return entry.isFile ? files : files.filter((file) => !file.name.startsWith('.') && isWanted(file));
    }),
  );
  return { files: found.flat(), hasFolder: entries.some((entry) => entry.isDirectory) };
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
