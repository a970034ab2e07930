import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FoldedNetwork, OpenOpponent, TrainingTask } from '../../src/bench/opponent';
import { InputError } from '../../src/errors';
import { encodeSafetensors } from '../../src/model/safetensors';

/** Threads sleep while waiting; spinning would take cores from the next candidate. */
const PASSIVE = { OMP_WAIT_POLICY: 'PASSIVE', GOMP_SPINCOUNT: '0', KMP_BLOCKTIME: '0' };

/** PyTorch on the processor, in its own process. Node only; its processor time is not part of this process's. */
export const open: OpenOpponent = async () => {
  const python = findPython();
  const first = new Python(python);
  const version = String((await first.ask({ do: 'version' })).version);
  first.end();
  return {
    name: 'pytorch',
    title: 'PyTorch, processor',
    version,
    async forward({ config, weights }: FoldedNetwork, image, size) {
      const child = new Python(python);
      await child.ask({
        ...{ do: 'forward', config, shape: [1, 3, size, size] },
        weights: child.file('weights', encodeSafetensors(weights)),
        image: child.file('image', bytesOf(image)),
      });
      return {
        run: (times) => child.run(times),
        read: () => child.numbers({ do: 'read' }),
        destroy: () => child.end(),
      };
    },
    async training({ config, weights, batch, pairs, size, rate }: TrainingTask) {
      const child = new Python(python);
      await child.ask({
        ...{ do: 'training', config, rate, shape: [pairs, 3, size, size] },
        weights: child.file('weights', encodeSafetensors(weights)),
        input: child.file('input', bytesOf(batch.input)),
        target: child.file('target', bytesOf(batch.target)),
      });
      return {
        run: (times) => child.run(times),
        loss: async () => Number((await child.ask({ do: 'loss' })).loss),
        gradient: (name) => child.numbers({ do: 'gradient', name }),
        destroy: () => child.end(),
      };
    },
  };
};

/** The variable PYTHON overrides the search. @throws InputError if no Python has PyTorch. */
function findPython(): string {
  const candidates = [process.env.PYTHON, 'python3', '/usr/bin/python3'].filter((name) => name !== undefined);
  const found = candidates.find((name) => spawnSync(name, ['-c', 'import torch, numpy']).status === 0);
  if (found !== undefined) return found;
  throw new InputError(
    'pytorch cannot be measured, since no python3 has torch and numpy. Install them, or name a Python that has them: PYTHON=/path/to/python3.',
  );
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

type Answer = Readonly<Record<string, unknown>>;

/** A process of `pytorch.py`. */
class Python {
  readonly #folder = mkdtempSync(join(tmpdir(), 'glocal-pytorch-'));
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  constructor(python: string) {
    // This module runs bundled, in a folder beside the script.
    const script = fileURLToPath(new URL('../pytorch.py', import.meta.url));
    this.#child = spawn(python, [script], { env: { ...process.env, ...PASSIVE } });
    this.#child.stderr.pipe(process.stderr);
    this.#answers = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  async ask(task: Answer): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(task)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('The process of PyTorch ended.');
    return JSON.parse(value) as Answer;
  }

  async run(times: number): Promise<void> {
    await this.ask({ do: 'run', times });
  }

  async numbers(task: Answer): Promise<Float32Array> {
    const to = join(this.#folder, 'numbers');
    await this.ask({ ...task, to });
    const bytes = readFileSync(to);
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  }

  file(name: string, content: Uint8Array): string {
    const path = join(this.#folder, name);
    writeFileSync(path, content);
    return path;
  }

  end(): void {
    this.#child.stdin.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
