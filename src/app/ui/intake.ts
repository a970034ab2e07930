import { extensionOf, isPhotoExtension } from '../../photo/format';
import { canPickFolder, pickFolderFiles } from '../file-system-access';
import { byId } from './dom';
import { type Dropped, droppedFiles } from './dropped-files';

interface IntakeTargets {
  photos(files: File[]): void;
  /** Receives a user's weight file. */
  weights(file: File): void;
  /** Called for a folder without photos. */
  emptyFolder(): void;
}

/**
 * Accepts files dropped anywhere on the page, pasted, chosen, or opened with the installed page. Of folders it takes
 * the photos, including subfolders.
 */
export function attachIntake(targets: IntakeTargets): void {
  const take = ({ files, hasFolder }: Dropped) => {
    const weights = files.find(isWeights);
    const photos = files.filter((file) => !isWeights(file));
    if (photos.length > 0) targets.photos(photos);
    if (weights) targets.weights(weights);
    if (files.length === 0 && hasFolder) targets.emptyFolder();
  };
  attachInputs(take);

  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) event.preventDefault();
    take({ files, hasFolder: false });
  });

  attachDrop(take);
  attachLaunch((files) => take({ files, hasFolder: false }));
}

function attachInputs(take: (dropped: Dropped) => void): void {
  const input = byId('file', HTMLInputElement);
  for (const id of ['choose', 'add'])
    byId(id, HTMLButtonElement).addEventListener('click', () => input.click());
  const folder = byId('folder', HTMLInputElement);
  byId('choose-folder', HTMLButtonElement).addEventListener('click', async () => {
    if (!canPickFolder()) return folder.click();
    const files = await pickFolderFiles(isPhoto);
    if (files) take({ files, hasFolder: true });
  });
  input.addEventListener('change', () => {
    take({ files: [...(input.files ?? [])], hasFolder: false });
    input.value = '';
  });
  folder.addEventListener('change', () => {
    const files = [...(folder.files ?? [])].filter((file) => !file.name.startsWith('.') && isPhoto(file));
    take({ files, hasFolder: true });
    folder.value = '';
  });
}

function attachDrop(take: (dropped: Dropped) => void): void {
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
}

interface LaunchQueue {
  setConsumer(consumer: (launch: { files: readonly FileSystemFileHandle[] }) => void): void;
}

/** Files opened with the installed page, through the manifest's `file_handlers`. */
function attachLaunch(take: (files: File[]) => void): void {
  const { launchQueue } = globalThis as { launchQueue?: LaunchQueue };
  launchQueue?.setConsumer(async ({ files }) => {
    if (files.length > 0) take(await Promise.all(files.map((handle) => handle.getFile())));
  });
}

const isPhoto = ({ name }: File): boolean => isPhotoExtension(extensionOf(name));

const isWeights = ({ name }: File): boolean => /\.safetensors$/i.test(name);
