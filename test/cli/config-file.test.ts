import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyConfigFile, findConfigFile } from '../../src/cli/config-file';
import { registerEnhanceCommand } from '../../src/cli/enhance/command';
import { registerTrainCommand } from '../../src/cli/train/command';
import { InputError } from '../../src/errors';

let folder: string;
const path = () => join(folder, 'glocal.config.json');
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'glocal-config-'));
  mkdirSync(join(folder, 'a', 'b'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The options of `glocal enhance` with this file and these arguments. */
function enhanceOptions(content: unknown, args: readonly string[] = []) {
  writeFileSync(path(), typeof content === 'string' ? content : JSON.stringify(content));
  const program = new Command();
  registerEnhanceCommand(program);
  registerTrainCommand(program);
  const enhance = program.commands[0]!;
  enhance.parseOptions([...args]);
  applyConfigFile(path(), program, enhance);
  return enhance.opts();
}

it('is found in the folder or one above it', () => {
  writeFileSync(path(), '{}');
  expect(findConfigFile(join(folder, 'a', 'b'))).toBe(path());
  expect(findConfigFile(folder)).toBe(path());
});

it('gives defaults, parsed as on the command line, which takes precedence', () => {
  const file = {
    enhance: { strength: 0.5, 'keep-hue': true, format: 'jpeg', model: './own.safetensors', jobs: 4 },
    train: { workers: 2 },
  };
  expect(enhanceOptions(file, ['--jobs', '1'])).toEqual({
    ...{ strength: 0.5, keepHue: true, format: 'jpeg', model: join(folder, 'own.safetensors') },
    ...{ jobs: 1, tile: 'auto', precision: 'f32' },
  });
});

it.each([
  ['{', /it is not JSON: /],
  [[1], /expected an object/],
  [{ enhance: 3 }, /enhance: expected an object/],
  [{ develop: {} }, /"develop" is not a command with defaults\. Commands: enhance, /],
  [{ enhance: { qualty: 80 } }, /"enhance\.qualty" cannot be set here\. For enhance: model, strength/],
  [{ enhance: { overwrite: true } }, /"enhance\.overwrite" cannot be set here/],
  [{ enhance: { strength: 2 } }, /enhance\.strength is 2\. Give a number from 0 to 1\./],
  [{ enhance: { strength: null } }, /enhance\.strength is null\. Give a number or a string\./],
  [
    { enhance: { precision: 'f64' } },
    /enhance\.precision is "f64"\. Allowed choices are f32, f16, f16-arithmetic\./,
  ],
  [{ train: { report: 'yes' } }, /train\.report is "yes"\. Give true or false\./],
])('with %j is refused in one message', (content, problem) => {
  expect(() => enhanceOptions(content)).toThrow(problem);
  expect(() => enhanceOptions(content)).toThrow(/glocal\.config\.json.*ignore it with --no-config\.$/);
  expect(() => enhanceOptions(content)).toThrow(InputError);
});
