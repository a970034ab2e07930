import type { Lowered, Value } from './lower';
import { type Lifetime, planBuffers } from './plan';

/** Memory of a program in bytes. */
export interface ProgramMemory {
  /** Intermediate tensors and scratch, with shared buffers. */
  readonly planned: number;
  /** The same if each had its own buffer. */
  readonly naive: number;
  /** Variables and inputs. */
  readonly variables: number;
}

interface Assignment {
  /** The buffers to create. */
  readonly sizes: readonly { readonly bytes: number; readonly label: string }[];
  /** For each value, the index of its buffer, or of the buffer it lies in. */
  readonly bufferOf: readonly number[];
  readonly memory: ProgramMemory;
}

/** Resident values get a buffer each; the others share according to the plan. */
export function assignBuffers({ calls, values }: Lowered): Assignment {
  const transient = values.flatMap((value, index) => (value.resident || value.within ? [] : [index]));
  const lifetimes = lifetimesOf(calls, values);
  const plan = planBuffers(transient.map((index) => lifetimes[index]!));
  const sizes = plan.buffers.map((bytes, index) => ({ bytes, label: `shared ${index}` }));
  const bufferOf = new Array<number>(values.length);
  transient.forEach((index, order) => {
    bufferOf[index] = plan.assignment[order]!;
  });
  const memory = { planned: sum(plan.buffers), naive: 0, variables: 0 };
  values.forEach((value, index) => {
    if (value.within) {
      bufferOf[index] = bufferOf[value.within.value]!;
      return;
    }
    const bytes = align16(value.bytes);
    const computed = value.tensor === undefined || value.tensor.kind === 'intermediate';
    if (computed) memory.naive += bytes;
    else memory.variables += bytes;
    if (!value.resident) return;
    if (computed) memory.planned += bytes;
    bufferOf[index] = sizes.push({ bytes, label: value.description }) - 1;
  });
  return { sizes, bufferOf, memory };
}

/** From the first to the last call that binds a value. Values without calls need no memory. */
function lifetimesOf(calls: Lowered['calls'], values: readonly Value[]): Lifetime[] {
  const lifetimes = values.map(({ bytes }) => ({ bytes: align16(bytes), first: 0, last: -1 }));
  calls.forEach(({ bindings }, time) => {
    for (const index of bindings) {
      const lifetime = lifetimes[values[index]!.within?.value ?? index]!;
      if (lifetime.last < 0) lifetime.first = time;
      lifetime.last = time;
    }
  });
  return lifetimes;
}

/** Rounded up to whole vec4. */
export const align16 = (bytes: number): number => Math.ceil(bytes / 16) * 16;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
