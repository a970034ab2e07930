import presentCode from '../../../shaders/live_present.wgsl?raw';
import { MemoryError } from '../../errors';
import { upload } from '../../gpu/buffers';
import type { Gpu } from '../../gpu/types';

/** A frame on the device before and after enhancement, and as drawn by the browser. */
export interface ShownFrame {
  readonly width: number;
  readonly height: number;
  /** [height][width], one word per pixel, red in the lowest byte. */
  readonly photo: GPUBuffer;
  readonly result: GPUBuffer;
  readonly canvas: OffscreenCanvas;
}

/** Displays frames. */
export interface Screen {
  /** Resolves when the frame is shown. @param split share of the width that shows the original. */
  show(split: number): Promise<void>;
  destroy(): void;
}

/**
 * Draws directly from the device. A software adapter has no canvas to draw on (it makes headless Chrome lose its GPU
 * process) and uses main memory anyway, so there the frame is read back.
 */
export async function openScreen(gpu: Gpu, canvas: HTMLCanvasElement, frame: ShownFrame): Promise<Screen> {
  canvas.width = frame.width;
  canvas.height = frame.height;
  return gpu.traits.isSoftware ? memoryScreen(gpu, canvas, frame) : deviceScreen(gpu, canvas, frame);
}

/** The struct `Screen` of the shader. */
const SETTINGS_BYTES = 16;

async function deviceScreen(gpu: Gpu, canvas: HTMLCanvasElement, frame: ShownFrame): Promise<Screen> {
  const { device } = gpu;
  const context = canvas.getContext('webgpu');
  if (!context) throw new MemoryError('The browser has no canvas for the device.');
  const format = navigator.gpu.getPreferredCanvasFormat();
  context.configure({ device, format, alphaMode: 'opaque' });
  const module = device.createShaderModule({ label: 'live_present', code: presentCode });
  const pipeline = await device.createRenderPipelineAsync({
    layout: 'auto',
    vertex: { module },
    fragment: { module, targets: [{ format }] },
  });
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  const settings = device.createBuffer({ label: 'screen', size: SETTINGS_BYTES, usage });
  const bindings = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [settings, frame.photo, frame.result].map((buffer, binding) => ({
      binding,
      resource: { buffer },
    })),
  });
  return {
    async show(split) {
      const bytes = new DataView(new ArrayBuffer(SETTINGS_BYTES));
      bytes.setUint32(0, frame.width, true);
      bytes.setUint32(4, frame.height, true);
      bytes.setFloat32(8, split, true);
      upload(gpu, settings, new Uint8Array(bytes.buffer));
      const encoder = device.createCommandEncoder();
      const view = context.getCurrentTexture().createView();
      const pass = encoder.beginRenderPass({
        colorAttachments: [{ view, loadOp: 'clear', storeOp: 'store' }],
      });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindings);
      pass.draw(3);
      pass.end();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
    },
    destroy: () => settings.destroy(),
  };
}

function memoryScreen({ device }: Gpu, canvas: HTMLCanvasElement, frame: ShownFrame): Screen {
  const { width, height, result } = frame;
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new MemoryError('There is no memory for a canvas.');
  const size = 4 * width * height;
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const staging = device.createBuffer({ label: 'screen', size, usage });
  const picture = new ImageData(width, height);
  return {
    async show(split) {
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(result, 0, staging, 0, size);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      picture.data.set(new Uint8Array(staging.getMappedRange()));
      staging.unmap();
      context.putImageData(picture, 0, 0);
      const before = Math.round(split * width);
      if (before > 0) context.drawImage(frame.canvas, 0, 0, before, height, 0, 0, before, height);
    },
    destroy: () => staging.destroy(),
  };
}
