/**
 * The elementwise operators, one row each. A row defines an operator completely: its shader is the frame
 * `shaders/elementwise.wgsl` with the row's formulas, and its graph node and tests are generated from it.
 *
 * A formula is WGSL on vec4f. It reads inputs by name and attributes as `p.name`; a gradient also reads `y`, the
 * output, and `dy`. If it needs several lines, all but the last are statements. `select(no, yes, condition)`
 * evaluates both sides, so both must be finite.
 */

/** WGSL of one result, and its floating-point operations per element. */
export interface Formula {
  readonly wgsl: string | readonly string[];
  readonly flops: number;
}

/** A condition on an attribute. */
interface Requirement {
  holds(value: number): boolean;
  readonly text: string;
}

/** The channels of one pixel, which a formula may mix. */
export type Pixel = readonly number[];

/** Test data for a row: inputs drawn from `low` to `high`, compared with the reference in float64. */
export interface Example {
  readonly low: number;
  readonly high: number;
  readonly attributes?: Readonly<Record<string, number>>;
  /** An input with two derivatives, and the one to use: [input, derivative] of the first input. */
  readonly kink?: readonly [input: number, derivative: number];
  /** Rounding errors of the formula, as terms of a sum; see `test/tolerance.ts`. Default: 1. */
  readonly reduction?: number;
  /** Magnitude of cancelling terms in the formula. */
  readonly terms?: number;
}

export interface ElementwiseRow {
  readonly inputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Requirement>>;
  readonly forward: Formula;
  /** The gradient of each differentiable input; `PASSED_ON` if it equals the output's. */
  readonly gradients: Readonly<Record<string, Formula | typeof PASSED_ON>>;
  /** The formula of zeros is not zero, so padding must be set to zero again; activations only. */
  readonly masked?: true;
  /** The formula mixes the channels of a pixel, of which there are this many; activations only. */
  readonly channels?: number;
  /** The formula in float64, for tests. */
  readonly reference: (inputs: readonly Pixel[], attributes: Readonly<Record<string, number>>) => Pixel;
  readonly example: Example;
}

export const PASSED_ON = 'dy';

const free: Requirement = { holds: Number.isFinite, text: 'must be finite' };
const positive: Requirement = { holds: (value) => value > 0, text: 'must be positive' };
const belowOne: Requirement = { holds: (value) => value < 1, text: 'must be below 1' };

/** A reference that treats every channel alike. */
const each =
  (value: (inputs: readonly number[], attributes: Readonly<Record<string, number>>) => number) =>
  (inputs: readonly Pixel[], attributes: Readonly<Record<string, number>>): Pixel =>
    inputs[0]!.map((_, channel) =>
      value(
        inputs.map((pixel) => pixel[channel]!),
        attributes,
      ),
    );

/** Weight of the prediction at a pixel: how far its brightest channel is between the threshold and white. */
const CLIPPED = 'clamp((max(max(photo.x, photo.y), photo.z) - p.threshold) / (1.0 - p.threshold), 0.0, 1.0)';

