/**
 * Who must not import whom. `declared` plants the dependency in the manifest too: then only the tags can object.
 *
 * @type {ReadonlyArray<{ importer: string, imported: string, declared: boolean }>}
 */
const forbidden = [
  { importer: 'core', imported: 'state-machine', declared: true },
  { importer: 'state-machine', imported: 'storage', declared: true },
  { importer: 'storage', imported: 'runtime', declared: true },
  { importer: 'transport', imported: 'storage', declared: true },
  { importer: 'storage-lmdb', imported: 'runtime', declared: true },
  { importer: 'transport-tcp', imported: 'storage-lmdb', declared: true },
  { importer: 'runtime', imported: 'transport-tcp', declared: true },
  { importer: 'client', imported: 'runtime', declared: true },
  { importer: 'gateway-http', imported: 'storage-lmdb', declared: true },
  { importer: 'client', imported: 'gateway-http', declared: false },
];

/**
 * @param {(name: string) => Record<string, unknown>} manifestOf reads a package's manifest
 * @returns {readonly import('./wall.mjs').Wall[]}
 */
export function directionWalls(manifestOf) {
  return forbidden.map(({ importer, imported, declared }) => {
    const manifest = manifestOf(importer);
    const name = `@flotilla/${imported}`;
    const withDependency = { ...manifest, dependencies: { .../** @type {object} */ (manifest.dependencies), [name]: manifest.version } };
    return declared
      ? {
          rule: `${importer} depends on ${imported}`,
          tool: 'turbo',
          file: `packages/${importer}/package.json`,
          violation: JSON.stringify(withDependency, null, 2),
          allowed: JSON.stringify(manifest, null, 2),
          reason: `Package \`${name}\` found without any tag listed in allowlist for \`@flotilla/${importer}\``,
        }
      : {
          rule: `${importer} imports ${imported} without declaring it`,
          tool: 'turbo',
          file: `packages/${importer}/src/probe-undeclared.ts`,
          violation: `import * as probe from '${name}';\nconsole.log(probe);`,
          allowed: 'export const probe = 0;',
          reason: `cannot import package \`${name}\` because it is not a dependency`,
        };
  });
}
