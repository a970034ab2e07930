import * as ort from 'onnxruntime-web';
import { Random } from '../../src/random';

/** 8-bit sRGB, three channels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface RuntimeModel {
  run(picture: Picture, strength: number): Promise<Uint8Array>;
  release(): Promise<void>;
}

/** An exported model in ONNX Runtime's WebAssembly, on one thread that does not spin. */
export async function openInRuntime(bytes: Uint8Array): Promise<RuntimeModel> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  return {
    async run({ width, height, data }, strength) {
      const { enhanced } = await session.run({
        photo: new ort.Tensor('uint8', data, [1, height, width, 3]),
        strength: new ort.Tensor('float32', [strength], []),
      });
      return enhanced!.data as Uint8Array;
    },
    release: () => session.release(),
  };
}

/** A dark picture: a slope with noise, other colours at other places, some pixels black and some white. */
export function noisyPicture(width: number, height: number): Picture {
  const random = new Random(`${width} x ${height}`);
  const data = Uint8Array.from({ length: 3 * width * height }, (_, k) => {
    const [x, y] = [Math.floor(k / 3) % width, Math.floor(k / 3 / width)];
    const slope = (90 * (k % 3 === 0 ? x / width : y / height)) ** 1.1;
    return Math.min(255, slope + 120 * random.uniform() ** 3);
  });
  if (width * height > 16) {
    data.fill(0, 3, 9);
    data.fill(255, 12, 18);
  }
  return { width, height, data };
}

/** How far results agree, number by number. */
export class Agreement {
  #count = 0;
  #equal = 0;
  #changed = 0;
  #sum = 0;
  largest = 0;

  /** @param before the picture that both started from. */
  add(ours: ArrayLike<number>, theirs: ArrayLike<number>, before: ArrayLike<number>): void {
    if (ours.length !== theirs.length) throw new Error(`${ours.length} numbers against ${theirs.length}.`);
    for (let k = 0; k < ours.length; k++) {
      const difference = Math.abs(ours[k]! - theirs[k]!);
      this.#count++;
      this.#sum += difference;
      this.#equal += Number(difference === 0);
      this.#changed += Number(ours[k] !== before[k]);
      this.largest = Math.max(this.largest, difference);
    }
  }

  /** Of the numbers that are equal. */
  get share(): number {
    return this.#equal / this.#count;
  }

  /** Of the numbers that ours changed. */
  get changed(): number {
    return this.#changed / this.#count;
  }

  /** Difference in levels. */
  get mean(): number {
    return this.#sum / this.#count;
  }
}