export const ELEMENTWISE = {
  /** y = a + b. */
  add: {
    inputs: ['a', 'b'],
    forward: { wgsl: 'a + b', flops: 1 },
    gradients: { a: PASSED_ON, b: PASSED_ON },
    reference: each(([a, b]) => a! + b!),
    example: { low: -1, high: 1 },
  },

  /** y = x where x is positive, else exp(x) - 1: Clevert et al. 2016, "Fast and accurate deep network learning by ELUs". */
  elu: {
    inputs: ['x'],
    forward: { wgsl: 'select(exp(x) - 1.0, x, x >= vec4f())', flops: 2 },
    gradients: { x: { wgsl: 'dy * (1.0 + min(y, vec4f()))', flops: 3 } },
    reference: each(([x]) => (x! > 0 ? x! : Math.expm1(x!))),
    example: { low: -3, high: 3 },
  },

  /**
   * A photo in [0, 1] as linear light: (1 - a) photo^2 + a max(exp(prediction) - offset, 0), where a rises from 0 to 1
   * as the brightest channel goes from the threshold to 1. The photo gets no gradient. Eilertsen et al. 2017, "HDR
   * image reconstruction from a single exposure using deep CNNs", eq. 1 and 2, with a square root for the camera's curve.
   */
  hdrBlend: {
    inputs: ['photo', 'prediction'],
    attributes: { threshold: belowOne, offset: free },
    channels: 3,
    forward: {
      wgsl: [
        `let share = ${CLIPPED};`,
        'let predicted = max(exp(prediction.xyz) - p.offset, vec3f());',
        'vec4f((1.0 - share) * photo.xyz * photo.xyz + share * predicted, 0.0)',
      ],
      flops: 8,
    },
    gradients: {
      prediction: {
        wgsl: [
          'let light = exp(prediction.xyz);',
          `let slope = select(vec3f(), ${CLIPPED} * light, light > vec3f(p.offset));`,
          'vec4f(dy.xyz * slope, 0.0)',
        ],
        flops: 6,
      },
    },
    reference: ([photo, prediction], { threshold = 0, offset = 0 }) => {
      const share = Math.min(Math.max((Math.max(...photo!) - threshold) / (1 - threshold), 0), 1);
      return photo!.map(
        (value, c) => (1 - share) * value ** 2 + share * Math.max(Math.exp(prediction![c]!) - offset, 0),
      );
    },
    // The weight is a small difference, scaled up by 1 / (1 - threshold).
    example: {
      ...{ low: 0.3, high: 1, attributes: { threshold: 0.5, offset: 1.5 } },
      ...{ reduction: 4, terms: 3 },
    },
  },

  /** y = ln(scale x + offset). */
  log: {
    inputs: ['x'],
    attributes: { scale: free, offset: positive },
    masked: true,
    forward: { wgsl: 'log(p.scale * x + p.offset)', flops: 4 },
    gradients: { x: { wgsl: 'dy * p.scale / (p.scale * x + p.offset)', flops: 6 } },
    reference: each(([x], { scale, offset }) => Math.log(scale! * x! + offset!)),
    example: { low: 0, high: 300, attributes: { scale: 1 / 255, offset: 1 / 255 }, reduction: 4, terms: 1 },
  },

  /** y = ln((scale x)^2 + offset). */
  logSquare: {
    inputs: ['x'],
    attributes: { scale: free, offset: positive },
    masked: true,
    forward: { wgsl: ['let scaled = p.scale * x;', 'log(scaled * scaled + p.offset)'], flops: 4 },
    gradients: {
      x: {
        wgsl: [
          'let scaled = p.scale * x;',
          'let slope = 2.0 * p.scale * scaled;',
          'dy * slope / (scaled * scaled + p.offset)',
        ],
        flops: 6,
      },
    },
    reference: each(([x], { scale, offset }) => Math.log((scale! * x!) ** 2 + offset!)),
    example: {
      low: -300,
      high: 300,
      attributes: { scale: 1 / 255, offset: 1 / 255 },
      reduction: 4,
      terms: 1,
    },
  },

  /** y = factor x^exponent where x is positive, else 0. The smallest base keeps the logarithm within pow finite. */
  power: {
    inputs: ['x'],
    attributes: { exponent: positive, factor: free },
    forward: {
      wgsl: [
        'let base = max(x, vec4f(1.0e-30));',
        'select(vec4f(), p.factor * pow(base, vec4f(p.exponent)), x > vec4f())',
      ],
      flops: 2,
    },
    gradients: {
      x: {
        wgsl: [
          'let base = max(x, vec4f(1.0e-30));',
          'let slope = p.factor * p.exponent * pow(base, vec4f(p.exponent - 1.0));',
          'select(vec4f(), dy * slope, x > vec4f())',
        ],
        flops: 3,
      },
    },
    reference: each(([x], { exponent, factor }) => (x! > 0 ? factor! * x! ** exponent! : 0)),
    example: {
      ...{ low: -1, high: 20, attributes: { exponent: 1 / 2.2, factor: 1 / 30 } },
      ...{ kink: [0, 0], reduction: 4 },
    },
  },

  /** y = max(x, 0). */
  relu: {
    inputs: ['x'],
    forward: { wgsl: 'max(x, vec4f())', flops: 1 },
    gradients: { x: { wgsl: 'select(vec4f(), dy, y > vec4f())', flops: 1 } },
    reference: each(([x]) => Math.max(x!, 0)),
    example: { low: -1, high: 1, kink: [0, 0] },
  },

  /** y = sqrt(x + offset), where x + offset is not negative. */
  sqrt: {
    inputs: ['x'],
    attributes: { offset: positive },
    masked: true,
    forward: { wgsl: 'sqrt(x + p.offset)', flops: 2 },
    gradients: { x: { wgsl: 'dy * 0.5 / sqrt(x + p.offset)', flops: 4 } },
    reference: each(([x], { offset }) => Math.sqrt(x! + offset!)),
    example: { low: -0.5, high: 9, attributes: { offset: 1 }, reduction: 4 },
  },

  /** y = a - b. */
  subtract: {
    inputs: ['a', 'b'],
    forward: { wgsl: 'a - b', flops: 1 },
    gradients: { a: PASSED_ON, b: { wgsl: '-dy', flops: 1 } },
    reference: each(([a, b]) => a! - b!),
    example: { low: -1, high: 1 },
  },

  /** y = a + b + a b. */
  sumProduct: {
    inputs: ['a', 'b'],
    forward: { wgsl: 'a + b + a * b', flops: 3 },
    gradients: { a: { wgsl: 'dy * (1.0 + b)', flops: 2 }, b: { wgsl: 'dy * (1.0 + a)', flops: 2 } },
    reference: each(([a, b]) => (1 + a!) * (1 + b!) - 1),
    example: { low: -1, high: 1, reduction: 2, terms: 1 },
  },

  /** y = tanh(x). */
  tanh: {
    inputs: ['x'],
    forward: { wgsl: 'tanh(x)', flops: 4 },
    gradients: { x: { wgsl: 'dy * (1.0 - y * y)', flops: 3 } },
    reference: each(([x]) => Math.tanh(x!)),
    example: { low: -3, high: 3, reduction: 4, terms: 1 },
  },
} as const satisfies Readonly<Record<string, ElementwiseRow>>;

export type ElementwiseName = keyof typeof ELEMENTWISE;

/** A row without its specific type. */
export const rowOf = (name: ElementwiseName): ElementwiseRow => ELEMENTWISE[name];

/**
 * The inputs, and `y`, that a gradient's formula reads besides `dy`; a name after a dot is a component or attribute.
 */
export function readBy({ wgsl }: Formula, { inputs }: ElementwiseRow): string[] {
  const text = [wgsl].flat().join('\n');
  return [...inputs, 'y'].filter((name) => new RegExp(`(?<![.\\w])${name}\\b`).test(text));
}
