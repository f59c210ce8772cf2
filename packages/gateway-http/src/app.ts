import type { CallOptions, Group } from '@flotilla/runtime';
import type { AnyMachineDefinition } from '@flotilla/state-machine';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** What the gateway lends to the routes of an app. */
export interface RouteContext {
  readonly group: Group;
  /** Reads `timeoutMs` from the parameters; the signal aborts when the client goes away before it has its answer. */
  callOptions(parameters: ReadonlyMap<string, string>, reply: FastifyReply): CallOptions;
}

/** Adds the routes of an app to the gateway, in a scope of their own. */
export type RoutePlugin = (server: FastifyInstance, context: RouteContext) => void | Promise<void>;

/** A service: its machine, and how HTTP shows it beyond what every machine gets. */
export interface App {
  readonly name: string;
  readonly machine: AnyMachineDefinition;
  readonly routes?: RoutePlugin;
  /** The HTTP status of rejections by code; 409 where a code is not named. */
  readonly rejectionStatus?: Readonly<Record<string, number>>;
}
