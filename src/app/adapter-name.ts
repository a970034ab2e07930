import type { AdapterTraits } from '../gpu/types';
import type { AdapterSummary } from './protocol';

/** Makers' names as they write them; browsers report them in lower case. */
const VENDORS: Record<string, string> = {
  amd: 'AMD',
  apple: 'Apple',
  arm: 'Arm',
  imagination: 'Imagination',
  'img-tec': 'Imagination',
  intel: 'Intel',
  microsoft: 'Microsoft',
  nvidia: 'NVIDIA',
  qualcomm: 'Qualcomm',
  samsung: 'Samsung',
};

/** The page's description of an adapter: browsers disclose anything from a full name to nothing. */
export function summarise(traits: AdapterTraits): AdapterSummary {
  const { vendor, architecture, device, description, isSoftware, features } = traits;
  const detail = [
    [vendor, architecture, device].filter(Boolean).join(' '),
    description,
    features.includes('shader-f16') ? 'half precision' : '',
    features.includes('subgroups') ? 'subgroups' : '',
  ];
  return { name: shortName(traits), detail: detail.filter(Boolean).join(' · '), isSoftware };
}

/** Empty if the browser discloses nothing. */
function shortName({ vendor, architecture, device, description }: AdapterTraits): string {
  if (/swiftshader/i.test(`${architecture} ${description}`)) return 'SwiftShader';
  if (/llvmpipe|lavapipe/i.test(`${device} ${description}`)) return 'llvmpipe';
  if (description) return description.replace(/\s*\(.*\)$/, '');
  const maker = VENDORS[vendor.toLowerCase()] ?? vendor;
  return [maker, architecture.replaceAll('-', ' ')].filter(Boolean).join(' ');
}
