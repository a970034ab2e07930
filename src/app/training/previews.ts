import type { Preview } from '../../train/job';
import { text } from '../text/language';

const PARTS = ['input', 'output', 'target'] as const;

/** Draws rows of input, output and target. */
export function showPreviews(place: HTMLElement, previews: readonly Preview[]): void {
  place.replaceChildren(
    ...previews.map((preview) => {
      const row = document.createElement('li');
      row.append(...PARTS.map((part) => figure(preview[part], preview.size, text(`train.${part}`))));
      return row;
    }),
  );
}

function figure(rgb: Uint8Array, size: number, label: string): HTMLElement {
  const canvas = Object.assign(document.createElement('canvas'), { width: size, height: size });
  const pixels = new ImageData(size, size);
  for (let i = 0; i < size * size; i++) {
    pixels.data.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
    pixels.data[4 * i + 3] = 255;
  }
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
  const caption = Object.assign(document.createElement('figcaption'), { textContent: label });
  const element = document.createElement('figure');
  element.append(canvas, caption);
  return element;
}
