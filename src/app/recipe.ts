import type { Model, Recipe } from './protocol';

/** Identifies a model; the same file chosen twice has the same key. */
export function modelKey(model: Model): string {
  return typeof model === 'string' ? model : JSON.stringify([model.name, model.size, model.lastModified]);
}

/** Identifies a recipe: equal keys give bit-identical results. */
export const recipeKey = ({ model, finish, keepHue }: Recipe): string =>
  JSON.stringify([modelKey(model), finish, keepHue]);
