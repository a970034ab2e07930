import { MAP_SIZE } from '../../kernels/bilateral-slice';
import type { Layer } from '../layers';
import type { BilateralConfig } from './config';

/** The global encoder halves the features down to this side; a convolution without padding then reduces them to 1x1. */
const LAST_GLOBAL_SIDE = 4;

/** 3x3, padding 1, batch norm and ReLU. */
const convolution = (name: string, inputs: number, outputs: number, stride = 1): Layer => ({
  name: `${name}.conv`,
  norm: `${name}.bn`,
  transposed: false,
  inputs,
  outputs,
  kernel: 3,
  stride,
  padding: 1,
});

/** 1x1, with a bias instead of batch norm. */
const pointwise = (name: string, inputs: number, outputs: number): Layer => ({
  name,
  transposed: false,
  inputs,
  outputs,
  kernel: 1,
  stride: 1,
  padding: 0,
});

/** Channels of the local and of the global features. */
const features = ({ width }: BilateralConfig): number => 4 * width;

/** From the view to features at the grid's resolution. The last layer has no batch norm. */
export function localLayers(config: BilateralConfig): Layer[] {
  const { width, viewSize, gridSize } = config;
  const deep = features(config);
  return [
    convolution('local.0', 3, width, 2),
    convolution('local.1', width, 2 * width, 2),
    convolution('local.2', 2 * width, 2 * width),
    convolution('local.3', 2 * width, deep, viewSize / gridSize / 4),
    convolution('local.4', deep, deep),
    convolution('local.5', deep, deep),
    { ...pointwise('local.6', deep, deep), kernel: 3, padding: 1 },
  ];
}

/** The global encoder branches off after this many layers of the local one. */
export const SHARED_LAYERS = 5;

/**
 * From the local features to one vector per photo. The last two layers have no batch norm: it would normalise over a
 * single value per photo.
 */
export function globalLayers(config: BilateralConfig): Layer[] {
  const deep = features(config);
  const halvings = Math.log2(config.gridSize / LAST_GLOBAL_SIDE);
  return [
    ...Array.from({ length: halvings }, (_, k) => convolution(`global.${k}`, deep, deep, 2)),
    { ...pointwise(`global.${halvings}`, deep, deep), kernel: LAST_GLOBAL_SIDE },
    pointwise(`global.${halvings + 1}`, deep, deep),
  ];
}

/** From the joined features to the grid. */
export const headLayer = (config: BilateralConfig): Layer =>
  pointwise('head', features(config), MAP_SIZE * config.levels);

/** From a pixel's colour to its position along the grid's levels. */
export const guideLayers = ({ guideWidth }: BilateralConfig): Layer[] => [
  pointwise('guide.0', 3, guideWidth),
  pointwise('guide.1', guideWidth, 1),
];

/** All layers, in forward order. */
export function bilateralLayers(config: BilateralConfig): Layer[] {
  return [...localLayers(config), ...globalLayers(config), headLayer(config), ...guideLayers(config)];
}
