import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EnhanceJob, type JobOptions, planJobs } from '../../../src/enhance/node/jobs';

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
  const { jobs, refusals, skipped, passedOver } = await planJobs(
    inputs.map((name) => join(folder, name)),
    { output: { folder: join(folder, 'out') }, recursive: false, existing: 'refuse', ...options },
  );
  const short = (path: string) => path.slice(folder.length + 1);
  const line = ({ input, output }: EnhanceJob) => `${short(input)} > ${short(output)}`;
  return {
    jobs: jobs.map(line),
    skipped: skipped.map(line),
    passedOver: Object.fromEntries(passedOver),
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

  it.runIf(process.platform !== 'win32')(
    'leaves pipes in a folder alone, which might never end',
    async () => {
      await put('in/a.jpg');
      execFileSync('mkfifo', [join(folder, 'in/pipe.jpg')]);
      expect((await plan(['in'])).jobs).toEqual(['in/a.jpg > out/a.jpg']);
    },
  );

  it('keeps the layout when it recurses, and leaves links and the output folder alone', async () => {
    await put('in/a.jpg', 'in/deep/er/a.jpg', 'in/results/old.jpg');
    await symlink(join(folder, 'in'), join(folder, 'in/deep/loop'));
    const { jobs } = await plan(['in'], { recursive: true, output: { folder: join(folder, 'in/results') } });
    expect(jobs).toEqual(['in/a.jpg > in/results/a.jpg', 'in/deep/er/a.jpg > in/results/deep/er/a.jpg']);
  });

  it('reports what it skips, and continues past a folder that cannot be opened', async () => {
    await put('in/a.jpg', 'in/b.HEIC', 'in/deep/c.heic', 'in/deep/d.NEF', 'in/notes.txt');
    const latin1 = Buffer.concat([Buffer.from(join(folder, 'in/')), Buffer.of(0xe9, 0x74, 0xe9)]);
    // Disks that accept only UTF-8 refuse such a name.
    const isMade = await mkdir(latin1).then(
      () => true,
      () => false,
    );
    const { jobs, errors, passedOver } = await plan(['in'], { recursive: true });
    expect(jobs).toEqual(['in/a.jpg > out/a.jpg']);
    expect(passedOver).toEqual({ '.heic': 2, '.nef': 1 });
    expect(errors).toEqual(isMade ? [expect.stringMatching(/^the name is not UTF-8/)] : []);
  });

  it('names outputs by format and suffix; formats that cannot be written become PNG', async () => {
    await put('a.jpeg', 'b.gif', 'c.png', 'd.TIF');
    expect((await plan(['a.jpeg', 'b.gif', 'd.TIF'], { suffix: '-new' })).jobs).toEqual([
      'a.jpeg > out/a-new.jpeg',
      'b.gif > out/b-new.png',
      'd.TIF > out/d-new.TIF',
    ]);
    expect((await plan(['a.jpeg', 'c.png'], { format: 'jpeg' })).jobs).toEqual([
      'a.jpeg > out/a.jpeg',
      'c.png > out/c.jpg',
    ]);
  });

  it('writes next to the photos, and does not treat its results as photos', async () => {
    await put('a.jpg', 'a-enhanced.jpg', 'b.gif', 'in/c.jpg', 'in/deep/d.png', 'in/enhanced/c.jpg');
    const options = { output: { beside: true }, existing: 'skip', recursive: true } as const;
    const { jobs, skipped } = await plan(['a.jpg', 'a-enhanced.jpg', 'b.gif', 'in'], options);
    expect(jobs).toEqual(['b.gif > b-enhanced.png', 'in/deep/d.png > in/enhanced/deep/d.png']);
    expect(skipped).toEqual(['a.jpg > a-enhanced.jpg', 'in/c.jpg > in/enhanced/c.jpg']);
    const bright = await plan(['a.jpg', 'in'], { ...options, recursive: false, suffix: '-bright' });
    expect(bright.jobs).toEqual(['a.jpg > a-bright.jpg', 'in/c.jpg > in/enhanced/c-bright.jpg']);
  });

  it('enhances a photo named twice only once', async () => {
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
    const { jobs, errors } = await plan(['in/a.jpg'], {
      output: { folder: join(folder, 'in') },
      existing: 'overwrite',
    });
    expect(jobs).toEqual([]);
    expect(errors).toEqual([expect.stringMatching(/replace the photo itself/)]);
  });

  it('leaves outputs that exist unless told to overwrite', async () => {
    await put('a.jpg', 'out/a.jpg');
    expect((await plan(['a.jpg'])).errors).toEqual([expect.stringMatching(/exists.*--overwrite/)]);
    expect((await plan(['a.jpg'], { existing: 'overwrite' })).jobs).toEqual(['a.jpg > out/a.jpg']);
  });

  it('refuses missing files and folders without photos, and continues', async () => {
    await put('in/notes.txt', 'a.jpg');
    const { jobs, errors } = await plan(['nowhere.jpg', 'in', 'a.jpg']);
    expect(jobs).toEqual(['a.jpg > out/a.jpg']);
    expect(errors).toEqual([
      expect.stringMatching(/nowhere\.jpg.*ENOENT/),
      expect.stringMatching(/in has no photos/),
    ]);
  });

  it('writes a single photo into a file', async () => {
    await put('a.jpg', 'here.png');
    const file = join(folder, 'there.png');
    expect((await plan(['a.jpg'], { output: { file } })).jobs).toEqual(['a.jpg > there.png']);
    const taken = await plan(['a.jpg'], { output: { file: join(folder, 'here.png') } });
    expect(taken.errors).toEqual([expect.stringMatching(/here\.png exists/)]);
    const itself = { output: { file: join(folder, 'a.jpg') }, existing: 'overwrite' } as const;
    expect((await plan(['a.jpg'], itself)).errors).toEqual([expect.stringMatching(/the photo itself/)]);
  });

  it('skips photos whose results exist', async () => {
    await put('a.jpg', 'b.jpg', 'out/a.jpg');
    const { jobs, skipped, errors } = await plan(['a.jpg', 'b.jpg'], { existing: 'skip' });
    expect([jobs, skipped, errors]).toEqual([['b.jpg > out/b.jpg'], ['a.jpg > out/a.jpg'], []]);
  });

  it('assigns each photo to one shard, whatever the order of arguments or what exists', async () => {
    const names = [
      'in/z.jpg',
      'in/a.jpg',
      'in/deep/b.jpg',
      'in/deep/c.png',
      'more/d.jpg',
      'more/e.webp',
      'more/f.png',
    ];
    await put(...names);
    const whole = await plan(['in', 'more'], { recursive: true });
    const parts = [];
    for (const index of [1, 2, 3]) {
      const shard = { index, count: 3 };
      const { jobs } = await plan(['in', 'more'], { recursive: true, shard });
      const turned = await plan(['more', 'in'], { recursive: true, shard });
      expect([...turned.jobs].sort()).toEqual([...jobs].sort());
      expect(jobs.length).toBeGreaterThanOrEqual(2);
      parts.push(...jobs);
    }
    expect(parts.sort()).toEqual([...whole.jobs].sort());
    await put('out/a.jpg', 'out/deep/b.jpg');
    const late = await plan(['in', 'more'], {
      recursive: true,
      existing: 'skip',
      shard: { index: 2, count: 3 },
    });
    const early = await plan(['in', 'more'], {
      recursive: true,
      existing: 'overwrite',
      shard: { index: 2, count: 3 },
    });
    expect([...late.jobs, ...late.skipped].sort()).toEqual([...early.jobs].sort());
  });

  it('reports a conflict over an output in one shard only', async () => {
    await put('x/a.jpg', 'y/a.jpg');
    const both = await Promise.all([1, 2].map((index) => plan(['x', 'y'], { shard: { index, count: 2 } })));
    expect(both.flatMap(({ jobs }) => jobs)).toEqual(['x/a.jpg > out/a.jpg']);
    expect(both.flatMap(({ errors }) => errors)).toHaveLength(1);
  });
});
