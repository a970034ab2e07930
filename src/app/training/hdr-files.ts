import { droppedFiles } from '../ui/dropped-files';

const HDR = /\.(hdr|pic|exr)$/i;

/** The HDR files among the given ones. */
export const hdrFiles = (files: Iterable<File>): File[] => [...files].filter(({ name }) => HDR.test(name));

/** The dropped HDR files, including those in folders. */
export async function droppedHdrFiles(transfer: DataTransfer): Promise<File[]> {
  return hdrFiles((await droppedFiles(transfer, ({ name }) => HDR.test(name))).files);
}
