import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Schema, Validator } from '@cfworker/json-schema';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import schema from '../../docs/enhance.schema.json' with { type: 'json' };
import { randomImage, tinyWeights } from '../enhance/support';
import { type BuiltCli, buildCli } from '../support/cli';

let cli: BuiltCli;
let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glocal-enhance-'));
  await writeFile(at('tiny.safetensors'), tinyWeights());
  await mkdir(at('photos'));
  const photo = (width: number, height: number) => {
    return sharp(randomImage(width, height).data, { raw: { width, height, channels: 4 } });
  };
  await photo(40, 30).png().toFile(at('photos', 'alpha.png'));
  await photo(31, 17)
    .removeAlpha()
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toFile(at('photos', 'turned.jpg'));
  await photo(1, 1).webp().toFile(at('photos', 'dot.webp'));
  await mkdir(at('bad'));
  await photo(40, 30).png().toFile(at('bad', 'z-good.png'));
  await writeFile(at('bad', 'text.jpg'), 'dear diary');
  await writeFile(at('bad', 'empty.png'), '');
  const whole = await photo(64, 64).jpeg().toBuffer();
  await writeFile(at('bad', 'cut.jpg'), whole.subarray(0, whole.length / 2));
  cli = await buildCli();
});
afterAll(async () => {
  await cli?.remove();
  await rm(folder, { recursive: true, force: true });
});

const enhance = (...args: string[]) => cli.run(['enhance', '--model', at('tiny.safetensors'), ...args]);

