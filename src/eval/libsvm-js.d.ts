/** The parts of the package libsvm-js 0.2 (libsvm compiled to JavaScript) used here, which has no types of its own. */
declare module 'libsvm-js/asm' {
  interface SvmOptions {
    readonly type: number;
    readonly kernel: number;
    readonly gamma: number;
    readonly cost: number;
    /** Half the width of the tube within which errors are free. */
    readonly epsilon: number;
    readonly quiet: boolean;
  }

  // biome-ignore lint/style/noDefaultExport: the package has one.
  export default class SVM {
    static readonly SVM_TYPES: { readonly EPSILON_SVR: number };
    static readonly KERNEL_TYPES: { readonly RBF: number };
    /** A model from libsvm's text format. */
    static load(text: string): SVM;
    constructor(options: SvmOptions);
    train(samples: readonly (readonly number[])[], labels: readonly number[]): void;
    predict(samples: readonly (readonly number[])[]): number[];
    /** libsvm's text format. */
    serializeModel(): string;
    /** Frees its memory, which is not garbage-collected. */
    free(): void;
  }
}
