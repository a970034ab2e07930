/** The page that computes for `glocal train --runtime chrome`: fetches its job and sends back the results. */
import { makeWebValidation, openWebPairs } from '../../data/web-pairs';
import type { WebScene } from '../../data/web-scenes';
import { openGpu } from '../../gpu/device';
import { decodeCheckpoint } from '../checkpoint';
import type { RunOutput, RunResult } from '../job';
import { runJob } from '../run';
import { type LogAnswer, type NumberedScene, type PageEnd, type PageJob, packPreviews } from './protocol';

const at = (path: string): string => new URL(`run/${path}`, location.href).href;

async function request(path: string, body?: BodyInit): Promise<Response> {
  const response = await fetch(at(path), body === undefined ? {} : { method: 'POST', body });
  if (!response.ok)
    throw new Error(`The harness answered ${response.status} to ${path}: ${await response.text()}`);
  return response;
}

const stop = new AbortController();

const output: RunOutput = {
  log: async (line) => {
    const answer = (await (await request('log', JSON.stringify(line))).json()) as LogAnswer;
    if (answer.stop) stop.abort();
  },
  checkpoint: async (step, bytes) => void (await request(`checkpoint/${step}`, bytes)),
  best: async (bytes) => void (await request('best', bytes)),
  final: async (bytes) => void (await request('final', bytes)),
  previews: async (step, previews) => void (await request(`previews/${step}`, packPreviews(previews))),
};

async function run(): Promise<RunResult> {
  const job = (await (await request('job')).json()) as PageJob;
  const { config, cadence, workers } = job;
  const onNotice = (message: string) => void request('notice', message);
  const scenes = (numbered: readonly NumberedScene[]): WebScene[] =>
    numbered.map(({ name, number }) => ({ name, url: at(`scene/${number}`) }));
  const checkpoint = job.resumes
    ? decodeCheckpoint(new Uint8Array(await (await request('checkpoint')).arrayBuffer()), 'The checkpoint')
    : undefined;
  const gpu = await openGpu(navigator.gpu);
  const pairs = openWebPairs({
    scenes: scenes(job.training),
    seed: config.seed,
    config: config.synthesis,
    workers,
    onNotice,
  });
  try {
    const heldOut = scenes(job.validation);
    const runtime = 'a browser page';
    return await runJob(gpu, {
      config,
      cadence,
      checkpoint,
      pairs,
      validation:
        heldOut.length > 0 ? (options) => makeWebValidation(heldOut, { ...options, workers }) : undefined,
      output,
      runtime,
      signal: stop.signal,
      onNotice,
    });
  } finally {
    await pairs.close();
    gpu.destroy();
  }
}

async function main(): Promise<void> {
  let end: PageEnd;
  try {
    end = { result: await run() };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    end = { error: { name, message } };
  }
  await request('end', JSON.stringify(end));
}

void main();
