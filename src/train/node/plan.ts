import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { listBundledScenes } from '../../data/node/bundled-scenes';
import { changedScenes, digestScenes } from '../../data/node/scene-digest';
import type { SceneFile } from '../../data/node/scene-file';
import { listPhotos, listScenes } from '../../data/node/scenes';
import { splitScenes } from '../../data/split';
import {
  DEFAULT_SYNTHESIS,
  FINISHED,
  PHOTOS,
  REAL_WORLD,
  type SynthesisConfig,
  type TargetName,
  targetSynthesis,
} from '../../data/synthesis-config';
import { DEFAULT_VALIDATION_COUNT, DEFAULT_VALIDATION_SIZE } from '../../data/validation-set';
import { InputError, WeightsError } from '../../errors';
import { bilateralConfig } from '../../model/bilateral/config';
import { type NetworkConfig, PRESETS, type PresetName } from '../../model/config';
import { describeModel, type ModelConfig } from '../../model/model-config';
import type { LossName } from '../../model/trainable';
import { decodeWeights, type Weights } from '../../model/weights';
import { widening, widenWeights } from '../../model/widen';
import { type Checkpoint, initialCheckpoint } from '../checkpoint';
import { checkRunConfig, differences, type RunConfig, requireSameConfig } from '../config';
import type { Schedule } from '../schedule';
import { extendRecord, readRecipe, type ScheduleRequest } from './recipe';
import type { RunFolder } from './run-folder';
import type { RunRecord } from './run-record';

/** The user's options for a run. Those left out come from the resumed run, or from the defaults. */
export interface PlanRequest extends ScheduleRequest {
  readonly data?: string;
  readonly resume: boolean;
  /** The run whose recipe supplies everything not given otherwise: its `config.json`, or its folder. */
  readonly recipe?: string;
  /** A weight file to start from, and its name for messages. */
  readonly from?: { readonly name: string; readonly bytes: Uint8Array };
  readonly network?: ModelConfig['kind'];
  readonly upsampling?: NetworkConfig['upsampling'];
  /** Defaults for a new run. */
  readonly preset?: PresetName;
  readonly width?: number;
  readonly globalWidth?: number;
  readonly globalEncoder?: boolean;
  /** Cells along each side of the bilateral grid. */
  readonly grid?: number;
  readonly exposure?: readonly [number, number];
  readonly finished?: number;
  /** A folder of finished photos, and their share of the pairs. */
  readonly photos?: string;
  readonly photoShare?: number;
  readonly degrade?: boolean;
  readonly target?: TargetName;
  readonly patch?: number;
  readonly batch?: number;
  readonly accumulate?: number;
  readonly statistics?: number;
  readonly loss?: LossName;
  readonly seed?: number;
  readonly validationPairs?: number;
}

/** A run that is ready to execute. */
export interface Plan {
  readonly record: RunRecord;
  readonly training: readonly SceneFile[];
  readonly validation: readonly SceneFile[];
  /** Continues the run in the folder, from its checkpoint or, before the first one, from the start. */
  readonly resumes: boolean;
  /** The state to start from: a checkpoint when resuming, or given weights. */
  readonly checkpoint: Checkpoint | undefined;
  /** The run comes from a version that stored no hashes of checkpoints or files. */
  readonly isUnhashed: boolean;
  /** How many times wider the network is than the given weights. Absent: equally wide. */
  readonly widened?: number;
  /** For a run with another run's recipe: whether scenes, photos or their files differ, and with them the numbers. */
  readonly otherScenes?: boolean;
}

/** The paper trains for 500 epochs of 51 batches, on patches of this side. */
const PAPER_STEPS = 500 * 51;
const PAPER_PATCH = 256;

const DEFAULT_PHOTO_SHARE = 0.35;

/** Batches for measuring the batch-norm statistics at the end; shorter runs use all of theirs. */
const DEFAULT_STATISTICS = 50;

/** Fixes the validation pairs of every run, whatever its seed, so that runs on the same scenes are comparable. */
const VALIDATION_SEED = 1;

/**
 * Determines configuration, scenes and checkpoint, without writing anything.
 *
 * @throws InputError for invalid options, missing data, and an output folder that already holds a run (without
 * `resume`) or holds none (with it); WeightsError if the options differ from the run to resume.
 */
