const HDR = /\.(hdr|pic|exr)$/i;

/** The HDR files among those chosen. */
export const hdrFiles = (files: Iterable<File>): File[] => [...files].filter(({ name }) => HDR.test(name));

/** The HDR files that are dropped, those in dropped folders too. */
export async function droppedHdrFiles(transfer: DataTransfer): Promise<File[]> {
  // Entries are gone once this event has been handled, so all are taken before the first wait.
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  if (entries.length === 0) return hdrFiles(transfer.files);
  return hdrFiles((await Promise.all(entries.map(filesOf))).flat());
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [
      await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
    ];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  // A reader hands out a hundred entries at a time.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0) return files;
    files.push(...(await Promise.all(batch.map(filesOf))).flat());
  }
}
