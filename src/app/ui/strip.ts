import type { Photo, Session } from '../session';
import { text } from '../text/language';
import { byId, icon } from './dom';

interface Item {
  readonly element: HTMLLIElement;
  readonly button: HTMLButtonElement;
  readonly canvas: HTMLCanvasElement;
  readonly badge: HTMLElement;
  readonly remove: HTMLButtonElement;
  /** The values drawn last. */
  drawn: readonly unknown[];
}

/** The row of photos below the stage, in their current state; shown when there are several. */
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
    remove.append(icon('close'));
    remove.addEventListener('click', () => this.#session.remove(photo));
    element.append(button, remove);
    return { element, button, canvas, badge, remove, drawn: [] };
  }

  /** A removed photo passes the keyboard focus to its neighbour. */
  #keepFocus({ element }: Item): void {
    if (!element.contains(document.activeElement)) return;
    const neighbour = element.nextElementSibling ?? element.previousElementSibling;
    neighbour?.querySelector('button')?.focus();
  }
}

function update(item: Item, photo: Photo, isSelected: boolean): void {
  const { state, file } = photo;
  if (isSelected && item.button.getAttribute('aria-current') !== 'true')
    item.element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  item.button.setAttribute('aria-current', String(isSelected));
  item.button.setAttribute('aria-label', text(`strip.${state.phase}`, { name: file.name }));
  item.button.title = file.name;
  item.remove.setAttribute('aria-label', text('strip.remove', { name: file.name }));
  if (item.badge.dataset.phase !== state.phase) {
    item.badge.dataset.phase = state.phase;
    item.badge.replaceChildren();
    if (state.phase === 'done') item.badge.append(icon('check'));
    if (state.phase === 'failed') item.badge.append(icon('alert'));
  }
  const fraction = state.phase === 'working' ? (state.progress.fraction ?? 0) : 0;
  item.badge.style.setProperty('--fraction', String(fraction));
  draw(item, photo);
}

/** Draws the photo as it would be saved, once there is a result. */
function draw(item: Item, { thumbnail, enhancedThumbnail, strength }: Photo): void {
  const state = [thumbnail, enhancedThumbnail, strength];
  if (!thumbnail || state.every((value, at) => value === item.drawn[at])) return;
  item.drawn = state;
  const { canvas } = item;
  canvas.width = thumbnail.width;
  canvas.height = thumbnail.height;
  const context = canvas.getContext('2d');
  if (!context) return;
  // Weights that sum to one make an exact cross-fade, even where the photo is transparent.
  context.globalCompositeOperation = 'lighter';
  context.globalAlpha = enhancedThumbnail ? 1 - strength : 1;
  context.drawImage(thumbnail, 0, 0);
  if (!enhancedThumbnail) return;
  context.globalAlpha = strength;
  context.drawImage(enhancedThumbnail, 0, 0, canvas.width, canvas.height);
}
