import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JobOptions, planJobs } from '../../src/cli/enhance-jobs';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glocal-jobs-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), 'x');
  }
}

async function plan(inputs: string[], options: Partial<JobOptions> = {}) {
  const { jobs, refusals } = await planJobs(
    inputs.map((name) => join(folder, name)),
    { outputFolder: join(folder, 'out'), recursive: false, suffix: '', overwrite: false, ...options },
  );
  const short = (path: string) => path.slice(folder.length + 1);
  return {
    jobs: jobs.map(({ input, output }) => `${short(input)} > ${short(output)}`),
    errors: refusals.map(({ error }) => error.replaceAll(`${folder}/`, '')),
  };
}

describe('planJobs', () => {
  it('takes files as they are and the photos of a folder, in order, hidden ones left out', async () => {
    await put('one.JPG', 'in/b.png', 'in/a.webp', 'in/notes.txt', 'in/.hidden.jpg', 'in/deep/c.jpg');
    const { jobs, errors } = await plan(['one.JPG', 'in']);
    expect(jobs).toEqual(['one.JPG > out/one.JPG', 'in/a.webp > out/a.webp', 'in/b.png > out/b.png']);
    expect(errors).toEqual([]);
  });

  it('keeps the layout when it recurses, and leaves links and the output folder alone', async () => {
    await put('in/a.jpg', 'in/deep/er/a.jpg', 'in/results/old.jpg');
    await symlink(join(folder, 'in'), join(folder, 'in/deep/loop'));
    const { jobs } = await plan(['in'], { recursive: true, outputFolder: join(folder, 'in/results') });
    expect(jobs).toEqual(['in/a.jpg > in/results/a.jpg', 'in/deep/er/a.jpg > in/results/deep/er/a.jpg']);
  });

  it('names outputs by format and suffix; what cannot be written as it came becomes PNG', async () => {
    await put('a.jpeg', 'b.tif', 'c.png');
    expect((await plan(['a.jpeg', 'b.tif'], { suffix: '-new' })).jobs).toEqual([
      'a.jpeg > out/a-new.jpeg',
      'b.tif > out/b-new.png',
    ]);
    expect((await plan(['a.jpeg', 'c.png'], { format: 'jpeg' })).jobs).toEqual([
      'a.jpeg > out/a.jpeg',
      'c.png > out/c.jpg',
    ]);
  });

  it('takes a photo that is named twice once', async () => {
    await put('in/a.jpg');
    await symlink(join(folder, 'in/a.jpg'), join(folder, 'link.jpg'));
    const { jobs, errors } = await plan(['in', 'in/a.jpg', 'link.jpg']);
    expect(jobs).toEqual(['in/a.jpg > out/a.jpg']);
    expect(errors).toEqual([]);
  });

  it('refuses the second of two photos with the same output, and names the first', async () => {
    await put('x/a.jpg', 'y/a.jpg');
    const { jobs, errors } = await plan(['x/a.jpg', 'y/a.jpg']);
    expect(jobs).toEqual(['x/a.jpg > out/a.jpg']);
    expect(errors).toEqual([expect.stringMatching(/out\/a\.jpg is already the output of x\/a\.jpg/)]);
  });

  it('never writes a photo over itself, whatever is asked', async () => {
    await put('in/a.jpg');
    const { jobs, errors } = await plan(['in/a.jpg'], { outputFolder: join(folder, 'in'), overwrite: true });
    expect(jobs).toEqual([]);
    expect(errors).toEqual([expect.stringMatching(/replace the photo itself/)]);
  });

  it('leaves outputs that exist unless told to overwrite', async () => {
    await put('a.jpg', 'out/a.jpg');
    expect((await plan(['a.jpg'])).errors).toEqual([expect.stringMatching(/exists.*--overwrite/)]);
    expect((await plan(['a.jpg'], { overwrite: true })).jobs).toEqual(['a.jpg > out/a.jpg']);
  });

  it('refuses what is missing, and a folder without photos, and goes on', async () => {
    await put('in/notes.txt', 'a.jpg');
    const { jobs, errors } = await plan(['nowhere.jpg', 'in', 'a.jpg']);
    expect(jobs).toEqual(['a.jpg > out/a.jpg']);
    expect(errors).toEqual([
      expect.stringMatching(/nowhere\.jpg.*ENOENT/),
      expect.stringMatching(/in has no photos/),
    ]);
  });
});
