import completion from '@bomb.sh/tab/commander';
import { Command, CommanderError, Option } from 'commander';
import { peerDependencies, version } from '../../package.json';
import { GlocalError } from '../errors';
import { printable } from '../printable';
import { registerBenchCommand } from './bench/command';
import { applyConfigFile, CONFIG_FILE, findConfigFile } from './config-file';
import { registerEnhanceCommand } from './enhance/command';
import { registerEvaluateCommand } from './eval/command';
import { registerExportCommand } from './export/command';
import { EXIT_CODES, optionDescription } from './help';
import { registerImportCommand } from './import/command';
import { registerInfoCommand } from './info';
import { driverName } from './option-values';
import { registerPairsCommand } from './pairs/command';
import { guardStandardStreams } from './standard-streams';
import { registerTrainCommand, superviseTrainCommand } from './train/command';

/** Exit codes; set `process.exitCode` for others. */
const EXIT = { failure: 1, usage: 2 } as const;

const COMMANDS = [
  registerBenchCommand,
  registerEnhanceCommand,
  registerEvaluateCommand,
  registerExportCommand,
  registerImportCommand,
  registerInfoCommand,
  registerPairsCommand,
  registerTrainCommand,
];

async function main(): Promise<void> {
  const program = new Command('glocal')
    .description('Enhances dark and backlit photos on the GPU, and trains the network that does it.')
    .version(version)
    .addOption(
      new Option(
        '--driver <name>',
        'Vulkan driver on Linux: lavapipe, swiftshader, system, or an ICD file (.json)',
      )
        .argParser(driverName)
        .env('GLOCAL_DRIVER'),
    )
    .option('--no-config', `ignore ${CONFIG_FILE}, the file with your own defaults`)
    .addHelpText('after', EXIT_CODES)
    .configureHelp({ optionDescription })
    .showHelpAfterError('(see --help)')
    .exitOverride()
    .hook('preAction', async (_, command) => {
      const { driver, config } = program.opts<{ driver?: string; config: boolean }>();
      const file = config && command.name() !== 'complete' ? findConfigFile() : undefined;
      if (file !== undefined) applyConfigFile(file, program, command);
      // Read when a device is opened, also by child processes.
      if (driver !== undefined) process.env.GLOCAL_DRIVER = driver;
      if (command.name() === 'train') await superviseTrainCommand(command);
    });
  for (const register of COMMANDS) register(program);
  inheritSettings(program);
  // Adds the command `complete`, which prints a completion script for the shell and answers it.
  completion(program);
  await program.parseAsync();
}

/** Subcommands handle errors and help like the program. */
function inheritSettings(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    inheritSettings(command);
  }
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  if (error instanceof GlocalError) {
    process.stderr.write(`glocal: ${printable(error.message)}\n`);
    return error.code === 'invalid-option' ? EXIT.usage : EXIT.failure;
  }
  const missing = missingPackage(error);
  if (missing) {
    process.stderr.write(
      `glocal: The package ${missing} is not installed, and this needs it. Run: npm install ${missing}\n`,
    );
    return EXIT.failure;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`glocal: this is a bug in glocal; please report it with these lines.\n${stack}\n`);
  return EXIT.failure;
}

/** The name of an optional package that could not be imported. */
function missingPackage(error: unknown): string | undefined {
  if ((error as NodeJS.ErrnoException | undefined)?.code !== 'ERR_MODULE_NOT_FOUND') return undefined;
  const [, name = ''] = /^Cannot find package '([^']+)'/.exec((error as Error).message) ?? [];
  return name in peerDependencies ? name : undefined;
}

process.on('uncaughtException', (error) => process.exit(explain(error)));
guardStandardStreams();

main().catch((error: unknown) => {
  process.exitCode = explain(error);
});
