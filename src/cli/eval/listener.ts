import type { EvaluationListener } from '../../eval/node/listener';
import { printable } from '../../printable';

/** Messages on standard error, and a counter on terminals. */
export const onTerminal: EvaluationListener = {
  onNotice: (line) => process.stderr.write(`${printable(line)}\n`),
  onProgress(done, total) {
    if (process.stderr.isTTY) process.stderr.write(done < total ? `\r${done + 1}/${total} ` : '\r');
  },
};
