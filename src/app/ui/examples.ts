import { byId } from './dom';

/** URL of each photo in `examples/`, by path; the build copies them. */
const EXAMPLES = import.meta.glob<string>('../../../examples/*.jpg', {
  query: '?url',
  import: 'default',
  eager: true,
});

/** The example enhanced on the landing. */
const DEMO = 'meadow.jpg';

export const demoUrl = (): string | undefined =>
  Object.entries(EXAMPLES).find(([path]) => path.endsWith(`/${DEMO}`))?.[1];

/** Shows the example photos on the landing; choosing one calls `add` with its file. */
export function showExamples(add: (file: File) => void): void {
  const list = byId('examples-list', HTMLUListElement);
  byId('examples', HTMLElement).hidden = Object.keys(EXAMPLES).length === 0;
  for (const [path, url] of Object.entries(EXAMPLES)) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const image = document.createElement('img');
    image.src = url;
    image.alt = name.replace(/\.\w+$/, '').replaceAll(/[-_]/g, ' ');
    image.loading = 'lazy';
    image.decoding = 'async';
    const button = document.createElement('button');
    button.type = 'button';
    button.append(image);
    button.addEventListener('click', async () => {
      const response = await fetch(url);
      const blob = await response.blob();
      add(new File([blob], name, { type: blob.type }));
    });
    const item = document.createElement('li');
    item.append(button);
    list.append(item);
  }
}
