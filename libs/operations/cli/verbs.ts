import type { Command } from 'commander';
import { inWords, type Policy } from '#contracts/access.js';

const policies = new WeakMap<Command, Policy>();

/** A command that does something, and is no group of others. */
export interface Verb {
  /** For example `views list`. */
  readonly name: string;
  /** Whose requests the services accept. */
  readonly policy: Policy;
}

/** Says who may use a verb, in its help too. The services decide: the verb only sends requests. */
export function allowVerb(verb: Command, policy: Policy): Command {
  policies.set(verb, policy);
  return verb.addHelpText('after', `\nFor ${inWords(policy)}.`);
}

/** All verbs of a program. Throws `TypeError` if one has no policy. */
export function verbsOf({ commands }: Command, group = ''): readonly Verb[] {
  return commands.flatMap((command) => {
    const name = `${group}${command.name()}`;
    if (command.commands.length > 0) return verbsOf(command, `${name} `);
    const policy = policies.get(command);
    if (!policy) throw new TypeError(`perdure ${name} has no policy: add allowVerb`);
    return [{ name, policy }];
  });
}
