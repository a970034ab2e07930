/** The browser and system in a user agent, as far as the advice depends on them. */
type Surroundings = 'ios' | 'safari' | 'firefox' | 'android' | 'chrome-linux' | 'chrome' | 'other';

function surroundingsOf(agent: string): Surroundings {
  // All browsers on iOS are based on Safari; iPads identify as Macs.
  if (/iPhone|iPad|iPod/.test(agent)) return 'ios';
  if (/Firefox\//.test(agent)) return 'firefox';
  if (/Android/.test(agent)) return 'android';
  if (/Chrom(e|ium)\//.test(agent)) return /Linux|CrOS/.test(agent) ? 'chrome-linux' : 'chrome';
  return /Safari\//.test(agent) ? 'safari' : 'other';
}

const ADAPTER: Readonly<Record<Surroundings, string>> = {
  ios: 'Close other apps and tabs and reload the page; if that does not help, restart the device and update iOS.',
  safari: 'Reload the page; if that does not help, update macOS, which brings the graphics driver.',
  firefox:
    'In Settings, General, Performance, allow hardware acceleration; about:support, section Graphics, says whether ' +
    'the graphics driver is blocked. Update the driver, or use Chrome or Edge.',
  android: 'Update Chrome (146 or newer takes OpenGL ES as well) and the system, and reload the page.',
  'chrome-linux':
    'In Settings, System, switch graphics acceleration on; chrome://gpu says why WebGPU is off. Update the graphics ' +
    'driver (Vulkan, for example mesa-vulkan-drivers), or start the browser with --enable-unsafe-webgpu ' +
    '--enable-features=Vulkan.',
  chrome:
    'In Settings, System, switch graphics acceleration on and start the browser again; chrome://gpu (edge://gpu) ' +
    'says why WebGPU is off. Update the graphics driver.',
  other: 'Update the graphics driver, or in a browser switch hardware acceleration on.',
};

const WEBGPU: Readonly<Record<Surroundings, string>> = {
  ios: 'Update to iOS 26 or newer; in older versions WebGPU is a feature flag of Safari.',
  safari: 'Update to Safari 26 or newer, or use Chrome, Edge or Firefox.',
  firefox:
    'Update Firefox; where it has WebGPU switched off, as on Linux, set dom.webgpu.enabled in about:config, or use ' +
    'Chrome or Edge.',
  android: 'Use a current Chrome.',
  'chrome-linux':
    'Update the browser; on Linux start it with --enable-unsafe-webgpu --enable-features=Vulkan where it has WebGPU ' +
    'switched off.',
  chrome: 'Update Chrome or Edge.',
  other: 'Use a current Chrome, Edge, Safari or Firefox.',
};

/** Advice for users when WebGPU finds no adapter. */
export const adapterAdvice = (agent: string): string => ADAPTER[surroundingsOf(agent)];

/** Advice for users without WebGPU. */
export const webGpuAdvice = (agent: string): string => WEBGPU[surroundingsOf(agent)];

/** Empty in runtimes without one. */
export const userAgent = (): string => globalThis.navigator?.userAgent ?? '';
