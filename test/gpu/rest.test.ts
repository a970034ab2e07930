import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { restUntil } from '../../src/gpu/node/rest';

/** Turns that the event loop makes until the promise is settled. */
async function turnsUntil(news: Promise<unknown>): Promise<number> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  news.then(settle, settle);
  let turns = 0;
  for (; !settled; turns++) await turn();
  return turns;
}

test('the event loop turns once a millisecond at most while the device is waited for', async () => {
  const news = sleep(50, 'news');
  const turns = turnsUntil(news);
  expect(await Promise.all([restUntil(news), restUntil(news)])).toEqual(['news', 'news']);
  expect(await turns).toBeLessThan(100);
});

test('afterwards it turns as fast as before', async () => {
  const rests = vi.spyOn(Atomics, 'wait');
  await restUntil(sleep(5));
  expect(rests).toHaveBeenCalled();
  await expect(restUntil(Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  rests.mockClear();
  for (let i = 0; i < 50; i++) await turn();
  expect(rests).not.toHaveBeenCalled();
  rests.mockRestore();
});
