import { existsSync } from 'node:fs';
import { glob, isDynamicPattern } from 'tinyglobby';

/**
 * Puts the photos that a pattern such as `*.jpg` means in its place, in order of names: some shells, such as cmd.exe,
 * leave that to the command. What exists under the very name is no pattern, and one that nothing matches stays.
 */
export async function expandPatterns(inputs: readonly string[]): Promise<string[]> {
  const expanded = await Promise.all(
    inputs.map(async (input) => {
      if (existsSync(input) || !isDynamicPattern(input)) return [input];
      const isWindows = process.platform === 'win32';
      const pattern = isWindows ? input.replaceAll('\\', '/') : input;
      const found = await glob(pattern, {
        caseSensitiveMatch: !isWindows,
        expandDirectories: false,
        onlyFiles: false,
      });
      return found.length > 0 ? found.sort() : [input];
    }),
  );
  return expanded.flat();
}
