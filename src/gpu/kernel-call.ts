/** A device feature that kernels may need. */
export type KernelFeature = 'subgroups' | 'shader-f16' | 'timestamp-query';

/** The text of a file in `shaders/`, an entry point, and the device features that its WGSL needs. */
export interface KernelSource {
  readonly name: string;
  readonly code: string;
  /** Absent: the only one in the file. */
  readonly entryPoint?: string;
  readonly features?: readonly KernelFeature[];
}

/**
 * `f16`: tensors are stored in half precision, and computed in f32. `f16-arithmetic`: convolutions also multiply in f16,
 * and add up to 12 products before they continue in f32.
 */
export const PRECISIONS = ['f32', 'f16', 'f16-arithmetic'] as const;
export type Precision = (typeof PRECISIONS)[number];

/**
 * One dispatch as plain data. `B` identifies a buffer: a slot of the memory plan during compilation, finally a
 * GPUBuffer. A kernel never allocates and never reads back.
 */
export interface KernelCall<B> {
  readonly kernel: KernelSource;
  /** Identifies the dispatch in messages and profiles: `conv2d/local.0.conv1`. */
  readonly label: string;
  /** Values for `const NAME: T = ...;` lines in the shader's marked block. Unknown names are errors. */
  readonly constants: Readonly<Record<string, number>>;
  /** Of its tensors and arithmetic; default: f32. See `half-precision.ts`. */
  readonly precision?: Precision;
  /** Values of the shader's `struct Params`, the uniform block at @group(0) @binding(0), by name; see `params.ts`. */
  readonly params: Readonly<Record<string, number>>;
  /** Storage buffers at @binding(1), @binding(2), ... in order. */
  readonly bindings: readonly B[];
  /** Workgroups in x, y, z. */
  readonly dispatch: readonly [number, number, number];
  /** Minimal work of the operation: floating-point operations, and bytes read plus written. */
  readonly flops: number;
  readonly bytes: number;
}
