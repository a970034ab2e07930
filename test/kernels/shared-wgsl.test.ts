import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = new URL('../../shaders/', import.meta.url);
const MARKED = /^ *\/\/ shared: (.+)\n([\s\S]*?)^ *\/\/ end shared$/gm;

/** Lines shared by several shaders are repeated in each, so that every file is valid WGSL by itself. */
test('blocks that shaders share are equal', () => {
  const blocks = new Map<string, Map<string, string>>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.wgsl'))) {
    for (const [, name, text] of readFileSync(new URL(file, folder), 'utf8').matchAll(MARKED)) {
      blocks.set(name!, (blocks.get(name!) ?? new Map()).set(file, text!));
    }
  }
  expect([...blocks.keys()].sort()).toEqual([
    'batch norm coefficients',
    'encoded',
    'finish',
    'gather',
    'neighbours',
    'profile',
    "split sum's parameters",
    "split sum's partials",
    "split sum's strip",
    'transposed',
    'weight gradient',
    'weight of a neighbour',
    'winograd product',
  ]);
  for (const [name, files] of blocks) {
    const [[first, text], ...others] = files as unknown as [[string, string], ...[string, string][]];
    expect(others.length, `shaders that share "${name}"`).toBeGreaterThan(0);
    for (const [file, other] of others) expect(other, `"${name}" of ${file} and of ${first}`).toBe(text);
  }
});
