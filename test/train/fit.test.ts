import { describe, expect, test } from 'vitest';
import type { AdapterTraits } from '../../src/gpu/types';
import { networkConfig } from '../../src/model/config';
import { requireStepFits } from '../../src/train/fit';

const MIB = 2 ** 20;

const withLimit = (bytes: number): AdapterTraits => ({
  vendor: '',
  architecture: '',
  device: '',
  description: '',
  isSoftware: true,
  subgroupSize: 0,
  features: [],
  limits: {
    maxBufferSize: bytes,
    maxStorageBufferBindingSize: bytes,
    maxComputeWorkgroupsPerDimension: 65535,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupStorageSize: 16384,
    maxStorageBuffersPerShaderStage: 8,
  },
});

describe('the largest step that fits', () => {
  const step = { network: networkConfig({ width: 4, globalWidth: 4, globalSize: 32 }), batch: 16, patch: 64 };

  // The largest tensor joins 4 + 4 channels at full size: 16 x 8 x 64 x 64 x 4 bytes are 2 MiB.
  test('is used unchanged', () => {
    expect(() => requireStepFits(withLimit(2 * MIB), step)).not.toThrow();
    expect(() => requireStepFits(withLimit(MIB), { ...step, accumulate: 2 })).not.toThrow();
  });

  test('is named if a step is larger', () => {
    expect(() => requireStepFits(withLimit(2 * MIB - 4), step)).toThrow(
      /16 pairs of 64 x 64 at once needs 2 MiB in one piece \(.+\), but this device binds at most 2 MiB\. The largest that fit: --accumulate 2, or --batch 15, or --patch 48\./,
    );
  });

  test('may not exist', () => {
    expect(() => requireStepFits(withLimit(64), { ...step, batch: 2, patch: 16 })).toThrow(/smaller --width/);
  });
});
