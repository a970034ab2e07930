/** Where a scene's bytes lie, as plain data that can be sent to a worker. */
export type SceneFile =
  | { readonly name: string; readonly path: string }
  /** Module of the package @pmndrs/assets. */
  | { readonly name: string; readonly bundled: string }
  /** A photo that is finished; pairs are made from it in another way. */
  | { readonly name: string; readonly photo: string };
