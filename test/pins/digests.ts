import { readFileSync } from 'node:fs';

/** The bits computed on one adapter. Other drivers, or processors that round differently, have other digests. */
export interface Digests {
  readonly adapter: string;
  readonly host: string;
  readonly enhancement: string;
  /** 20 losses of the local-global network, and the weights and moments after them. */
  readonly training: string;
  readonly drht: string;
  readonly convolutions: Readonly<Record<string, string>>;
}

/** The processor properties that a driver compiles for: architecture and widest vectors. */
export function hostKey(): string {
  const flags = process.platform === 'linux' ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  return [process.arch, ...['fma', 'avx2', 'avx512f'].filter((flag) => flags.includes(` ${flag}`))].join(' ');
}
