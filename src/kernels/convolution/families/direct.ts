import gatherCode from '../../../../shaders/conv2d_direct.wgsl?raw';
import weightCode from '../../../../shaders/conv2d_weight_gradient_direct.wgsl?raw';
import type { KernelSource } from '../../../gpu/kernel-call';
import { ceilDivide, foldWorkgroups } from '../../dispatch';
import { blocks } from '../../tensor';
import { gatherBindings, gatherParams, gatherWork, outputRows, weightGradientParams } from '../problem';
import { splitWeightGradient } from '../split-sum';
import type { Family } from './family';

const gatherKernel: KernelSource = { name: 'conv2d_direct', code: gatherCode };
const weightKernel: KernelSource = { name: 'conv2d_weight_gradient_direct', code: weightCode };

/** Register tiles of vec4 x mat4x4: every shape, every adapter. */
export const direct: Family = {
  gather(context, problem) {
    const { x, y, gather } = problem;
    const { workgroup } = context.policy;
    const tiles = ceilDivide(gather.qW, 8) * gather.qH;
    const [columns, rows] = foldWorkgroups(context.traits, ceilDivide(tiles, workgroup));
    return [
      {
        kernel: gatherKernel,
        label: context.label,
        constants: { WORKGROUP: workgroup },
        params: gatherParams(problem, { grouped: false, columns }),
        bindings: gatherBindings(problem),
        dispatch: [columns, rows, x.shape[0] * ceilDivide(blocks(y.shape[1]), 2)],
        ...gatherWork(problem),
      },
    ];
  },

  weightGradient(context, problem) {
    const { x, dy, dw, attributes } = problem;
    const { workgroup } = context.policy;
    const [, , kernelH, kernelW] = dw.shape;
    const positions = ceilDivide(blocks(x.shape[1]), 2) * kernelH * kernelW;
    return splitWeightGradient(context, problem, {
      kernel: weightKernel,
      constants: { WORKGROUP: workgroup },
      parts: outputRows(dy),
      copy: [ceilDivide(positions, workgroup), ceilDivide(blocks(dy.shape[1]), 2), 1],
      params: (perSplit) => ({ ...weightGradientParams(problem, perSplit), stride: attributes.stride }),
    });
  },
};
