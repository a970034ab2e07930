import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from '../../package.json';
import { findBundle } from '../../src/gpu/node/bundled';
import { type BuiltCli, buildCli } from '../support/cli';

let cli: BuiltCli;
/** Without the driver that the test run chose or was given. */
const plainEnvironment = () => ({ ...process.env, GLOCAL_DRIVER: '' });

beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli?.remove());

describe('glocal', () => {
  it('prints its version and its help', async () => {
    expect(await cli.run(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
    const help = await cli.run(['--help']);
    expect(help.code).toBe(0);
    expect(help.stdout).toContain('info [options]');
    expect(help.stdout).toMatch(/^Exit codes: 0 all done, .* 2 /m);
    const { stdout } = await cli.run(['enhance', '--help']);
    expect(stdout).toMatch(/^ {2}glocal enhance photo\.jpg {2,}writes photo-enhanced\.jpg$/m);
    const words = stdout.replace(/\s+/g, ' ');
    expect(words).toContain('(f32, f16, f16-arithmetic; default: f32; or GLOCAL_PRECISION)');
    expect(words).toContain('(default: as the photo; or GLOCAL_FORMAT)');
    // There are no colours to switch off.
    expect(stdout).not.toContain('\u001b');
  });

  it.each([[[]], [['paint']], [['--sepia']], [['info', '--sepia']], [['info', 'extra']]])(
    'ends with 2 on %j and says how it is used',
    async (args) => {
      const { code, stdout, stderr } = await cli.run(args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/Usage: glocal|see --help/);
    },
  );

  it('completes input in four shells', async () => {
    for (const shell of ['bash', 'zsh', 'fish', 'powershell'])
      expect((await cli.run(['complete', shell])).stdout).toContain('glocal');
    const { stdout } = await cli.run(['complete', '--', 'enhance', '--prec']);
    expect(stdout).toMatch(/^--precision\t/m);
  });

  it('ends with 2 for an impossible driver', async () => {
    const { code, stdout, stderr } = await cli.run(['--driver', 'voodoo', 'info'], {
      env: plainEnvironment(),
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/'voodoo' is invalid\. Give lavapipe, swiftshader, system, or the path/);
  });
});

describe('a file with defaults', () => {
  it('applies in the folders below it, after the environment', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'glocal-config-'));
    try {
      const cwd = join(folder, 'album');
      await mkdir(cwd);
      await writeFile(join(cwd, 'photo.jpg'), '');
      const options = { strength: 0.5, 'keep-hue': true, format: 'png' };
      await writeFile(join(folder, 'glocal.config.json'), JSON.stringify({ enhance: options }));
      const env = { ...process.env, GLOCAL_STRENGTH: '0.25' };
      const dryRun = async (...args: string[]) => {
        const command = [...args, 'enhance', 'photo.jpg', '--dry-run', '--json'];
        const { strength, keepHue, files } = JSON.parse((await cli.run(command, { cwd, env })).stdout);
        return { strength, keepHue, output: files[0].output };
      };
      expect(await dryRun()).toEqual({ strength: 0.25, keepHue: true, output: 'photo-enhanced.png' });
      expect(await dryRun('--no-config')).toEqual({
        strength: 0.25,
        keepHue: false,
        output: 'photo-enhanced.jpg',
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('an optional package that is not installed', () => {
  it('is named, with the command that installs it', async () => {
    // Outside the repository, whose packages Node would find.
    const folder = await mkdtemp(join(tmpdir(), 'glocal-alone-'));
    try {
      await cp(dirname(cli.path), join(folder, 'node'), { recursive: true });
      const run = (...args: string[]) =>
        promisify(execFile)(process.execPath, [join(folder, 'node/glocal.js'), ...args], {
          cwd: folder,
        }).catch(({ code, stdout, stderr }) => ({ code, stdout, stderr }));
      const info = await run('info');
      expect(info).toMatchObject({ code: 1, stderr: '' });
      expect(info.stdout).toMatch(/^driver +none \(the package webgpu is not installed\)$/m);
      expect(info.stdout).toMatch(/^adapter +none: .*Run: npm install webgpu$/m);
      const train = await run('train', '--out', 'run');
      expect(train).toMatchObject({ code: 1, stdout: '' });
      expect(train.stderr).toMatch(
        /^glocal: .*Run "npm install @pmndrs\/assets", or name a folder .* --data\.\n$/,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('an old version of Node', () => {
  it.each(['18.19.0', '16.20.2', '20.10.0', '20.9.1'])('%s is named in one sentence', async (version) => {
    const pretend = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version}'})`;
    const { code, stdout, stderr } = await cli.run(['--version'], {
      env: { ...process.env, NODE_OPTIONS: `--import=${encodeURI(pretend)}` },
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      `glocal: this is Node ${version}, and glocal needs 20.11 or newer. Install a newer Node.\n`,
    );
  });

  it('uses only features of old versions at the start', async () => {
    const start = await readFile(cli.path, 'utf8');
    expect(start).not.toMatch(/^import [^(]*from/m);
  });
});

describe('glocal info', () => {
  it('prints what it found as JSON', async () => {
    const { code, stdout } = await cli.run(['info', '--json']);
    expect(code).toBe(0);
    const info = JSON.parse(stdout);
    expect(info.adapters.length).toBeGreaterThan(0);
    expect(info.adapters[0].limits.maxBufferSize).toBeGreaterThan(0);
    expect(info.problem).toBeNull();
  });

  it('shows everything else if the named browser is missing', async () => {
    const env = { ...process.env, GLOCAL_CHROME: '/opt/none' };
    const { code, stdout } = await cli.run(['info'], { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^adapter +\S/m);
    expect(stdout).toMatch(/^browser +none: There is no browser at \/opt\/none\./m);
  });

  it.skipIf(!findBundle())('opens the driver that was named', async () => {
    const { code, stdout } = await cli.run(['--driver', 'swiftshader', 'info', '--json'], {
      env: plainEnvironment(),
    });
    expect(code).toBe(0);
    const info = JSON.parse(stdout);
    expect(info.driver).toEqual({ driver: 'swiftshader', reason: 'named by the user' });
    expect(info.adapters[0]).toMatchObject({
      vendor: 'google',
      architecture: 'swiftshader',
      isSoftware: true,
    });
  });

  it('ends with 1 and says why when there is no adapter', async () => {
    const env = {
      ...plainEnvironment(),
      VK_ICD_FILENAMES: '/none.json',
      VK_DRIVER_FILES: '/none.json',
    };
    const { code, stdout } = await cli.run(['info'], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/adapter {5}none: No graphics device for Node/);
  });
});
