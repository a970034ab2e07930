import { defineConfig } from 'vitepress';

/**
 * The documentation as static files, from docs/ as it stands: `npm run site`, into dist/site. In a folder of its own, so
 * that `npm ci` of the repository does not bring VitePress.
 */

const page = (text, name) => ({ text, link: `/${name}` });

export default defineConfig({
  title: 'glocal',
  description: 'Photo enhancement in any WebGPU browser',
  // A copy of ../docs: pages find packages only from within this folder.
  srcDir: './docs',
  outDir: '../dist/site',
  // Works in any folder of any server.
  base: process.env.BASE ?? '/',
  rewrites: { 'api.md': 'index.md' },
  // What lies beside docs/ (weights, examples, sources) is read in the repository.
  ignoreDeadLinks: [/^(\.\/)?\.\.\//, /\/README$/, /enhance\.schema/],
  themeConfig: {
    search: { provider: 'local' },
    outline: 'deep',
    sidebar: [
      {
        text: 'Use it',
        items: [page('The library', ''), page('The command', 'cli'), page('The page', 'page')],
      },
      {
        text: 'Photos',
        items: [page('Photo files', 'formats'), page('Many photos', 'scaling'), page('Hosting', 'hosting')],
      },
      {
        text: 'Networks',
        items: [page('Training', 'training'), page('Weight files', 'weights'), page('ONNX', 'onnx')],
      },
      {
        text: 'Evidence',
        items: [
          page('Evaluation', 'evaluation'),
          page('Dark photos', 'dark-photos'),
          page('Performance', 'performance'),
          page('Rejected', 'rejected'),
        ],
      },
      {
        text: 'Inside',
        items: [
          page('Architecture', 'architecture'),
          page('Derivations', 'derivations'),
          page('Tuning', 'tuning'),
        ],
      },
    ],
  },
});