export async function planTraining(request: PlanRequest, folder: RunFolder): Promise<Plan> {
  const there = folder.record();
  if (there && !request.resume) throw folder.occupied();
  if (!there && request.resume) {
    throw new InputError(`${folder.path} has no run to resume. Omit --resume to begin one.`);
  }
  const old = there && extendRecord(there, request, folder);
  const recipe = recipeOf(request);
  const basis = old ?? recipe;
  const data = request.data === undefined ? basis?.data : resolve(request.data);
  const scenes = data === undefined ? await listBundledScenes() : await listScenes(data);
  const split = splitScenes(scenes);
  const photoFolder = request.photos === undefined ? basis?.photos : resolve(request.photos);
  const photos = photoFolder === undefined ? [] : await listPhotos(photoFolder, folder.path);
  const names = (files: readonly SceneFile[]) => files.map(({ name }) => name).sort();
  const given = request.from && decodeGiven(request.from);
  const config = {
    ...settle(request, basis?.config, given, photos.length),
    scenes: {
      train: names(split.training),
      validation: names(split.validation),
      ...(photos.length > 0 && { photos: names(photos) }),
    },
  };
  checkRunConfig(config);
  if (old) requireSameConfig(`The run in ${folder.path}`, old.config, config);
  const start = given && grown(given, config);
  if (start) requireSameNetwork(start, config.network);
  const files = [...scenes, ...photos];
  const digests = await digestScenes(files, old?.digests);
  if (old?.digests) requireSameFiles(folder, changedScenes(old.digests, digests));
  const record = {
    config,
    ...optional('data', data),
    ...optional('photos', photoFolder),
    digests: old?.digests ?? digests,
  };
  const checkpoint = old ? folder.latest(config) : start && initialCheckpoint(start.state, config);
  const { training, validation } = split;
  return {
    record,
    training: [...training, ...photos],
    validation,
    resumes: old !== undefined,
    checkpoint,
    isUnhashed: old !== undefined && (old.digests === undefined || checkpoint?.isUnhashed === true),
    ...optional('widened', start?.widened),
    ...(recipe && { otherScenes: otherScenes(recipe, record) }),
  };
}

/** @throws {InputError} for options that contradict a recipe, or are required with it. */
function recipeOf({ recipe, resume, preset, from }: PlanRequest): RunRecord | undefined {
  if (recipe === undefined) return undefined;
  if (resume)
    throw usage('--recipe is for a new run; with --resume a run has its own. Leave one of them out.');
  if (preset) throw usage('--recipe and --preset both say how to train. Leave one of them out.');
  const record = readRecipe(recipe);
  if (record.config.from !== undefined && !from) {
    throw usage(
      `The run of ${recipe} started from weights (SHA-256 ${record.config.from.slice(0, 12)}...). Name their file with --from.`,
    );
  }
  return record;
}

const usage = (message: string): InputError => new InputError(message, { code: 'invalid-option' });

function otherScenes(recipe: RunRecord, { config, digests = {} }: RunRecord): boolean {
  const isOther = differences(recipe.config.scenes, config.scenes).length > 0;
  return isOther || changedScenes(recipe.digests ?? {}, digests).length > 0;
}

/** Resuming with other pictures under the old names would be a different run. */
function requireSameFiles({ path }: RunFolder, changed: readonly string[]): void {
  if (changed.length === 0) return;
  const more = changed.length > 5 ? ` and ${changed.length - 5} more` : '';
  throw new WeightsError(
    `The run in ${path} was begun with other files under the names ${changed.slice(0, 5).join(', ')}${more}; ` +
      'nothing was changed. Restore the old files, or start a new run in another folder.',
  );
}

/** The weights given to start from, with their name and hash. */
interface Given extends Weights {
  readonly widened?: number;
  readonly name: string;
  readonly hash: string;
}

function decodeGiven({ name, bytes }: NonNullable<PlanRequest['from']>): Given {
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { ...decodeWeights(bytes, name), name, hash };
}

/** The given weights or, if the network is a multiple as wide, wider weights that compute the same function. */
function grown(given: Given, { network, seed }: Pick<RunConfig, 'network' | 'seed'>): Given {
  const { config, state } = given;
  if (config.kind !== 'local-global' || network.kind !== 'local-global') return given;
  const factor = widening(config, network);
  if (factor === undefined) return given;
  const { width, globalWidth } = network;
  return {
    ...given,
    widened: factor,
    config: { ...config, width, globalWidth },
    state: widenWeights(state, config, { factor, seed }),
  };
}

/** Weights also fit a network that differs only in how training constrains its kernels. */
function requireSameNetwork({ name, config }: Given, network: ModelConfig): void {
  const upsampling = network.kind === 'local-global' && { upsampling: network.upsampling };
  const found = differences({ ...config, ...upsampling }, network, 'network');
  if (found.length === 0) return;
  throw new WeightsError(
    `${name} belongs to another network, so training cannot start from it:\n  ${found.join('\n  ')}\n` +
      'Leave the options of the network out, or start without --from. A wider network can start from a narrower one if ' +
      'both its widths are the same whole number of times as large.',
  );
}

