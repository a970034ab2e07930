import weightsUrl from '../../weights/nano.safetensors?url';
import { Enhancer } from '../enhance/enhancer';
import {
  AbortError,
  AdapterError,
  DeviceLostError,
  GlocalError,
  InputError,
  MemoryError,
  WeightsError,
} from '../errors';
import { openGpu } from '../gpu/device';
import type { Gpu } from '../gpu/types';
import { summarise } from './adapter-name';
import { type AdapterSummary, type Enhanced, type Problem, ProblemError, type Progress } from './protocol';

interface Open {
  readonly gpu: Gpu;
  readonly enhancer: Enhancer;
}

/** The worker's one device and enhancer. After the device is lost the next call opens another. */
export class EnhancerService {
  #open: Promise<Open> | null = null;

  async start(): Promise<AdapterSummary> {
    const { gpu } = await this.#ensureOpen();
    return summarise(gpu.traits);
  }

  /** Enhances at full strength; any other strength is a blend of the two pictures. */
  async enhance(
    image: ImageData,
    options: { signal: AbortSignal; onProgress: (progress: Progress) => void },
  ): Promise<Enhanced> {
    options.onProgress({ stage: 'preparing', fraction: null });
    const { enhancer } = await this.#ensureOpen();
    try {
      const { data, width, height } = await enhancer.run(image, {
        signal: options.signal,
        onProgress: (fraction) => options.onProgress({ stage: 'enhancing', fraction }),
      });
      return { width, height, pixels: new Blob([data]) };
    } catch (error) {
      if (error instanceof DeviceLostError) this.#open = null;
      throw error;
    }
  }

  #ensureOpen(): Promise<Open> {
    if (this.#open) return this.#open;
    const opening = openEnhancer();
    this.#open = opening;
    const forget = () => {
      if (this.#open === opening) this.#open = null;
    };
    opening.then(({ gpu }) => gpu.lost.then(forget), forget);
    return opening;
  }
}

async function openEnhancer(): Promise<Open> {
  if (!navigator.gpu) throw new ProblemError({ kind: isSecureContext ? 'no-webgpu' : 'insecure' });
  const [gpu, weights] = await Promise.all([
    openGpu(navigator.gpu, { powerPreference: 'high-performance' }),
    loadWeights(),
  ]);
  return { gpu, enhancer: await Enhancer.create({ gpu, weights, ownsGpu: true }) };
}

async function loadWeights(): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(weightsUrl);
  } catch (cause) {
    throw new WeightsError('The network did not answer.', { cause });
  }
  if (!response.ok) throw new WeightsError(`The server answered ${response.status} for the weight file.`);
  return new Uint8Array(await response.arrayBuffer());
}

/** An error of any layer as the page's kinds of problem. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  if (!(error instanceof GlocalError)) return { kind: 'internal', detail };
  if (error instanceof AbortError) return { kind: 'cancelled' };
  if (error instanceof AdapterError) return { kind: 'no-adapter', detail };
  if (error instanceof DeviceLostError) return { kind: 'device-lost', detail };
  if (error instanceof MemoryError) return { kind: 'out-of-memory', detail };
  if (error instanceof WeightsError) return { kind: 'weights', detail };
  if (error instanceof InputError) return { kind: 'undecodable', detail };
  return { kind: 'internal', detail };
}
