import { extensionOf, isPhotoExtension } from '../../photo/format';
import { byId } from './dom';
import { droppedFiles } from './dropped-files';

/**
 * Calls `add` with the files that are dropped anywhere on the page, pasted, or chosen: of folders the photos, nested ones
 * too, or `onEmptyFolder` where there are none.
 */
export function attachIntake(add: (files: File[]) => void, onEmptyFolder: () => void): void {
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
    if (event.dataTransfer) void droppedFiles(event.dataTransfer, isPhoto).then(take);
  });

  function take({ files, hasFolder }: Awaited<ReturnType<typeof droppedFiles>>): void {
    if (files.length > 0) add(files);
    else if (hasFolder) onEmptyFolder();
  }
}

const isPhoto = ({ name }: File): boolean => isPhotoExtension(extensionOf(name));
