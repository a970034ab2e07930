/** A device feature that kernels may need. */
export type KernelFeature = 'subgroups' | 'shader-f16' | 'timestamp-query';

/** The text of one file of `shaders/`, which of its entry points is meant, and the device features its WGSL needs. */
export interface KernelSource {
  readonly name: string;
  readonly code: string;
  /** Absent: the file has only one. */
  readonly entryPoint?: string;
  readonly features?: readonly KernelFeature[];
}

/** How the values of tensors are stored. Sums and products are f32 in either case. */
export type Precision = 'f32' | 'f16';

/**
 * One dispatch as plain data. `B` names a buffer: a planner's slot while a graph is compiled, a GPUBuffer in
 * the end. A kernel never allocates and never reads back.
 */
export interface KernelCall<B> {
  readonly kernel: KernelSource;
  /** Names the dispatch in messages and profiles: `conv2d/local.0.conv1`. */
  readonly label: string;
  /** Values for `const NAME: T = ...;` lines of the shader's marked block. An unknown name is an error. */
  readonly constants: Readonly<Record<string, number>>;
  /** How the tensors it reads and writes are stored; f32 when absent. See `stored-type.ts`. */
  readonly precision?: Precision;
  /** Values of the shader's `struct Params`, the uniform block at @group(0) @binding(0), by name; see `params.ts`. */
  readonly params: Readonly<Record<string, number>>;
  /** Storage buffers at @binding(1), @binding(2), ... in order. */
  readonly bindings: readonly B[];
  /** Workgroups in x, y, z. */
  readonly dispatch: readonly [number, number, number];
  /** The least work of the operation: floating-point operations, and bytes read plus written. */
  readonly flops: number;
  readonly bytes: number;
}
