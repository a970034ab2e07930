/**
 * The message of a library's error for use in one of ours: its first line, without the system call and path that Node
 * adds, since ours names the file.
 */
export function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.split('\n')[0]!.trim();
  return /^(E[A-Z]+: [^,]+), /.exec(line)?.[1] ?? line;
}
