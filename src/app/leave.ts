/** Unsaved results make the browser ask before leaving. */
export function warnBeforeLeaving(hasUnsaved: () => boolean): void {
  addEventListener('beforeunload', (event) => {
    if (hasUnsaved()) event.preventDefault();
  });
}

/**
 * Removes a photo's address (`?url=`) from the page's own URL, so that it goes to nobody; returns whether there was
 * one.
 */
export function refuseLink(): boolean {
  const address = new URL(location.href);
  if (!address.searchParams.has('url')) return false;
  address.searchParams.delete('url');
  history.replaceState(null, '', address);
  return true;
}
