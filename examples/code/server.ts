/** A server in Node: POST a photo, get the enhanced one, with its metadata. Needs the packages webgpu and sharp. */
import { createServer } from 'node:http';
import { AbortError, Enhancer, InputError } from 'glocal';

const MOST_BYTES = 50e6;
const enhancer = await Enhancer.create({ model: 'instant' });

export const server = createServer(async (request, response) => {
  const controller = new AbortController();
  response.on('close', () => controller.abort());
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request) {
      length += chunk.length;
      if (length > MOST_BYTES) throw new InputError('The photo is larger than 50 MB.');
      chunks.push(chunk);
    }
    const photo = Buffer.concat(chunks);
    const file = await enhancer.run(photo, { output: 'blob', signal: controller.signal });
    response.setHeader('content-type', file.type).end(Buffer.from(await file.arrayBuffer()));
  } catch (error) {
    if (error instanceof AbortError) return;
    const isTheirs = error instanceof InputError;
    if (!isTheirs) console.error(error);
    response.writeHead(isTheirs ? 422 : 500).end(isTheirs ? error.message : 'The photo could not be enhanced.');
  }
});

server.listen(Number(process.env.PORT ?? 8080));
server.on('close', () => enhancer.dispose());
