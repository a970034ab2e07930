/** Built and run by `launch.test.ts`: says where it runs, then ends as it was told, or waits for a signal; with `deaf` for none. */
import { relaunchWithDriver } from '../../src/gpu/node/launch';

await relaunchWithDriver('swiftshader');
const code = process.argv[2];
process.on('SIGTERM', () => {
  if (code === 'deaf') return;
  process.stdout.write('told to stop\n');
  process.exit(5);
});
// Last: whoever reads this may send the signal.
process.stdout.write(`${process.pid} ${process.env.VK_ICD_FILENAMES}\n`);
if (code !== 'wait' && code !== 'deaf') process.exit(Number(code));
setInterval(() => {}, 1000);
