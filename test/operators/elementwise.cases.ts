import { elementwiseForward, elementwiseGradient } from '../../src/kernels/elementwise/calls';
import {
  ELEMENTWISE,
  type ElementwiseName,
  type ElementwiseRow,
  PASSED_ON,
  rowOf,
} from '../../src/kernels/elementwise/table';
import type { Layout, Shape, Tensor } from '../../src/kernels/tensor';
import { activation, gradientCase, weight } from '../graph/gradient-case';
import { type KernelCase, kernelCase } from '../kernels/harness';
import { type Dense, elementwise, get, offset, zeros } from '../reference';
import { randomDense } from '../support/random';
import { expectClose } from '../tolerance';

/** Every row of the table: against its reference, whose derivatives are central differences, and within a graph. */

const SHAPES: readonly [Shape, Layout][] = [
  [[1, 1, 1, 1], 'activation'],
  [[2, 3, 1, 7], 'activation'],
  [[3, 5, 13, 11], 'activation'],
  [[1, 33, 5, 7], 'activation'],
  [[1, 4, 41, 37], 'activation'],
  [[5, 3, 3, 3], 'weight'],
  [[1, 33, 1, 1], 'weight'],
];

/** The shapes that a row takes. */
function shapesOf({ masked, channels }: ElementwiseRow): [Shape, Layout][] {
  return SHAPES.filter(([, layout]) => layout === 'activation' || !(masked || channels)).map(
    ([[n, c, h, w], layout]) => [[n, channels ?? c, h, w], layout],
  );
}

/** Of a pixel's own size, so that it does not cross a kink. */
const STEP = 1e-5;

/** The gradient of sum(dy * y) with respect to one input. */
function derivative(name: ElementwiseName, inputs: readonly Dense[], index: number, dy: Dense): Dense {
  const { reference, example } = rowOf(name);
  const { shape } = dy;
  const result = zeros(shape);
  const [batch, channels, height, width] = shape;
  for (let n = 0; n < batch; n++) {
    for (let h = 0; h < height; h++) {
      for (let w = 0; w < width; w++) {
        const column = (of: Dense) => Array.from({ length: channels }, (_, c) => get(of, n, c, h, w));
        const [pixels, upstream] = [inputs.map(column), column(dy)];
        const at = (c: number, value: number) => {
          const moved = pixels.map((pixel, i) => (i === index ? pixel.with(c, value) : pixel));
          const y = reference(moved, example.attributes ?? {});
          return y.reduce((sum, element, k) => sum + element * upstream[k]!, 0);
        };
        pixels[index]!.forEach((value, c) => {
          const step = STEP * Math.max(Math.abs(value), 1e-3);
          const slope = (at(c, value + step) - at(c, value - step)) / (2 * step);
          const { kink } = example;
          const isKink = kink && index === 0 && value === kink[0];
          result.data[offset(shape, n, c, h, w)] = isKink ? kink[1] * upstream[c]! : slope;
        });
      }
    }
  }
  return result;
}

function oracleCase(name: ElementwiseName, shape: Shape, layout: Layout): KernelCase {
  return kernelCase(`${name} ${layout} ${shape.join('x')}`, async (kernels) => {
    const row = rowOf(name);
    const { low, high, kink, attributes = {}, reduction = 1, terms = 0 } = row.example;
    const inputs = row.inputs.map((_, index) => randomDense(shape, index + 1, low, high));
    if (kink) inputs[0]!.data[0] = kink[0];
    const dy = randomDense(shape, 'dy');
    const differentiated = row.inputs.filter((input) => (row.gradients[input] ?? PASSED_ON) !== PASSED_ON);
    const tensors: Record<string, Tensor<string>> = {
      ...Object.fromEntries(row.inputs.map((key, i) => [key, kernels.input(key, inputs[i]!, layout)])),
      ...Object.fromEntries(
        differentiated.map((key) => [`d${key}`, kernels.output(`d${key}`, shape, layout)]),
      ),
      y: kernels.output('y', shape, layout),
      dy: kernels.input('dy', dy, layout),
    };
    await kernels.run([
      ...elementwiseForward(kernels.context, name, tensors, attributes),
      ...differentiated.flatMap((key) =>
        elementwiseGradient(kernels.context, name, key, tensors, attributes),
      ),
    ]);
    const want = elementwise(name, inputs, attributes);
    expectClose(kernels.read(tensors.y!), want.data, { name: 'y', reduction, terms });
    for (const key of differentiated) {
      const slope = derivative(name, inputs, row.inputs.indexOf(key), dy);
      expectClose(kernels.read(tensors[`d${key}`]!), slope.data, { name: `d${key}`, reduction, terms });
    }
  });
}

/** The row between convolutions of its inputs' neighbours and the loss; inputs without a gradient are constants. */
function rowInGraph(name: ElementwiseName): KernelCase {
  const { inputs, gradients, channels = 5, example } = rowOf(name);
  const shape: Shape = [2, channels, 5, 4];
  const variables = inputs.filter((input) => input in gradients);
  return gradientCase(`${name}, mid-graph`, {
    variables: {
      ...Object.fromEntries(variables.map((input) => [input, activation(...shape)])),
      weights: weight(3, channels, 3, 3),
      target: activation(2, 3, 5, 4),
    },
    ranges: Object.fromEntries(variables.map((input) => [input, [example.low, example.high]])),
    loss(o, v) {
      const given = inputs.map((input) => v[input] ?? randomDense(shape, input, example.low, example.high));
      const y = o.elementwise(name, given, example.attributes ?? {});
      return o.mse(o.conv2d(y, v.weights!, { stride: 1, padding: 1 }), v.target!);
    },
  });
}

export const cases: readonly KernelCase[] = (Object.keys(ELEMENTWISE) as ElementwiseName[]).flatMap(
  (name) => [
    ...shapesOf(rowOf(name)).map(([shape, layout]) => oracleCase(name, shape, layout)),
    rowInGraph(name),
  ],
);
