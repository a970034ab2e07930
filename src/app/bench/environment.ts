import type { Environment } from '../../bench/results';
import { describe } from '../../gpu/device';
import type { AdapterTraits } from '../../gpu/types';

/** How browsers call themselves; Chrome comes last, as others name it too. */
const BROWSERS = [
  /(Firefox)\/([\d.]+)/,
  /(Edg)\/([\d.]+)/,
  /(Chrome)\/([\d.]+)/,
  /Version\/([\d.]+).*(Safari)/,
];

/** `Firefox/153.0`; the agent itself where no browser is known by it. */
export function browserOf(agent: string): string {
  for (const pattern of BROWSERS) {
    const [, a, b] = pattern.exec(agent) ?? [];
    if (a && b) return b === 'Safari' ? `${b}/${a}` : `${a}/${b}`;
  }
  return agent || 'unknown';
}

/** Where a page measures: what browsers tell, which is little. */
export function pageEnvironment(traits: AdapterTraits): Environment {
  const { userAgent, hardwareConcurrency, platform } = navigator;
  return {
    adapter: describe(traits),
    software: traits.isSoftware,
    driver: "the browser's choice",
    runtime: browserOf(userAgent),
    kernels: 'as shipped',
    processor: 'unknown',
    threads: hardwareConcurrency,
    platform,
  };
}
