export { gradients } from './gradients';
export { Graph, type SymbolicTensor } from './graph';
export { lower } from './lower';
export type { ProgramMemory } from './memory';
export * from './operators';
export { type CallInfo, Program } from './program';
