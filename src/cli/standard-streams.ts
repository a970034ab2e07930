import { reason } from '../reason';

/**
 * Keeps work alive whose messages go nowhere. A reader that goes away, such as `head`, stops nothing: files are what a
 * command is run for, and its exit code tells of them. Output that is lost otherwise, on a full disk, is said once on
 * standard error, and the process fails at its end.
 */
export function guardStandardStreams(): void {
  process.stderr.on('error', () => {});
  let isLost = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isLost) return;
    isLost = true;
    process.stderr.write(
      `glocal: standard output cannot be written (${reason(error)}), so what was to be read there is lost. ` +
        'Files are written all the same. Free some space, or send it elsewhere.\n',
    );
  });
  process.on('exit', (code) => {
    if (isLost && code === 0) process.exitCode = 1;
  });
}
