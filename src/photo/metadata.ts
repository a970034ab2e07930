/** Dots per inch, across and down. */
export interface Resolution {
  readonly x: number;
  readonly y: number;
}

/** A PNG text chunk that holds neither XMP nor a packed profile. */
export interface PngText {
  readonly keyword: string;
  /** `tEXt`, `zTXt` or `iTXt`. */
  readonly chunk: string;
  readonly payload: Uint8Array;
}

/** The metadata of a file. */
export interface Metadata {
  /** A bare EXIF block (a TIFF structure, without the prefix `Exif\0\0`). */
  readonly exif?: Uint8Array;
  /** An ICC profile. */
  readonly profile?: Uint8Array;
  /** An XMP packet, UTF-8. */
  readonly xmp?: Uint8Array;
  /** The second XMP packet of a JPEG, whose MD5 sum the first one names. */
  readonly extendedXmp?: Uint8Array;
  /** IPTC: data sets of the Information Interchange Model. */
  readonly iptc?: Uint8Array;
  readonly resolution?: Resolution;
  /** JPEG comments. */
  readonly comments?: readonly Uint8Array[];
  readonly texts?: readonly PngText[];
}

export type ContainerFormat = 'jpeg' | 'png' | 'webp' | 'tiff';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
}

/** A file with metadata, and what did not fit into it, as text for the user. */
export interface Tagged {
  readonly bytes: Uint8Array;
  readonly notes: readonly string[];
}

/** Metadata under construction. */
export type FoundMetadata = { -readonly [K in keyof Metadata]: Metadata[K] };
