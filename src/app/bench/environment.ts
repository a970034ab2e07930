import type { Environment } from '../../bench/results';
import { describe } from '../../gpu/device';
import type { AdapterTraits } from '../../gpu/types';

/** Product names in user agents; Chrome comes last because others include it. */
const BROWSERS = [
  /(Firefox)\/([\d.]+)/,
  /(Edg)\/([\d.]+)/,
  /(Chrome)\/([\d.]+)/,
  /Version\/([\d.]+).*(Safari)/,
];

/** `Firefox/153.0`; the whole user agent if the browser is unknown. */
function browserOf(agent: string): string {
  for (const pattern of BROWSERS) {
    const [, a, b] = pattern.exec(agent) ?? [];
    if (a && b) return b === 'Safari' ? `${b}/${a}` : `${a}/${b}`;
  }
  return agent || 'unknown';
}

/** The environment of a page, as far as browsers disclose it. */
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
