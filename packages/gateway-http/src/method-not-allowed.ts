import type { FastifyInstance } from 'fastify';
import { HttpError } from './http-error.ts';

const methods = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'] as const;

/**
 * Collects the routes of `server` as they are added; the function that it returns answers every other method of their paths
 * with 405 and the methods that there are.
 */
export function methodsPerPath(server: FastifyInstance): () => void {
  const taken = new Map<string, Set<string>>();
  server.addHook('onRoute', ({ url, method }) => {
    const known = taken.get(url) ?? new Set();
    for (const name of [method].flat()) known.add(name.toUpperCase());
    taken.set(url, known);
  });
  return () => {
    for (const [url, known] of [...taken]) {
      const allow = [...known].sort().join(', ');
      const refuse = async (): Promise<never> => {
        throw new HttpError(405, 'method_not_allowed', 'this path has no such method', `Use one of: ${allow}.`, { headers: { allow } });
      };
      // In `onRequest`, before anybody reads the body.
      server.route({ url, method: methods.filter((name) => !known.has(name)), onRequest: refuse, handler: refuse, exposeHeadRoute: false });
    }
  };
}
