/**
 * What an error of a library says, to be put into a message of ours: its first line, without the system call
 * and path that Node adds, as ours names the file.
 */
export function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.split('\n')[0]!.trim();
  return /^(E[A-Z]+: [^,]+), /.exec(line)?.[1] ?? line;
}