/** The configuration except the scenes. Precedence: options, then the old run, then the defaults. */
function settle(
  request: PlanRequest,
  old: RunConfig | undefined,
  given: Given | undefined,
  photoCount: number,
): Omit<RunConfig, 'scenes'> {
  const from = given?.hash ?? old?.from;
  const isPaper = request.preset === 'paper';
  const schedule: Schedule = old?.schedule ?? {
    rate: 0.002,
    warmup: 50,
    steps: isPaper ? PAPER_STEPS : 1000,
  };
  const synthesis = old?.synthesis ?? { ...DEFAULT_SYNTHESIS, ...(isPaper && { patch: PAPER_PATCH }) };
  const network = settleNetwork(request, old?.network ?? given?.config);
  return {
    network,
    ...(from !== undefined && { from }),
    synthesis: settleSynthesis(request, synthesis, photoCount),
    batch: request.batch ?? old?.batch ?? 16,
    ...optional('accumulate', request.accumulate ?? old?.accumulate),
    ...optional('statistics', request.statistics ?? (old ? old.statistics : DEFAULT_STATISTICS)),
    schedule: {
      rate: request.rate ?? schedule.rate,
      warmup: request.warmup ?? schedule.warmup,
      steps: request.steps ?? schedule.steps,
      // The earlier schedules of an extended run. A run of another length with its recipe has a single schedule.
      ...((request.steps ?? schedule.steps) === schedule.steps && optional('earlier', schedule.earlier)),
    },
    ...optional('loss', request.loss ?? (old ? old.loss : lossOf(network))),
    seed: request.seed ?? old?.seed ?? 1,
    validation: {
      pairs: request.validationPairs ?? old?.validation.pairs ?? DEFAULT_VALIDATION_COUNT,
      size: old?.validation.size ?? DEFAULT_VALIDATION_SIZE,
      seed: old?.validation.seed ?? VALIDATION_SEED,
    },
  };
}

function settleSynthesis(
  { patch, exposure, finished, photoShare, degrade, target }: PlanRequest,
  { finished: before, photos, target: targetBefore, ...synthesis }: SynthesisConfig,
  photoCount: number,
): SynthesisConfig {
  if (photoShare !== undefined && photoCount === 0)
    throw new InputError('--photo-share is for pairs made from photos; give their folder with --photos.');
  const share = photoShare ?? photos?.share ?? DEFAULT_PHOTO_SHARE;
  const settled = finished === undefined ? before : { share: finished, ...FINISHED };
  return {
    ...synthesis,
    patch: patch ?? synthesis.patch,
    exposureValue: exposure ?? synthesis.exposureValue,
    ...(settled && settled.share !== 0 && { finished: settled }),
    ...(photoCount > 0 && { photos: { ...PHOTOS, ...photos, count: photoCount, share } }),
    ...(degrade && { degradation: REAL_WORLD }),
    target: targetSynthesis(target ?? (targetBefore.finish ? 'finished' : 'fused'), targetBefore),
  };
}

/** The requested network. Unspecified values come from the given one, or from `nano`. */
function settleNetwork(request: PlanRequest, given: ModelConfig | undefined): ModelConfig {
  const kind = request.network ?? given?.kind ?? 'local-global';
  if (given && given.kind !== kind) {
    throw new InputError(
      `--network is ${kind}, but the weights to continue from belong to a ${describeModel(given)}. Leave --network out.`,
    );
  }
  if (kind === 'drht') return settleDrht(request, given);
  if (kind === 'bilateral-grid') return settleBilateral(request, given);
  const own = ['--global-width', '--no-global', '--upsampling'];
  requireNoForeignOptions(request, 'The local-global network', own);
  const network = given?.kind === kind ? given : PRESETS[request.preset ?? 'nano'];
  const width = request.width ?? network.width;
  return {
    ...network,
    width,
    globalWidth: request.globalWidth ?? Math.round((width * network.globalWidth) / network.width),
    globalEncoder: request.globalEncoder ?? network.globalEncoder,
    upsampling: request.upsampling ?? network.upsampling,
  };
}

/** Refuses options of other networks. */
function requireNoForeignOptions(request: PlanRequest, name: string, own: readonly string[] = []): void {
  const foreign = [
    ...(request.grid === undefined ? [] : ['--grid']),
    ...(request.globalWidth === undefined ? [] : ['--global-width']),
    ...(request.globalEncoder === undefined ? [] : ['--no-global']),
    ...(request.upsampling === undefined ? [] : ['--upsampling']),
  ].filter((option) => !own.includes(option));
  if (foreign.length > 0) {
    throw new InputError(
      `${name} has no ${foreign.join(' and ')}: leave that out, or choose another --network.`,
    );
  }
}

/** Default loss of a new run. With a plain loss, grids of colour maps paint flat areas. Absent: the network's own. */
const lossOf = ({ kind }: ModelConfig): LossName | undefined =>
  kind === 'bilateral-grid' ? 'detail' : undefined;

function settleBilateral(request: PlanRequest, given: ModelConfig | undefined): ModelConfig {
  requireNoForeignOptions(request, 'The bilateral-grid network', ['--grid']);
  const config = given?.kind === 'bilateral-grid' ? given : bilateralConfig();
  return bilateralConfig({
    ...config,
    width: request.width ?? config.width,
    gridSize: request.grid ?? config.gridSize,
  });
}

function settleDrht(request: PlanRequest, given: ModelConfig | undefined): ModelConfig {
  requireNoForeignOptions(request, 'DRHT');
  return { kind: 'drht', width: request.width ?? given?.width ?? PRESETS.nano.width };
}

/** An entry that is omitted if its value is undefined. */
const optional = <K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } =>
  (value === undefined ? {} : { [name]: value }) as { [P in K]?: V };
