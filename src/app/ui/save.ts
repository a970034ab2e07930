import type { Engine } from '../engine';
import { ProblemError } from '../protocol';
import type { Photo } from '../session';

const EXTENSIONS: Record<string, string> = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp' };

/** Long enough for any browser to have begun the download. */
const REVOKE_MS = 60_000;

/** Encodes an enhanced photo at its strength and hands it to the browser's downloads. */
export async function savePhoto(engine: Engine, photo: Photo): Promise<void> {
  const blob = await encodePhoto(engine, photo);
  download(blob, enhancedName(photo.file.name, blob.type));
}

/** All enhanced photos in one ZIP archive: browsers ask before they let a page start many downloads. */
export async function saveAll(engine: Engine, photos: readonly Photo[]): Promise<void> {
  const files = [];
  for (const photo of photos) {
    const data = await encodePhoto(engine, photo);
    files.push({ name: enhancedName(photo.file.name, data.type), data });
  }
  download(await engine.call('archive', { files }), 'glocal.zip');
}

/** `beach.jpeg` saved as PNG: `beach-enhanced.png`. */
function enhancedName(name: string, type: string): string {
  const stem = name.replace(/\.[^.]+$/, '') || 'photo';
  return `${stem}-enhanced.${EXTENSIONS[type] ?? 'png'}`;
}

function encodePhoto(engine: Engine, { file, state, strength }: Photo): Promise<Blob> {
  if (state.phase !== 'done')
    throw new ProblemError({ kind: 'internal', detail: 'A photo was saved too early.' });
  return engine.call('save', { file, enhanced: state.enhanced, strength });
}

/** Hands a file to the browser's downloads. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), REVOKE_MS);
}
