import { statSync } from 'node:fs';
import { DevStackError } from './dev-stack.errors.js';
import { findExecutable } from './find-executable.js';
import { runCommand } from './run-command.js';
import type { LaunchPlan } from './stack-server.js';

/** The user that PostgreSQL runs as, since it refuses to run as root. */
export interface PostgresAccount {
  /** The owner that its files need, or undefined if it is the user of this process. */
  readonly ids?: { readonly uid: number; readonly gid: number };
  /** How to run one of its programs. */
  run(file: string, args: readonly string[]): LaunchPlan;
}

interface Need {
  readonly data: string;
  /** Files and folders that it has to access. */
  readonly mustReach: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Every user but root runs it as themselves; root as the user `postgres` if there is one, else as
 * `nobody`.
 */
export async function postgresAccount(need: Need): Promise<PostgresAccount> {
  if (process.getuid?.() !== 0) return { run: (file, args) => ({ file, args }) };
  const ids =
    ownerOf(need.data) ?? (await idsOf('postgres', need.signal)) ?? (await idsOf('nobody', need.signal));
  if (!ids)
    throw new DevStackError('PostgreSQL refuses to run as root, and this machine has no user "nobody".');
  const plain: PostgresAccount = { ids, run: (file, args) => ({ file, args, ...ids, cwd: '/' }) };
  if (await canReach(plain, need)) return plain;
  const privileged = withFileAccess(ids);
  if (privileged && (await canReach(privileged, need))) return privileged;
  throw new DevStackError(
    `PostgreSQL refuses to run as root, and other users cannot access ${need.mustReach.join(' and ')}. ` +
      'Run as another user, or move the project to a folder that every user can enter.',
  );
}

/**
 * A project under /root is closed to other users. This single capability lets PostgreSQL enter it
 * without being root.
 */
function withFileAccess(ids: { uid: number; gid: number }): PostgresAccount | undefined {
  const setpriv = findExecutable('setpriv');
  if (setpriv === undefined) return undefined;
  // Without the secure bit, access(2), which initdb calls, would ignore the capability.
  const capability = [
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
    '--securebits=+no_setuid_fixup',
  ];
  const identity = [`--reuid=${ids.uid}`, `--regid=${ids.gid}`, '--clear-groups', ...capability];
  return { ids, run: (file, args) => ({ file: setpriv, args: [...identity, file, ...args], cwd: '/' }) };
}

function ownerOf(folder: string): { uid: number; gid: number } | undefined {
  const stat = statSync(folder, { throwIfNoEntry: false });
  return stat && stat.uid !== 0 ? { uid: stat.uid, gid: stat.gid } : undefined;
}

async function idsOf(user: string, signal: AbortSignal): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = [
      await runCommand('id', ['-u', user], { signal }),
      await runCommand('id', ['-g', user], { signal }),
    ];
    return { uid: Number(uid), gid: Number(gid) };
  } catch {
    return undefined; // no such user
  }
}

async function canReach(account: PostgresAccount, { mustReach, signal }: Need): Promise<boolean> {
  const { file, args, ...options } = account.run('/bin/sh', [
    '-c',
    'for f; do test -x "$f" || exit 1; done',
    'sh',
    ...mustReach,
  ]);
  try {
    await runCommand(file, args, { ...options, signal });
    return true;
  } catch {
    return false; // no access, or not allowed to run it like this
  }
}
