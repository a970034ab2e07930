/** The location of a scene's bytes, as plain data for workers. */
export type SceneFile =
  | { readonly name: string; readonly path: string }
  /** A module of the package @pmndrs/assets. */
  | { readonly name: string; readonly bundled: string }
  /** A finished photo; its pairs are made differently. */
  | { readonly name: string; readonly photo: string };
