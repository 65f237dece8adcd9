import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** Identifies a process, also if a later one gets the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque, and compared for equality only. */
  readonly startedAt: string;
}

/**
 * When a process started, according to the system, or undefined if it is not running (a zombie is
 * not).
 */
export function processStart(pid: number): string | undefined {
  if (process.platform !== 'linux') return lstart(pid);
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command is in parentheses and may contain anything; the fields after it are plain. The
    // state is the 3rd field overall, the start time the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function lstart(pid: number): string | undefined {
  try {
    const [state, ...start] = ps(pid, 'state=,lstart=').split(/\s+/);
    return state?.startsWith('Z') ? undefined : start.join(' ') || undefined;
  } catch {
    return undefined; // ps exits with 1 if there is no such process
  }
}

function ps(pid: number, columns: string): string {
  const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
  return execFileSync('ps', ['-o', columns, '-p', String(pid)], { encoding: 'utf8', stdio }).trim();
}

/** Whether exactly this process is still running, not a later one with its pid. */
export function isAlive(identity: ProcessIdentity): boolean {
  return processStart(identity.pid) === identity.startedAt;
}

/** Bytes of resident memory of a process, or undefined if unknown. */
export function residentBytes(pid: number): number | undefined {
  try {
    return Number(ps(pid, 'rss=')) * 1024;
  } catch {
    return undefined;
  }
}

/** The command line of a process, for display. */
export function commandLine(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') return ps(pid, 'command=');
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return undefined;
  }
}

/**
 * The processes whose working directory is a folder, or none if the system does not tell (Linux
 * does).
 */
export function processesIn(folder: string): number[] {
  return allPids().filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      return false; // already ended, or not readable for us
    }
  });
}

function allPids(): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The pid that listens on a local TCP port, if it can be found (another user's may be hidden). */
export function portOwner(port: number): number | undefined {
  return process.platform === 'linux' ? ownerFromProc(port) : ownerFromLsof(port);
}

function ownerFromLsof(port: number): number | undefined {
  try {
    const args = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'];
    const pid = Number(execFileSync('lsof', args, { encoding: 'utf8' }).split('\n')[0]);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

const listening = '0A';

function ownerFromProc(port: number): number | undefined {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of linesOf(table)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === listening && inode !== undefined && local?.endsWith(`:${hexPort}`)) inodes.add(inode);
    }
  }
  if (inodes.size === 0) return undefined;
  return allPids().find((pid) => socketsOf(pid).some((inode) => inodes.has(inode)));
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => socketInode(`/proc/${pid}/fd/${fd}`));
  } catch {
    return []; // already ended, or not readable for us
  }
}

function socketInode(link: string): string[] {
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1];
    return inode === undefined ? [] : [inode];
  } catch {
    return [];
  }
}
