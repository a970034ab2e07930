import { readFileSync } from 'node:fs';

/** What one adapter computes, to the bit. Another driver, or a processor that rounds otherwise, has other digests. */
export interface Digests {
  readonly adapter: string;
  readonly host: string;
  readonly enhancement: string;
  /** 20 losses of the local-global network, and the weights and moments after them. */
  readonly training: string;
  readonly drht: string;
  readonly convolutions: Readonly<Record<string, string>>;
}

/** Of the processor what a driver compiles for: the architecture and the widest vectors. */
export function hostKey(): string {
  const flags = process.platform === 'linux' ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  return [process.arch, ...['fma', 'avx2', 'avx512f'].filter((flag) => flags.includes(` ${flag}`))].join(' ');
}
