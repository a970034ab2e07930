import { EnhancedPixels } from './enhanced-pixels';
import { EnhancerService, toProblem } from './enhancer-service';
import { decode, decodePixels, encode, makeThumbnail, toPicture } from './photo-io';
import type { OperationName, Operations, Picture, Progress, Reply, Request } from './protocol';
import { zip } from './zip';

/**
 * The worker: decodes, enhances and encodes, so that the page never blocks. Answers each request as defined in
 * `protocol.ts`.
 */

/** `lib.webworker` and `lib.dom` disagree about `self`; this is the part used here. */
const scope = self as unknown as {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(reply: Reply, transfer?: Transferable[]): void;
};

interface Answer<T> {
  readonly output: T;
  readonly transfer?: Transferable[];
}

interface Tools {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

type Handlers = {
  [K in OperationName]: (
    input: Operations[K]['input'],
    tools: Tools,
  ) => Promise<Answer<Operations[K]['output']>>;
};

const service = new EnhancerService();
const results = new EnhancedPixels();
const running = new Map<number, AbortController>();

const handlers: Handlers = {
  start: async ({ model }) => ({ output: await service.start(model) }),

  tune: async ({ model }) => ({ output: await service.tune(model) }),

  thumbnail: async ({ file, side }) => {
    const output = await makeThumbnail(await decode(file), side);
    return { output, transfer: [output] };
  },

  enhancedThumbnail: async ({ enhanced, side }) => {
    const output = await makeThumbnail(await createImageBitmap(await results.read(enhanced)), side);
    return { output, transfer: [output] };
  },

  open: async ({ file }) => picture(await decode(file)),

  openEnhanced: async ({ enhanced }) => picture(await createImageBitmap(await results.read(enhanced))),

  enhance: async ({ file, recipe }, tools) => {
    tools.onProgress({ stage: 'decoding', fraction: null });
    const { image, notes } = await decodePixels(file);
    return { output: results.keep(await service.enhance(image, recipe, tools), notes) };
  },

  save: async ({ file, enhanced, strength, encoding }) => ({
    output: await encode(file, await results.read(enhanced), strength, encoding),
  }),

  archive: async ({ files }) => ({ output: await zip(files, new Date()) }),
};

scope.onmessage = ({ data: request }) => {
  if (request.type === 'cancel') running.get(request.id)?.abort();
  else void answer(request.id, request.type, request.input);
};

async function answer<K extends OperationName>(
  id: number,
  type: K,
  input: Operations[K]['input'],
): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const { output, transfer } = await handlers[type](input, {
      signal: controller.signal,
      onProgress: (progress) => scope.postMessage({ id, type: 'progress', progress }),
    });
    scope.postMessage({ id, type: 'done', output }, transfer ?? []);
  } catch (error) {
    scope.postMessage({ id, type: 'failed', problem: toProblem(error) });
  } finally {
    running.delete(id);
  }
}

/** Each bitmap can be sent once; for a small photo the preview is the photo itself. */
async function picture(bitmap: ImageBitmap): Promise<Answer<Picture>> {
  const output = await toPicture(bitmap);
  return { output, transfer: [...new Set([output.full, output.preview])] };
}
