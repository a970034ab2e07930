import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'puppeteer';
import { violations } from './axe';

export interface Screen {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly zoom?: number;
}

/** Windows with a mouse; zoomed to 200 % a window has half as many CSS pixels. */
export const WINDOWS: readonly Screen[] = [
  { name: '1440x900', width: 1440, height: 900 },
  { name: '1280x800', width: 1280, height: 800 },
  { name: '1024x768', width: 1024, height: 768 },
  { name: '1280x800-zoomed', width: 640, height: 400, zoom: 2 },
  { name: '1024x768-zoomed', width: 512, height: 384, zoom: 2 },
];

/** Touch screens: tablets and phones. */
export const HANDHELDS: readonly Screen[] = [
  { name: '390x844', width: 390, height: 844 },
  { name: '820x1180', width: 820, height: 1180 },
  { name: '768x1024', width: 768, height: 1024 },
  { name: '844x390', width: 844, height: 390 },
];

export async function showOn(
  page: Page,
  { width, height, zoom = 1 }: Screen,
  isTouched: boolean,
): Promise<void> {
  await page.setViewport({
    width,
    height,
    deviceScaleFactor: zoom,
    hasTouch: isTouched,
    isMobile: isTouched,
  });
  await settle(page);
}

/**
 * Faults of the page as it stands, by state and screen: of layout on all screens and, on the first of them, what axe
 * finds in light and dark. Empty if there are none. Saves screenshots if GLOCAL_SCREENSHOTS names a folder.
 */
export async function faultsOn(
  page: Page,
  screens: readonly Screen[],
  isTouched: boolean,
  state: string,
): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const [at, screen] of screens.entries()) {
    await showOn(page, screen, isTouched);
    const name = `${state}-${screen.name}`;
    const faults = await layoutFaults(page, isTouched);
    if (faults.length > 0) found[name] = faults;
    for (const scheme of ['light', 'dark'] as const) {
      if (at > 0 && !process.env.GLOCAL_SCREENSHOTS) continue;
      await setScheme(page, scheme);
      await picture(page, `${name}-${scheme}`);
      // Only contrast depends on the colours.
      const rules = scheme === 'dark' ? ['color-contrast'] : undefined;
      const wrong = at === 0 ? await violations(page, rules) : [];
      if (wrong.length > 0) found[`${name}-${scheme}`] = wrong;
    }
  }
  return found;
}

async function setScheme(page: Page, scheme: 'dark' | 'light'): Promise<void> {
  await page.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: scheme },
    { name: 'prefers-reduced-motion', value: 'reduce' },
  ]);
  await settle(page);
}

/** The stage is drawn a frame or two after its size has changed. */
const settle = (page: Page) =>
  page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  });

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.GLOCAL_SCREENSHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) as `${string}.png` });
}

/**
 * Faults in the layout of the controls: outside the window or covered even after scrolling, overlapping, cut off, or
 * too small for a finger. Empty if there are none.
 */
async function layoutFaults(page: Page, isTouched: boolean): Promise<string[]> {
  return page.evaluate((finger) => {
    const faults: string[] = [];
    const dialog = document.querySelector('dialog[open]');
    const controls = [
      ...(dialog ?? document).querySelectorAll<HTMLElement>('a, button, select, input, .knob'),
    ]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().width > 0)
      // A tick box is clicked through its label.
      .map((element) => element.closest<HTMLElement>('.check') ?? element);
    const nameOf = (element: Element) =>
      element.id || element.getAttribute('aria-label') || element.textContent?.trim() || element.className;

    /** The part of an element visible within its scrolling ancestors. */
    const seen = (element: Element) => {
      const { left, top, right, bottom } = element.getBoundingClientRect();
      const box = { left, top, right, bottom };
      for (let parent = element.parentElement; parent; parent = parent.parentElement) {
        if (getComputedStyle(parent).overflow === 'visible') continue;
        if (parent === document.body || parent === document.documentElement) continue;
        const clip = parent.getBoundingClientRect();
        box.left = Math.max(box.left, clip.left);
        box.top = Math.max(box.top, clip.top);
        box.right = Math.min(box.right, clip.right);
        box.bottom = Math.min(box.bottom, clip.bottom);
      }
      return box;
    };
    for (const [at, a] of controls.entries()) {
      for (const b of controls.slice(at + 1)) {
        const isOneThing =
          a.contains(b) || b.contains(a) || (a.closest('li') && a.closest('li') === b.closest('li'));
        if (isOneThing) continue;
        const [p, q] = [seen(a), seen(b)];
        const width = Math.min(p.right, q.right) - Math.max(p.left, q.left);
        const height = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
        if (width > 1 && height > 1) faults.push(`${nameOf(a)} and ${nameOf(b)} overlap`);
      }
    }

    for (const element of controls) {
      const isInText = element.matches('p a');
      element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      const box = element.getBoundingClientRect();
      const isIn =
        box.left >= -1 && box.top >= -1 && box.right <= innerWidth + 1 && box.bottom <= innerHeight + 1;
      if (!isIn) faults.push(`${nameOf(element)} leaves the window`);
      const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      if (isIn && !(hit && (element.contains(hit) || hit.contains(element))))
        faults.push(`${nameOf(element)} is covered by ${hit ? nameOf(hit) : 'nothing'}`);
      if (finger && !isInText && (box.width < 43.5 || box.height < 43.5))
        faults.push(
          `${nameOf(element)} is ${Math.round(box.width)} x ${Math.round(box.height)}, too small to touch`,
        );
      if (element.matches('button') && element.scrollWidth > element.clientWidth + 1)
        faults.push(`${nameOf(element)} is cut off`);
    }
    if (document.documentElement.scrollWidth > innerWidth) faults.push('the page is wider than the window');
    scrollTo(0, 0);
    for (const element of document.querySelectorAll('.more, .strip')) element.scrollTo(0, 0);
    return faults;
  }, isTouched);
}
