import { InputError } from '../errors';
import type { AdapterTraits } from '../gpu/types';
import { CONVOLUTION_FAMILIES, type KernelPolicy, policyFor } from './policy';

/** Increased when older files would be misread. */
const FORMAT = 2;

/** The policy that `glocal bench tune` found for an adapter. */
export interface Tuning {
  readonly policy: KernelPolicy;
  /** ISO 8601. */
  readonly date: string;
}

/** Identifies an adapter, including the version of its driver if known. */
export function adapterKey(traits: AdapterTraits): string {
  const { vendor, architecture, device, description, subgroupSize } = traits;
  return [vendor, architecture, device, description, `subgroup ${subgroupSize}`].join(' / ');
}

/** A tuning as JSON. */
export function encodeTuning({ policy, date }: Tuning, traits: AdapterTraits): string {
  return `${JSON.stringify({ format: FORMAT, adapter: adapterKey(traits), date, policy }, null, 2)}\n`;
}

/**
 * Parses the output of `encodeTuning`.
 *
 * @param name how messages refer to it.
 * @throws {InputError} when it is damaged, or for another version or adapter.
 */
export function decodeTuning(json: string, traits: AdapterTraits, name: string): Tuning {
  const refuse = (what: string) =>
    new InputError(`The kernel tuning ${name} ${what}. Measure again: glocal bench tune`);
  let content: Record<string, unknown>;
  try {
    content = Object(JSON.parse(json)) as Record<string, unknown>;
  } catch {
    throw refuse('is damaged');
  }
  const { format, adapter, date, policy } = content;
  if (typeof format === 'number' && format !== FORMAT) throw refuse('is of another version of glocal');
  if (format !== FORMAT || typeof date !== 'string') throw refuse('is damaged');
  if (adapter !== adapterKey(traits)) throw refuse('is of another adapter or driver');
  if (!hasForm(policy, policyFor(traits))) throw refuse('is damaged');
  return { policy: policy as KernelPolicy, date };
}

/** Whether a value has the same keys as the model, with integers and family names in the same places. */
function hasForm(value: unknown, model: unknown): boolean {
  if (typeof model === 'number') return Number.isInteger(value) && (value as number) >= 0;
  if (Array.isArray(model)) {
    return Array.isArray(value) && value.every((item) => CONVOLUTION_FAMILIES.includes(item));
  }
  if (typeof model !== 'object' || model === null) return typeof value === typeof model;
  if (typeof value !== 'object' || value === null) return false;
  const fields = Object.entries(model);
  return (
    Object.keys(value).length === fields.length &&
    fields.every(([key, part]) => hasForm((value as Record<string, unknown>)[key], part))
  );
}
