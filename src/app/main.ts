import { Engine } from './engine';
import { Session } from './session';
import { byId } from './ui/dom';
import { showExamples } from './ui/examples';
import { attachIntake } from './ui/intake';
import { Readiness } from './ui/readiness';
import { Stage } from './ui/stage';
import { Strip } from './ui/strip';
import { Tools } from './ui/tools';

const engine = new Engine();
const session = new Session(engine);
const parts = [
  new Readiness(session),
  new Stage(session, engine),
  new Strip(session),
  new Tools(session, engine),
];

session.subscribe(() => {
  showRoom(session.photos.length > 0);
  for (const part of parts) part.render();
});
attachIntake(add, () => session.refuse('Folder', { kind: 'folder' }));
showExamples((file) => add([file]));
void session.start();

/** What blocks the page is on the screen already; photos would only wait behind it. */
function add(files: File[]): void {
  if (session.readiness.phase !== 'blocked') session.add(files);
}

/** The landing without photos, the studio with some. Hidden controls must not keep the keyboard focus. */
function showRoom(hasPhotos: boolean): void {
  const studio = byId('studio', HTMLElement);
  if (studio.hidden !== hasPhotos) return;
  studio.hidden = !hasPhotos;
  byId('landing', HTMLElement).hidden = hasPhotos;
  byId('add', HTMLButtonElement).hidden = !hasPhotos;
  if (hasPhotos) studio.focus({ preventScroll: true });
  else byId('choose', HTMLButtonElement).focus({ preventScroll: true });
}

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  // Without it the page works, only not offline; browsers refuse it in some private modes.
  navigator.serviceWorker.register('./service-worker.js').catch((error: unknown) => console.info(error));
}
