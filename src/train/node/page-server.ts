import type { IncomingMessage } from 'node:http';
import { sceneSource } from '../../data/node/scenes';
import { UNREADABLE } from '../../data/web-scenes';
import { type RequestHandler, type StaticServer, serveFolder } from '../../gpu/node/serve';
import { encodeCheckpoint } from '../checkpoint';
import type { LogLine } from '../log';
import {
  type LogAnswer,
  type NumberedScene,
  type PageEnd,
  type PageJob,
  unpackPreviews,
} from '../page/protocol';
import type { HarnessJob } from './harness';

/** Serves the training page and answers what it asks: see `page/protocol.ts`. */
export function servePage(
  folder: string,
  job: HarnessJob,
  onEnd: (end: PageEnd) => void,
): Promise<StaticServer> {
  return serveFolder(folder, answerPage(job, onEnd));
}

/** Gets what followed the action in the address, and the body; returns what to answer. */
type Action = (detail: string, body: Uint8Array<ArrayBuffer>) => Promise<string | Uint8Array | undefined>;

function answerPage(job: HarnessJob, onEnd: (end: PageEnd) => void): RequestHandler {
  const actions = pageActions(job, onEnd);
  return async (request, response) => {
    const [, root, action, detail = ''] = new URL(request.url ?? '/', 'http://localhost').pathname.split('/');
    if (root !== 'run') return false;
    const act = actions[`${request.method} ${action}`];
    if (!act) return false;
    // A page that goes away in the middle of a request fails it; the harness hears of that from the browser.
    const body = await readBody(request);
    try {
      response.end(await act(detail, body));
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      if (action === 'scene') {
        // The page leaves it out, as a worker thread would.
        response.writeHead(UNREADABLE, { 'content-type': 'text/plain; charset=utf-8' }).end(message);
        return true;
      }
      // What else cannot be read or written here ends the run in its own words, not in those of the page.
      onEnd({ error: { name, message } });
      throw error;
    }
    return true;
  };
}

function pageActions(job: HarnessJob, onEnd: (end: PageEnd) => void): Readonly<Record<string, Action>> {
  const { output, signal, checkpoint } = job;
  const scenes = [...job.training, ...job.validation].map(sceneSource);
  return {
    'GET job': async () => JSON.stringify(pageJob(job)),
    'GET checkpoint': async () => checkpoint && encodeCheckpoint(checkpoint.state, checkpoint.meta),
    'GET scene': async (number) => scenes[Number(number)]?.read(),
    'POST log': async (_, body) => {
      await output.log(parse<LogLine>(body));
      return JSON.stringify({ stop: signal.aborted } satisfies LogAnswer);
    },
    'POST say': async (_, body) => void job.say(text(body)),
    'POST checkpoint': async (step, body) => void (await output.checkpoint(Number(step), body)),
    'POST best': async (_, body) => void (await output.best(body)),
    'POST final': async (_, body) => void (await output.final(body)),
    'POST previews': async (step, body) =>
      void (await output.previews?.(Number(step), unpackPreviews(body, job.config.validation.size))),
    'POST end': async (_, body) => void onEnd(parse<PageEnd>(body)),
  };
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

async function readBody(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

const text = (body: Uint8Array): string => new TextDecoder().decode(body);
const parse = <T>(body: Uint8Array): T => JSON.parse(text(body)) as T;
