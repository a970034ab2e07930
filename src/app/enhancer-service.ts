import {
  AbortError,
  AdapterError,
  DeviceLostError,
  type ErrorCode,
  GlocalError,
  InputError,
  MemoryError,
  UnfinishedError,
  WeightsError,
} from '../errors';
import { summarise } from './adapter-name';
import { MODELS } from './models';
import {
  type AdapterSummary,
  type Model,
  type Problem,
  ProblemError,
  type ProblemKind,
  type Progress,
  type Recipe,
} from './protocol';
import { modelKey } from './recipe';
import { TunedEnhancer } from './tuned-enhancer';

/**
 * The worker's only enhancer. It is opened at the first call, again after a failure, and when another model is
 * chosen. Calls run one after the other, so that none has its enhancer taken away by a later one.
 */
export class EnhancerService {
  #open: { readonly key: string; readonly enhancer: Promise<TunedEnhancer> } | null = null;
  #last: Promise<unknown> = Promise.resolve();

  start(model: Model): Promise<AdapterSummary> {
    return this.#inTurn(async () => summaryOf(await this.#enhancer(model)));
  }

  /** Measures which kernels are fastest here, unless that is known. */
  tune(model: Model): Promise<AdapterSummary> {
    return this.#inTurn(async () => {
      const tuned = await this.#enhancer(model);
      await tuned.measure();
      return summaryOf(tuned);
    });
  }

  /** Enhances at full strength; other strengths are a blend of the two pictures. */
  enhance(
    image: ImageData,
    { model, finish, keepHue }: Recipe,
    { signal, onProgress }: { signal: AbortSignal; onProgress: (progress: Progress) => void },
  ): Promise<ImageData> {
    onProgress({ stage: 'preparing', fraction: null });
    return this.#inTurn(async () => {
      // A call cancelled while waiting must not open another model.
      if (signal.aborted) throw new AbortError('The enhancement was stopped.');
      const { enhancer } = await this.#enhancer(model);
      return enhancer.run(image, {
        output: 'imageData',
        inPlace: true,
        finish,
        keepHue,
        signal,
        onProgress: (fraction) => onProgress({ stage: 'enhancing', fraction }),
        onCompile: (compiled, total) => onProgress({ stage: 'preparing', fraction: compiled / total }),
      });
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {}); // The caller has received the error already.
    return result;
  }

  #enhancer(model: Model): Promise<TunedEnhancer> {
    const key = modelKey(model);
    if (this.#open?.key === key) return this.#open.enhancer;
    const before = this.#open?.enhancer;
    const enhancer: Promise<TunedEnhancer> = openEnhancer(model).catch((error: unknown) => {
      if (this.#open?.enhancer === enhancer) this.#open = null;
      throw error;
    });
    this.#open = { key, enhancer };
    before?.then((old) => old.enhancer.dispose()).catch(() => {}); // Its own caller has received the error already.
    return enhancer;
  }
}

const summaryOf = ({ enhancer, tuning }: TunedEnhancer): AdapterSummary => ({
  ...summarise(enhancer.adapter),
  tuned: tuning && { first: tuning.policy.gather[0] ?? 'direct', date: tuning.date },
});

async function openEnhancer(model: Model): Promise<TunedEnhancer> {
  const key = modelKey(model);
  if (!navigator.gpu) throw new ProblemError({ kind: isSecureContext ? 'no-webgpu' : 'insecure' });
  if (typeof model === 'string')
    return TunedEnhancer.create({ model: await fetchWeights(MODELS[model].url), modelName: model }, key);
  try {
    return await TunedEnhancer.create({ model: await model.arrayBuffer(), modelName: model.name }, key);
  } catch (error) {
    if (error instanceof WeightsError || error instanceof InputError)
      throw new ProblemError({ kind: 'own-weights', detail: error.message });
    throw error;
  }
}

async function fetchWeights(url: string): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new WeightsError('The server did not answer.', { cause });
  }
  if (!response.ok) throw new WeightsError(`The server answered ${response.status} for the weight file.`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Browser exceptions that are not bugs of this program. */
const BROWSER_PROBLEMS: Readonly<Record<string, ProblemKind>> = {
  NotAllowedError: 'not-allowed',
  NotFoundError: 'unreadable',
  NotReadableError: 'unreadable',
  QuotaExceededError: 'no-room',
};

/** Problems with a photo's file. */
const PHOTO_PROBLEMS: Readonly<Partial<Record<ErrorCode, ProblemKind>>> = {
  'not-an-image': 'not-an-image',
  'photo-bomb': 'bomb',
  'photo-heic': 'heic',
  'photo-raw': 'raw',
  'photo-tiff': 'tiff',
  'photo-too-large': 'too-large',
  'photo-truncated': 'truncated',
};

/** Maps an error from any layer to the page's kinds of problem. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof DOMException && error.name in BROWSER_PROBLEMS)
    return { kind: BROWSER_PROBLEMS[error.name]!, detail };
  // Browsers throw this when they lack the memory for an array.
  if (error instanceof RangeError && /allocat|array (buffer )?length/i.test(detail))
    return { kind: 'out-of-memory', detail };
  if (!(error instanceof GlocalError)) return { kind: 'internal', detail };
  if (error instanceof AbortError) return { kind: 'cancelled' };
  if (error instanceof AdapterError) return { kind: 'no-adapter', detail };
  if (error instanceof DeviceLostError || error instanceof UnfinishedError)
    return { kind: 'device-lost', detail };
  if (error instanceof MemoryError) return { kind: 'out-of-memory', detail };
  if (error instanceof WeightsError) return { kind: 'weights', detail };
  const kind = PHOTO_PROBLEMS[error.code];
  if (kind) return kind === 'bomb' || kind === 'too-large' ? { kind, detail } : { kind };
  if (error instanceof InputError) return { kind: 'undecodable', detail };
  return { kind: 'internal', detail };
}
