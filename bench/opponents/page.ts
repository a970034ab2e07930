/** The page with opponents; each is loaded only when it is wanted. */
import { installBench } from '../../src/bench/page/page';

installBench({
  tfjs: () => import('./tfjs'),
  'jax-js': () => import('./jax-js'),
  ort: () => import('./ort'),
});
