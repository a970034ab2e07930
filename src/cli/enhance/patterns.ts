import { existsSync } from 'node:fs';
import { glob, isDynamicPattern } from 'tinyglobby';

/**
 * Replaces a pattern such as `*.jpg` by the photos it matches, sorted by name: some shells, such as cmd.exe, leave
 * this to the command. Existing names are not patterns, and patterns without a match are kept.
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
