#!/usr/bin/env node
// Asks the registry for known vulnerabilities of what runs in production. One that is at least
// moderate fails. If the registry cannot be asked, it passes, and a line says that nothing was
// checked.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const levels = ['moderate', 'high', 'critical'];
const args = ['audit', '--omit=dev', '--json', '--fetch-retries=0', '--fetch-timeout=20000'];
const { stdout, stderr } = spawnSync('npm', args, { cwd: root, encoding: 'utf8', timeout: 60_000 });

function reported() {
  try {
    return JSON.parse(stdout);
  } catch {
    return { message: stderr?.trim().split('\n')[0] || 'no answer' };
  }
}

const { vulnerabilities, message } = reported();
if (vulnerabilities === undefined) {
  console.log(`not checked: the registry gives no advisories (${message ?? 'no answer'})`);
} else {
  const all = Object.values(vulnerabilities);
  const serious = all.filter(({ severity }) => levels.includes(severity));
  for (const { name, severity, range } of serious) console.error(`${name} ${range}: ${severity}`);
  if (serious.length > 0) process.exitCode = 1;
  console.log(`${all.length} advisories, ${serious.length} of them moderate or worse`);
}
