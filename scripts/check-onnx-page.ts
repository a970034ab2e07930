import * as ort from 'onnxruntime-web/webgpu';

/** Base64 bytes, for passing to and from a page. */
interface GivenPicture {
  readonly width: number;
  readonly height: number;
  readonly data: string;
}

declare global {
  interface Window {
    runOnnx(model: string, picture: GivenPicture): Promise<string>;
  }
}

const bytesOf = (base64: string): Uint8Array =>
  Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}

/** Runs an exported model with ONNX Runtime's WebGPU provider, at full strength. */
window.runOnnx = async (model, { width, height, data }) => {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(bytesOf(model), {
    executionProviders: ['webgpu'],
    logSeverityLevel: 3,
  });
  const { enhanced } = await session.run({
    photo: new ort.Tensor('uint8', bytesOf(data), [1, height, width, 3]),
    strength: new ort.Tensor('float32', [1], []),
  });
  return base64Of((await enhanced!.getData()) as Uint8Array);
};
