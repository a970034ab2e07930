import type { Model, Recipe } from './protocol';

/** Names a model; equal for the same file chosen twice. */
export function modelKey(model: Model): string {
  return typeof model === 'string' ? model : JSON.stringify([model.name, model.size, model.lastModified]);
}

/** Names a recipe: photos enhanced by recipes of one key are the same to the bit. */
export const recipeKey = ({ model, finish, keepHue }: Recipe): string =>
  JSON.stringify([modelKey(model), finish, keepHue]);
