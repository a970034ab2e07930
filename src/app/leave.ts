/** Asks before the tab is closed or reloaded while there is something unsaved. */
export function warnBeforeLeaving(hasUnsaved: () => boolean): void {
  addEventListener('beforeunload', (event) => {
    if (hasUnsaved()) event.preventDefault();
  });
}

/** Takes the address of a photo out of the page's own (`?url=`), which names it to nobody; whether there was one. */
export function refuseLink(): boolean {
  const address = new URL(location.href);
  if (!address.searchParams.has('url')) return false;
  address.searchParams.delete('url');
  history.replaceState(null, '', address);
  return true;
}
