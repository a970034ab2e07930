/** What a file says about its picture. */
export interface Metadata {
  /** A bare EXIF block (a TIFF structure, without the prefix `Exif\0\0`). */
  readonly exif?: Uint8Array;
  /** An ICC profile. */
  readonly profile?: Uint8Array;
  /** An XMP packet, UTF-8. */
  readonly xmp?: Uint8Array;
}

export type ContainerFormat = 'jpeg' | 'png' | 'webp' | 'tiff';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
}

/** A file with metadata, and what did not fit into it, in words for the user. */
export interface Tagged {
  readonly bytes: Uint8Array;
  readonly notes: readonly string[];
}
