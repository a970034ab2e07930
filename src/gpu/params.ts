import { ShaderError } from '../errors';
import type { KernelCall } from './kernel-call';

type ParamType = 'u32' | 'i32' | 'f32';

interface Field {
  readonly name: string;
  readonly type: ParamType;
}

const STRUCT = /\bstruct\s+Params\s*\{([^}]*)\}/;
const FIELD = /^(\w+)\s*:\s*(u32|i32|f32)$/;
const COMMENT = /\/\/.*$/gm;

/** Parsed fields by shader code: a network has thousands of calls of few kernels. */
const known = new Map<string, readonly Field[]>();

/**
 * The uniform block of a call, laid out according to the shader's `struct Params`; empty without the struct. Every
 * field is one 32-bit word.
 *
 * @throws {ShaderError} for unknown or missing names, and for values that do not fit the field's type.
 */
export function encodeParams({
  kernel,
  label,
  params,
}: Pick<KernelCall<unknown>, 'kernel' | 'label' | 'params'>): Uint8Array<ArrayBuffer> {
  const where = `${label} (${kernel.name})`;
  const fields = fieldsOf(kernel);
  const missing = fields.filter(({ name }) => !(name in params)).map(({ name }) => name);
  const unknown = Object.keys(params).filter((name) => !fields.some((field) => field.name === name));
  if (missing.length > 0 || unknown.length > 0) {
    const faults = [
      ...(missing.length > 0 ? [`lack ${missing.join(', ')}`] : []),
      ...(unknown.length > 0 ? [`have ${unknown.join(', ')}, which its struct Params lacks`] : []),
    ];
    throw new ShaderError(`${where}: the parameters ${faults.join(' and ')}.`);
  }
  const view = new DataView(new ArrayBuffer(4 * fields.length));
  fields.forEach(({ name, type }, index) => {
    const value = params[name]!;
    if (!fits(value, type))
      throw new ShaderError(`${where}: ${value} does not fit the parameter ${name}: ${type}.`);
    write(view, 4 * index, type, value);
  });
  return new Uint8Array(view.buffer);
}

function fieldsOf({ name, code }: KernelCall<unknown>['kernel']): readonly Field[] {
  const fields = known.get(code) ?? parseFields(name, code);
  known.set(code, fields);
  return fields;
}

function parseFields(kernel: string, code: string): readonly Field[] {
  const body = STRUCT.exec(code.replace(COMMENT, ''))?.[1];
  if (body === undefined) return [];
  const members = body.split(',').map((member) => member.trim());
  return members
    .filter((member) => member !== '')
    .map((member) => {
      const [, name, type] = FIELD.exec(member) ?? [];
      if (name === undefined) {
        throw new ShaderError(`${kernel}: "${member}" in struct Params is none of name: u32, i32 or f32.`);
      }
      return { name, type: type as ParamType };
    });
}

function fits(value: number, type: ParamType): boolean {
  if (type === 'f32') return Number.isFinite(Math.fround(value));
  const [low, high] = type === 'u32' ? [0, 0xffffffff] : [-0x80000000, 0x7fffffff];
  return Number.isInteger(value) && value >= low && value <= high;
}

function write(view: DataView, offset: number, type: ParamType, value: number): void {
  if (type === 'u32') view.setUint32(offset, value, true);
  else if (type === 'i32') view.setInt32(offset, value, true);
  else view.setFloat32(offset, value, true);
}
