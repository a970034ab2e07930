#!/usr/bin/env node
import { engines } from '../../package.json';

/**
 * The first file to run, in any version of Node: the others use features that an old Node lacks, which would end it
 * while loading. So this one uses only syntax and names that exist everywhere.
 */
const oldest = engines.node.replace('>=', '');
const numbers = (version: string): number[] => version.split('.').map(Number);
const [major = 0, minor = 0] = numbers(process.versions.node);
const [oldestMajor = 0, oldestMinor = 0] = numbers(oldest);

if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) {
  import('./main').catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  });
} else {
  process.stderr.write(
    `glocal: this is Node ${process.versions.node}, and glocal needs ${oldest} or newer. Install a newer Node.\n`,
  );
  process.exitCode = 1;
}
