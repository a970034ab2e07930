import { Encoder } from './encoder';
import { Engine } from './engine';
import { refuseLink, warnBeforeLeaving } from './leave';
import { Session } from './session';
import { browserStore, SettingsStore } from './settings';
import { takeShared } from './shared-photos';
import { text } from './text/language';
import { Adjust } from './ui/adjust';
import { Announce } from './ui/announce';
import { Demo } from './ui/demo';
import { byId } from './ui/dom';
import { showExamples } from './ui/examples';
import { HistogramView } from './ui/histogram-view';
import { attachIntake } from './ui/intake';
import { attachKeys } from './ui/keys';
import { startLanguage } from './ui/language-switch';
import { Readiness } from './ui/readiness';
import { Saving } from './ui/saving';
import { Stage } from './ui/stage';
import { Strip } from './ui/strip';
import { Waiting } from './ui/waiting';

const engine = new Engine();
const settings = new SettingsStore(browserStore());
const { model, finish, keepHue } = settings.settings;
const session = new Session(engine, { model, finish, keepHue });
const histogram = new HistogramView();
const stage = new Stage(session, engine, settings, histogram);
const adjust = new Adjust(session, settings, histogram);
const saving = new Saving(session, settings, engine, new Encoder(engine));
const parts = [
  new Readiness(session),
  stage,
  new Waiting(session),
  new Strip(session),
  adjust,
  saving,
  new Announce(session),
  new Demo(session, engine),
];
let isLinkRefused = refuseLink();

const render = () => {
  showRoom(session.photos.length > 0);
  for (const part of parts) part.render();
  const refusal = byId('refusal', HTMLElement);
  refusal.hidden = !isLinkRefused;
  refusal.textContent = isLinkRefused ? text('leave.link') : '';
};

session.subscribe(render);
attachIntake({
  photos: add,
  weights: (file) => adjust.useOwn(file),
  emptyFolder: () => session.refuse(text('problem.folder-name'), { kind: 'folder' }),
});
attachKeys({
  isStudio: () => !byId('studio', HTMLElement).hidden,
  peek: (isPeeking) => stage.setPeek(isPeeking),
  sideBySide: () => stage.toggleSideBySide(),
  zoomIn: () => stage.zoomIn(),
  zoomOut: () => stage.zoomOut(),
  fit: () => stage.zoomToFit(),
  actual: () => stage.zoomToActual(),
  pan: (right, down) => stage.pan(right, down),
  step: (by) => session.step(by),
  save: () => saving.save(),
  copy: () => saving.copy(),
  cancel: () => {
    if (session.selected) session.cancel(session.selected);
  },
});
warnBeforeLeaving(() => session.unsaved.length > 0);
showExamples((file) => add([file]));
await startLanguage(settings, render);
void session.start();
add(await takeShared());

/** A blocking problem is already on screen; photos would only queue behind it. */
function add(files: File[]): void {
  if (files.length === 0) return;
  isLinkRefused = false;
  if (session.readiness.phase !== 'blocked') session.add(files);
}

/** Shows the landing without photos, the studio with photos. Hidden controls must not keep the keyboard focus. */
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
  // The page also works without a service worker, but not offline; some private modes refuse it.
  navigator.serviceWorker.register('./service-worker.js').catch((error: unknown) => console.info(error));
}