/** Runs the command with bytes as its standard input, and returns its output as bytes. */
function pipe(
  input: Buffer,
  ...args: string[]
): Promise<{ code: number | null; stdout: Buffer; stderr: string }> {
  const child = spawn(process.execPath, [cli.path, 'enhance', '--model', at('tiny.safetensors'), ...args]);
  child.stdin.end(input);
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk) => stdout.push(chunk));
  child.stderr.on('data', (chunk) => stderr.push(chunk));
  return new Promise((resolve) => {
    child.once('close', (code) =>
      resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}

describe('glocal enhance', () => {
  it('enhances a folder: a line for each photo, exit code 0', async () => {
    const { code, stdout } = await enhance(at('photos'), '-o', at('lines'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/alpha\.png.*40 x 30/);
    expect(stdout).toMatch(/3 enhanced, 0 failed\n$/);
    expect((await readdir(at('lines'))).sort()).toEqual(['alpha.png', 'dot.webp', 'turned.jpg']);
    const turned = await sharp(at('lines', 'turned.jpg')).metadata();
    expect([turned.width, turned.height, turned.orientation]).toEqual([17, 31, 1]);
    const [before, after] = await Promise.all(
      [at('photos', 'alpha.png'), at('lines', 'alpha.png')].map((path) =>
        sharp(path).extractChannel(3).raw().toBuffer(),
      ),
    );
    expect(after!.equals(before!)).toBe(true);
  });

  it('prints JSON and nothing else on standard output, and names a software adapter once', async () => {
    const { code, stdout, stderr } = await enhance(
      at('photos'),
      '-o',
      at('json'),
      '--json',
      '--strength',
      '0.5',
    );
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(new Validator(schema as Schema, '2020-12').validate(report)).toMatchObject({
      valid: true,
      errors: [],
    });
    expect(report.deviceBytes).toBeGreaterThan(1000);
    expect(report.processBytes).toBeGreaterThan(report.deviceBytes);
    expect(report).toMatchObject({ strength: 0.5, interrupted: false });
    expect(report.files.map((file: { width: number }) => file.width)).toEqual([40, 1, 17]);
    for (const { output } of report.files) expect(existsSync(output)).toBe(true);
    if (/llvmpipe|swiftshader/i.test(report.adapter)) expect(stderr.match(/slow/g)).toHaveLength(1);
  });

  it('continues after bad photos, says what is wrong with each, ends with 1 and leaves no partial file', async () => {
    const { code, stdout, stderr } = await enhance(at('bad'), '-o', at('from-bad'));
    expect(code).toBe(1);
    expect(stdout).toMatch(/1 enhanced, 3 failed/);
    expect(stderr).toMatch(/cut\.jpg: is damaged or cut short/);
    expect(stderr).toMatch(/empty\.png: is empty/);
    expect(stderr).toMatch(/text\.jpg: is not an image/);
    expect(await readdir(at('from-bad'))).toEqual(['z-good.png']);
  });

  it('keeps results that exist, and replaces them when told to', async () => {
    const input = at('photos', 'alpha.png');
    await mkdir(at('kept'));
    await writeFile(at('kept', 'alpha.png'), 'precious');
    const refused = await enhance(input, '-o', at('kept'));
    expect([refused.code, await readFile(at('kept', 'alpha.png'), 'utf8')]).toEqual([1, 'precious']);
    expect(refused.stderr).toMatch(/--overwrite/);
    expect((await enhance(input, '-o', at('kept'), '--overwrite')).code).toBe(0);
    expect((await sharp(at('kept', 'alpha.png')).metadata()).width).toBe(40);
  });

  it('creates nothing when there is nothing to do', async () => {
    await mkdir(at('no-photos'));
    const { code, stderr } = await enhance(at('no-photos'), '-o', at('never'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/no-photos: has no photos/);
    expect(existsSync(at('never'))).toBe(false);
  });

  it('refuses an output folder that cannot be written', async () => {
    await writeFile(at('occupied'), '');
    const { code, stderr } = await enhance(at('photos'), '-o', at('occupied'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/output folder .*occupied cannot be written/);
  });

  it('refuses a model that is missing or damaged before it computes', async () => {
    const missing = await cli.run(['enhance', at('photos'), '-o', at('never'), '--model', 'gigantic']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/"gigantic" cannot be read/);
    await writeFile(at('cut.safetensors'), tinyWeights().subarray(0, 5000));
    const cut = await cli.run(['enhance', at('photos'), '-o', at('never'), '--model', at('cut.safetensors')]);
    expect(cut.code).toBe(1);
    expect(cut.stderr).toMatch(/^glocal: .*cut\.safetensors/m);
  });

  it('takes a photo from standard input to standard output, and to a file', async () => {
    const photo = await readFile(at('photos', 'turned.jpg'));
    const stream = await pipe(photo, '-', '-o', '-', '--strength', '0.5');
    expect(stream.code).toBe(0);
    const metadata = await sharp(stream.stdout).metadata();
    expect([metadata.format, metadata.width, metadata.height]).toEqual(['jpeg', 17, 31]);
    expect(stream.stderr).toMatch(/1 enhanced/);
    const file = await pipe(photo, '-', '-o', at('piped', 'one.png'));
    expect(file.code).toBe(0);
    expect((await sharp(at('piped', 'one.png')).metadata()).format).toBe('png');
    const named = await pipe(Buffer.alloc(0), at('photos', 'alpha.png'), '-o', '-', '--format', 'webp');
    expect((await sharp(named.stdout).metadata()).format).toBe('webp');
    const junk = await pipe(Buffer.from('no photo'), '-', '-o', '-');
    expect([junk.code, junk.stdout.length]).toEqual([1, 0]);
    expect(junk.stderr).toMatch(/standard input is not an image/);
  });

  it('refuses what a stream cannot do', async () => {
    const photo = at('photos', 'alpha.png');
    for (const [args, message] of [
      [['-', '-o', at('never')], /has no name/],
      [['-', '--json'], /both use standard output/],
      [[photo, '-', '-o', at('never')], /only one photo/],
      [[at('photos'), '-o', '-'], /is a folder, but -o - takes one photo/],
      [[photo, '-o', '-', '--json'], /both use standard output/],
      [[photo, '-o', at('never.jpg'), '--format', 'png'], /Leave --format out/],
      [[photo, '-o', at('never.avif')], /written as \.jpg/],
      [[photo, at('photos'), '-o', at('never.jpg')], /file name.*Name a folder/],
      [[photo, '-o', at('never'), '--suffix', 'a/b'], /part of a file name/],
    ] as const) {
      const { code, stderr } = await enhance(...args);
      expect(code).toBe(2);
      expect(stderr).toMatch(message);
    }
    expect(existsSync(at('never'))).toBe(false);
  });

  it('says what it would do, and does nothing', async () => {
    const { code, stdout, stderr } = await enhance(
      at('photos'),
      '-o',
      at('never'),
      '--dry-run',
      '--shard',
      '1/2',
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.match(/^would do/gm)).toHaveLength(2);
    expect(stdout).toMatch(/2 would be enhanced, 0 failed\n$/);
    expect(existsSync(at('never'))).toBe(false);
  });

  it('without -o writes next to the photo, in the requested format, and does not enhance the result again', async () => {
    await mkdir(at('beside'));
    await cp(at('photos', 'turned.jpg'), at('beside', 'a.jpg'));
    const pattern = join(at('beside'), '*.jpg');
    const options = { env: { ...process.env, GLOCAL_MODEL: at('tiny.safetensors'), GLOCAL_QUALITY: '60' } };
    const first = await cli.run(['enhance', pattern, '--verbose'], options);
    expect([first.code, first.stdout]).toEqual([0, expect.stringMatching(/^enhanced .*-enhanced\.jpg/m)]);
    expect(first.stdout).toMatch(/^model {5}.*tiny\.safetensors\nadapter {3}\S.*\nmemory .*MiB/m);
    expect((await readdir(at('beside'))).sort()).toEqual(['a-enhanced.jpg', 'a.jpg']);
    const again = await cli.run(['enhance', pattern, '--skip-existing', '--quiet'], options);
    expect(again).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const other = await cli.run(['enhance', at('beside', 'a.jpg'), '--format', 'jpg', '--quiet'], options);
    expect([other.code, other.stdout]).toEqual([1, '']);
    expect(other.stderr).toMatch(/^failed .*a-enhanced\.jpg exists/);
  });

  it('continues where another run stopped', async () => {
    await mkdir(at('half'));
    await writeFile(at('half', 'alpha.png'), 'precious');
    const { code, stdout } = await enhance(
      at('photos'),
      '-o',
      at('half'),
      '--skip-existing',
      '-j',
      '3',
      '--keep-hue',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/2 enhanced, 0 failed, 1 skipped\n$/);
    expect(await readFile(at('half', 'alpha.png'), 'utf8')).toBe('precious');
    expect((await readdir(at('half'))).sort()).toEqual(['alpha.png', 'dot.webp', 'turned.jpg']);
  });

  it('refuses options that make no sense with exit code 2', async () => {
    for (const options of [
      ['--strength', '2'],
      ['--quality', '0'],
      ['--format', 'bmp'],
      ['--shard', '0/2'],
      ['--shard', '3/2'],
      ['--jobs', '0'],
      ['--tile', 'small'],
      ['--precision', 'f8'],
      ['--overwrite', '--skip-existing'],
      ['--quiet', '--verbose'],
    ]) {
      expect((await enhance(at('photos'), '-o', at('never'), ...options)).code).toBe(2);
    }
    expect((await enhance()).code).toBe(2);
    expect(existsSync(at('never'))).toBe(false);
  });

  it('leaves only whole files when it is interrupted, and ends with 130', async () => {
    await mkdir(at('many'));
    const png = await sharp(randomImage(300, 200).data, { raw: { width: 300, height: 200, channels: 4 } })
      .png()
      .toBuffer();
    await writeFile(at('photo.png'), png);
    // So many that even a loaded machine does not finish them before the signal.
    for (let i = 0; i < 200; i++) await link(at('photo.png'), at('many', `${100 + i}.png`));
    const args = ['enhance', '--model', at('tiny.safetensors'), at('many'), '-o', at('some'), '-j', '3'];
    const child = spawn(process.execPath, [cli.path, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.once('data', () => child.kill('SIGINT'));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(130);
    const done = await readdir(at('some'));
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(200);
    for (const name of done) {
      expect(name).toMatch(/^\d\d\d\.png$/);
      await sharp(at('some', name)).raw().toBuffer();
    }
  });
});
