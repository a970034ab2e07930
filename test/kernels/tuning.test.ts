import { describe, expect, test } from 'vitest';
import type { AdapterTraits } from '../../src/gpu/types';
import { policyFor } from '../../src/kernels/policy';
import { decodeTuning, encodeTuning } from '../../src/kernels/tuning';

const traits = {
  vendor: 'mesa',
  architecture: '',
  device: '',
  description: 'llvmpipe 25.0',
  isSoftware: true,
  subgroupSize: 8,
} as AdapterTraits;
const policy = { ...policyFor(traits), weightGradientWorkgroups: 77 };
const json = encodeTuning({ policy, date: '2026-01-02T03:04:05.000Z' }, traits);
const changed = (change: (content: Record<string, unknown>) => void): string => {
  const content = JSON.parse(json);
  change(content);
  return JSON.stringify(content);
};

describe('kernel tuning', () => {
  test('is read back as written', () => {
    expect(decodeTuning(json, traits, 'file')).toEqual({ policy, date: '2026-01-02T03:04:05.000Z' });
  });

  test.each([
    ['damaged', json.slice(0, -9)],
    ['damaged', 'null'],
    ['damaged', changed((content) => delete content.date)],
    ['damaged', changed((content) => delete content.policy)],
    ['damaged', changed(({ policy }) => delete (policy as Record<string, unknown>).streaming)],
    ['damaged', changed(({ policy }) => Object.assign(policy as object, { more: 1 }))],
    ['damaged', changed(({ policy }) => Object.assign(policy as object, { gather: ['magic'] }))],
    ['damaged', changed(({ policy }) => Object.assign(policy as object, { workgroup: 0.5 }))],
    ['of another version of glocal', changed((content) => Object.assign(content, { format: 0 }))],
    ['of another adapter or driver', changed((content) => Object.assign(content, { adapter: 'other' }))],
  ])('that is %s is refused in one sentence', (what, text) => {
    expect(() => decodeTuning(text, traits, 'file')).toThrow(
      `The kernel tuning file is ${what}. Measure again: glocal bench tune`,
    );
  });

  test('of another driver version is not used', () => {
    const updated = { ...traits, description: 'llvmpipe 25.1' };
    expect(() => decodeTuning(json, updated, 'file')).toThrow(/another adapter or driver/);
  });
});
