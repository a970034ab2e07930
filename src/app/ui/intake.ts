import { byId } from './dom';

/** Calls `add` with the files that are dropped anywhere on the page, pasted, or chosen. */
export function attachIntake(add: (files: File[]) => void): void {
  const input = byId('file', HTMLInputElement);
  for (const id of ['choose', 'add'])
    byId(id, HTMLButtonElement).addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    add([...(input.files ?? [])]);
    input.value = '';
  });

  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) event.preventDefault();
    add(files);
  });

  const veil = byId('veil', HTMLElement);
  const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  document.addEventListener('dragover', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    veil.classList.add('shown');
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) veil.classList.remove('shown');
  });
  document.addEventListener('drop', (event) => {
    veil.classList.remove('shown');
    if (!carriesFiles(event)) return;
    event.preventDefault();
    add([...(event.dataTransfer?.files ?? [])]);
  });
}
