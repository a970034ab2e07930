import { reason } from '../reason';

/**
 * Keeps running when messages cannot be written. If the reader goes away, as `head` does, work continues: the files
 * are the purpose of the command, and its exit code reports on them. If output is lost otherwise, as on a full disk,
 * this is reported once on standard error and the process fails at its end.
 */
export function guardStandardStreams(): void {
  process.stderr.on('error', () => {});
  let isLost = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isLost) return;
    isLost = true;
    process.stderr.write(
      `glocal: standard output cannot be written (${reason(error)}), so its contents are lost. ` +
        'Files are still written. Free some space, or redirect the output.\n',
    );
  });
  process.on('exit', (code) => {
    if (isLost && code === 0) process.exitCode = 1;
  });
}
