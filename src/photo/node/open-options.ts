/** How to open a photo. In its own file so that the package's types do not depend on sharp. */
export interface OpenOptions {
  /** Use the JPEG preview in a raw file. Default: refuse raw files. */
  readonly rawPreview?: boolean;
}
