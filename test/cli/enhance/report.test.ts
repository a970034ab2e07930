import { describe, expect, it } from 'vitest';
import { TextReporter } from '../../../src/cli/enhance/report';

/** Everything written to both streams. */
function said(report: (reporter: TextReporter) => void): string {
  let text = '';
  const stream = { write: (chunk: string) => (text += chunk) } as unknown as NodeJS.WriteStream;
  report(new TextReporter('plain', { out: stream, err: stream }));
  return text;
}

describe('a report on photos with malicious names', () => {
  const input = 'a\nenhanced  b.jpg\u001b[2J.jpg';
  const shown = 'a\\nenhanced  b.jpg\\x1b[2J.jpg';

  it('has one line for each, and sends nothing to the terminal', () => {
    expect(said((reporter) => reporter.result({ input, error: `${input} is empty.` }))).toBe(
      `failed    ${shown}: is empty.\n`,
    );
    const done = { input, output: input, width: 1, height: 2, milliseconds: 300 };
    expect(said((reporter) => reporter.result({ ...done, notes: ['JPEG has no place for \u009b1m'] }))).toBe(
      `enhanced  ${shown} -> ${shown}  1 x 2  0.3 s (JPEG has no place for \\x9b1m)\n`,
    );
  });
});
