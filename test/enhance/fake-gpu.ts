import type { Gpu } from '../../src/gpu/types';

/** The same device with another `createBuffer` and error scope. */
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
    get isLost() {
      return gpu.isLost;
    },
    wait: (news) => gpu.wait(news),
    destroy: () => gpu.destroy(),
  };
}

/** A device without room for a buffer of more than `most` bytes whose label begins with `label`. */
export function shortOfMemory(gpu: Gpu, most: number, label: string): Gpu {
  const real = gpu.device;
  const scopes: { readonly filter: GPUErrorFilter; hasFailed: boolean }[] = [];
  return withDevice(gpu, {
    createBuffer(descriptor) {
      const refused = descriptor.size > most && (descriptor.label ?? '').startsWith(label);
      const scope = scopes.findLast(({ filter }) => filter === 'out-of-memory');
      if (refused && scope) scope.hasFailed = true;
      return real.createBuffer(refused ? { ...descriptor, size: 16 } : descriptor);
    },
    pushErrorScope(filter) {
      scopes.push({ filter, hasFailed: false });
      real.pushErrorScope(filter);
    },
    async popErrorScope() {
      const scope = scopes.pop();
      const error = await real.popErrorScope();
      return scope?.hasFailed ? ({ message: 'out of memory, says the test' } as GPUError) : error;
    },
  });
}

/** Counts the bytes of all buffers created and not destroyed. */
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

/** A device that compiles nothing before `release`. `asked`: labels of the requested pipelines, in order. */
export function holdPipelines(gpu: Gpu): { gpu: Gpu; asked: readonly string[]; release: () => void } {
  const asked: string[] = [];
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const holding = withDevice(gpu, {
    async createComputePipelineAsync(descriptor) {
      asked.push(descriptor.label ?? '');
      await released;
      return gpu.device.createComputePipelineAsync(descriptor);
    },
  });
  return { gpu: holding, asked, release };
}

/** The fate of a compute pass on a wrapped device. */
type Verdict = 'run' | 'drop' | 'die';

/**
 * A device that asks about every submit with a compute pass, given its number of workgroups as a measure of its
 * duration. `drop`: the pass is silently skipped, as Metal does with long work. `die`: the device is lost, as on
 * Windows.
 */
export function judgeSubmits(gpu: Gpu, judge: (workgroups: number) => Verdict): Gpu {
  const real = gpu.device;
  const loads = new WeakMap<GPUCommandBuffer, number>();
  const queue = new Proxy(real.queue, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (name !== 'submit') return typeof value === 'function' ? value.bind(target) : value;
      return (buffers: readonly GPUCommandBuffer[]) => {
        const load = buffers.reduce((sum, buffer) => sum + (loads.get(buffer) ?? 0), 0);
        const verdict = load > 0 ? judge(load) : 'run';
        if (verdict !== 'drop') target.submit([...buffers]);
        if (verdict === 'die') gpu.destroy();
      };
    },
  });
  return withDevice(gpu, {
    queue,
    createCommandEncoder(descriptor) {
      const encoder = real.createCommandEncoder(descriptor);
      let load = 0;
      const begin = encoder.beginComputePass.bind(encoder);
      encoder.beginComputePass = (pass) => {
        const made = begin(pass);
        const dispatch = made.dispatchWorkgroups.bind(made);
        made.dispatchWorkgroups = (x, y = 1, z = 1) => {
          load += x * y * z;
          dispatch(x, y, z);
        };
        return made;
      };
      const finish = encoder.finish.bind(encoder);
      encoder.finish = (end) => {
        const buffer = finish(end);
        loads.set(buffer, load);
        return buffer;
      };
      return encoder;
    },
  });
}
