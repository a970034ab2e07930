import type { Gpu } from '../../src/gpu/types';

/** The same device under another `createBuffer` and error scope. */
function withDevice(gpu: Gpu, changes: Partial<GPUDevice>): Gpu {
  const device = new Proxy(gpu.device, {
    get(target, name) {
      if (name in changes) return changes[name as keyof GPUDevice];
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return {
    device,
    traits: gpu.traits,
    lost: gpu.lost,
    isLost: false,
    wait: (news) => gpu.wait(news),
    destroy: () => gpu.destroy(),
  };
}

/** A device that has no room for a buffer of more than `most` bytes whose label begins with `label`. */
export function shortOfMemory(gpu: Gpu, most: number, label: string): Gpu {
  let failed = false;
  const real = gpu.device;
  return withDevice(gpu, {
    createBuffer(descriptor) {
      const refused = descriptor.size > most && (descriptor.label ?? '').startsWith(label);
      failed ||= refused;
      return real.createBuffer(refused ? { ...descriptor, size: 16 } : descriptor);
    },
    async popErrorScope() {
      const error = await real.popErrorScope();
      if (!failed) return error;
      failed = false;
      return { message: 'out of memory, says the test' } as GPUError;
    },
  });
}

/** Counts the bytes of all buffers that are made and not destroyed. */
export function countBuffers(gpu: Gpu): { gpu: Gpu; bytes: () => number } {
  let bytes = 0;
  const counting = withDevice(gpu, {
    createBuffer(descriptor) {
      const buffer = gpu.device.createBuffer(descriptor);
      const destroy = buffer.destroy.bind(buffer);
      let isThere = true;
      bytes += buffer.size;
      buffer.destroy = () => {
        if (isThere) bytes -= buffer.size;
        isThere = false;
        destroy();
      };
      return buffer;
    },
  });
  return { gpu: counting, bytes: () => bytes };
}
