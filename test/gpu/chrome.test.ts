import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors';
import { type ChromeHost, findChrome } from '../../src/gpu/node/chrome';

function machine(change: Partial<ChromeHost> & { files?: readonly string[] } = {}): ChromeHost {
  const { files = [], ...rest } = change;
  return {
    platform: 'linux',
    environment: { PATH: '/usr/local/bin:/usr/bin' },
    home: '/home/ann',
    exists: (path) => files.includes(path),
    puppeteerBrowser: () => null,
    bundledArchive: () => '/node_modules/chromium.br',
    ...rest,
  };
}

describe('findChrome', () => {
  it('takes the one the user named', () => {
    const host = machine({ files: ['/opt/my-chrome', '/usr/bin/chromium'] });
    expect(findChrome('/opt/my-chrome', host)).toEqual({ kind: 'named', path: '/opt/my-chrome' });
    const environment = { ...host.environment, GLOCAL_CHROME: '/opt/my-chrome' };
    expect(findChrome(undefined, { ...host, environment })?.kind).toBe('named');
    expect(findChrome('bundled', host)).toEqual({ kind: 'bundled', path: '/node_modules/chromium.br' });
  });

  it("prefers puppeteer's to the one installed by npm", () => {
    const host = machine({ puppeteerBrowser: () => '/home/ann/.cache/puppeteer/chrome' });
    expect(findChrome(undefined, host)?.kind).toBe('puppeteer');
    expect(findChrome(undefined, { ...host, exists: () => true })?.kind).toBe('installed');
  });

  it('refuses a missing one if named, even if others exist', () => {
    expect(() => findChrome('/opt/none', machine({ files: ['/usr/bin/chromium'] }))).toThrow(InputError);
    expect(() => findChrome('bundled', machine({ bundledArchive: () => null }))).toThrow(InputError);
  });

  it('then takes an installed one, Chrome before Chromium', () => {
    const host = machine({ files: ['/usr/bin/chromium', '/usr/local/bin/google-chrome'] });
    expect(findChrome(undefined, host)).toEqual({ kind: 'installed', path: '/usr/local/bin/google-chrome' });
  });

  it('knows the usual places of macOS and Windows', () => {
    const mac = '/home/ann/Applications/Chromium.app/Contents/MacOS/Chromium';
    expect(findChrome(undefined, machine({ platform: 'darwin', files: [mac] }))?.path).toBe(mac);
    const windows = 'C:\\Local\\Google\\Chrome\\Application\\chrome.exe';
    const environment = { LOCALAPPDATA: 'C:\\Local' };
    expect(findChrome(undefined, machine({ platform: 'win32', environment, files: [windows] }))?.path).toBe(
      windows,
    );
  });

  it('then takes the one installed by npm, otherwise none', () => {
    expect(findChrome(undefined, machine())?.kind).toBe('bundled');
    expect(findChrome(undefined, machine({ bundledArchive: () => null }))).toBeNull();
  });
});
