import type { BuildOptions, LogLevel } from 'vite';

export function buildBrowserLibrary(
  outDir: string,
  logLevel: LogLevel,
  options?: BuildOptions,
): Promise<void>;
