import { Command } from 'commander';
import { ConfigError } from '#libs/api/http/read-config.js';
import { printLine, printTable, printTrouble } from '#libs/operations/cli/print.js';
import { CONFIG_FILE, type ConfigFile, findConfigFile, parseConfig } from './config-file.js';
import { processesIn } from './named-process.js';
import type { SettingInForce } from './settings-in-force.js';

/**
 * `config`: what is in force of the configuration file and the environment of this command.
 * Without a file that lists processes, there is one for each of the services.
 */
export function configCommand(
  services: readonly string[],
  folder: string,
  environment = process.env,
): Command {
  const rowsOf = async (given: ConfigFile | undefined): Promise<readonly SettingInForce[]> => {
    // What all services need takes a second to load, and other commands do without it.
    const { settingsInForce } = await import('./settings-in-force.js');
    const file = given ?? parseConfig('', CONFIG_FILE, folder);
    const listed = processesIn(file);
    const processes = listed.length > 0 ? listed : services.map((name) => ({ name, values: {} }));
    const each = processes.map((one) => settingsInForce(file, one, environment));
    return [...(each[0]?.temporal ?? []), ...each.flatMap((one) => one.process)];
  };
  const check = new Command('check')
    .description('print each mistake in perdure.config.yaml, with its line')
    .action(() =>
      withMistakes(async () => {
        const file = findConfigFile(environment, folder);
        await rowsOf(file);
        printLine(
          file ? `${file.name}: no mistakes` : `There is no ${CONFIG_FILE}, only defaults and variables.`,
        );
      }),
    );
  const show = new Command('show')
    .description('print each setting in force, and the line, variable or default that it comes from')
    .action(() =>
      withMistakes(async () => {
        const rows = await rowsOf(findConfigFile(environment, folder));
        printTable(
          ['setting', 'value', 'from'],
          rows.map(({ key, value, from }) => [key, value, from]),
        );
      }),
    );
  return new Command('config')
    .description('check and show how the processes are run')
    .addCommand(check)
    .addCommand(show);
}

/** Prints the lines of a `ConfigError`. The command then ends with exit code 1. */
async function withMistakes(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    printTrouble(error.message);
  }
}
