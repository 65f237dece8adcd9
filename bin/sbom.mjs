#!/usr/bin/env node
// Writes the software bill of materials (CycloneDX) of what runs in production to sbom.cdx.json, or
// to the file in the first argument. It needs the lock file only.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = process.argv[2] ?? join(root, 'sbom.cdx.json');
const read = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'));

/** The files of the project, as if it had no dependencies for development. */
function productionOnly() {
  const { devDependencies: _dev, ...manifest } = read('package.json');
  const lock = read('package-lock.json');
  delete lock.packages[''].devDependencies;
  lock.packages = Object.fromEntries(Object.entries(lock.packages).filter(([, { dev }]) => dev !== true));
  return { manifest, lock };
}

// `npm sbom --omit dev` leaves out what a dependency for development needs, too, such as Temporal's
// packages. So npm is given a project without these dependencies.
function sbomOf({ manifest, lock }) {
  const folder = mkdtempSync(join(tmpdir(), 'sbom-'));
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
    const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
    const { stdout, stderr, status, error } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw error ?? new Error(`npm sbom failed: ${stderr.trim()}`);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const nameOf = (path, { name }) => name ?? path.slice(path.lastIndexOf('node_modules/') + 13);

/** What is missing or cannot be verified; empty for a bill that can be relied on. */
function faults({ bomFormat, specVersion, components, dependencies }, { lock }) {
  const known = new Map(components.map((one) => [`${one.name}@${one.version}`, one]));
  const references = new Set([...components.map((one) => one['bom-ref']), `${lock.name}@${lock.version}`]);
  const expected = Object.entries(lock.packages).filter(([path]) => path !== '');
  return [
    ...(bomFormat === 'CycloneDX' && /^1\.\d$/.test(specVersion) ? [] : ['it is not CycloneDX 1.x']),
    ...expected
      .map(([path, one]) => `${nameOf(path, one)}@${one.version}`)
      .filter((id) => !known.get(id)?.purl || !known.get(id).hashes?.length)
      .map((id) => `${id} is not listed with its hash`),
    ...dependencies
      .flatMap(({ ref, dependsOn }) => [ref, ...dependsOn])
      .filter((ref) => !references.has(ref))
      .map((ref) => `${ref} is a dependency, but not listed`),
  ];
}

const project = productionOnly();
const sbom = sbomOf(project);
const found = faults(sbom, project);
for (const fault of found) console.error(`sbom: ${fault}`);
if (found.length > 0) process.exitCode = 1;
else {
  sbom.metadata.component.name = project.manifest.name; // npm takes it from the folder
  writeFileSync(target, `${JSON.stringify(sbom, null, 2)}\n`);
  console.log(`sbom: ${sbom.components.length} packages in ${target}`);
}
