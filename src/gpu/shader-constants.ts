import { ShaderError } from '../errors';

const BLOCK_START = '// constants';
const BLOCK_END = '// end constants';
const CONSTANT_LINE = /^(\s*const\s+(\w+)\s*:\s*(u32|i32|f32|bool)\s*=\s*)([^;]*)(;.*)$/;

/**
 * Sets the values of `const NAME: T = ...;` lines between `// constants` and `// end constants`, where T is u32, i32,
 * f32 or bool (0 or 1). Other constants keep their values.
 *
 * @throws {ShaderError} for a name that the block lacks, or a value that does not fit its type.
 */
export function setConstants(
  name: string,
  code: string,
  constants: Readonly<Record<string, number>>,
): string {
  const missing = new Set(Object.keys(constants));
  if (missing.size === 0) return code;
  let inside = false;
  const lines = code.split('\n').map((line) => {
    const mark = line.trim();
    if (mark === BLOCK_START) inside = true;
    if (mark === BLOCK_END) inside = false;
    const match = inside ? CONSTANT_LINE.exec(line) : null;
    const value = match ? constants[match[2]!] : undefined;
    if (!match || value === undefined) return line;
    missing.delete(match[2]!);
    return match[1] + literal(name, match[2]!, match[3]!, value) + match[5];
  });
  if (missing.size > 0) {
    throw new ShaderError(
      `${name}: no constant ${[...missing].join(', ')} between "${BLOCK_START}" and "${BLOCK_END}". ` +
        'Add the line to the shader or drop the name from the call.',
    );
  }
  return lines.join('\n');
}

function literal(name: string, constant: string, type: string, value: number): string {
  const whole = Number.isInteger(value);
  if (type === 'u32' && whole && value >= 0 && value <= 0xffffffff) return `${value}u`;
  if (type === 'i32' && whole && value >= -0x80000000 && value <= 0x7fffffff) return `${value}i`;
  if (type === 'f32' && Number.isFinite(Math.fround(value))) return `${Math.fround(value)}f`;
  if (type === 'bool' && (value === 0 || value === 1)) return String(value === 1);
  throw new ShaderError(`${name}: ${value} does not fit the constant ${constant}: ${type}.`);
}
