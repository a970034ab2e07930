import type { Photo, Session } from '../session';
import { byId, icon } from './dom';

interface Item {
  readonly element: HTMLLIElement;
  readonly button: HTMLButtonElement;
  readonly canvas: HTMLCanvasElement;
  readonly badge: HTMLElement;
  drawn: ImageBitmap | null;
}

/** The row of photos below the stage, shown when there is more than one. */
export class Strip {
  readonly #list = byId('strip', HTMLUListElement);
  readonly #items = new Map<Photo, Item>();
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  render(): void {
    const { photos, selected } = this.#session;
    this.#list.hidden = photos.length < 2;
    for (const [photo, item] of this.#items) {
      if (photos.includes(photo)) continue;
      this.#keepFocus(item);
      item.element.remove();
      this.#items.delete(photo);
    }
    for (const photo of photos) {
      let item = this.#items.get(photo);
      if (!item) {
        item = this.#create(photo);
        this.#items.set(photo, item);
        this.#list.append(item.element);
      }
      update(item, photo, photo === selected);
    }
  }

  #create(photo: Photo): Item {
    const element = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'thumb';
    const canvas = document.createElement('canvas');
    const badge = document.createElement('span');
    badge.className = 'badge';
    button.append(icon('photo'), canvas, badge);
    button.addEventListener('click', () => this.#session.select(photo));
    button.addEventListener('keydown', (event) => {
      if (event.key === 'Delete' || event.key === 'Backspace') this.#session.remove(photo);
    });
    const remove = document.createElement('button');
    remove.type = 'button';
    remove.className = 'thumb-remove';
    remove.setAttribute('aria-label', `Remove ${photo.file.name}`);
    remove.append(icon('close'));
    remove.addEventListener('click', () => this.#session.remove(photo));
    element.append(button, remove);
    return { element, button, canvas, badge, drawn: null };
  }

  /** A removed photo hands the keyboard focus to its neighbour. */
  #keepFocus({ element }: Item): void {
    if (!element.contains(document.activeElement)) return;
    const neighbour = element.nextElementSibling ?? element.previousElementSibling;
    neighbour?.querySelector('button')?.focus();
  }
}

function update(item: Item, photo: Photo, isSelected: boolean): void {
  const { state } = photo;
  item.button.setAttribute('aria-current', String(isSelected));
  item.button.setAttribute('aria-label', `${photo.file.name}, ${STATUS[state.phase]}`);
  item.button.title = photo.file.name;
  if (item.badge.dataset.phase !== state.phase) {
    item.badge.dataset.phase = state.phase;
    item.badge.replaceChildren();
    if (state.phase === 'done') item.badge.append(icon('check'));
    if (state.phase === 'failed') item.badge.append(icon('alert'));
    if (isSelected) item.element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
  const fraction = state.phase === 'working' ? (state.progress.fraction ?? 0) : 0;
  item.badge.style.setProperty('--fraction', String(fraction));
  if (photo.thumbnail && photo.thumbnail !== item.drawn) {
    item.drawn = photo.thumbnail;
    item.canvas.width = photo.thumbnail.width;
    item.canvas.height = photo.thumbnail.height;
    item.canvas.getContext('2d')?.drawImage(photo.thumbnail, 0, 0);
  }
}

const STATUS: Record<Photo['state']['phase'], string> = {
  waiting: 'waiting',
  working: 'being enhanced',
  done: 'enhanced',
  failed: 'not enhanced',
};
