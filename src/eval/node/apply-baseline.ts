import { extname, resolve } from 'node:path';
import { writeFileAtomically } from '../../atomic-file-node';
import { InputError } from '../../errors';
import { reason } from '../../reason';
import { sharp } from '../../sharp-node';
import { BASELINES, type BaselineName } from '../baselines/baselines';
import { readPicture } from './files';

/** Runs one baseline on one picture and writes the result as PNG or JPEG, depending on the extension. */
export async function applyBaseline(method: BaselineName, file: string, out: string): Promise<void> {
  const ending = extname(out).toLowerCase();
  if (!['.png', '.jpg', '.jpeg'].includes(ending)) {
    throw new InputError(`${out}: results are written as .png, .jpg or .jpeg. Choose one of these endings.`);
  }
  if (resolve(file) === resolve(out)) {
    throw new InputError(`${out} is the picture itself, which would be replaced. Choose another place.`);
  }
  const { width, height, data } = BASELINES[method].run(await readPicture(file));
  const picture = sharp(data, { raw: { width, height, channels: 3 } });
  const bytes = await (ending === '.png'
    ? picture.png()
    : picture.jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
  ).toBuffer();
  try {
    writeFileAtomically(out, bytes);
  } catch (cause) {
    throw new InputError(`${out} cannot be written: ${reason(cause)}. Choose another place.`, { cause });
  }
}
