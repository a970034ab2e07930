/** The script of worker.html: transfers its canvas to worker.ts, then sends photos. */
const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
const canvas = document.querySelector('canvas')!.transferControlToOffscreen();
const status = document.querySelector('output')!;

let transfer: { canvas?: OffscreenCanvas } = { canvas };
document.querySelector('input')!.addEventListener('change', ({ target }) => {
  const photo = (target as HTMLInputElement).files![0];
  worker.postMessage({ photo, ...transfer }, transfer.canvas ? [transfer.canvas] : []);
  transfer = {};
});
worker.addEventListener('message', ({ data }) => {
  status.value = data.error ?? `${Math.round(100 * data.share)} %`;
});
