import type { IncomingMessage } from 'node:http';
import { sceneSource } from '../../data/node/scenes';
import { UNREADABLE } from '../../data/web-scenes';
import { InputError } from '../../errors';
import { type RequestHandler, refuse, type StaticServer, serveFolder } from '../../gpu/node/serve';
import { modelParameters } from '../../model/model-config';
import { encodeCheckpoint } from '../checkpoint';
import { PREVIEWS } from '../job';
import type { LogLine } from '../log';
import {
  type LogAnswer,
  type NumberedScene,
  type PageEnd,
  type PageJob,
  PREVIEW_PARTS,
  unpackPreviews,
} from '../page/protocol';
import type { HarnessJob } from './harness';

/** Serves the training page and answers its requests: see `page/protocol.ts`. */
export function servePage(
  folder: string,
  job: HarnessJob,
  onEnd: (end: PageEnd) => void,
): Promise<StaticServer> {
  return serveFolder(folder, answerPage(job, onEnd));
}

interface Action {
  /** The largest accepted body, in bytes. */
  readonly limit: number;
  /** Receives the number after the action's name in the URL, and the body; returns the response. */
  act(number: number, body: Uint8Array<ArrayBuffer>): Promise<string | Uint8Array | undefined>;
}

/** More digits than any step or scene number has. */
const NUMBER = /^\d{1,9}$/;

function answerPage(job: HarnessJob, onEnd: (end: PageEnd) => void): RequestHandler {
  const actions = pageActions(job, onEnd);
  return async (path, request, response) => {
    const [root, name = '', detail, ...more] = path.split('/');
    if (root !== 'run') return false;
    const isNumbered = detail !== undefined;
    const action = actions.get(`${request.method} ${name}${isNumbered ? '/N' : ''}`);
    if (!action || more.length > 0 || (isNumbered && !NUMBER.test(detail))) return false;
    // The request fails if the page goes away; the harness learns that from the browser.
    const body = await readBody(request, action.limit);
    if (!body) {
      refuse(request, response, 413, `${name} takes at most ${action.limit} bytes`);
      return true;
    }
    try {
      response.end(await action.act(Number(detail), body));
    } catch (error) {
      const { name: kind, message } = error instanceof Error ? error : new Error(String(error));
      if (name === 'scene') {
        // The page skips this scene, as a worker thread would.
        response.writeHead(UNREADABLE, { 'content-type': 'text/plain; charset=utf-8' }).end(message);
        return true;
      }
      // Any other read or write error here ends the run with its own message instead of the page's.
      onEnd({ error: { name: kind, message } });
      throw error;
    }
    return true;
  };
}

/** For bodies without tensors: log lines, messages, results. */
const TEXT_LIMIT = 2 ** 20;

/** For names, shapes and configuration before the tensors of a weight file or checkpoint. */
const HEADER_LIMIT = 2 ** 24;

/** A checkpoint has three values per parameter; this leaves room for an optimiser that keeps more. */
const VALUES_PER_PARAMETER = 6;

/** Every request the page may make; all others are refused. */
function pageActions(job: HarnessJob, onEnd: (end: PageEnd) => void): ReadonlyMap<string, Action> {
  const { output, signal, checkpoint, config } = job;
  const scenes = [...job.training, ...job.validation].map(sceneSource);
  const parameterBytes = modelParameters(config.network).reduce(
    (sum, { shape }) => sum + 4 * shape.reduce((product, size) => product * size, 1),
    0,
  );
  const weights = HEADER_LIMIT + parameterBytes;
  const previewBytes = PREVIEWS * PREVIEW_PARTS.length * 3 * config.validation.size ** 2;
  const get = (act: Action['act']): Action => ({ limit: 0, act });
  const post = (limit: number, act: Action['act']): Action => ({ limit, act });
  return new Map([
    ['GET job', get(async () => JSON.stringify(pageJob(job)))],
    ['GET checkpoint', get(async () => checkpoint && encodeCheckpoint(checkpoint.state, checkpoint.meta))],
    ['GET scene/N', get(async (number) => sceneAt(scenes, number).read())],
    [
      'POST log',
      post(TEXT_LIMIT, async (_, body) => {
        await output.log(parse<LogLine>(body));
        return JSON.stringify({ stop: signal.aborted } satisfies LogAnswer);
      }),
    ],
    ['POST notice', post(TEXT_LIMIT, async (_, body) => void job.onNotice(text(body)))],
    [
      'POST checkpoint/N',
      post(HEADER_LIMIT + VALUES_PER_PARAMETER * parameterBytes, async (step, body) => {
        if (step > config.schedule.steps)
          throw new InputError(`The run has ${config.schedule.steps} steps, no step ${step}.`);
        await output.checkpoint(step, body);
      }),
    ],
    ['POST best', post(weights, async (_, body) => void (await output.best(body)))],
    ['POST final', post(weights, async (_, body) => void (await output.final(body)))],
    [
      'POST previews/N',
      post(previewBytes, async (step, body) => {
        await output.previews?.(step, unpackPreviews(body, config.validation.size));
        return undefined;
      }),
    ],
    ['POST end', post(TEXT_LIMIT, async (_, body) => void onEnd(parse<PageEnd>(body)))],
  ]);
}

function sceneAt<T>(scenes: readonly T[], number: number): T {
  const scene = scenes[number];
  if (!scene) throw new InputError(`There is no scene ${number}; the run has ${scenes.length}.`);
  return scene;
}

function pageJob({ config, cadence, training, validation, checkpoint, workers }: HarnessJob): PageJob {
  const numbered = (files: readonly { name: string }[], first: number): NumberedScene[] =>
    files.map(({ name }, index) => ({ name, number: first + index }));
  return {
    config,
    cadence,
    training: numbered(training, 0),
    validation: numbered(validation, training.length),
    resumes: checkpoint !== undefined,
    workers,
  };
}

/** Reads the body. Null if it exceeds `limit` bytes; the rest is not read. */
async function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array<ArrayBuffer> | null> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return null;
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop would otherwise destroy the request before it is answered.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += (chunk as Uint8Array).length;
    if (length > limit) return null;
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

const text = (body: Uint8Array): string => new TextDecoder().decode(body);
const parse = <T>(body: Uint8Array): T => JSON.parse(text(body)) as T;
