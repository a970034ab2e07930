'use client';
/**
 * Shows an enhanced photo in a canvas. One enhancer serves all components of the page; rendering on a server needs none.
 */
import { Enhancer, GlocalError } from 'glocal';
import { useEffect, useRef, useState } from 'react';

let created: Promise<Enhancer> | undefined;
const enhancer = () => {
  created ??= Enhancer.create({ model: 'instant' });
  return created;
};

export function EnhancedPhoto({ photo, strength = 1 }: { photo: Blob; strength?: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [message, setMessage] = useState('');

  useEffect(() => {
    const controller = new AbortController();
    const run = async () => {
      const options = { strength, signal: controller.signal, output: canvas.current! };
      await (await enhancer()).run(photo, options);
      setMessage('');
    };
    run().catch((error: unknown) => {
      if (error instanceof GlocalError && error.code === 'aborted') return;
      setMessage(error instanceof Error ? error.message : String(error));
    });
    return () => controller.abort();
  }, [photo, strength]);

  return (
    <figure>
      <canvas ref={canvas} />
      <figcaption>{message}</figcaption>
    </figure>
  );
}
