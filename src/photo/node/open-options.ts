/** How a photo is opened. Apart, so that the types of the package need none of sharp. */
export interface OpenOptions {
  /** Take the JPEG preview in a raw file. Default: refuse raw files. */
  readonly rawPreview?: boolean;
}
