import { defineConfig } from 'vitepress';

/**
 * The documentation with live examples and the app, as static files: `npm run build && npm run site`, into dist/site. In
 * a folder of its own, so that `npm ci` of the repository does not bring VitePress.
 */

/** Names of headings as GitHub forms them, so that links work in both places. */
const slugify = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');

const page = (text, name) => ({ text, link: `/docs/${name}` });

export default defineConfig({
  title: 'glocal',
  description: 'Photo enhancement in any WebGPU browser',
  // Gathered by prepare.mjs: pages find packages only from within this folder.
  srcDir: './content',
  outDir: '../dist/site',
  // The folder of the server that the site is put into, with a slash at both ends.
  base: process.env.BASE ?? '/',
  ignoreDeadLinks: [/enhance\.schema/],
  markdown: { anchor: { slugify } },
  themeConfig: {
    search: { provider: 'local' },
    outline: 'deep',
    nav: [
      { text: 'Enhance photos', link: '/app/', target: '_self' },
      { text: 'Camera', link: '/app/live.html', target: '_self' },
      { text: 'Train', link: '/app/train.html', target: '_self' },
    ],
    sidebar: [
      {
        text: 'Use it',
        items: [
          page('The library', 'api'),
          { text: 'Live examples', link: '/live' },
          page('The command line', 'cli'),
          page('The page', 'page'),
        ],
      },
      {
        text: 'Photos',
        items: [page('Photo files', 'formats'), page('Many photos', 'scaling'), page('Hosting', 'hosting')],
      },
      {
        text: 'Networks',
        items: [
          page('Training', 'training'),
          page('Weight files', 'weights'),
          page('ONNX', 'onnx'),
          { text: 'instant', link: '/weights/instant' },
          { text: 'nano', link: '/weights/nano' },
          { text: 'small', link: '/weights/small' },
        ],
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
          { text: 'Security', link: '/SECURITY' },
          { text: 'Changes', link: '/CHANGELOG' },
        ],
      },
    ],
  },
});
