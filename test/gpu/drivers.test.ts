import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors';
import { chooseDriver, type DriverHost } from '../../src/gpu/node/drivers';

/** A Linux machine with nothing on it, changed where a test needs it. */
function machine(change: Partial<DriverHost> & { files?: readonly string[] } = {}): DriverHost {
  const { files = [], ...rest } = change;
  return {
    platform: 'linux',
    environment: {},
    exists: (path) => files.includes(path),
    list: (folder) =>
      files.filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1)),
    findAdapter: async () => null,
    bundledVulkan: async () => null,
    ...rest,
  };
}

const withBundle = { bundledVulkan: async () => '/cache/vulkan' };
const withAdapter = { findAdapter: async () => 'Some GPU' };
const lavapipe = '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json';

describe('chooseDriver', () => {
  it('takes what the user named before anything else', async () => {
    const host = machine({ ...withAdapter, ...withBundle, files: [lavapipe, '/my/icd.json'] });
    const named = async (name: string) => (await chooseDriver(name, host)).environment.VK_ICD_FILENAMES;
    expect(await named('lavapipe')).toBe(lavapipe);
    expect(await named('swiftshader')).toBe('/cache/vulkan/vk_swiftshader_icd.json');
    expect(await named('/my/icd.json')).toBe('/my/icd.json');
    expect(await named('system')).toBeUndefined();
  });

  it('reads the name from GLOCAL_DRIVER, after the option', async () => {
    const host = machine({ environment: { GLOCAL_DRIVER: 'lavapipe' }, files: [lavapipe] });
    expect((await chooseDriver(undefined, host)).driver).toBe('lavapipe');
    expect((await chooseDriver('system', host)).driver).toBe('system');
  });

  it.each(['lavapipe', 'swiftshader', '/my/icd.json', 'voodoo'])(
    'refuses %s when it is not there',
    async (name) => {
      await expect(chooseDriver(name, machine(withAdapter))).rejects.toThrow(InputError);
    },
  );

  it('then respects the variables of the Vulkan loader', async () => {
    const host = machine({ ...withBundle, environment: { VK_ICD_FILENAMES: '/x.json' } });
    expect(await chooseDriver(undefined, host)).toEqual({
      driver: 'system',
      reason: 'VK_ICD_FILENAMES is set',
      environment: {},
    });
  });

  it('then takes what the machine has', async () => {
    const choice = await chooseDriver(undefined, machine({ ...withAdapter, ...withBundle }));
    expect(choice).toEqual({
      driver: 'system',
      reason: "this machine's Vulkan has Some GPU",
      environment: {},
    });
  });

  it('then takes the one installed by npm, with its loader', async () => {
    expect(await chooseDriver(undefined, machine(withBundle))).toMatchObject({
      driver: 'swiftshader',
      environment: {
        VK_ICD_FILENAMES: '/cache/vulkan/vk_swiftshader_icd.json',
        VK_DRIVER_FILES: '/cache/vulkan/vk_swiftshader_icd.json',
      },
      loader: '/cache/vulkan/libvulkan.so.1',
    });
  });

  it('says so when there is nothing', async () => {
    expect((await chooseDriver(undefined, machine())).driver).toBe('none');
  });

  it('asks for nothing on macOS and Windows', async () => {
    for (const platform of ['darwin', 'win32'] as const) {
      expect((await chooseDriver(undefined, machine({ ...withBundle, platform }))).environment).toEqual({});
      await expect(chooseDriver('lavapipe', machine({ platform, files: [lavapipe] }))).rejects.toThrow(
        InputError,
      );
    }
  });
});
