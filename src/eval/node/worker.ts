/** Entry point of the thread that runs and measures methods; started by `ComparePool`. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { writeFileAtomically } from '../../atomic-file-node';
import { makeFolder } from '../../make-folder-node';
import { sharp } from '../../sharp-node';
import { closeUp, crop, type Square, smoothestSquare, unevenSquare } from '../close-up';
import { comparePictures, picturesOf } from '../compare';
import type { RgbImage } from '../image';
import type { Compared, FromWorker, ToWorker, WorkerSetup } from './protocol';

const port = parentPort;
if (!port) throw new Error('This file is the entry of a worker thread and does nothing on its own.');
const setup: WorkerSetup = workerData;

port.on('message', (task: ToWorker) => {
  compare(task).then(
    (done) => answer({ done }),
    (error: unknown) =>
      answer({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});

function answer(message: FromWorker): void {
  port?.postMessage(message);
}

async function compare(task: ToWorker): Promise<Compared> {
  const pictures = picturesOf(task);
  if (task.save) await savePictures(pictures, task.save);
  const results = comparePictures(pictures, task, setup.models);
  const shown: Record<string, string> = {};
  const closeUps: Record<string, string> = {};
  const blocks: Record<string, string> = {};
  if (setup.pictureSide !== undefined) {
    const square = smoothestSquare(task.target ?? task.image);
    const uneven = unevenPlace(task);
    for (const [name, picture] of pictures) {
      shown[name] = await dataUri(picture, setup.pictureSide);
      if (square) closeUps[name] = await pixelUri(closeUp(picture, square));
      if (uneven) blocks[name] = await pixelUri(crop(picture, uneven));
    }
  }
  return { results, pictures: shown, closeUps, blocks };
}

async function savePictures(
  pictures: ReadonlyMap<string, RgbImage>,
  { folder, name }: NonNullable<ToWorker['save']>,
): Promise<void> {
  for (const [method, picture] of pictures) {
    const place = join(folder, folderOf(method));
    makeFolder(place);
    writeFileAtomically(join(place, name), await png(picture));
  }
}

/** The folder name for a method. */
const folderOf = (method: string): string => method.replace(/^model:/, '').replace(/[^\w.-]+/g, '_');

/** The least even place of the first model without a global encoder; null without such a model, or without a target. */
function unevenPlace({ outputs, withoutGlobal, target }: ToWorker): Square | null {
  const output = outputs[withoutGlobal[0] ?? ''];
  return output && target ? unevenSquare(output, target) : null;
}

/** Lossless, because compression would add blocks of its own. */
async function pixelUri(picture: RgbImage): Promise<string> {
  return `data:image/png;base64,${(await png(picture)).toString('base64')}`;
}

const png = ({ width, height, data }: RgbImage): Promise<Buffer> =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();

async function dataUri({ width, height, data }: RgbImage, side: number): Promise<string> {
  const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 88 })
    .toBuffer();
  return `data:image/jpeg;base64,${bytes.toString('base64')}`;
}
