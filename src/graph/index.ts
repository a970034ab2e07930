export { gradients } from './gradients';
export { Graph, type SymbolicTensor } from './graph';
export { lower } from './lower';
export * from './operators';
export { type CallInfo, Program, type ProgramMemory } from './program';
