import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const packages = new URL('../../', import.meta.url);
const imports = /(?:^|\n)(?:import|export)\s(?:[^'";]*?\sfrom\s+)?'([^']+)'/g;

interface Manifest {
  readonly exports: { readonly '.': { readonly source: string } };
  readonly imports: { readonly '#default-channel': { readonly source: string; readonly node: { readonly source: string } } };
}

/** Every module that a bundler reaches, and what is imported from outside of the repository. */
function graph(isNode: boolean): { readonly modules: readonly string[]; readonly outside: readonly string[] } {
  const manifest = (name: string) => JSON.parse(readFileSync(new URL(`${name}/package.json`, packages), 'utf8')) as Manifest;
  const seen = new Set<string>();
  const outside = new Set<string>();
  const visit = (module: URL) => {
    if (seen.has(module.pathname)) return;
    seen.add(module.pathname);
    for (const [, specifier = ''] of readFileSync(module, 'utf8').matchAll(imports)) {
      const own = specifier.match(/^@flotilla\/(.*)$/)?.[1];
      if (specifier.startsWith('.')) visit(new URL(specifier, module));
      else if (own !== undefined) visit(new URL(`${own}/${manifest(own).exports['.'].source}`, packages));
      else if (specifier === '#default-channel') {
        const { source, node } = manifest('client').imports[specifier];
        visit(new URL(`client/${isNode ? node.source : source}`, packages));
      } else outside.add(specifier);
    }
  };
  visit(new URL('client/src/index.ts', packages));
  return { modules: [...seen].map((path) => path.slice(packages.pathname.length)), outside: [...outside] };
}

describe('the modules of the client', () => {
  it('need nothing of Node outside of it', () => {
    const { modules, outside } = graph(false);
    expect(outside.filter((specifier) => specifier !== '@standard-schema/spec')).toEqual([]);
    expect(modules).toContain('client/src/default-channel.ts');
    expect(modules.filter((module) => module.startsWith('client/src/node/'))).toEqual([]);
  });

  it('speak the binary protocol in Node', () => {
    const { modules, outside } = graph(true);
    expect(outside).toContain('node:http');
    expect(modules).toContain('client/src/node/binary-channel.ts');
  });
});
