import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadModel, shippedModels } from '../../../src/enhance/node/models';
import { InputError } from '../../../src/errors';
import { decodeWeights, PRESETS } from '../../../src/model';
import { bilateralConfig } from '../../../src/model/bilateral/config';

describe('loadModel', () => {
  it('reads a file by its path', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'glocal-model-'));
    await writeFile(join(folder, 'mine.safetensors'), Uint8Array.of(1, 2, 3));
    expect([...(await loadModel(join(folder, 'mine.safetensors')))]).toEqual([1, 2, 3]);
    await rm(folder, { recursive: true });
  });

  it('refuses a name and a path that are not there, and lists the models there are', async () => {
    for (const wanted of ['gigantic', './nowhere/model.safetensors']) {
      const error = await loadModel(wanted).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).toContain(`"${wanted}"`);
      expect((error as Error).message).toContain(shippedModels().join(', ') || 'none');
    }
  });

  it.each([
    ['instant', bilateralConfig()],
    ['nano', { ...PRESETS.nano, upsampling: 'balanced' }],
    ['small', { ...PRESETS.small, upsampling: 'balanced' }],
  ] as const)('finds the weights of the package by name: %s', async (name, expected) => {
    expect(shippedModels()).toContain(name);
    const { config } = decodeWeights(await loadModel(name), name);
    expect(config).toEqual(expected);
  });
});
