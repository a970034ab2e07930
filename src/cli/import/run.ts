import { publish } from '../../enhance/node/publish';
import { InputError } from '../../errors';
import { describeImport, importWeights } from '../../model/import';
import { encodeWeights } from '../../model/weights';
import { readRegularFile } from '../../read-file-node';
import { reason } from '../../reason';
import { refuseExisting } from '../refuse-existing';

export interface ImportFlags {
  out: string;
  config?: string;
  overwrite?: boolean;
}

/**
 * Writes a weight file, whole or not at all.
 *
 * @throws InputError or WeightsError for an unusable file, configuration or destination.
 */
export async function importModel(
  file: string,
  { out, config, overwrite = false }: ImportFlags,
): Promise<void> {
  refuseExisting(out, overwrite);
  const bytes = await read(file, 'Name a .safetensors file.');
  const weights = importWeights(bytes, file, config === undefined ? {} : await configuration(config));
  await publish(out, encodeWeights(weights.state, weights.config, weights.info), { replace: overwrite });
  const { counters } = weights;
  const left = counters.length > 0 ? `; left out ${counters.length} counters, such as ${counters[0]}` : '';
  process.stdout.write(`${out}: ${describeImport(weights)}${left}.\n`);
}

/** Inline JSON, or the content of a JSON file. */
async function configuration(given: string): Promise<Record<string, unknown>> {
  const isFile = !given.trimStart().startsWith('{');
  const text = isFile
    ? (await read(given, 'Give a JSON object, or a file with one.')).toString('utf8')
    : given;
  try {
    const values: unknown = JSON.parse(text);
    if (typeof values === 'object' && values !== null && !Array.isArray(values)) return { ...values };
  } catch {
    // The error below covers this.
  }
  throw new InputError(
    `--config: ${isFile ? given : 'what was given'} is not a JSON object. Write it like {"viewSize": 256}.`,
  );
}

async function read(file: string, advice: string): Promise<Buffer> {
  try {
    return await readRegularFile(file);
  } catch (cause) {
    throw new InputError(`${file} cannot be read: ${reason(cause)}. ${advice}`, { cause });
  }
}
