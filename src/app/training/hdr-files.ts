import { droppedFiles } from '../ui/dropped-files';

const HDR = /\.(hdr|pic|exr)$/i;

/** The HDR files among those chosen. */
export const hdrFiles = (files: Iterable<File>): File[] => [...files].filter(({ name }) => HDR.test(name));

/** The HDR files that are dropped, those in dropped folders too. */
export async function droppedHdrFiles(transfer: DataTransfer): Promise<File[]> {
  return hdrFiles((await droppedFiles(transfer, ({ name }) => HDR.test(name))).files);
}
