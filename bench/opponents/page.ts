/** The page with opponents, each loaded on demand. */
import { installBench } from '../../src/bench/page/page';

installBench({
  tfjs: () => import('./tfjs'),
  'jax-js': () => import('./jax-js'),
  ort: () => import('./ort'),
});
